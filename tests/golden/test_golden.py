"""The sample client's pages as Markdown, and its mkdocs.yml, to the byte. `make golden` renews them."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from support.sites import TODAY

from kb_builder import pipeline
from kb_builder.assembly import Assembly
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace

GOLDEN = Path(__file__).parent
KEPT = {
    Audience.CONSULTANT: lambda path: True,
    Audience.STAFF: lambda path: (
        path.count("/") == 0
        or path.endswith("/index.md")
        or path.startswith(("engagement/", "what-changed/"))
    ),
}
"""All pages for consultants; for staff, those that show what was left out."""


@pytest.mark.parametrize("audience", list(KEPT))
def test_pages_are_as_they_were(
    audience: Audience,
    checked_sample: pipeline.Checked,
    sample: Workspace,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    among = Assembly(sample, checked_sample, tmp_path, TODAY).among(audience, None, alone=True)
    pipeline.export(pipeline.prepare(checked_sample, audience, TODAY, among=among), sample, tmp_path)
    made = {
        path.relative_to(tmp_path / "docs").as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((tmp_path / "docs").rglob("*.md"))
    }
    made = {path: text for path, text in made.items() if KEPT[audience](path)}
    for name in ("mkdocs.yml", "docs/feed.xml"):
        made[Path(name).name] = (tmp_path / name).read_text(encoding="utf-8")
    folder = GOLDEN / audience.value
    if request.config.getoption("--renew"):
        for old in sorted(folder.rglob("*.*")):
            old.unlink()
        for path, text in made.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        return
    kept = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    assert sorted(made) == sorted(kept)
    for path, text in made.items():
        if text != kept[path]:
            lines = difflib.unified_diff(
                kept[path].splitlines(), text.splitlines(), f"golden/{path}", path, lineterm=""
            )
            pytest.fail(
                "\n".join(list(lines)[:60]) + "\n\nif this is meant: make golden, and read the diff",
                pytrace=False,
            )
