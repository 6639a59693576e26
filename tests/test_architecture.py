"""Imports go one way, and every registry lists what stands in its folder."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import kb_builder
from kb_builder import checks, importers, migrations, pages
from kb_builder.records import KINDS
from kb_builder.records.base import Record

PACKAGE = Path(kb_builder.__file__).parent
LAYERS: tuple[tuple[str, ...], ...] = (
    ("cli",),
    ("cli_release", "cli_share", "cli_withdraw", "cli_end"),
    ("cli_base",),
    ("bundle_import",),
    ("withdrawal",),
    ("publishing", "bundle"),
    ("gate",),
    ("serve", "assembly"),
    ("pipeline", "reference", "status", "scaffold"),
    ("reference_kinds",),
    ("starter", "forms"),
    ("schema", "manual_text"),
    ("targets",),
    ("target_files",),
    ("target_connection",),
    ("target_git", "target_folder", "target_s3", "target_gs", "target_az", "target_sftp", "target_faults"),
    ("publish",),
    ("turn", "target_git_words", "door"),
    ("publish_plan",),
    ("place", "patience"),
    ("site", "versions_list"),
    ("render", "feed"),
    ("diff_report",),
    ("report",),
    ("redaction_person",),
    ("redaction",),
    ("redaction_outcome",),
    ("pages",),
    ("checks", "codes"),
    ("insight",),
    ("importers", "exporters"),
    ("stated",),
    ("facts",),
    ("later",),
    ("outline",),
    ("edition", "addresses", "values", "migrate", "raised"),
    ("read",),
    ("catalog", "releases"),
    ("client_files",),
    ("history", "withdrawn", "notes"),
    ("workspace",),
    ("files", "folders", "staging", "resources"),
    ("headings",),
    ("records",),
    ("migrations",),
    ("yaml_edit",),
    ("text", "yaml_source", "present", "versions", "links", "word_diff"),
    ("macros",),
    ("person_names",),
    ("pictures",),
    ("picture_boxes",),
    ("picture_parts",),
    ("picture_facts",),
    ("slugs", "names"),
    ("target_address",),
    ("target_words",),
    ("problem",),
    ("seen", "disk", "locks"),
    ("errors",),
)
"""What may import what: each layer only those after it."""
FAMILIES = ("records", "checks", "pages", "importers", "migrations")
SHARED = {
    "records": {"base", "fields", "__init__"},
    "checks": {"base", "__init__"},
    "pages": {"page", "diagram", "redirects", "indexes", "records", "steps", "__init__"},
    "importers": {"base", "fitting", "__init__"},
    "migrations": {"__init__"},
}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kb_builder"):
            if node.module == "kb_builder":
                found.update(f"kb_builder.{name.name}" for name in node.names)
            else:
                found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(name.name for name in node.names if name.name.startswith("kb_builder"))
    return {name for name in found if not name.endswith("__version__")}


def layer(name: str) -> int:
    for number, names in enumerate(LAYERS):
        if name in names:
            return number
    raise AssertionError(f"{name} stands in no layer: add it where it belongs")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for name in imports_of(path):
        other = name.split(".")[1]
        if other != own:
            assert layer(other) > layer(own), f"{own} must not import {name}"


def same_whole(one: str, other: str) -> bool:
    """Whether two modules are parts of one importer: `netbox` and `netbox_source`."""
    wholes = listed(importers.IMPORTERS)
    return any(f"{one}_".startswith(f"{whole}_") and other.startswith(f"{whole}_") for whole in wholes)


@pytest.mark.parametrize("family", FAMILIES)
def test_neighbours_do_not_import_each_other(family: str) -> None:
    for path in sorted((PACKAGE / family).glob("*.py")):
        if path.stem in SHARED[family]:
            continue
        for name in imports_of(path):
            parts = name.split(".")
            if parts[1] == family and len(parts) > 2:
                assert parts[2] in SHARED[family] or same_whole(path.stem, parts[2]), (
                    f"{path.name} must not import {name}"
                )


def test_every_kind_is_listed() -> None:
    def below(cls: type[Record]) -> set[type[Record]]:
        return {cls} | {each for sub in cls.__subclasses__() for each in below(sub)}

    ours = {kind for kind in below(Record) - {Record} if kind.__module__.startswith("kb_builder.")}
    assert ours == set(KINDS)


def listed(modules_: object) -> set[str]:
    return {module.__name__.rpartition(".")[2] for module in modules_}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("folder", "members", "shared"),
    [
        ("checks", lambda: checks.CHECKS, {"__init__", "base"}),
        ("importers", lambda: importers.IMPORTERS, SHARED["importers"]),
        ("pages", lambda: pages.SECTIONS, SHARED["pages"]),
        ("migrations", lambda: migrations.MIGRATIONS, SHARED["migrations"]),
    ],
)
def test_every_member_is_listed(folder: str, members: object, shared: set[str]) -> None:
    there = {path.stem for path in (PACKAGE / folder).glob("*.py")} - shared
    names = listed(members())  # type: ignore[operator]
    parts = {name for name in there for whole in names if name.startswith(f"{whole}_")}
    assert there - parts == names


def test_required_references_are_on_records_only() -> None:
    """An edition leaves out a record whose required reference is hidden; a part has no such way out."""
    from kb_builder.records.fields import fields_of

    for kind in KINDS:
        for spec in fields_of(kind):
            if spec.part is not None and not issubclass(spec.part, Record):
                assert not [each.name for each in fields_of(spec.part) if each.required and each.refs]


CLOCKS = frozenset({"time", "monotonic", "perf_counter", "process_time", "thread_time"})


@pytest.mark.parametrize("path", sorted((PACKAGE.parent / "tests").rglob("*.py")), ids=lambda path: path.name)
def test_no_test_fails_because_a_machine_is_busy(path: Path) -> None:
    """No deadline, and no clock in an assertion: work is counted, or compared with work of the same run."""
    clocked: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword) and node.arg == "deadline":
            assert isinstance(node.value, ast.Constant), path
            assert node.value.value is None, path
        if isinstance(node, ast.Assign) and _reads_a_clock(node.value):
            clocked |= {each.id for each in node.targets if isinstance(each, ast.Name)}
        if isinstance(node, ast.Assert):
            names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            assert not _reads_a_clock(node) and not names & clocked, f"{path.name}:{node.lineno}"


def _reads_a_clock(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in CLOCKS
        for each in ast.walk(node)
    )


SOLE: dict[str, set[str]] = {
    r"\bos\.(kill|getpid|getppid)\b|\bis_alive\b": set(),
    r"\b(mkdtemp|TemporaryDirectory)\(": {"staging.py", "files.py"},
    r"\bos\.(rename|replace)\(": {
        "files.py",
        "releases.py",
        "bundle.py",
        "bundle_import.py",
        "target_folder.py",
    },
    r"\bfcntl\.flock\(|\bmsvcrt\.": {"locks.py"},
}
"""What only some modules may call: who is at work is told by locks, and what is put in place goes through `files`."""


@pytest.mark.parametrize("call", SOLE)
def test_only_these_modules_call_it(call: str) -> None:
    users = {path.name for path in modules() if re.search(call, path.read_text(encoding="utf-8"))}
    assert users == SOLE[call]
