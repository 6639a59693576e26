"""What holds on Caddy: its own certificates, its own hashes, and what it does not do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from support.hosting import CLIENT, WORDS, Running, binary, free_port, make_sites, started, write_files
from support.tls import asked_over_tls

from kb_builder.errors import UsageError
from kb_builder.exporters.hosting import refuse_folder
from kb_builder.exporters.hosting_headers import TRANSPORT
from kb_builder.exporters.hosting_readme import no_links
from kb_builder.records.base import Audience
from kb_builder.records.client import Client, Site


def exported(folder: Path, port: int, scheme: str = "http") -> Path:
    made = Client(id=CLIENT, title="Acme", sites=[Site(audience=Audience.STAFF)])
    host = f"{scheme}://localhost:{port}"
    return write_files("caddy", made, make_sites(folder / "sites"), folder, host=host)


def test_over_https_browsers_are_told_to_stay_with_it(tmp_path: Path) -> None:
    port = free_port()
    with started("caddy", exported(tmp_path, port, "https"), port):
        trusted = next(tmp_path.rglob("pki/authorities/local/root.crt"))
        for path, status in (("/staff/latest/index.html", 200), ("/staff/latest/nothing", 404), ("/x", 404)):
            answer = asked_over_tls(port, path, trusted, "staff")
            assert answer.status == status
            assert answer.headers[TRANSPORT[0].lower()] == TRANSPORT[1]
        assert asked_over_tls(port, "/staff/latest/index.html", trusted, None).status == 401


def test_a_hash_that_caddy_made_lets_its_owner_in(tmp_path: Path) -> None:
    port = free_port()
    main = exported(tmp_path, port)
    made = subprocess.run(
        [binary("caddy"), "hash-password", "--plaintext", WORDS["management"]],
        capture_output=True,
        text=True,
        check=True,
    )
    passwords = tmp_path / "kb" / CLIENT / "passwords" / "staff"
    passwords.write_text(f"{passwords.read_text()}management {made.stdout.strip()}\n")
    with started("caddy", main, port):
        one = Running("caddy", port, tmp_path / "sites", tmp_path)
        assert one.ask("/staff/latest/index.html", "management").status == 200
        assert one.ask("/staff/latest/index.html", "staff").status == 200


def test_answers_are_sent_as_zstd_to_those_who_read_it(tmp_path: Path) -> None:
    port = free_port()
    with started("caddy", exported(tmp_path, port), port):
        one = Running("caddy", port, tmp_path / "sites", tmp_path)
        answer = one.ask("/staff/latest/index.html", "staff", headers={"Accept-Encoding": "zstd, gzip"})
        assert answer.headers["content-encoding"] == "zstd"


def test_the_files_are_as_caddy_writes_them(tmp_path: Path) -> None:
    port = free_port()
    exported(tmp_path, port)
    for name in ("Caddyfile", "headers"):
        path = tmp_path / "kb" / CLIENT / name
        done = subprocess.run(
            [binary("caddy"), "fmt", str(path)], capture_output=True, text=True, check=False
        )
        assert done.stdout == path.read_text()


def test_the_installation_stops_where_a_site_holds_a_link(tmp_path: Path) -> None:
    """Caddy has no way to refuse them, as its answer shows; the line of the README does."""
    port = free_port()
    main = exported(tmp_path, port)
    readme = (tmp_path / "kb" / CLIENT / "README.md").read_text()
    line = no_links(f"{tmp_path}/sites/{CLIENT}")
    assert f"{line} \\\n  && echo" in readme
    assert "Never serve or copy `site/`" in readme
    command = ["sh", "-c", line.replace("sudo ", "")]
    assert subprocess.run(command, check=False).returncode == 0
    link = tmp_path / "sites" / CLIENT / "staff" / "latest" / "link.html"
    link.symlink_to(tmp_path / "sites" / "notes.txt")
    with started("caddy", main, port):
        one = Running("caddy", port, tmp_path / "sites", tmp_path)
        assert b"of nobody" in one.ask("/staff/latest/link.html", "staff").body
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, f"{link}\n")
    with pytest.raises(UsageError, match=re.escape(str(link))):
        refuse_folder(tmp_path / "sites", CLIENT, "caddy")
