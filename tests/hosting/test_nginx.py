"""What holds on nginx: symbolic links are refused, https is asked for, and its own checker has nothing to say."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.hosting import CLIENT, Running, binary, free_port, make_sites, started, write_files
from support.tls import asked_over_tls, certificate

from kb_builder.exporters.hosting_headers import TRANSPORT
from kb_builder.records.base import Audience
from kb_builder.records.client import Client, Site


def exported(folder: Path, port: int, scheme: str = "http", **options: str) -> Path:
    made = Client(id=CLIENT, title="Acme", sites=[Site(audience=Audience.STAFF)])
    host = f"{scheme}://localhost:{port}"
    return write_files("nginx", made, make_sites(folder / "sites"), folder, host=host, **options)


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    port = free_port()
    main = exported(tmp_path, port)
    site = tmp_path / "sites" / CLIENT / "staff"
    (site / "latest" / "leak.html").symlink_to(tmp_path / "sites" / CLIENT / "management" / "index.html")
    (site / "latest" / "folder").symlink_to(tmp_path / "sites" / CLIENT / "management")
    (site / "2026.3" / "404.html").unlink()
    (site / "2026.3" / "404.html").symlink_to(tmp_path / "sites" / "notes.txt")
    with started("nginx", main, port):
        one = Running("nginx", port, tmp_path / "sites", tmp_path)
        for path in ("leak.html", "folder/index.html", "folder/", "folder/latest/index.html"):
            answer = one.ask(f"/staff/latest/{path}", "staff")
            assert answer.status in (403, 404) and b"management" not in answer.body, path
        assert b"of nobody" not in one.ask("/staff/2026.3/nothing.html", "staff").body
        assert one.ask("/staff/latest/index.html", "staff").status == 200


def test_the_folder_of_the_sites_may_be_a_symbolic_link(tmp_path: Path) -> None:
    port = free_port()
    main = exported(tmp_path, port)
    (tmp_path / "sites").rename(tmp_path / "elsewhere")
    (tmp_path / "sites").symlink_to(tmp_path / "elsewhere")
    with started("nginx", main, port):
        one = Running("nginx", port, tmp_path / "sites", tmp_path)
        assert one.ask("/staff/latest/index.html", "staff").status == 200
        assert one.ask("/staff/latest/nothing", "staff").status == 404


def test_over_https_browsers_are_told_to_stay_with_it(tmp_path: Path) -> None:
    port = free_port()
    main = exported(tmp_path, port, "https", certificates=str(tmp_path / "certificates"))
    trusted = certificate(tmp_path / "certificates" / "localhost")
    with started("nginx", main, port):
        for path, status in (("/staff/latest/index.html", 200), ("/staff/latest/nothing", 404), ("/x", 404)):
            answer = asked_over_tls(port, path, trusted, "staff")
            assert answer.status == status
            assert answer.headers[TRANSPORT[0].lower()] == TRANSPORT[1]
        assert asked_over_tls(port, "/staff/latest/index.html", trusted, None).status == 401


def test_a_host_with_no_port_of_its_own_is_redirected_to_https(tmp_path: Path) -> None:
    made = Client(
        id=CLIENT,
        title="Acme",
        sites=[Site(audience=Audience.STAFF, url="https://docs.example.com/staff/")],
    )
    folder = tmp_path / "certificates" / "docs.example.com"
    certificate(folder)
    main = write_files(
        "nginx", made, make_sites(tmp_path / "sites"), tmp_path, certificates=str(tmp_path / "certificates")
    )
    text = (tmp_path / "kb" / CLIENT / "nginx.conf").read_text()
    assert "return 301 https://docs.example.com$request_uri;" in text
    assert "listen 443 ssl http2;" in text and "listen [::]:443 ssl http2;" in text
    done = subprocess.run(
        [binary("nginx"), "-t", "-p", str(tmp_path), "-e", "stderr", "-c", str(main)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "syntax is ok" in done.stderr, done.stderr
    assert "[warn]" not in done.stderr
