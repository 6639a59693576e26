"""Headings of every script have the same ids in MkDocs, in Zensical and in our checks, and links to them work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from support.sites import TODAY
from support.story import put

from kb_builder import pipeline
from kb_builder.headings import ids_of
from kb_builder.links import dead_links
from kb_builder.problem import errors
from kb_builder.records.base import Audience
from kb_builder.site import build_html
from kb_builder.workspace import Workspace

WORDS = (
    "Резервное копирование",
    "Восстановление файлов",
    "バックアップ",
    "Öffnungszeiten ändern",
    "نسخ احتياطي",
    "🟠 Landing 🖥️",
    "C++ & C#",
    "`code`",
    "Schritte",
    "Schritte",
    "__config",
    "__search",
    "x {: #header onclick=alert(1) }",
    "{{ 7*191 }}",
)
IDS = (
    "резервное-копирование",
    "восстановление-файлов",
    "バックアップ",
    "öffnungszeiten-ändern",
    "نسخ-احتياطي",
    "landing",
    "c-c",
    "code",
    "schritte",
    "schritte-1",
    "config",
    "search",
    "x-header-onclickalert1",
    "7191",
)


def test_ids_are_the_same_everywhere(workspace: Workspace, tmp_path: Path) -> None:
    links = " ".join(f"[w](#{name})" for name in IDS)
    body = "\n\n".join(f"## {words}\n\nText." for words in WORDS)
    put(workspace, "documentation/guides/g.md", f"---\ntitle: __palette_0\n---\n\n{links}\n\n{body}\n")
    put(
        workspace,
        "documentation/guides/h.yaml",
        f"title: H\ndescription: '{links.replace('(#', '(g.md#')}'\n",
    )
    checked = pipeline.check(workspace, "demo", TODAY)
    assert errors(checked.problems) == []
    assert ids_of(checked.catalog.records["guide", "g"]) == set(IDS)
    project = tmp_path / "project"
    pipeline.export(pipeline.prepare(checked, Audience.STAFF, TODAY), workspace, project)
    build_html(project, tmp_path / "mkdocs", TODAY)
    subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean"], cwd=project, check=True, capture_output=True
    )
    for site in (tmp_path / "mkdocs", project / "site"):
        page = (site / "guides/g.html").read_text(encoding="utf-8")
        article = page[page.index("<article") : page.index("</article>")]
        assert re.findall(r'<h2 id="([^"]*)"', article)[: len(IDS)] == list(IDS)
        assert re.findall(r'<h1 id="([^"]*)"', article) == ["palette-0"]
        assert dead_links(site) == []
        assert "kb-unlinked" not in page + (site / "guides/h.html").read_text(encoding="utf-8")
