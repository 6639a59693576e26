"""Every page of a site meets a strict Content-Security-Policy, and the page for a missing address is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.policy import stopped, stopped_in
from support.story import build, told

from kb_builder.records.base import Audience

pytestmark = pytest.mark.xdist_group("sample")


@pytest.mark.parametrize("audience", list(Audience))
def test_no_page_has_a_script_or_style_within_it(
    sample_sites: dict[Audience, Path], audience: Audience
) -> None:
    assert stopped(sample_sites[audience].parent) == []


@pytest.mark.parametrize(
    "html",
    [
        "<script>1</script>",
        "<script type=module>1</script>",
        "<p onclick='x'>",
        "<p style='color:red'>",
        "<style>p{}</style>",
        "<a href=' java\nscript:x'>",
        "<img src=//elsewhere.example/x.png>",
        "<script src=https://elsewhere.example/x.js></script>",
        "<form action=https://elsewhere.example/>",
        "<iframe src=x></iframe>",
        "<base href=/x/>",
    ],
)
def test_what_a_policy_stops_is_found(html: str) -> None:
    assert stopped_in(html)


def test_what_a_policy_lets_through_is_not_found() -> None:
    assert stopped_in("<script type=application/json>{}</script><script src=../x.js></script>") == []
    assert (
        stopped_in("<a href=https://elsewhere.example/>x</a><link rel=canonical href=https://a.example/>")
        == []
    )


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sites of a small client with three releases, at an address that is known."""
    folder = tmp_path_factory.mktemp("policy")
    build(told(folder / "workspace"), folder / "site")
    return folder / "site"


def test_releases_and_old_addresses_meet_it_too(releases: Path) -> None:
    assert len(list(releases.rglob("*.html"))) > 50
    assert stopped(releases) == []


def test_the_page_for_a_missing_address_starts_from_the_sites_own(releases: Path) -> None:
    for version in ("2026.3", "2026.11"):
        page = (releases / "demo" / "staff" / version / "404.html").read_text(encoding="utf-8")
        assert f'href="/demo/{version}/assets/kb/not-found.css"' in page
        assert f'href="/demo/{version}/assets/kb/home.htm"' in page
    assert (releases / "demo" / "staff" / "latest" / "assets" / "kb" / "not-found.css").is_file()


def test_a_built_site_has_no_symbolic_link(sample_sites: dict[Audience, Path]) -> None:
    folders = {site.parent for site in sample_sites.values()}
    assert [path for folder in folders for path in folder.rglob("*") if path.is_symlink()] == []
