"""Hostile text in every field of every kind: it shows as written, and nothing runs."""

from __future__ import annotations

from pathlib import Path

import yaml
from playwright.sync_api import Browser
from support.generate import every_kind, fields, write
from support.sites import build_sites, new_workspace
from support.watch import html_pages, search, served, watched

from kb_builder.records.base import Audience

HOSTILE = (
    "<script>window.hit=1</script>",
    '"><img src=x onerror="window.hit=1">',
    "</title></textarea></style><script>window.hit=1</script>",
    "{{ 7*7 }} {% raw %} {# x #}",
    "| a | b | `code` **bold** _x_ [x](javascript:window.hit=1)",
    "--- # heading > quote 1. list ![x](javascript:window.hit=1)",
    "emoji 🦷 and עברית \u202e reversed",
    "w" * 10_000,
    "'); window.hit=1; ('",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
)
SHORT = tuple(text for text in HOSTILE if len(text) < 1_000)
MARKDOWN = (
    "# Top\n\n```\nnever closed <script>window.hit=1</script>",
    "<div onclick=window.hit=1 class=md-header><script>window.hit=1</script><svg onload=window.hit=1>",
    "[x]: javascript:window.hit=1\n\n[x] <javascript:window.hit=1> <a href='javascript:window.hit=1'>x</a>",
    "{: onclick=window.hit=1 }\n\n# A {: #x onclick=window.hit=1 }\n\n\\{{ 7*7 }} `{{ 7*7 }}`",
    "<style>body{display:none}</style>\n\n<iframe src=https://example.com></iframe>\n\n---\n\n| a |\n|---|\n| `|` |",
)


def test_nothing_runs_and_all_shows(tmp_path: Path, browser: Browser) -> None:
    workspace = new_workspace(tmp_path)
    folder = tmp_path / "engagements" / "demo"
    number = 0

    def text(spec: object) -> str:
        nonlocal number
        number += 1
        if getattr(spec, "text", None) in ("markdown", "body"):
            return MARKDOWN[number % len(MARKDOWN)]
        return SHORT[number % len(SHORT)]

    for kind in every_kind():
        for position, hostile in enumerate(HOSTILE):
            if kind.kind not in ("system", "guide") and position not in (len(kind.kind) % 8, 2):
                continue
            values = fields(kind, text, lambda spec, position=position: f"{spec.refs[0]}/r2")
            for name in ("links", "url", "support_email"):
                values.pop(name, None)
            values["title"] = hostile
            write(folder, kind, f"r{position}", values)
    (folder / "client.yaml").write_text(yaml.safe_dump({"title": HOSTILE[2], "summary": HOSTILE[1]}))
    site = build_sites(workspace, "demo", tmp_path / "site", (Audience.CONSULTANT,))[Audience.CONSULTANT]
    with served(site) as home, browser.new_context() as context:
        page, seen = watched(context, home)
        for path in html_pages(site):
            page.goto(f"{home}/{path}")
            assert page.evaluate("window.hit") is None, path
            assert page.locator("h1").count() == 1, path
            assert page.locator(".md-footer, .md-content").first.is_visible(), path
            assert not seen, (path, seen)
        for position, hostile in enumerate(HOSTILE):
            page.goto(f"{home}/systems/r{position}.html")
            shown = (page.locator("h1").inner_text() or "").replace("¶", "").strip()
            wanted = " ".join(hostile.replace("\u202e", "").split())
            assert " ".join(shown.replace("\u2068", "").replace("\u2069", "").split()) == wanted
        page.goto(f"{home}/index.html")
        search(page, "emoji")
        assert page.evaluate("window.hit") is None
