"""What could be refused after sealing is told before; what was sealed all the same can still be shown.

Every reason that `kb check` knows is tried, by the examples of its codes.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.sites import ROOT, TODAY, new_workspace

from kb_builder import checks, gate, pipeline, releases
from kb_builder.assembly import Assembly
from kb_builder.cli import kb
from kb_builder.codes import CODES
from kb_builder.errors import KbError
from kb_builder.names import fault
from kb_builder.problem import Problem, Severity, errors
from kb_builder.records.base import Audience
from kb_builder.versions import LONGEST
from kb_builder.workspace import Workspace

VERSION = re.compile(r"[0-9]{1,8}(\.[0-9]{1,8}){0,3}(-[0-9A-Za-z-]{1,9}(\.[0-9A-Za-z-]{1,9})?)?")
EXAMPLES = ROOT / "tests" / "examples"
SEALS = frozenset({"KB710", "KB711", "KB712", "KB713", "KB714"})
"""A release that was altered is not what was sealed."""
REFUSED = frozenset({"KB014", "KB701"})
"""A release of a newer kb, which this one would get wrong; a secret, until somebody says that it is none."""
REASONS = sorted(
    {each.code for each in CODES if each.severity is Severity.ERROR}
    | {each.CODE for each in checks.CHECKS if each.SEVERITY is Severity.ERROR}
)
EXAMPLED = [
    code
    for code in REASONS
    if (EXAMPLES / code).is_dir()
    and code not in SEALS | REFUSED
    and not (EXAMPLES / code / "bad" / releases.RELEASES).exists()
]
"""What is wrong with records; what is wrong between them and their releases is nothing that a release holds."""


def put(workspace: Workspace, name: str, text: str | bytes) -> None:
    path = workspace.folder("demo") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def sealed_all_the_same(workspace: Workspace, source: Path) -> None:
    """Seal records that `kb release` would refuse, and mend them afterwards."""
    folder = workspace.folder("demo")
    shutil.rmtree(folder)
    shutil.copytree(source, folder)
    (folder / "expected.txt").unlink(missing_ok=True)
    releases.seal(workspace, "demo", "1.0", TODAY)
    for each in folder.iterdir():
        if each.name != releases.RELEASES:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    (folder / "client.yaml").write_text("title: Demo\n")


@pytest.mark.parametrize("code", EXAMPLED)
def test_what_was_sealed_with_any_error_can_be_shown(code: str, workspace: Workspace, tmp_path: Path) -> None:
    sealed_all_the_same(workspace, EXAMPLES / code / "bad")
    checked = pipeline.check(workspace, "demo", TODAY)
    assert checked.sound
    assembly = Assembly(workspace, checked, tmp_path / "sites", TODAY)
    (release,) = checked.releases.all
    for audience in (Audience.STAFF, Audience.CONSULTANT):
        among = assembly.among(audience, release, alone=False)
        prepared = pipeline.prepare(assembly.records(release), audience, TODAY, among=among)
        project = tmp_path / audience.value
        project.mkdir()
        pipeline.export(prepared, workspace, project)
        faults = gate.faults_of(project, prepared)
        assert [each for each in faults if "the name of a device" not in each] == []


def found(workspace: Workspace) -> list[Problem]:
    return errors(pipeline.check(workspace, "demo", TODAY).problems)


NAMES = (
    "back\\slash.pdf",
    "what?.pdf",
    "a:b.pdf",
    "star*.pdf",
    'quo"te.pdf',
    "an<gle.pdf",
    "pi|pe.pdf",
    "bell\x07.pdf",
    "turned\u202efdp.exe.pdf",
    "line\u2028.pdf",
    "con.pdf",
    "NUL.pdf",
    "aux.tar.pdf",
    "com1.pdf",
    "lpt9.pdf",
    " before.pdf",
    "long" + "g" * 220 + ".pdf",
    "folder./in.pdf",
    "folder /in.pdf",
    "nul/in.pdf",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_cannot_be_kept_is_told_where_it_is_named(name: str, workspace: Workspace) -> None:
    put(workspace, f"documentation/guides/{name}", b"%PDF")
    put(workspace, "documentation/guides/g.yaml", f"title: G\nattachments:\n  - file: {_quoted(name)}\n")
    (problem,) = found(workspace)
    assert (problem.code, problem.location.path, problem.location.line) == (
        "KB311",
        "engagements/demo/documentation/guides/g.yaml",
        3,
    )
    assert problem.hint


def _quoted(text: str) -> str:
    return (
        '"'
        + "".join(f"\\u{ord(char):04x}" if char in '"\\' or not char.isprintable() else char for char in text)
        + '"'
    )


@pytest.mark.parametrize(
    "name",
    [
        "Bildschirmfoto 2026-11-23 um 9.41.05\u202fAM.pdf",
        "Plan #1.pdf",
        "Rabatt 50%25.pdf",
        "Rabatt 50%.pdf",
        "Резервная копия.pdf",
        "👨\u200d👩\u200d👧.pdf",
        "e\u0301te\u0301.pdf",
        "a+b & c's (1), [2] {{ 3 }}.pdf",
        "console.pdf",
        "..two.dots..pdf".lstrip("."),
    ],
)
def test_a_name_that_can_be_kept_works_as_it_is(name: str, workspace: Workspace, tmp_path: Path) -> None:
    put(workspace, f"documentation/guides/{name}", b"%PDF")
    put(workspace, "documentation/guides/g.yaml", f"title: G\nattachments:\n  - file: {_quoted(name)}\n")
    checked = pipeline.check(workspace, "demo", TODAY)
    assert errors(checked.problems) == []
    prepared = pipeline.prepare(checked, Audience.STAFF, TODAY)
    pipeline.export(prepared, workspace, tmp_path / "project")
    assert list(prepared.rendered.files) == [f"files/documentation/guides/{name}"]
    assert "href" in prepared.rendered.texts["guides/g.md"].split("## Files")[1]
    assert list(gate.faults_of(tmp_path / "project", prepared)) == []


def test_an_older_record_may_still_write_an_address(workspace: Workspace) -> None:
    put(workspace, "documentation/guides/Plan A.pdf", b"%PDF")
    put(workspace, "documentation/guides/g.yaml", "title: G\nattachments:\n  - file: Plan%20A.pdf\n")
    assert found(workspace) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Plan.pdf", "plan.pdf"),
        ("\u00e9.pdf", "e\u0301.pdf"),
        ("\u00c9.pdf", "e\u0301.pdf"),
        ("A/x.pdf", "a/x.pdf"),
    ],
)
def test_two_names_that_are_one_elsewhere(one: str, other: str, workspace: Workspace) -> None:
    for name in (one, other):
        put(workspace, f"documentation/guides/{name}", b"%PDF")
    assert [problem.code for problem in found(workspace)] == ["KB312"]


@pytest.mark.parametrize("name", [".hidden.pdf", ".folder/plan.pdf"])
@pytest.mark.parametrize(
    "text", ["attachments:\n  - file: {}\n", 'description: "[x]({})"\n', 'description: "![x]({})"\n']
)
def test_a_hidden_file_is_told(name: str, text: str, workspace: Workspace) -> None:
    put(workspace, f"documentation/guides/{name}", b"%PDF")
    put(workspace, "documentation/guides/g.yaml", "title: G\n" + text.format(name))
    (problem,) = found(workspace)
    assert "is hidden" in problem.message
    assert problem.location.line > 1


def test_a_link_that_no_release_can_hold_is_told(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(b"%PDF")
    home = workspace.folder("demo") / "documentation"
    home.mkdir()
    (home / "plan.pdf").symlink_to(tmp_path / "plan.pdf")
    (home / "nothing.pdf").symlink_to(home / "gone.pdf")
    assert [problem.code for problem in found(workspace)] == ["KB313", "KB313"]


@pytest.mark.parametrize("name", ["con", "nul", "aux", "com1", "lpt1", "con.old"])
def test_an_id_that_is_a_device_is_told(name: str, workspace: Workspace) -> None:
    put(
        workspace,
        "discovery/systems.yaml",
        f"- id: {name}\n  title: X\n- id: good\n  title: Y\n  formerly: [{name}]\n",
    )
    assert [each.location.line for each in found(workspace) if each.code == "KB311"] == [1, 5]


def test_a_client_that_is_a_device_is_told(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path, "aux")
    assert [each.code for each in errors(pipeline.check(workspace, "aux", TODAY).problems)] == ["KB311"]


# The gate in `kb release`


def run(workspace: Workspace, *arguments: str) -> str:
    """Run kb; what it says. Raises what it raises."""
    result = CliRunner().invoke(
        kb, ["-C", str(workspace.root), *arguments], catch_exceptions=False, standalone_mode=False
    )
    if result.exception:
        raise result.exception
    return result.output


def test_release_refuses_what_check_cannot_know(workspace: Workspace) -> None:
    put(workspace, "documentation/guides/g.md", "---\ntitle: G\n---\n\nSee [the steps](#steps).\n")
    assert found(workspace) == []
    with pytest.raises(
        KbError, match=r"not released: links lead nowhere\n  engagements/.*/g.md:5: the link \"#steps\""
    ):
        run(workspace, "release", "demo", "1.0")
    assert not (workspace.folder("demo") / "releases").exists()
    put(
        workspace,
        "documentation/guides/g.md",
        "---\ntitle: G\nsteps:\n  - do: Go\n---\n\nSee [the steps](#steps).\n",
    )
    run(workspace, "release", "demo", "1.0")


def test_release_reads_its_notes(workspace: Workspace) -> None:
    with pytest.raises(KbError, match="in the notes leads to a heading that is not there"):
        run(workspace, "release", "demo", "1.0", "--notes", "See [below](#below).")
    run(workspace, "release", "demo", "1.0", "--notes", "See [below](#below).\n\n## Below")


def test_two_versions_that_are_one_elsewhere(workspace: Workspace) -> None:
    run(workspace, "release", "demo", "1.0.0-RC1")
    with pytest.raises(KbError, match="differs only in case"):
        run(workspace, "release", "demo", "1.0.0-rc1")


@given(st.from_regex(VERSION, fullmatch=True).filter(lambda text: len(text) <= LONGEST))
def test_every_version_is_a_name_that_can_be_kept(version: str) -> None:
    assert fault(version) is None
