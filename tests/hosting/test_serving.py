"""What holds on both servers, asked of each with the files that kb exports for it."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from itertools import product
from urllib.parse import parse_qs

import pytest
from support.hosting import (
    CLIENT,
    HASHED,
    NEIGHBOUR,
    Answer,
    Running,
    free_port,
    make_sites,
    sign_in_proxy,
    started,
    write_files,
)

from kb_builder.exporters.hosting_headers import HEADERS, POLICY
from kb_builder.records.base import Audience
from kb_builder.records.client import Client, Site

PRIVATE = ("staff", "management")
ODD = (
    "/staff/latest/index.html",
    "/staff/latest/a.html?q=a&rd=//evil.example/&x=%26",
    "/staff/latest/a&rd=%2F%2Fevil.example.html",
    "/staff/latest/%E4%B8%8A+b%2Bc.html?x#y".partition("#")[0],
)
"""Addresses that somebody who is not signed in asks for: where to go back to is not more than one value."""


def client(*sites: Site) -> Client:
    return Client(id=CLIENT, title="Acme", sites=list(sites))


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with two private sites and a public one, each at a path of one host."""
    server, port = request.param, free_port()
    folder = tmp_path_factory.mktemp(server)
    sites = make_sites(folder / "sites")
    host = f"http://localhost:{port}"
    made = client(
        Site(audience=Audience.STAFF),
        Site(audience=Audience.MANAGEMENT),
        Site(audience=Audience.CONSULTANT, url=f"{host}/open/", public=True),
    )
    main = write_files(server, made, sites, folder, host=host)
    with started(server, main, port):
        yield Running(server, port, sites, folder)


@pytest.mark.parametrize("audience", PRIVATE)
def test_a_password_opens_its_own_site(running: Running, audience: str) -> None:
    answer = running.ask(f"/{audience}/latest/index.html", audience)
    assert answer.status == 200
    assert f"of {CLIENT} {audience} latest/index.html".encode() in answer.body


def test_a_password_opens_no_other_site(running: Running) -> None:
    for own, other in (PRIVATE, PRIVATE[::-1]):
        for path in ("", "latest/index.html", "nothing", "versions.json", f"latest/{HASHED}"):
            answer = running.ask(f"/{other}/{path}", own)
            assert answer.status in (302, 401) and b"of acme" not in answer.body, path
            assert "www-authenticate" in answer.headers or path == ""


def test_nobody_is_let_in_without_a_password(running: Running) -> None:
    for path in ("latest/index.html", "latest/nothing.html", "latest/404.html", ".kb/state.json", "a%00b"):
        answer = running.ask(f"/staff/{path}")
        assert answer.status in (400, 401, 404) and b"of acme" not in answer.body, (path, answer.status)
        wrong = running.ask(f"/staff/{path}", headers={"Authorization": "Basic c3RhZmY6d3Jvbmc="})
        assert wrong.status in (400, 401, 404) and b"of acme" not in wrong.body, path
    assert running.ask("/staff/latest/index.html").status == 401


def test_whether_a_page_exists_is_not_told_without_a_password(running: Running) -> None:
    there, not_there = running.ask("/staff/latest/index.html"), running.ask("/staff/latest/nothing.html")
    assert (there.status, there.body) == (not_there.status, not_there.body)


def test_a_public_site_needs_no_password(running: Running) -> None:
    assert running.ask("/open/latest/index.html").status == 200


def ways_out() -> list[str]:
    """Paths that try to leave the staff site: for another audience's, another client's or any other file."""
    ups = [
        "..",
        "%2e%2e",
        "%2E%2E",
        ".%2e",
        "%252e%252e",
        "..%00",
        "..;",
        "....",
        "%c0%ae%c0%ae",
        "%uff0e%uff0e",
        "..%5c..",
        "..\\..",
    ]
    slashes = ["/", "%2f", "%2F", "%252f", "\\", "%5c", "//", "/./", "%c0%af"]
    starts = ["/staff", "/staff/", "/staff/latest/", "/staff/latest/systems/", "/open/", "/"]
    targets = [
        "management/latest/index.html",
        "management/.kb/state.json",
        "consultant/latest/index.html",
        "beta/staff/latest/index.html",
        "notes.txt",
        "etc/passwd",
    ]
    return [
        start + slash.join([up] * depth) + slash + target
        for start, up, slash, target, depth in product(starts, ups, slashes, targets, (1, 2, 3, 8))
    ]


def foreign(answer: Answer) -> bool:
    """Whether an answer holds a file that neither the staff password nor the public site opens."""
    text = gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
    return any(
        mark in text for mark in (b"of acme management", b"of beta", b"of nobody", b"root:", b"hidden of")
    )


def test_no_path_leaves_a_site(running: Running) -> None:
    assert foreign(running.ask("/management/latest/index.html", "management"))
    for path in random.Random(7).sample(ways_out(), 1_500):
        answer = running.ask(path, "staff")
        assert not foreign(answer), path
        assert answer.status in (200, 301, 302, 308, 400, 401, 403, 404), (path, answer.status)


@pytest.mark.parametrize(
    "path",
    [
        "/STAFF/latest/index.html",
        "/Staff/latest/index.html",
        "/staff/LATEST/index.html",
        "/staff/latest/INDEX.HTML",
        "/staff//management/latest/index.html",
        "//management/latest/index.html",
        "///management/latest/index.html",
        "/./management/latest/index.html",
        "/staff/../management/latest/index.html",
        "/%6danagement/latest/index.html",
        "/management%2flatest%2findex.html",
        "/management/latest/index.html%00.css",
        "/management/latest/index.html?x=/staff/",
        "/management/latest/index.html#/staff/",
        "/MANAGEMENT/latest/index.html",
        "/staffs/latest/index.html",
        "/staff%20/latest/index.html",
        "/staff/%2e./management/latest/index.html",
        "/staff../management/latest/index.html",
        "/open../management/latest/index.html",
        "/open../staff/latest/index.html",
        "/openlatest/index.html",
    ],
)
def test_no_way_of_writing_a_path_opens_more(running: Running, path: str) -> None:
    assert not foreign(running.ask(path, "staff")), path
    answer = running.ask(path)
    assert b"of acme staff" not in answer.body and not foreign(answer), path


@pytest.mark.parametrize(
    "path", [".kb/state.json", ".kb-published.json", "latest/.hidden", "%2ekb/state.json", ".kb/"]
)
def test_names_with_a_dot_are_never_served(running: Running, path: str) -> None:
    for site, audience in (("staff", "staff"), ("open", None)):
        answer = running.ask(f"/{site}/{path}", audience)
        assert answer.status == 404 and b"hidden" not in answer.body


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1", "beta.example", "a b", "/", "[::1]"]
)
def test_another_host_name_opens_nothing(running: Running, host: str) -> None:
    for path in (
        "/staff/latest/index.html",
        "/open/latest/index.html",
        f"http://{host}/open/latest/index.html",
    ):
        answer = running.ask(path, "staff", headers={"Host": host})
        assert b"of acme" not in answer.body, (host, path)


def test_only_reading_is_allowed(running: Running) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "TRACE"):
        answer = running.ask("/staff/latest/index.html", "staff", method=method)
        assert answer.status == 405 and b"of acme" not in answer.body, method
    head = running.ask("/staff/latest/index.html", "staff", method="HEAD")
    assert head.status == 200 and head.body == b""


def test_every_answer_carries_the_headers(running: Running) -> None:
    answers = [
        running.ask("/staff/latest/index.html", "staff"),
        running.ask(f"/staff/latest/{HASHED}", "staff"),
        running.ask("/staff/latest/nothing.html", "staff"),
        running.ask("/staff/latest/index.html"),
        running.ask("/staff/", "staff"),
        running.ask("/staff", "staff"),
        running.ask("/nothing"),
        running.ask("/staff/latest/index.html", "staff", method="POST"),
        running.ask("/open/latest/index.html"),
    ]
    for answer in answers:
        for name, value in HEADERS:
            assert answer.headers.get(name.lower()) == value, (answer.status, name)
        assert "strict-transport-security" not in answer.headers
    assert "'unsafe" not in POLICY and "*" not in POLICY and "http" not in POLICY


def test_what_never_changes_is_kept_and_all_else_asked_for_again(running: Running) -> None:
    kept = running.ask(f"/staff/latest/{HASHED}", "staff").headers["cache-control"]
    assert kept == "private, max-age=31536000, immutable"
    assert "public" in running.ask(f"/open/latest/{HASHED}").headers["cache-control"]
    page = running.ask("/staff/latest/index.html", "staff")
    assert page.headers["cache-control"] == "private, no-cache"
    again = running.ask("/staff/latest/index.html", "staff", headers={"If-None-Match": page.headers["etag"]})
    assert again.status == 304 and again.body == b""
    missing = running.ask("/staff/latest/assets/x.00000000.min.js", "staff")
    assert missing.status == 404 and missing.headers["cache-control"] == "no-store"


def test_pages_and_scripts_are_compressed(running: Running) -> None:
    for path in ("index.html", HASHED):
        answer = running.ask(f"/staff/latest/{path}", "staff", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert f"of {CLIENT} staff latest/{path}".encode() in gzip.decompress(answer.body)
        assert "accept-encoding" in answer.headers["vary"].lower()


def test_the_first_address_leads_to_the_latest_release(running: Running) -> None:
    assert running.ask("/staff", "staff").headers["location"] == "/staff/"
    first = running.ask("/staff/", "staff")
    assert first.status == 302 and first.headers["location"] == "/staff/latest/"
    assert b"latest/index.html" in running.ask("/staff/latest/", "staff").body
    folder = running.ask("/staff/latest/systems", "staff")
    assert folder.status in (301, 302, 308) and folder.headers["location"].endswith("/staff/latest/systems/")


def test_a_missing_page_is_answered_by_its_own_version(running: Running) -> None:
    for path, page in (
        ("/staff/2026.3/nothing.html", "staff 2026.3/404.html"),
        ("/staff/2026.3/a/b/c/nothing.html", "staff 2026.3/404.html"),
        ("/staff/draft/systems/nothing/", "staff draft/404.html"),
        ("/staff/2019.1/index.html", "staff latest/404.html"),
        ("/staff/nothing", "staff latest/404.html"),
    ):
        answer = running.ask(path, "staff")
        assert answer.status == 404, path
        assert f"missing of {CLIENT} {page}".encode() in answer.body, path
        assert answer.headers["content-type"].startswith("text/html")


def test_its_style_and_its_link_are_found_from_any_depth(running: Running) -> None:
    for path, target in (
        ("/staff/2026.3/a/b/assets/kb/not-found.css", "/staff/2026.3/assets/kb/not-found.css"),
        ("/staff/2026.3/a/assets/kb/home.htm", "/staff/2026.3/assets/kb/home.htm"),
        ("/staff/assets/kb/home.htm", "/staff/latest/assets/kb/home.htm"),
    ):
        answer = running.ask(path, "staff")
        assert (answer.status, answer.headers.get("location")) == (302, target)
        assert running.ask(target, "staff").status == 200
    split = running.ask("/staff/a%0d%0aX-Evil:1/b/assets/kb/home.htm", "staff")
    assert "x-evil" not in split.headers
    gone = running.ask("/staff/2019.1/assets/kb/home.htm", "staff")
    assert gone.status == 404


def test_only_the_latest_of_a_public_site_is_open_to_robots(running: Running) -> None:
    assert "x-robots-tag" not in running.ask("/open/latest/index.html").headers
    for path, audience in (
        ("/open/2026.3/index.html", None),
        ("/open/draft/index.html", None),
        ("/staff/latest/index.html", "staff"),
    ):
        assert "noindex" in running.ask(path, audience).headers["x-robots-tag"]


@pytest.mark.parametrize("server", ["caddy", "nginx"])
def test_a_new_export_lets_nobody_in(server: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, port = tmp_path_factory.mktemp("new"), free_port()
    sites = make_sites(folder / "sites")
    main = write_files(
        server, client(Site(audience=Audience.STAFF)), sites, folder, host=f"http://localhost:{port}"
    )
    passwords = folder / "kb" / CLIENT / "passwords" / "staff"
    passwords.write_text("".join(line for line in passwords.open() if line.startswith("#")))
    with started(server, main, port):
        one = Running(server, port, sites, folder)
        assert one.ask("/staff/latest/index.html").status == 401
        assert one.ask("/staff/latest/index.html", "staff").status == 401


@pytest.mark.parametrize("server", ["caddy", "nginx"])
def test_a_site_on_a_whole_host_with_another_below_it(
    server: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, port = tmp_path_factory.mktemp("whole"), free_port()
    sites = make_sites(folder / "sites")
    host = f"http://localhost:{port}/"
    made = client(
        Site(audience=Audience.STAFF, url=host), Site(audience=Audience.MANAGEMENT, url=f"{host}management/")
    )
    with started(server, write_files(server, made, sites, folder), port):
        one = Running(server, port, sites, folder)
        assert b"of acme staff" in one.ask("/latest/index.html", "staff").body
        assert one.ask("/", "staff").headers["location"] == "/latest/"
        assert b"of acme management" in one.ask("/management/latest/index.html", "management").body
        for path in (
            "/management/latest/index.html",
            "//management/latest/index.html",
            "/x/../management/latest/index.html",
        ):
            assert not foreign(one.ask(path, "staff")), path
            assert b"of acme" not in one.ask(path).body
        assert b"staff 2026.3/404.html" in one.ask("/2026.3/nothing", "staff").body


@pytest.mark.parametrize("server", ["caddy", "nginx"])
def test_a_sign_in_proxy_decides_by_group(server: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, port = tmp_path_factory.mktemp("oidc"), free_port()
    sites = make_sites(folder / "sites")
    host = f"http://localhost:{port}"
    made = client(
        Site(audience=Audience.STAFF),
        Site(audience=Audience.MANAGEMENT),
        Site(audience=Audience.CONSULTANT, url=f"{host}/open/", public=True),
    )
    with sign_in_proxy() as proxy:
        main = write_files(server, made, sites, folder, host=host, auth="oidc", proxy=proxy.address)
        with started(server, main, port):
            one = Running(server, port, sites, folder)
            for path in ODD:
                nobody = one.ask(path)
                if server == "caddy":
                    assert nobody.status == 302
                    where, _, query = nobody.headers["location"].partition("?")
                    assert (where, parse_qs(query, strict_parsing=True)) == (
                        "/oauth2/sign_in",
                        {"rd": [path]},
                    )
                else:
                    assert nobody.body == b"sign in here"
                    assert proxy.asked[-1][0] == "/oauth2/sign_in"
                    assert proxy.asked[-1][1]["x-auth-request-redirect"] == path
            staff = {"Cookie": "groups=acme-staff"}
            assert b"of acme staff" in one.ask("/staff/latest/index.html", headers=staff).body
            for path in (
                "/management/latest/index.html",
                "/management/nothing",
                "/staff/../management/latest/404.html",
            ):
                other = one.ask(path, headers=staff)
                assert other.status == 403 and b"of acme" not in other.body, path
            both = {"Cookie": "groups=acme-management,acme-staff"}
            assert one.ask("/management/latest/index.html", headers=both).status == 200
            assert one.ask("/staff/latest/nothing", headers=both).status == 404
            assert one.ask("/open/latest/index.html").status == 200
            assert (
                one.ask("/management/latest/index.html", headers={"Cookie": "groups=beta-management"}).status
                == 403
            )
            assert one.ask("/oauth2/sign_in").body == b"sign in here"
            assert "content-security-policy" not in one.ask("/oauth2/sign_in").headers
            for trick in ("/_kb/staff", "/management/latest/index.html?allowed_groups=acme-staff"):
                assert b"of acme" not in one.ask(trick, headers=staff).body
            lie = {
                **staff,
                "X-Forwarded-Uri": "/staff/",
                "X-Original-URI": "/staff/",
                "X-Forwarded-Host": "evil.example",
            }
            assert one.ask("/management/latest/index.html", headers=lie).status == 403
            last = proxy.asked[-1]
            assert last[0] == "/oauth2/auth?allowed_groups=acme-management"
            assert last[1]["x-forwarded-uri"] == "/management/latest/index.html"
            assert "evil" not in last[1].get("x-forwarded-host", "")
        proxy_gone = free_port()
    other_folder = tmp_path_factory.mktemp("gone")
    main = write_files(
        server, made, sites, other_folder, host=host, auth="oidc", proxy=f"http://127.0.0.1:{proxy_gone}"
    )
    with started(server, main, port):
        answer = Running(server, port, sites, other_folder).ask("/staff/latest/index.html")
        assert answer.status in (500, 502) and b"of acme" not in answer.body


@pytest.mark.parametrize("server", ["caddy", "nginx"])
def test_two_clients_on_one_server_stay_apart(server: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, port = tmp_path_factory.mktemp("two"), free_port()
    sites = make_sites(folder / "sites")
    other = Client(
        id=NEIGHBOUR,
        title="Beta",
        sites=[Site(audience=Audience.STAFF, url=f"http://127.0.0.1:{port}/staff/")],
    )
    write_files(server, other, sites, folder)
    nobody = folder / "kb" / NEIGHBOUR / "passwords" / "staff"
    nobody.write_text("# nobody\n")
    main = write_files(
        server, client(Site(audience=Audience.STAFF)), sites, folder, host=f"http://localhost:{port}"
    )
    text = main.read_text()
    line = next(line for line in text.splitlines() if f"kb/{CLIENT}/" in line)
    main.write_text(text.replace(line, f"{line}\n{line.replace(CLIENT, NEIGHBOUR)}"))
    with started(server, main, port):
        one = Running(server, port, sites, folder)
        assert b"of acme staff" in one.ask("/staff/latest/index.html", "staff").body
        for host in (f"127.0.0.1:{port}", "127.0.0.1"):
            answer = one.ask("/staff/latest/index.html", "staff", headers={"Host": host})
            assert answer.status == 401 and b"of " not in answer.body
        for path in random.Random(3).sample(ways_out(), 200):
            assert not foreign(one.ask(path, "staff")), path
