"""Sealing, signing and listing releases as a consultant does."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from support.story import put

from kb_builder import cli
from kb_builder.errors import KbError, UsageError
from kb_builder.workspace import Workspace


def kb(workspace: Workspace, *arguments: str) -> str:
    """Run kb; what it says. Raises what it raises."""
    result = CliRunner().invoke(
        cli.kb, ["-C", str(workspace.root), *arguments], catch_exceptions=False, standalone_mode=False
    )
    if result.exception:
        raise result.exception
    return result.output


@pytest.fixture
def client(workspace: Workspace) -> Workspace:
    """A client whose releases two people must sign."""
    put(workspace, "client.yaml", "title: Demo\nsites: [{audience: staff}]\nrelease:\n  sign_off: 2\n")
    put(workspace, "discovery/people.yaml", "- id: ann\n  title: Ann Berg\n- id: bob\n  title: Bob Low\n")
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\n")
    return workspace


def test_a_release_is_sealed_signed_and_listed(client: Workspace) -> None:
    said = kb(
        client, "release", "demo", "2026.11", "--date", "2026-11-20", "--notes", "The new server is in use."
    )
    assert "demo 2026.11 of 2026-11-20 is sealed: 4 records, 3 files" in said
    assert "candidate until 2 people have signed it: kb sign demo 2026.11 --as PERSON" in said
    assert "Ann Berg signed demo 2026.11: 1 of 2" in kb(
        client, "sign", "demo", "2026.11", "--as", "ann", "--date", "2026-11-20"
    )
    listed = kb(client, "releases", "demo")
    assert "2026.11  2026-11-20  4        1 of 2  nowhere" in listed
    assert "The new server is in use." in listed
    said = kb(client, "sign", "demo", "2026.11", "--as", "bob", "--date", "2026-11-21")
    assert "Bob Low signed demo 2026.11: 2 of 2" in said
    assert "candidate" not in said
    built = kb(client, "build", "demo", "--as-of", "2026-11-23")
    assert "2026.11" in built
    assert "latest" in built
    assert "up to date" in kb(client, "build", "demo", "--as-of", "2026-11-23")


def test_notes_may_come_from_a_file(client: Workspace, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("- one\n- two\n")
    kb(client, "release", "demo", "1.0", "--notes-file", str(notes))
    assert "    - one\n    - two\n" in kb(client, "releases", "demo")
    with pytest.raises(UsageError, match="both"):
        kb(client, "release", "demo", "1.1", "--notes", "x", "--notes-file", str(notes))


def test_records_with_errors_are_not_released(client: Workspace) -> None:
    put(client, "discovery/systems/erp.yaml", "title: ERP\nowner: nobody\n")
    with pytest.raises(KbError, match="its records have errors"):
        kb(client, "release", "demo", "1.0")
    assert not (client.folder("demo") / "releases").exists()


def test_folders_may_be_named_from_where_one_stands(
    client: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(client.root)
    for arguments in (
        ["build", "demo", "--output", "here"],
        ["export", "bundle", "demo", "--output", "demo.zip"],
    ):
        CliRunner().invoke(cli.kb, arguments, catch_exceptions=False, standalone_mode=False)
    assert (client.root / "here/demo/staff/draft/index.html").is_file()
    assert (client.root / "demo.zip").is_file()


def test_only_people_of_the_release_sign_it(client: Workspace) -> None:
    kb(client, "release", "demo", "1.0")
    with pytest.raises(UsageError) as refused:
        kb(client, "sign", "demo", "1.0", "--as", "cat")
    assert refused.value.hint == "people there: ann, bob"
    with pytest.raises(UsageError, match=r"no release 1\.1"):
        kb(client, "sign", "demo", "1.1", "--as", "ann")


def test_nobody_signs_before_the_day_of_the_release(client: Workspace) -> None:
    kb(client, "release", "demo", "1.0", "--date", "2026-11-20")
    with pytest.raises(UsageError, match="is before 2026-11-20"):
        kb(client, "sign", "demo", "1.0", "--as", "ann", "--date", "2026-11-19")


def test_an_altered_release_stops_the_build_and_is_named(client: Workspace) -> None:
    kb(client, "release", "demo", "1.0")
    put(client, "releases/1.0/discovery/systems/erp.yaml", "title: Other\n")
    with pytest.raises(SystemExit):
        kb(client, "check", "demo")
    with pytest.raises(SystemExit):
        kb(client, "build", "demo")
    assert not (client.root / "site").exists()


def test_a_client_without_releases_is_told_how_to_make_one(workspace: Workspace) -> None:
    assert "Next: kb release demo VERSION" in kb(workspace, "releases", "demo")


def test_a_release_can_be_exported_as_a_plain_project(client: Workspace, tmp_path: Path) -> None:
    kb(client, "release", "demo", "1.0", "--date", "2026-11-20")
    put(client, "discovery/systems/erp.yaml", "title: The new ERP\n")
    kb(
        client,
        "export",
        "mkdocs",
        "demo",
        "--audience",
        "staff",
        "--version",
        "1.0",
        "--output",
        str(tmp_path / "out"),
    )
    assert "# ERP {: #erp }\n" in (tmp_path / "out/docs/systems/erp.md").read_text()


def test_notes_are_written_by_audience_and_hold_no_secret(client: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("For all.\n\n# Management\n\nThe new password" + " is Herring-42!\n")
    with pytest.raises(KbError, match=r"notes.md:5: the notes: looks like a password") as refused:
        kb(client, "release", "demo", "1.0", "--notes-file", str(file))
    assert "Herring" not in f"{refused.value}{refused.value.hint}"
    file.write_text("For all.\n\n# Management\n\nIt cost more.\n")
    kb(client, "release", "demo", "1.0", "--notes-file", str(file))
    assert "    For all.\n    for management:\n    It cost more.\n" in kb(client, "releases", "demo")
    said = " ".join(kb(client, "release", "--help").split())
    assert "staff included" in said
    assert "`# Management`" in said
