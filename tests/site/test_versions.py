"""All versions of a site: which are built, what stands beside them, and that no old address is dead."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path

import pytest
from support import story
from support.sites import TODAY

from kb_builder import releases
from kb_builder.assembly import digest_of_tree
from kb_builder.errors import KbError
from kb_builder.links import dead_links
from kb_builder.workspace import Workspace

pytestmark = pytest.mark.xdist_group("versions")
VERSIONS = ["2026.3", "2026.6", "2026.11", "draft"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Path]:
    """The workspace and the folder of its staff site."""
    workspace = story.told(tmp_path_factory.mktemp("story"))
    output = tmp_path_factory.mktemp("sites")
    built = story.build(workspace, output)
    assert [(each.version, each.fresh) for each in built] == [(version, True) for version in VERSIONS]
    return workspace, output / "demo" / "staff"


@pytest.fixture
def again(made: tuple[Workspace, Path], tmp_path: Path) -> tuple[Workspace, Path]:
    """A copy of both that a test may change; gives the workspace and the folder of all sites."""
    workspace, site = made
    shutil.copytree(workspace.root, tmp_path / "ws", symlinks=True)
    shutil.copytree(site.parent.parent, tmp_path / "out")
    return Workspace(tmp_path / "ws"), tmp_path / "out"


def fresh(workspace: Workspace, output: Path, today: dt.date = TODAY) -> list[str]:
    return [each.version for each in story.build(workspace, output, today) if each.fresh]


def test_the_list_of_versions_is_as_mike_writes_it(made: tuple[Workspace, Path]) -> None:
    listed = json.loads((made[1] / "versions.json").read_text())
    assert listed == [
        {"version": "draft", "title": "Draft", "aliases": []},
        {"version": "2026.11", "title": "2026.11", "aliases": ["latest"]},
        {"version": "2026.6", "title": "2026.6", "aliases": []},
        {"version": "2026.3", "title": "2026.3", "aliases": []},
    ]
    script = (made[1] / "versions.js").read_text()
    assert json.loads(script[script.index("(") + 1 : script.rindex(")")]) == listed


def test_nothing_unchanged_is_built_again(again: tuple[Workspace, Path]) -> None:
    before = digest_of_tree(again[1])
    assert fresh(*again) == []
    assert digest_of_tree(again[1]) == before


def test_only_what_changed_is_built(again: tuple[Workspace, Path]) -> None:
    story.put(again[0], "discovery/systems/vpn.yaml", "title: The VPN\n")
    assert fresh(*again) == ["draft"]
    assert fresh(again[0], again[1], TODAY + dt.timedelta(days=1)) == ["draft"]


def test_a_release_is_built_again_when_the_configuration_changes(again: tuple[Workspace, Path]) -> None:
    with (again[0].root / "mkdocs.yml").open("a") as file:
        file.write("# changed\n")
    assert fresh(*again) == VERSIONS


def test_a_site_that_was_altered_is_built_again(again: tuple[Workspace, Path]) -> None:
    page = again[1] / "demo/staff/2026.6/systems/erp.html"
    text = page.read_text()
    page.unlink()
    page.write_text(text + "x")
    assert fresh(*again) == ["2026.6"]
    assert page.read_text() == text


def test_without_the_notes_all_is_built_to_the_same_bytes(again: tuple[Workspace, Path]) -> None:
    before = digest_of_tree(again[1] / "demo" / "staff")
    shutil.rmtree(again[1] / "demo" / ".kb")
    assert fresh(*again) == VERSIONS
    assert digest_of_tree(again[1] / "demo" / "staff") == before


def test_a_release_is_the_same_to_the_byte_in_another_folder_on_another_day(
    made: tuple[Workspace, Path], tmp_path: Path
) -> None:
    shutil.copytree(made[0].root, tmp_path / "elsewhere/deep/ws")
    story.build(Workspace(tmp_path / "elsewhere/deep/ws"), tmp_path / "other", TODAY + dt.timedelta(days=400))
    for version in (*VERSIONS[:-1], "latest"):
        assert digest_of_tree(tmp_path / "other/demo/staff" / version) == digest_of_tree(made[1] / version)


def test_a_new_release_makes_the_one_before_it_an_older_one(again: tuple[Workspace, Path]) -> None:
    workspace, output = again
    releases.seal(workspace, "demo", "2026.12", dt.date(2026, 11, 22), sign_off=1)
    assert fresh(workspace, output) == ["2026.12"]
    site = output / "demo/staff"
    assert "2026.12 (candidate)" in (site / "versions.json").read_text()
    assert "0 of 1 have signed it" in (site / "2026.12/index.html").read_text()
    assert "kb-banner" not in (site / "latest/index.html").read_text()
    newest = releases.load(workspace, "demo").all[-1]
    releases.sign(newest, workspace.root, "ann", "Ann", TODAY)
    assert fresh(workspace, output) == ["2026.11", "2026.12", "draft"]
    assert "Older version." in (site / "2026.11/index.html").read_text()
    assert "kb-banner" not in (site / "latest/index.html").read_text()
    assert (site / "latest/systems/vpn.html").is_file()


def test_banners_tell_how_a_version_stands(made: tuple[Workspace, Path]) -> None:
    def banner(version: str, page: str) -> str:
        found = re.search(r'class="kb-banner">(.*?)</p>', (made[1] / version / page).read_text())
        return found[1] if found else ""

    older = banner("2026.3", "systems/old-erp.html")
    assert "Older version." in older
    assert "2026.3 of 27 Mar 2026" in older.replace("\xa0", " ")
    assert 'href="../../latest/systems/old-erp.html"' in older
    assert "Draft." in banner("draft", "systems/erp.html")
    assert 'href="../../latest/systems/erp.html"' in banner("draft", "systems/erp.html")
    assert "href" not in banner("draft", "systems/vpn.html")
    assert banner("2026.11", "systems/erp.html") == banner("latest", "systems/erp.html") == ""


def test_old_addresses_lead_on(made: tuple[Workspace, Path]) -> None:
    def leads(version: str, page: str) -> str:
        found = re.search(
            r'http-equiv="refresh" content="\d; url=([^"]+)"', (made[1] / version / page).read_text()
        )
        assert found, page
        return found[1]

    assert leads("2026.6", "systems/old-erp.html") == "erp.html"
    assert leads("draft", "systems/old-erp.html") == "erp.html"
    assert leads("2026.6", "assets/till.html") == "../systems/till.html"
    assert leads("latest", "training/safety.html") == "safe-work.html"
    assert leads("latest", "systems/fax.html") == "index.html"
    assert not (made[1] / "2026.11/systems/fax.html").exists()


def test_no_link_and_no_old_address_is_dead(made: tuple[Workspace, Path]) -> None:
    assert dead_links(made[1]) == []
    for version in VERSIONS[:-1]:
        for page in (made[1] / version).rglob("*.html"):
            assert (made[1] / "latest" / page.relative_to(made[1] / version)).is_file(), page


def test_canonical_links_lead_to_the_latest(made: tuple[Workspace, Path]) -> None:
    for version in (*VERSIONS, "latest"):
        for path in (made[1] / version).rglob("*.html"):
            page = path.relative_to(made[1] / version).as_posix()
            found = re.findall(r'<link rel="canonical" href="([^"]*)"', path.read_text())
            if page == "404.html" or 'id="kb-moved"' in path.read_text():
                assert found == []
            elif version != "draft":
                assert found == [f"https://docs.example.com/demo/latest/{page}"], path
            for address in found:
                assert (made[1] / address.removeprefix("https://docs.example.com/demo/")).is_file()


def test_a_private_site_is_closed_to_robots(made: tuple[Workspace, Path]) -> None:
    assert (made[1] / "robots.txt").read_text() == "User-agent: *\nDisallow: /\n"
    assert not list(made[1].rglob("sitemap.xml*"))
    for path in made[1].rglob("*.html"):
        if path.name != "404.html":
            assert '<meta name="robots" content="noindex' in path.read_text(), path


def test_of_a_public_site_only_the_latest_is_open(tmp_path: Path) -> None:
    workspace = story.told(tmp_path / "ws", story.ONE_SITE + "    public: true\n")
    story.build(workspace, tmp_path / "out")
    site = tmp_path / "out/demo/staff"
    assert "Disallow: /demo/\nAllow: /demo/latest/\n" in (site / "robots.txt").read_text()
    listed = re.findall("<loc>(.*?)</loc>", (site / "sitemap.xml").read_text())
    assert "https://docs.example.com/demo/latest/systems/erp.html" in listed
    for address in listed:
        page = site / address.removeprefix("https://docs.example.com/demo/")
        assert "noindex" not in page.read_text()
    open_pages = {path for path in site.rglob("*.html") if 'content="index, follow"' in path.read_text()}
    assert open_pages == {site / address.removeprefix("https://docs.example.com/demo/") for address in listed}


def test_the_way_in_leads_to_the_latest(made: tuple[Workspace, Path]) -> None:
    assert 'url=latest/index.html"' in (made[1] / "index.html").read_text()


def test_a_folder_of_somebody_else_is_not_replaced(again: tuple[Workspace, Path], tmp_path: Path) -> None:
    (tmp_path / "mine/demo/photos").mkdir(parents=True)
    with pytest.raises(KbError, match="was not written by kb"):
        story.build(again[0], tmp_path / "mine")
    assert (tmp_path / "mine/demo/photos").is_dir()


def test_a_site_that_is_no_longer_wanted_goes(again: tuple[Workspace, Path]) -> None:
    workspace, output = again
    story.put(workspace, "client.yaml", story.ONE_SITE.replace("staff", "management"))
    story.build(workspace, output)
    assert sorted(path.name for path in (output / "demo").iterdir()) == [".kb", "management"]
