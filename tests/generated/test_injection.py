"""Braces in any text of any kind are braces on the page: nothing in a record runs, in our build or in plain MkDocs."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.generate import every_kind, fields, write
from support.sites import TODAY, new_workspace

from kb_builder import pipeline, releases
from kb_builder.assembly import Assembly
from kb_builder.history import Commit, History
from kb_builder.macros import END, START
from kb_builder.pages.page import Page, Scene
from kb_builder.records.base import Audience, Record
from kb_builder.records.client import Client, SupportContact
from kb_builder.render import render

HOSTILE = '{{7*191}} {%set x=1%} {#g#} {{"'
IN_ADDRESS = "{{7*191}}/{{lipsum}}/{%set%20x=1%}/{{ticketId}}"
FILE_NAME = "mark{number}z {{{{1330+7}}}}.txt"
PLAIN = "https://example.com/"
WITHOUT_KB = "import sys; sys.modules['kb_builder'] = None; from mkdocs.__main__ import cli; cli()"


class Planter:
    """Gives every text a mark of its own; where it is hostile, with braces behind it."""

    def __init__(self, hostile: bool) -> None:
        self.hostile = hostile
        self.planted: dict[str, str] = {}

    def text(self, where: str) -> str:
        return self._plant(where, f" {HOSTILE}")

    def address(self, where: str) -> str:
        return f"https://t.example/{self._plant(where, f'/{IN_ADDRESS}')}/"

    def _plant(self, where: str, more: str) -> str:
        mark = f"mark{len(self.planted)}z"
        self.planted[mark] = where
        return mark + (more if self.hostile else "")

    def filled(self, kind: type[Record]) -> dict[str, Any]:
        """A value for every field of a kind."""
        made = fields(kind, lambda spec: self.text(f"{kind.kind}.{spec.name}"), _ref)
        return self._addressed(made, kind.kind)

    def _addressed(self, value: Any, where: str) -> Any:
        if isinstance(value, dict):
            return {name: self._addressed(each, f"{where}.{name}") for name, each in value.items()}
        if isinstance(value, list):
            return [self._addressed(each, where) for each in value]
        return self.address(where) if value == PLAIN else value


def _ref(spec: Any) -> str:
    return f"{spec.refs[0]}/one-{spec.refs[0].replace('_', '-')}"


def project(folder: Path, *, hostile: bool) -> tuple[Path, dict[str, str]]:
    """The consultant's project of a client with every kind, after a release: where it is, and what was planted."""
    workspace = new_workspace(folder)
    home = workspace.folder("demo")
    planter = Planter(hostile)
    for kind in every_kind():
        values = planter.filled(kind)
        values["tags"] = [planter.text(f"{kind.kind}.tags")]
        values["source"] = {"system": planter.text("source.system"), "key": planter.text("source.key")}
        values["attachments"] = [
            {"file": _attached(home, kind, hostile), "title": planter.text("attachment")}
        ]
        write(home, kind, f"one-{kind.kind.replace('_', '-')}", {**values, "audience": "staff"})
    client = {
        **planter.filled(Client),
        "history": {"show": True, "link": planter.address("history") + "{path}"},
    }
    client["sites"] = [{"audience": audience.value, "url": planter.address("site")} for audience in Audience]
    (home / "client.yaml").write_text(yaml.safe_dump({**client, "release": {"sign_off": 0}}))
    sealed = pipeline.check(workspace, "demo", TODAY)
    assert sealed.sound, [
        f"{each.location} {each.message}" for each in sealed.problems if each.severity == "error"
    ]
    releases.seal(workspace, "demo", "1.0", TODAY - dt.timedelta(days=9), planter.text("notes"))
    for path in sorted(each for each in home.rglob("*.yaml") if not {"releases", "systems"} & {*each.parts}):
        values = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump({**values, "title": f"new {values['title']}"}))
    checked = pipeline.check(workspace, "demo", TODAY)
    assembly = Assembly(workspace, checked, folder / "site", TODAY)
    commit = Commit("0" * 40, planter.text("author"), TODAY, planter.text("subject"))
    files = {each.relative_to(home).as_posix(): (commit,) for each in home.rglob("*.yaml")}
    among = replace(
        assembly.among(Audience.CONSULTANT, None, alone=True), history=History("engagements/demo/", files)
    )
    prepared = pipeline.prepare(checked, Audience.CONSULTANT, TODAY, among=among)
    (folder / "project").mkdir()
    pipeline.export(prepared, workspace, folder / "project")
    return folder / "project", planter.planted


def _attached(home: Path, kind: type[Record], hostile: bool) -> str:
    name = FILE_NAME.format(number=f"file{kind.kind}") if hostile else f"markfile{kind.kind}z.txt"
    path = home / kind.stage / kind.plural / name if kind.stage != "engagement" else home / kind.plural / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("attached")
    return name


def built(project: Path) -> Path:
    """The site that plain MkDocs makes of a project, without kb."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_KB, "build"],
        cwd=project, check=False, capture_output=True, text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return project / "site"


class Reader(HTMLParser):
    """What a page says: its words and the values of its attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.values: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name in ("title", "aria-label"):
                self.values.append(unescape(value))
            elif value and name not in ("id", "for"):
                self.values.append(
                    "" if name == "href" and value.startswith("#") else value.partition(".html#")[0]
                )

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def said(site: Path) -> Iterator[str]:
    """What each page of a site says, on one line; what changed is told in pieces and left out."""
    for path in sorted(site.rglob("*.html")):
        if "what-changed" in path.parts:
            continue
        reader = Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        yield " ".join(" ".join([*reader.words, "|", *reader.values]).split())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of a client whose every text is hostile."""
    return project(tmp_path_factory.mktemp("hostile"), hostile=True)[0]


def ran(site: Path) -> list[str]:
    """The files of a site in which a template has run: those that hold the product."""
    ours = (each for each in site.rglob("*") if each.is_file() and "javascripts" not in each.parts)
    return sorted(each.relative_to(site).as_posix() for each in ours if b"1337" in each.read_bytes())


def test_braces_are_text_in_every_field_of_every_kind(hostile: Path, tmp_path: Path) -> None:
    benign, planted = project(tmp_path, hostile=False)
    shown = Counter(mark for page in said(built(benign)) for mark in re.findall(r"mark[0-9]+z", page))
    site = built(hostile)
    assert ran(site) == []
    behind = re.compile(
        rf"(mark[0-9]+z)(?: {re.escape(HOSTILE)}|/{re.escape(IN_ADDRESS)}| {re.escape(HOSTILE[:9])}[^…]{{0,30}}…)"
    )
    found = Counter(mark for page in said(site) for mark in behind.findall(page))
    missing = {
        mark: (planted[mark], shown[mark], found[mark]) for mark in shown if shown[mark] != found[mark]
    }
    assert missing == {}
    assert len(shown) > 0.8 * len(planted), "what is planted must be seen, or this proves nothing"


def test_nothing_runs_where_the_plugin_renders_every_page_with_its_usual_marks(
    hostile: Path, tmp_path: Path
) -> None:
    """Each wall holds alone: here without our delimiters, our sandbox and the plugin's restraint."""
    copy = tmp_path / "copy"
    shutil.copytree(hostile, copy, ignore=shutil.ignore_patterns("site"))
    config = yaml.safe_load((copy / "mkdocs.yml").read_text())
    for plugin in config["plugins"]:
        if "macros" in plugin:
            plugin["macros"] = {"module_name": "main", "render_by_default": True}
    (copy / "mkdocs.yml").write_text(yaml.safe_dump(config, allow_unicode=True))
    main = (copy / "main.py").read_text()
    (copy / "main.py").write_text(main.replace("def on_pre_page_macros", "def unused"))
    (copy / "docs" / "proof.md").write_text("{{ 6 * 7 * 10001 }}")
    site = built(copy)
    assert ran(site) == []
    assert "420042" in (site / "proof.html").read_text(), "the plugin must render, or this proves nothing"


@pytest.mark.parametrize(
    "call",
    [
        "{{7*191}}",
        "{{ config }}",
        START + " config.site_name " + END,
        START + " lipsum.__globals__ " + END,
        START + ' system("one-system").__class__ ' + END,
        START + ' "abc" | upper ' + END,
    ],
)
def test_a_page_that_slipped_through_runs_nothing_but_our_macros(
    hostile: Path, tmp_path: Path, call: str
) -> None:
    """The other walls alone: a page that the plugin renders holds braces as text, or stops the build."""
    copy = tmp_path / "copy"
    shutil.copytree(hostile, copy, ignore=shutil.ignore_patterns("site", "docs"))
    (copy / "docs").mkdir()
    (copy / "docs" / "index.md").write_text(f"---\nrender_macros: true\n---\nBefore {call} after\n")
    config = yaml.safe_load((copy / "mkdocs.yml").read_text())
    (copy / "mkdocs.yml").write_text(yaml.safe_dump({**config, "nav": ["index.md"]}, allow_unicode=True))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_KB, "build"], cwd=copy, check=False, capture_output=True, text=True
    )
    if call.startswith("{{"):
        assert done.returncode == 0, done.stderr
        assert call in unescape((copy / "site" / "index.html").read_text())
    else:
        assert done.returncode != 0
        assert "index.md" in done.stderr


def test_a_template_that_escapes_nothing_is_made_harmless_as_a_whole(tmp_path: Path) -> None:
    """What helpers forget, the page as a whole does not: only the calls that our parser found are left."""
    workspace = new_workspace(tmp_path)
    catalog = pipeline.check(workspace, "demo", TODAY).catalog
    (tmp_path / "careless.md").write_text(
        "{% raw %}{{7*191}} {% x %} {# y #}{% endraw %}{{ body(record, record.summary) }}"
    )
    contact = SupportContact(for_what="Help", id="desk", phone="1")
    client = catalog.client.model_copy(
        update={"support": [contact], "summary": 'Call {{ contact("desk").phone }} \ufdd0{{ 7 }}'}
    )
    scene = Scene(replace(catalog, client=client), Audience.STAFF, TODAY)
    page = Page("page.md", "careless.md", "{{7*191}}", {"record": client}, {"note": "{{7*191}}"})
    text = render([page], scene, tmp_path).texts["page.md"]
    assert text.count("{") == text.count("}") == 2
    assert f'{START} contact("desk").phone {END}' in text
    assert "render_macros: true" in text
