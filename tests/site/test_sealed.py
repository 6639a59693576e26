"""What was sealed with faults that are errors today is published, and goes into a bundle and out of it again."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner
from support.sites import TODAY, new_workspace
from support.story import put

from kb_builder import pipeline, releases
from kb_builder.cli import kb
from kb_builder.links import dead_links
from kb_builder.names import path_fault
from kb_builder.problem import errors
from kb_builder.workspace import Workspace


def run(workspace: Workspace, *arguments: str) -> str:
    """Run kb; what it says. Raises what it raises."""
    result = CliRunner().invoke(
        kb, ["-C", str(workspace.root), *arguments], catch_exceptions=False, standalone_mode=False
    )
    if result.exception:
        raise result.exception
    return result.output


SEALED = {
    "documentation/guides/g.yaml": """\
title: Überschriften
description: |
  [here](#nowhere) [there](h.md#nothing) [good](h.md#резервное-копирование) [old](h.md#_1) [gone](gone.md) ![p](gone.png)
attachments:
  - file: "back\\\\slash.pdf"
  - file: .hidden.pdf
  - file: "a\\u202fb.pdf"
  - file: "Plan #1.pdf"
  - file: Rabatt 50%25.pdf
  - file: Plan.pdf
  - file: plan.pdf
  - file: con.pdf
""",
    "documentation/guides/h.md": """\
---
title: __config
---

{{ system("nothing") }} and {{ system("erp").nothing }}

## Резервное копирование

## __config

## __search
""",
    "discovery/systems.yaml": "- id: erp\n  title: ERP\n",
}
FILES = (
    "back\\slash.pdf",
    ".hidden.pdf",
    "a\u202fb.pdf",
    "Plan #1.pdf",
    "Rabatt 50%25.pdf",
    "Plan.pdf",
    "plan.pdf",
    "con.pdf",
)


def test_what_was_sealed_is_published_and_bundled(workspace: Workspace, tmp_path: Path) -> None:
    put(
        workspace,
        "client.yaml",
        "title: Demo\nsites: [{audience: staff}]\ntargets:\n  - id: web\n    to: out\n    audience: staff\n",
    )
    sound = (workspace.folder("demo") / "client.yaml").read_text()
    for name, text in SEALED.items():
        put(workspace, name, text)
    for name in FILES:
        (workspace.folder("demo") / "documentation/guides" / name).write_bytes(name.encode())
    told = {problem.code for problem in errors(pipeline.check(workspace, "demo", TODAY).problems)}
    assert told == {"KB310", "KB311", "KB312", "KB603", "KB612", "KB621", "KB622"}
    releases.seal(workspace, "demo", "1.0", TODAY)
    for name in ("documentation", "discovery"):
        shutil.rmtree(workspace.folder("demo") / name)
    put(workspace, "client.yaml", sound)

    said = run(workspace, "publish", "demo", "--to", "web", "--as-of", TODAY.isoformat())
    assert "versions: 1.0" in said
    site = workspace.root / "out"
    assert dead_links(site) == []
    page = (site / "1.0/guides/g.html").read_text()
    assert page.count('class="kb-unlinked"') == 2
    assert 'href="h.html#%D1%80%D0%B5' in page
    there = {path.read_bytes() for path in (site / "1.0/files").rglob("*.pdf")}
    assert there == {name.encode() for name in FILES if name != ".hidden.pdf"}
    assert all(
        path_fault(path.relative_to(site).as_posix()) is None for path in (site / "1.0/files").rglob("*")
    )
    other = (site / "1.0/guides/h.html").read_text()
    assert other.count("not recorded") == 2
    assert other.count('id="__config"') == 1
    assert other.count('id="__search"') == 1

    for audience in ("consultant", "staff"):
        run(
            workspace,
            "export",
            "bundle",
            "demo",
            "--audience",
            audience,
            "--output",
            str(tmp_path / f"{audience}.zip"),
        )
        home = tmp_path / audience
        home.mkdir()
        run(
            Workspace(new_workspace(home, "other").root),
            "import",
            "bundle",
            str(tmp_path / f"{audience}.zip"),
        )
        checked = pipeline.check(Workspace(home), "demo", TODAY)
        assert checked.sound
        assert [each.version for each in checked.releases.all] == ["1.0"]
