"""Every command, option, kind, field, check and macro is in the reference, and the README names what there is."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from support.sites import ROOT

from kb_builder import checks, cli, codes, macros, reference
from kb_builder.records import KINDS
from kb_builder.records.fields import fields_of
from kb_builder.targets import TARGETS


@pytest.fixture(scope="module")
def manual() -> str:
    """The whole reference."""
    return "\n".join(reference.pages(cli.kb).values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_kind_and_field_is_there(kind: type, manual: str) -> None:
    assert kind.__doc__ and kind.__doc__.split("\n")[0].split(":")[0] in manual
    for spec in fields_of(kind):
        assert spec.description, f"{kind.__name__}.{spec.name} has no description"
        assert f"`{spec.name}`" in manual


def test_every_check_is_there(manual: str) -> None:
    for check in checks.CHECKS:
        assert check.CODE in manual
        assert check.TITLE in manual
        assert "Bad:" in check.__doc__ and "Good:" in check.__doc__
    for code in codes.CODES:
        assert code.code in manual


def test_every_macro_is_there(manual: str) -> None:
    for name in macros.library({}):
        assert f'{name}("' in manual


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.TITLE)
def test_every_sort_of_target_is_there_with_how_one_signs_in(target: ModuleType, manual: str) -> None:
    assert f"## {target.TITLE}" in manual
    for address in target.ADDRESSES:
        assert address in manual
    assert re.search(r"[Ss]ign in", target.__doc__)
    for right in getattr(target, "RIGHTS", {}).values():
        assert right in manual


def test_every_code_has_examples_or_is_made_by_a_test() -> None:
    makers = ("test_reading_hostile.py", "test_gate.py")
    made = "".join((ROOT / "tests" / "unit" / name).read_text() for name in makers)
    for check in checks.CHECKS:
        folder = ROOT / "tests" / "examples" / check.CODE
        assert (
            (folder / "bad").is_dir()
            and (folder / "good").is_dir()
            or check.CODE in made
            or check.CODE.startswith("KB6")
        ), check.CODE


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text()
    for name, command in cli.kb.commands.items():
        for full in [f"{name} {sub}" for sub in getattr(command, "commands", {})] or [name]:
            assert f"kb {full}" in text, full


def test_what_the_readme_links_is_there() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        for address in re.findall(r"\]\((?!https?:|#)([^)]+)\)", (ROOT / name).read_text()):
            assert (ROOT / address).exists() or address.startswith("../"), address


def test_the_wheel_carries_theme_and_templates(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(command, check=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    for wanted in (
        "theme/assets/kb.css",
        "theme/overrides/main.html",
        "site_templates/record.md",
        "mkdocs.yml",
    ):
        assert f"kb_builder/_data/{wanted}" in names
