"""Small things that hold for every command, every kind and every cell."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.sites import ROOT, SAMPLE, TODAY, new_workspace

from kb_builder import cli, pipeline, report, targets, versions_list
from kb_builder.errors import UsageError
from kb_builder.exporters.bundle_csv import cell, text_of
from kb_builder.feed import feed
from kb_builder.pages.page import Scene
from kb_builder.problem import Problem
from kb_builder.read import record_files
from kb_builder.records import KINDS
from kb_builder.records.base import Audience, folder_of
from kb_builder.records.client import Client, Site
from kb_builder.workspace import Workspace

RISKY = st.text(alphabet="=+-@\t\r\n,;|\"' a\uff1d", max_size=12)


def commands(group: click.Group = cli.kb, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_no_help_shows_how_it_is_written(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(cli.kb, [*path, "--help"]).output
    assert "\\" not in shown
    assert "\b" not in shown


@given(RISKY)
def test_no_piece_of_a_cell_is_a_formula_wherever_it_is_cut(text: str) -> None:
    assert text_of(cell(text)) == text
    for piece in re.split(r"[,;|\t\r\n]", cell(text)):
        assert not piece.lstrip(' "').startswith(("=", "+", "-", "@", "\uff1d"))


def test_robots_may_fetch_the_list_they_are_told_of() -> None:
    for url in ("https://docs.example.com/", "https://docs.example.com/demo/"):
        text = versions_list._robots(Site(audience=Audience.STAFF, url=url, public=True))
        told = re.search(r"^Sitemap: https://[^/]+(\S+)$", text, re.M)
        assert told is not None
        rules = re.findall(r"^(Allow|Disallow): (\S+)$", text, re.M)
        assert (
            max((rule for rule in rules if told[1].startswith(rule[1])), key=lambda rule: len(rule[1]))[0]
            == "Allow"
        )


def ids(workspace: Workspace) -> set[str]:
    checked = pipeline.check(workspace, "acme", TODAY)
    return set(re.findall(r"<id>(.*?)</id>", feed(Scene(checked.catalog, Audience.STAFF, TODAY), None)))


def test_feeds_of_two_workspaces_share_no_id_and_keep_their_own(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        for command in (["init", "."], ["new", "acme"]):
            (tmp_path / name).mkdir(exist_ok=True)
            assert CliRunner().invoke(cli.kb, ["-C", str(tmp_path / name), *command]).exit_code == 0
        workspace = Workspace(tmp_path / name)
        found.append(ids(workspace))
        assert ids(workspace) == found[-1]
    assert found[0]
    assert not found[0] & found[1]


@pytest.mark.parametrize("to", ["~", "~/site", "~ann/site"])
def test_a_folder_that_is_another_for_everybody_is_no_target(tmp_path: Path, to: str) -> None:
    with pytest.raises(UsageError, match="another folder for everybody") as stopped:
        targets.open_place(to, tmp_path)
    assert "write the whole path, such as /" in (stopped.value.hint or "")


def of(workspace: Workspace, client: str = "demo") -> list[Problem]:
    return list(pipeline.check(workspace, client, TODAY).problems)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Client], ids=lambda kind: kind.kind)
def test_a_file_in_the_wrong_place_is_told_the_right_one(tmp_path: Path, kind: type) -> None:
    workspace, home = new_workspace(tmp_path), folder_of(kind)
    wrong = {
        f"{kind.plural}.yml": f"{home}.yaml",
        f"elsewhere/{kind.plural}.yaml": f"{home}.yaml",
        f"elsewhere/{kind.kind.replace('_', '-')}.yaml": f"{home}.yaml",
        f"{kind.plural}/mine.yaml": f"{home}/mine.yaml",
        f"elsewhere/{kind.kind}/mine.md": f"{home}/mine.md",
    }
    for name, right in wrong.items():
        path = workspace.folder("demo") / name
        if folder_of(kind) in (name.rpartition("/")[0], name.rpartition(".")[0]):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("title: A\n")
        (problem,) = [each for each in of(workspace) if each.code == "KB012"]
        assert (problem.hint or "").endswith(f"move it to {right}"), problem
        path.unlink()


def test_a_problem_in_a_list_names_the_record_in_every_report(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    path = workspace.folder("demo") / "discovery/systems.yaml"
    path.parent.mkdir()
    path.write_text(
        "- id: mail\n  title: Mail\n  vendr: x\n- id: web\n  title: Web\n  depends_on: [nothing]\n"
    )
    found = [each for each in of(workspace) if each.severity == "error"]
    assert [each["record"] for each in json.loads(report.as_json(found))] == ["system/mail", "system/web"]
    for show in (report.as_text, report.as_github):
        assert "system/mail: vendr: no field of a system" in show(found)
        assert 'system/web: depends_on: no system "nothing"' in show(found)


@pytest.fixture(scope="module")
def sample_copy(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample client without its releases."""
    root = tmp_path_factory.mktemp("sample")
    source = ROOT / "engagements" / SAMPLE
    shutil.copytree(source, root / "engagements" / SAMPLE, ignore=shutil.ignore_patterns("releases"))
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    return Workspace(root)


MOST_NAMED = "client guide log_entry person project recommendation role system test_run vendor".split()
"""Kinds that others refer to, link to, call in macros, or are judged by: of each, every file is broken at once."""


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.kind in MOST_NAMED], ids=lambda kind: kind.kind
)
def test_a_file_that_cannot_be_read_adds_no_problem_but_its_own(sample_copy: Workspace, kind: type) -> None:
    folder = sample_copy.folder(SAMPLE)
    paths = [path for path, each in record_files(folder, sample_copy.root) if each is kind]
    before = {(each.code, each.location.path, each.message) for each in _before(sample_copy)}
    texts = {path: path.read_text() for path in paths}
    for path, text in texts.items():
        path.write_text(text.replace("---\n", "---\n]\n", 1) if path.suffix == ".md" else f"{text}\n]\n")
    try:
        found = of(sample_copy, SAMPLE)
    finally:
        for path, text in texts.items():
            path.write_text(text)
    unread = [each for each in found if each.code == "KB001"]
    assert len(unread) == len(paths)
    assert found[: len(unread)] == unread
    assert {(each.code, each.location.path, each.message) for each in found[len(unread) :]} <= before


_KNOWN: dict[Path, list[Problem]] = {}


def _before(workspace: Workspace) -> list[Problem]:
    if workspace.root not in _KNOWN:
        _KNOWN[workspace.root] = of(workspace, SAMPLE)
    return _KNOWN[workspace.root]


def test_what_packs_too_well_goes_into_a_bundle_as_it_is(tmp_path: Path) -> None:
    from kb_builder.exporters.bundle_zip import _refuse, pack

    (tmp_path / "in").mkdir()
    (tmp_path / "in/scan.bmp").write_bytes(b"\0" * 4_000_000)
    (tmp_path / "in/a.txt").write_text("plain")
    pack(tmp_path / "in", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as made:
        _refuse(made.infolist())
        assert made.read("scan.bmp") == b"\0" * 4_000_000
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("records/bomb.txt", b"\0" * 4_000_000)
        file.writestr(
            "records/noise.bin", b"".join(bytes([n * n % 251]) for n in range(40_000)), zipfile.ZIP_STORED
        )
    with zipfile.ZipFile(bomb) as file, pytest.raises(Exception, match=r"records/bomb\.txt grows"):
        _refuse(file.infolist())
