"""A client leaves with a bundle: sites, projects, tables and records, and another workspace takes it in."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.generate import every_kind, fields, write
from support.links import loads_from_elsewhere
from support.pictures import PIXEL
from support.sites import SAMPLE, TODAY, new_workspace

from kb_builder import pipeline, releases, resources, scaffold
from kb_builder.assembly import Assembly
from kb_builder.bundle import Summary, write_bundle
from kb_builder.bundle_import import read_bundle
from kb_builder.errors import KbError, UsageError
from kb_builder.exporters.bundle_csv import read_table
from kb_builder.history import HISTORY
from kb_builder.links import dead_links
from kb_builder.records.base import Audience
from kb_builder.records.documentation import Guide
from kb_builder.releases import PUBLISHED, SEAL, SIGNATURES
from kb_builder.workspace import Workspace

pytestmark = pytest.mark.xdist_group("bundle")
CANARY = "zanzibarcanary"
WITHOUT_KB = "import sys; sys.modules['kb_builder'] = None; from mkdocs.__main__ import cli; cli()"
FIRST, SECOND = dt.date(2026, 6, 26), dt.date(2026, 11, 20)
PICTURE = PIXEL
CLIENT = f"""\
# {CANARY} in a comment
title: Demo
sites:
  - audience: staff
    url: https://docs.example.com/demo/
  - audience: management
  - audience: consultant
locations:
  - id: head-office
    title: Head office
    internal_notes: {CANARY}
  - id: {CANARY}-office
    title: {CANARY}
    audience: consultant
release:
  sign_off: 1
targets:
  - id: {CANARY}
    to: /srv/{CANARY}
    audience: staff
"""
RECORDS = {
    "client.yaml": CLIENT,
    f"discovery/people/{CANARY}-list.yaml": (
        f"# {CANARY}\n- id: ann\n  title: Ann\n  internal_notes: {CANARY}\n"
        f"- id: {CANARY}\n  title: {CANARY}\n  audience: consultant\n- id: bob\n  title: Bob\n"
        f"  description: See [Ann]({CANARY}-list.yaml#ann), [the guide](../../documentation/guides/restore.md#again).\n"
    ),
    f"discovery/systems/{CANARY}/erp.yaml": (
        "title: ERP\r\nowner: ann\r\ndepends_on: [mail]\r\nversion: 1.10\r\n"
        "attachments:\r\n  - file: ../files/a plan.pdf\r\n    title: Plan\r\n"
        f"description: |\r\n  Two  \r\n  lines, [Bob](../../people/{CANARY}-list.yaml#bob),\r\n"
        f"  [gone](../../../analysis/risks/{CANARY}.yaml) <!-- {CANARY} -->\r\n"
        f"\r\n  [plan](<../files/a plan.pdf>) and [{CANARY[:3]}ig](../{CANARY}/../mail.yaml)\r\n"
        "\r\n  ```yaml\r\n  title: x   # <!-- shown -->\r\n  ```\r\n"
        f"\r\n  [//]: # ({CANARY})\r\n"
    ),
    "discovery/systems/mail.yaml": f"title: Mail\ninternal_notes: {CANARY}\nlocation: head-office\n",
    "discovery/systems/files/a plan.pdf": "plan",
    f"discovery/systems/files/{CANARY}.pdf": CANARY,
    f"analysis/risks/{CANARY}.yaml": (
        f"title: {CANARY}\naudience: consultant\nattachments:\n  - file: {CANARY}.pdf\n"
    ),
    f"analysis/risks/{CANARY}.pdf": CANARY,
    "documentation/README.md": f"{CANARY}\n",
    "documentation/guides/restore.md": (
        f"---\n# {CANARY}\ntitle: Restore\nsteps:\n  - do: Press [the key](../../discovery/systems/files/a%20plan.pdf).\n"
        "    image: images/key.png\n    alt: A key\n---\n\n# Again\n\n"
        '![Key](images/key.png) {{ system("erp").version }} <!-- '
        f'{{{{ system("mail").title }}}} {CANARY} -->\n\n1. One\n2. Two  \n   more\n'
    ),
    "documentation/guides/images/key.png": PICTURE.decode("latin-1"),
    ".imports/netbox.json": CANARY,
    "testing/tests/restore.yaml": "title: Restore\naudience: staff\nevery: 1 month\ncreated: 2026-01-05\n",
    "testing/test_runs.yaml": (
        f"- id: {CANARY}-run\n  title: {CANARY}\n  audience: consultant\n  test: restore\n  date: 2026-11-02\n  result: pass\n"
    ),
}


@dataclass(frozen=True)
class Made:
    """A bundle: its zip, what was said of it, and where it is unpacked."""

    path: Path
    summary: Summary
    folder: Path

    @property
    def files(self) -> dict[str, bytes]:
        """Every file in it, by name."""
        with zipfile.ZipFile(self.path) as file:
            return {name: file.read(name) for name in file.namelist()}


def put(workspace: Workspace, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = workspace.engagements / "demo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("latin-1" if name.endswith(".png") else "utf-8"))


def bundle(workspace: Workspace, audience: Audience, target: Path, client: str = "demo") -> Summary:
    return write_bundle(workspace, pipeline.check(workspace, client, TODAY), audience, TODAY, target)


def another(folder: Path) -> Workspace:
    """An empty workspace, as `kb init` makes one."""
    config = (resources.folder("mkdocs.yml")).read_text(encoding="utf-8")
    for name, text in scaffold.init(folder, config).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return Workspace(folder)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, but for those that begin with a dot."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(".")}


def article(page: Path) -> str:
    """What a page says, without what is around it."""
    html = page.read_text(encoding="utf-8")
    return html[html.index("<article") : html.index("</article>")]


def versions_of(made: Made) -> list[str]:
    """The versions in a bundle: candidates are for consultants alone."""
    return ["2026.6", "2026.11"] if made.summary.audience is Audience.CONSULTANT else ["2026.6"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A client with a signed release, a candidate and a draft, and canaries wherever only consultants look."""
    workspace = new_workspace(tmp_path_factory.mktemp("whole"))
    put(workspace, RECORDS)
    notes = f"The first.\n\n<!-- {CANARY} -->"
    first = releases.seal(workspace, "demo", "2026.6", FIRST, notes, 1, {HISTORY: f"prefix: {CANARY}\n"})
    releases.sign(first, workspace.root, "ann", "Ann", FIRST)
    put(workspace, {"discovery/systems/web.yaml": "title: Web\n"})
    releases.seal(workspace, "demo", "2026.11", SECOND, "The second.", 1)
    put(workspace, {"discovery/systems/fax.yaml": "title: Fax\n"})
    releases.note_published(workspace, "demo", f"{CANARY}-target", ["2026.6"], TODAY)
    return workspace


@pytest.fixture(scope="module", params=list(Audience))
def made(
    request: pytest.FixtureRequest, whole: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    """The bundle for each audience."""
    folder = tmp_path_factory.mktemp(f"made-{request.param.value}")
    summary = bundle(whole, request.param, folder / "demo.zip")
    with zipfile.ZipFile(folder / "demo.zip") as file:
        file.extractall(folder / "unpacked")
    yield Made(folder / "demo.zip", summary, folder / "unpacked")


def test_what_is_exported_from_another_workspace_is_the_same_to_the_byte(made: Made, tmp_path: Path) -> None:
    workspace = another(tmp_path / "other")
    summary = read_bundle(made.path, workspace, TODAY)
    assert summary.notes == ()
    checked = pipeline.check(workspace, "demo", TODAY)
    assert checked.sound
    assert [each.version for each in checked.releases.all] == versions_of(made)
    assert [each.candidate for each in checked.releases.all] == [False, True][: len(versions_of(made))]
    bundle(workspace, made.summary.audience, tmp_path / "again.zip")
    with zipfile.ZipFile(tmp_path / "again.zip") as file:
        again = {name: file.read(name) for name in file.namelist()}
    assert [name for name, content in made.files.items() if again.get(name) != content] == []
    assert (tmp_path / "again.zip").read_bytes() == made.path.read_bytes()


def test_only_consultants_get_what_only_consultants_see(made: Made) -> None:
    found = [name for name, content in made.files.items() if CANARY.encode() in content or CANARY in name]
    if made.summary.audience is Audience.CONSULTANT:
        assert len(found) > 20, "the canaries must be where they belong, or this test proves nothing"
    else:
        assert found == []
        assert not [name for name in made.files if "consultant" in name]
        assert not [name for name in made.files if name.endswith((PUBLISHED, HISTORY, "README.md"))][1:]


def test_sites_work_from_disk_and_have_no_dead_link(made: Made) -> None:
    audiences = [each for each in Audience if made.summary.audience.sees(each)]
    assert sorted(path.name for path in (made.folder / "sites").iterdir()) == sorted(audiences)
    for audience in audiences:
        site = made.folder / "sites" / audience.value
        there = {path.name for path in site.iterdir()}
        assert there == {
            *versions_of(made),
            "latest",
            "index.html",
            "robots.txt",
            "versions.js",
            "versions.json",
        }
        listed = json.loads((site / "versions.json").read_text())
        wanted = [("2026.6", ["latest"]), ("2026.11", [])][: len(versions_of(made))]
        assert [(each["version"], each["aliases"]) for each in listed] == wanted[::-1]
        assert dead_links(site) == []
        canonical = "https://docs.example.com/"
        assert [each for each in loads_from_elsewhere(site) if canonical not in each] == []
        assert "latest/index.html" in (site / "index.html").read_text()


def test_the_sites_are_those_that_kb_builds(whole: Workspace, made: Made, tmp_path: Path) -> None:
    checked = pipeline.check(whole, "demo", TODAY)
    Assembly(whole, checked, tmp_path, TODAY).build([made.summary.audience])
    for version in (*versions_of(made), "latest"):
        ours = tree(tmp_path / "demo" / made.summary.audience / version)
        theirs = tree(made.folder / "sites" / made.summary.audience / version)
        assert set(ours) == set(theirs)
        said = {name for name in ours if ours[name] != theirs[name] and name.endswith(".html")}
        assert said == set()


def test_consultants_get_the_records_as_they_are(whole: Workspace, made: Made) -> None:
    if made.summary.audience is Audience.CONSULTANT:
        assert tree(made.folder / "records") == tree(whole.folder("demo"))


def test_an_edition_keeps_what_its_readers_see(whole: Workspace, made: Made, tmp_path: Path) -> None:
    if made.summary.audience is Audience.CONSULTANT:
        return
    workspace = another(tmp_path)
    read_bundle(made.path, workspace, TODAY)
    catalog = pipeline.check(workspace, "demo", TODAY).catalog
    before = pipeline.check(whole, "demo", TODAY).catalog
    erp = catalog.records["system", "erp"]
    assert erp.description == (
        "Two  \nlines, [Bob](../people/bob.yaml),\ngone \n\n[plan](files/a%20plan.pdf) and [zanig](mail.yaml)\n\n"
        "```yaml\ntitle: x   # <!-- shown -->\n```\n\n\n"
    )
    assert erp.model_dump(exclude={"description", "attachments"}) == before.records[
        "system", "erp"
    ].model_dump(exclude={"description", "attachments"})
    assert (made.folder / "records/discovery/systems/files/a plan.pdf").read_bytes() == b"plan"
    assert (made.folder / "records/documentation/guides/images/key.png").read_bytes() == PICTURE
    guide = catalog.records["guide", "restore"]
    assert isinstance(guide, Guide)
    assert (
        guide.body
        == '# Again\n\n![Key](images/key.png) {{ system("erp").version }} \n\n1. One\n2. Two  \n   more'
    )
    assert [each.audience for each in catalog.client.sites] == [
        each for each in Audience if made.summary.audience.sees(each)
    ]


def test_an_edition_of_a_release_names_the_one_that_was_signed(whole: Workspace, made: Made) -> None:
    original = releases.load(whole, "demo").all[0]
    folder = made.folder / "records" / "releases" / "2026.6"
    assert (folder / SIGNATURES).read_bytes() == (original.folder / SIGNATURES).read_bytes()
    if made.summary.audience is Audience.CONSULTANT:
        assert (folder / SEAL).read_bytes() == (original.folder / SEAL).read_bytes()
    else:
        assert CANARY not in (folder / SIGNATURES).read_text()
        text = (folder / SEAL).read_text()
        assert f"edition: {made.summary.audience}\noriginal: {original.digest}\n" in text


def test_the_readme_names_what_is_there(made: Made) -> None:
    text = (made.folder / "README.md").read_text()
    for name in ("sites", "projects", "csv", "records", "mkdocs.yml", "bundle.yaml", "SHA256SUMS"):
        assert (made.folder / name).exists()
        assert name in text
    for each in Audience:
        assert (f"sites/{each.value}/index.html" in text) == made.summary.audience.sees(each)


def test_sha256sum_finds_nothing_altered(made: Made) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"],
        cwd=made.folder,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_tables_and_records_tell_the_same(made: Made) -> None:
    systems = read_table((made.folder / "csv" / "system.csv").read_text(encoding="utf-8"))
    assert [row["id"] for row in systems] == ["erp", "fax", "mail", "web"]
    assert all((made.folder / "records" / row["written_in"]).is_file() for row in systems)
    relations = read_table((made.folder / "csv" / "relations.csv").read_text(encoding="utf-8"))
    wanted = {
        "from_kind": "system",
        "from_id": "erp",
        "field": "depends_on",
        "to_kind": "system",
        "to_id": "mail",
    }
    assert wanted in relations


def test_a_project_is_built_by_mkdocs_alone(made: Made) -> None:
    newest = versions_of(made)[-1]
    project = made.folder / "projects" / made.summary.audience / newest
    assert sorted(path.name for path in project.parent.iterdir()) == sorted(versions_of(made))
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-c", WITHOUT_KB, "build", "--quiet", "--strict"]
    subprocess.run(command, cwd=project, check=True, env=environment)
    for page in ("systems/erp.html", "engagement/traceability.html", "index.html"):
        ours = made.folder / "sites" / made.summary.audience / newest / page
        assert article(project / "site" / page) == article(ours)
    assert dead_links(project / "site") == []


def test_a_staff_bundle_made_of_a_management_bundle_is_the_one_made_of_the_whole(
    whole: Workspace, tmp_path: Path
) -> None:
    bundle(whole, Audience.MANAGEMENT, tmp_path / "management.zip")
    between = another(tmp_path / "between")
    read_bundle(tmp_path / "management.zip", between, TODAY)
    bundle(between, Audience.STAFF, tmp_path / "one.zip")
    bundle(whole, Audience.STAFF, tmp_path / "two.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as one, zipfile.ZipFile(tmp_path / "two.zip") as two:
        records = [name for name in two.namelist() if name.startswith("records/")]
        assert [name for name in one.namelist() if name.startswith("records/")] == records
        assert [name for name in records if one.read(name) != two.read(name)] == []


@pytest.mark.parametrize("audience", [Audience.STAFF, Audience.MANAGEMENT])
def test_no_field_of_any_kind_tells_more_than_its_audience(audience: Audience, tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "from")
    folder = workspace.folder("demo")
    above = [each for each in Audience if not audience.sees(each)]
    for kind in every_kind():
        name = kind.kind.replace("_", "-")

        def ref(spec: object) -> str:
            return f"{spec.refs[0]}/open-{spec.refs[0].replace('_', '-')}"  # type: ignore[attr-defined]

        hidden = fields(kind, lambda _: CANARY, ref)
        known = fields(kind, lambda _: "plain words", ref, only=audience)
        for each in above:
            write(
                folder,
                kind,
                f"{CANARY}-{each.value}-{name}",
                {**hidden, "audience": each.value, "title": CANARY},
            )
        source = {"system": CANARY, "key": CANARY}
        write(
            folder,
            kind,
            f"open-{name}",
            {**hidden, **known, "audience": audience.value, "title": "Open", "source": source},
        )
    (folder / "client.yaml").write_text("title: Demo\nsites: []\n")
    checked = pipeline.check(workspace, "demo", TODAY)
    assert checked.sound, [each for each in checked.problems if each.severity == "error"][:3]
    summary = bundle(workspace, audience, tmp_path / "demo.zip")
    assert summary.records == len(every_kind()) + 1
    with zipfile.ZipFile(tmp_path / "demo.zip") as file:
        texts = {name: file.read(name) for name in file.namelist()}
    assert [name for name, content in texts.items() if CANARY.encode() in content or CANARY in name] == []
    other = another(tmp_path / "other")
    read_bundle(tmp_path / "demo.zip", other, TODAY)
    bundle(other, audience, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "demo.zip").read_bytes()


def test_records_with_errors_are_not_exported(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace, {"discovery/systems/erp.yaml": "title: ERP\nowner: nobody\n"})
    with pytest.raises(KbError, match=r"erp\.yaml:2"):
        bundle(workspace, Audience.MANAGEMENT, tmp_path / "demo.zip")
    assert not (tmp_path / "demo.zip").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".kb")]


def test_a_client_that_is_there_stays(whole: Workspace, tmp_path: Path) -> None:
    before = tree(whole.folder("demo"))
    put(workspace := new_workspace(tmp_path / "from"), {"client.yaml": "title: Demo\nsites: []\n"})
    bundle(workspace, Audience.MANAGEMENT, tmp_path / "demo.zip")
    with pytest.raises(UsageError, match="already"):
        read_bundle(tmp_path / "demo.zip", whole, TODAY)
    assert tree(whole.folder("demo")) == before


def test_other_settings_are_said(tmp_path: Path) -> None:
    put(workspace := new_workspace(tmp_path / "from"), {"client.yaml": "title: Demo\nsites: []\n"})
    bundle(workspace, Audience.MANAGEMENT, tmp_path / "demo.zip")
    other = another(tmp_path / "other")
    (other.root / "mkdocs.yml").write_text("theme: {name: material, language: de}\n")
    assert "mkdocs.yml" in read_bundle(tmp_path / "demo.zip", other, TODAY).notes[0]


def test_the_sample_leaves_and_comes_back(sample: Workspace, tmp_path: Path) -> None:
    bundle(sample, Audience.MANAGEMENT, tmp_path / "one.zip", SAMPLE)
    other = another(tmp_path / "other")
    summary = read_bundle(tmp_path / "one.zip", other, TODAY)
    checked = pipeline.check(other, SAMPLE, TODAY)
    assert checked.sound
    assert len(checked.catalog.records) == summary.records
    with zipfile.ZipFile(tmp_path / "one.zip") as file:
        file.extractall(tmp_path / "unpacked")
    for site in sorted((tmp_path / "unpacked" / "sites").iterdir()):
        assert dead_links(site) == []
    hidden = [
        each for each in pipeline.check(sample, SAMPLE, TODAY).catalog.records.values() if each.internal_notes
    ]
    everything = b"\n".join(tree(tmp_path / "unpacked").values()).decode("utf-8", "replace")
    assert hidden
    assert [
        each.key for each in hidden if each.internal_notes and each.internal_notes.strip() in everything
    ] == []
