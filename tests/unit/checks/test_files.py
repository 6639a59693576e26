"""Files that records name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from kb_builder import checks, pipeline
from kb_builder.addresses import Nowhere, Target, ToFile, ground, target_of
from kb_builder.problem import Problem
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace

TODAY = dt.date(2026, 11, 23)


def found(tmp_path: Path, written: str) -> list[Problem]:
    """What is said of a guide with one attachment."""
    folder = tmp_path / "engagements" / "acme"
    (folder / "documentation" / "guides").mkdir(parents=True, exist_ok=True)
    (folder / "client.yaml").write_text("title: Acme\n")
    guide = f"title: G\nattachments:\n  - file: {written}\n"
    (folder / "documentation/guides/g.yaml").write_text(guide, encoding="utf-8")
    reading = read(Workspace(tmp_path), "acme")
    assert not reading.problems
    return [problem for problem in checks.run(reading.catalog(), TODAY) if problem.code == "KB603"]


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    folder = tmp_path / "engagements" / "acme" / "documentation" / "guides"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("name", ["plan.pdf", "plan of the cellar.pdf", "Übersicht.pdf", "PLAN.PDF"])
def test_a_file_beside_the_record(tmp_path: Path, guides: Path, name: str) -> None:
    (guides / name).write_bytes(b"%PDF")
    assert found(tmp_path, name) == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("missing.pdf", "is not there"),
        ("../guides", "is not there"),
        ("../../../other/plan.pdf", "leads out of the client's folder"),
        ("..%2f..%2f..%2fother/plan.pdf", "leads out of the client's folder"),
        ("/etc/passwd", "is not a path from this record's folder"),
        ("'\\\\server\\share\\plan.pdf'", "is not a path from this record's folder"),
        ("C:/plan.pdf", "is not a path of a file"),
        ("https://example.com/plan.pdf", "is not a file of this client's"),
        ("g.yaml", "is not a file of this client's"),
        ("x" * 5000 + ".pdf", "is not there"),
        ("'http://['", "is not a path of a file"),
    ],
)
def test_a_file_that_is_not_one(tmp_path: Path, guides: Path, written: str, words: str) -> None:
    (tmp_path / "engagements" / "other").mkdir()
    (tmp_path / "engagements" / "other" / "plan.pdf").write_bytes(b"%PDF")
    (problem,) = found(tmp_path, written)
    assert problem.message.endswith(words)
    assert len(problem.message) < 200
    assert problem.hint


def test_a_link_that_leads_out(tmp_path: Path, guides: Path) -> None:
    (tmp_path / "secret.pdf").write_bytes(b"%PDF")
    (guides / "plan.pdf").symlink_to(tmp_path / "secret.pdf")
    (problem,) = found(tmp_path, "plan.pdf")
    assert problem.message == 'attachments.0.file: "plan.pdf" leads out of the client\'s folder'


def test_a_folder_that_leads_out(tmp_path: Path, guides: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "plan.pdf").write_bytes(b"%PDF")
    (guides.parent / "files").symlink_to(tmp_path / "elsewhere")
    reading = read_with_link(tmp_path, "../files/plan.pdf")
    assert [problem.message for problem in reading] == [
        'attachments.0.file: "../files/plan.pdf" leads out of the client\'s folder'
    ]


def read_with_link(tmp_path: Path, written: str) -> list[Problem]:
    """As `found`, where reading itself notes the link."""
    folder = tmp_path / "engagements" / "acme"
    (folder / "client.yaml").write_text("title: Acme\n")
    (folder / "documentation/guides/g.yaml").write_text(f"title: G\nattachments:\n  - file: {written}\n")
    reading = read(Workspace(tmp_path), "acme")
    return [problem for problem in checks.run(reading.catalog(), TODAY) if problem.code == "KB603"]


def test_a_link_that_goes_in_a_circle(tmp_path: Path, guides: Path) -> None:
    (guides / "plan.pdf").symlink_to("plan.pdf")
    (problem,) = found(tmp_path, "plan.pdf")
    assert problem.message.endswith("is not there")


@pytest.mark.parametrize("target", ["people.yaml", "secret.md", "notes.yml"])
def test_a_link_to_a_file_of_records_is_refused(tmp_path: Path, guides: Path, target: str) -> None:
    (guides / target).write_text("title: X\naudience: consultant\n")
    (guides / "plan.txt").symlink_to(target)
    assert at(tmp_path, "plan.txt") is Nowhere.RECORD
    (guides / "linked").symlink_to(".")
    assert at(tmp_path, "linked/plan.txt") is Nowhere.RECORD


def test_a_link_is_judged_and_named_by_what_it_leads_to(tmp_path: Path, guides: Path) -> None:
    for name in ("plan.pdf", "key.pem", "../../releases/1.0/old.pdf", "../../.imports/netbox.json"):
        (guides / name).parent.mkdir(parents=True, exist_ok=True)
        (guides / name).write_bytes(b"%PDF")
    (guides / "picture.png").symlink_to("plan.pdf")
    (guides / "key.txt").symlink_to("key.pem")
    (guides / "old.pdf").symlink_to("../../releases/1.0/old.pdf")
    (guides / "base.json").symlink_to("../../.imports/netbox.json")
    (guides / "again.pdf").symlink_to("picture.png")
    name = "files/documentation/guides/plan.pdf"
    assert at(tmp_path, "picture.png") == at(tmp_path, "again.pdf") == ToFile(name, guides / "plan.pdf")
    assert at(tmp_path, "key.txt") is Nowhere.NOT_PUBLISHED
    assert at(tmp_path, "old.pdf") is at(tmp_path, "base.json") is Nowhere.NOT_KEPT
    for written in ("key.txt", "old.pdf", "base.json"):
        (problem,) = found(tmp_path, written)
        assert problem.hint


def at(tmp_path: Path, written: str) -> Target:
    """Where a guide's attachment leads."""
    read_with_link(tmp_path, written)
    catalog = read(Workspace(tmp_path), "acme").catalog()
    return target_of(written, catalog.records[("guide", "g")], catalog, ground(catalog))


def test_a_logo_that_is_a_link_to_records_is_not_copied(tmp_path: Path, guides: Path) -> None:
    found(tmp_path, "g.pdf")
    home = tmp_path / "engagements" / "acme"
    (home / "client.yaml").write_text("title: Acme\nbranding: {logo: logo.png}\n")
    (home / "logo.png").symlink_to("documentation/guides/g.yaml")
    (tmp_path / "mkdocs.yml").write_text("site_name: x\n")
    checked = pipeline.check(Workspace(tmp_path), "acme", TODAY)
    assert [each.record for each in checked.problems if each.code == "KB603"] == [
        ("client", "acme"),
        ("guide", "g"),
    ]
    project = tmp_path / "project"
    project.mkdir()
    pipeline.export(pipeline.prepare(checked, Audience.STAFF, TODAY), Workspace(tmp_path), project)
    assert list(project.rglob("logo*")) == []
