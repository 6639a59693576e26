"""Hosting files: what they hold, and that nothing a record says can break out of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kb_builder.errors import UsageError
from kb_builder.exporters.hosting import SERVERS, hosting_files, refuse_folder
from kb_builder.exporters.hosting_places import safe_address, safe_folder, safe_proxy
from kb_builder.records.base import Audience
from kb_builder.records.client import Client, Site

STAFF, MANAGEMENT, CONSULTANT = Audience
HOSTILE_ADDRESSES = (
    "https://docs.example.com{/",
    "https://docs.example.com;/",
    "https://docs.example.com$host/",
    'https://docs.example.com"/',
    "https://docs.example.com\n}/",
    "https://docs.example.com\t/",
    "https://docs.example.com\x00/",
    "https://do cs.example.com/",
    "https://user@docs.example.com/",
    "https://user:word@docs.example.com/",
    "https://*.example.com/",
    "https://_/",
    "https://-a.example.com/",
    "https://a..example.com/",
    "https://.example.com/",
    "https://example.com./",
    "https://exämple.com/",
    "https://999.1.1.1/",
    "https://[::1]/",
    "https:///",
    "https://docs.example.com:0/",
    "https://docs.example.com:99999/",
    "https://docs.example.com:80x/",
    "https://docs.example.com:/",
    "https://docs.example.com",
    "https://docs.example.com/a",
    "https://docs.example.com//",
    "https://docs.example.com/a//b/",
    "https://docs.example.com/../",
    "https://docs.example.com/./",
    "https://docs.example.com/.kb/",
    "https://docs.example.com/%2e%2e/",
    "https://docs.example.com/a{b}/",
    "https://docs.example.com/a;b/",
    "https://docs.example.com/$a/",
    "https://docs.example.com/a`b/",
    "https://docs.example.com/a'b/",
    'https://docs.example.com/a"b/',
    "https://docs.example.com/a\\b/",
    "https://docs.example.com/a*/",
    "https://docs.example.com/a#b/",
    "https://docs.example.com/a b/",
    "https://docs.example.com/a\n/",
    "https://docs.example.com/ä/",
    "https://docs.example.com/?a/",
    "ftp://docs.example.com/",
    "http://docs.example.com/",
    "javascript:alert(1)/",
    "",
)


def client(*sites: Site, slug: str = "harbour-dental") -> Client:
    return Client(id=slug, title="Harbour } { ; Dental", sites=list(sites))


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_an_address_that_a_server_cannot_be_given_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        safe_address(address, "the url")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_a_record_cannot_bring_one_in(server: str, address: str) -> None:
    site = Site.model_construct(audience=STAFF, url=address or " ", public=False)
    with pytest.raises(UsageError):
        hosting_files(client(site), server, "/srv/sites")


def test_a_host_may_come_with_a_path() -> None:
    made = client(Site(audience=STAFF))
    for host in ("docs.example.com/x", "docs.example.com/x/", "https://docs.example.com/x/"):
        assert "https://docs.example.com/x/staff/" in hosting_files(made, "caddy", host=host)["README.md"]


def test_plain_addresses_are_taken() -> None:
    assert safe_address("https://Docs.Example.com/a/B_c.d~1/", "") == (
        ("https", "docs.example.com", None),
        "/a/B_c.d~1/",
    )
    assert safe_address("https://192.0.2.7:8443/", "") == (("https", "192.0.2.7", 8443), "/")
    assert safe_address("http://localhost:8080/", "") == (("http", "localhost", 8080), "/")


@pytest.mark.parametrize(
    "folder",
    [
        "",
        "/",
        "srv",
        "~/sites",
        "/srv/../etc",
        "/srv/./x",
        "/srv//x",
        "/srv/.x",
        "/srv/a b",
        "/srv/a;b",
        "/srv/{x}",
        "/srv/$x",
        "/srv/a\nb",
        '/srv/"',
        "/srv/a\\",
        "/srv/*",
        "/srv/ä",
    ],
)
def test_a_folder_that_a_server_cannot_be_given_is_refused(folder: str) -> None:
    with pytest.raises(UsageError):
        safe_folder(folder, "--sites")
    with pytest.raises(UsageError):
        hosting_files(client(Site(audience=STAFF)), "nginx", folder, host="docs.example.com")


@pytest.mark.parametrize(
    "proxy",
    [
        "",
        "127.0.0.1:4180",
        "http://",
        "http://a/b",
        "http://a?b",
        "http://a/?b",
        "http://a#b",
        "http://a b",
        "http://a;b",
        "http://a{b}",
        "http://a$b",
        "http://a@b",
        "http://a\nb",
        "ftp://a",
        "unix:/run/x",
        "http://a:0",
    ],
)
def test_a_proxy_that_is_more_than_a_host_is_refused(proxy: str) -> None:
    with pytest.raises(UsageError):
        safe_proxy(proxy)


def test_a_plain_proxy_is_taken() -> None:
    assert safe_proxy("http://127.0.0.1:4180/") == "http://127.0.0.1:4180"
    assert safe_proxy("https://sign-in.example.com") == "https://sign-in.example.com"


@pytest.mark.parametrize("slug", ["a b", "a;b", "../x", "A", "", "a/b", "a\nb", "-a", "ä", "a{"])
def test_a_client_whose_name_is_no_folder_is_refused(slug: str) -> None:
    made = client(Site(audience=STAFF)).model_copy(update={"id": slug})
    with pytest.raises(UsageError):
        hosting_files(made, "caddy", "/srv/sites", host="docs.example.com")


@pytest.mark.parametrize("server", SERVERS)
def test_what_a_record_says_freely_is_not_in_the_files(server: str) -> None:
    files = hosting_files(client(Site(audience=STAFF)), server, "/srv/sites", host="docs.example.com")
    assert not [name for name, text in files.items() if "} {" in text or "Dental" in text]


@pytest.mark.parametrize("server", SERVERS)
def test_each_site_is_served_from_its_own_folder_alone(server: str) -> None:
    made = client(Site(audience=STAFF), Site(audience=MANAGEMENT), Site(audience=CONSULTANT))
    files = hosting_files(made, server, "/srv/sites/", host="docs.example.com")
    text = files["Caddyfile" if server == "caddy" else "nginx.conf"]
    folders = set(re.findall(r"(?:root \*|root|alias) (\S+?)/?;?$", text, re.MULTILINE))
    assert folders == {f"/srv/sites/harbour-dental/{audience.value}" for audience in Audience}


@pytest.mark.parametrize("server", SERVERS)
def test_each_audience_may_have_a_host(server: str) -> None:
    made = client(
        Site(audience=STAFF, url="https://staff.example.com/"),
        Site(audience=MANAGEMENT, url="https://board.example.com/docs/"),
    )
    text = "".join(hosting_files(made, server).values())
    assert "staff.example.com" in text and "board.example.com" in text and "/docs/" in text


@pytest.mark.parametrize("server", SERVERS)
def test_password_files_hold_nobody(server: str) -> None:
    made = client(Site(audience=STAFF), Site(audience=MANAGEMENT, public=True))
    files = hosting_files(made, server, host="docs.example.com")
    assert [name for name in files if name.startswith("passwords/")] == ["passwords/staff"]
    assert all(line.startswith("#") for line in files["passwords/staff"].splitlines())


@pytest.mark.parametrize("server", SERVERS)
def test_a_sign_in_proxy_is_asked_for_the_group_of_each_audience(server: str) -> None:
    made = client(Site(audience=STAFF), Site(audience=MANAGEMENT))
    files = hosting_files(made, server, host="docs.example.com", auth="oidc", proxy="http://127.0.0.1:4180")
    text = files["Caddyfile" if server == "caddy" else "nginx.conf"]
    assert set(re.findall(r"allowed_groups=([a-z-]+)", text)) == {
        "harbour-dental-staff",
        "harbour-dental-management",
    }
    assert not [name for name in files if name.startswith("passwords/")]
    assert "basicauth" not in text and "auth_basic" not in text


@pytest.mark.parametrize("server", SERVERS)
def test_a_public_site_asks_nobody(server: str) -> None:
    made = client(Site(audience=STAFF, public=True))
    for options in ({}, {"auth": "oidc", "proxy": "http://127.0.0.1:4180"}):
        files = hosting_files(made, server, host="docs.example.com", **options)  # type: ignore[arg-type]
        text = files["Caddyfile" if server == "caddy" else "nginx.conf"]
        assert not re.search(r"basicauth|forward_auth|auth_basic|auth_request|oauth2", text)


@pytest.mark.parametrize(
    ("sites", "options"),
    [
        ([Site(audience=STAFF)], {}),
        ([Site(audience=STAFF)], {"host": "docs.example.com/.x"}),
        ([Site(audience=STAFF)], {"host": "http://docs.example.com"}),
        ([Site(audience=STAFF)], {"host": "docs.example.com", "server": "apache"}),
        ([Site(audience=STAFF)], {"host": "docs.example.com", "auth": "none"}),
        ([Site(audience=STAFF)], {"host": "docs.example.com", "auth": "oidc"}),
        ([Site(audience=STAFF)], {"host": "docs.example.com", "proxy": "http://127.0.0.1:4180"}),
        ([Site(audience=STAFF)], {"host": "docs.example.com", "certificates": "x"}),
        (
            [
                Site(audience=STAFF, url="https://a.example/x/"),
                Site(audience=MANAGEMENT, url="https://A.example/X/"),
            ],
            {},
        ),
        (
            [
                Site(audience=STAFF, url="https://localhost:8443/x/"),
                Site(audience=MANAGEMENT, url="http://localhost:8443/y/"),
            ],
            {},
        ),
        (
            [Site(audience=STAFF, url="https://a.example/oauth2/")],
            {"auth": "oidc", "proxy": "http://127.0.0.1:4180"},
        ),
    ],
)
def test_what_cannot_be_served_is_refused_with_a_way_out(sites: list[Site], options: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        hosting_files(client(*sites), **{"server": "nginx", **options})  # type: ignore[arg-type]
    assert refused.value.hint


@pytest.mark.parametrize("server", SERVERS)
def test_the_same_client_gives_the_same_files(server: str) -> None:
    made = [
        hosting_files(client(*sites), server, host="docs.example.com")
        for sites in ([Site(audience=STAFF), Site(audience=MANAGEMENT)],) * 2
    ]
    assert made[0] == made[1]
    assert all(text.endswith("\n") for text in made[0].values())


@pytest.mark.parametrize("server", SERVERS)
def test_the_readme_names_every_site_and_command(server: str) -> None:
    made = client(Site(audience=STAFF), Site(audience=MANAGEMENT))
    readme = hosting_files(made, server, host="docs.example.com")["README.md"]
    for word in ("https://docs.example.com/staff/", "/srv/sites/harbour-dental/management/", "curl -sI"):
        assert word in readme
    assert ("caddy hash-password" if server == "caddy" else "htpasswd -B") in readme


@pytest.mark.parametrize("server", SERVERS)
def test_what_kb_build_writes_is_never_served(server: str, tmp_path: Path) -> None:
    (tmp_path / "harbour-dental" / ".kb").mkdir(parents=True)
    with pytest.raises(UsageError, match="is where kb build writes"):
        refuse_folder(tmp_path, "harbour-dental", server)
    refuse_folder(tmp_path, "another", server)


@pytest.mark.parametrize("sort", ["file", "folder", "nowhere"])
def test_caddy_serves_no_folder_with_a_link(sort: str, tmp_path: Path) -> None:
    site = tmp_path / "harbour-dental" / "staff" / "latest"
    site.mkdir(parents=True)
    refuse_folder(tmp_path, "harbour-dental", "caddy")
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (site / "link").symlink_to(tmp_path / sort)
    refuse_folder(tmp_path, "harbour-dental", "nginx")
    with pytest.raises(UsageError, match="is a symbolic link"):
        refuse_folder(tmp_path, "harbour-dental", "caddy")


@pytest.mark.parametrize("server", SERVERS)
def test_the_readme_has_sites_published_and_never_built_there(server: str) -> None:
    readme = hosting_files(client(Site(audience=STAFF)), server, host="docs.example.com")["README.md"]
    assert "Let `kb publish` fill these folders" in readme
    assert "{id: staff, to: 'sftp://NAME@HOST/srv/sites/harbour-dental/staff', audience: staff}" in readme
    assert "Never serve or copy `site/`" in readme
    assert "that `kb build` made" not in readme
