"""The gate before a release: what could be refused after sealing is refused here, while it can still be mended.

In: records that are sound. Out: words for whatever a site of the release would lose or could not carry. Every site is
planned, rendered and written as a project; of what a build does, only MkDocs itself does not run.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

from kb_builder import pipeline
from kb_builder.assembly import Assembly
from kb_builder.catalog import Key
from kb_builder.edition import edition
from kb_builder.errors import KbError
from kb_builder.insight.texts import texts
from kb_builder.names import alike, path_fault
from kb_builder.notes import Notes, told
from kb_builder.pages.page import Past, Standing
from kb_builder.pipeline import Among, Checked, Prepared
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace

_SHOWN = 10
_NAMED = re.compile(r"\{: #(\S+) \}$", re.MULTILINE)


def refuse(workspace: Workspace, checked: Checked, version: str, date: dt.date, notes: Notes) -> None:
    """Raise KbError if a site of the release that is to be would be refused, or would show words in place of a link."""
    slug = checked.catalog.slug
    twin = next(
        (each.version for each in checked.releases.all if alike(each.version) == alike(version)), None
    )
    if twin and twin != version:
        raise KbError(f"{version} differs only in case from the release {twin}", "call it otherwise")
    found: dict[str, None] = {}
    with tempfile.TemporaryDirectory(prefix="kb-") as folder:
        stage = Path(folder)
        assembly = Assembly(workspace, checked, stage / "sites", date)
        for audience in Audience:
            wanted = audience in checked.catalog.client.audiences
            if wanted or audience is Audience.CONSULTANT:
                prepared = _prepared(assembly, checked, audience, version, date, notes)
                if audience is Audience.CONSULTANT:
                    found |= dict.fromkeys(_dead(checked, prepared.rendered.dead))
                if wanted:
                    project = stage / audience.value
                    project.mkdir()
                    pipeline.export(prepared, workspace, project)
                    found |= dict.fromkeys(
                        f"{audience.value}: {each}" for each in faults_of(project, prepared)
                    )
    if found:
        raise KbError(
            f"{slug} is not released: links lead nowhere\n" + some(list(found)),
            "mend the records, and release again",
        )


def _prepared(
    assembly: Assembly, checked: Checked, audience: Audience, version: str, date: dt.date, notes: Notes
) -> Prepared:
    """The site of the release that is to be, as if it were the newest."""
    draft = assembly.among(audience, None, alone=False)
    seen = edition(checked.catalog, audience, pipeline.held_by(draft.past))
    now = Past(version, date, told(notes, audience), seen)
    among = Among(version, Standing.LATEST, (*draft.past, now), site=draft.site, alone=False)
    return pipeline.prepare(checked, audience, date, among=among)


def _dead(checked: Checked, dead: tuple[tuple[Key, str], ...]) -> Iterator[str]:
    """Where the links that lead nowhere are written."""
    for key, address in dead:
        record = checked.catalog.records.get(key)
        places = [
            each
            for each in texts(checked.catalog)
            if each.record is record and address in each.fragment.links
        ]
        for text in places:
            at = checked.catalog.locate(text.record, text.pointer, text=address)
            yield f'{at.path}:{at.line}: the link "{address[:80]}" leads to a heading that is not there'
        if not places:
            yield f'the link "{address[:80]}" in the notes leads to a heading that is not there'


def faults_of(project: Path, prepared: Prepared) -> Iterator[str]:
    """What is wrong with a project that is written: links that lead nowhere, and paths that cannot be published."""
    docs = project / "docs"
    files = {path.relative_to(docs).as_posix() for path in docs.rglob("*") if path.is_file()}
    there = {name.removesuffix(".md") + ".html" if name.endswith(".md") else name for name in files}
    rendered = prepared.rendered
    pages = {name.removesuffix(".md") + ".html": _Page(text) for name, text in rendered.texts.items()}
    steps: Mapping[str, Mapping[str, str]] = rendered.facts.get("steps", {})
    pieces = [*pages.items(), *((f"guides/{name}.html", _Page(each["html"])) for name, each in steps.items())]
    for name, page in pieces:
        for address in page.links:
            if wrong := _fault(name, address, there, pages):
                yield f"{name}: {wrong}"
    first: dict[str, str] = {}
    for name in sorted(there):
        other = first.setdefault(alike(name), name)
        wrong = path_fault(name) or (f"differs only in case from {other}" if other != name else None)
        if wrong:
            yield f"{name}: {wrong}"


def _fault(page: str, address: str, there: set[str], pages: Mapping[str, _Page]) -> str | None:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    target = normpath(join(dirname(page), unquote(parts.path))) if parts.path else page
    if target not in there:
        return address
    known = pages.get(target)
    missing = parts.fragment and known and unquote(parts.fragment) not in known.anchors
    return f"{address} (no such anchor)" if missing else None


class _Page(HTMLParser):
    """Where a page's Markdown leads, and the ids in it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.anchors = set(_NAMED.findall(text))
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag says."""
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name == "id" and value:
                self.anchors.add(value)


def some(lines: list[str]) -> str:
    """The first of many lines for a message, and how many more there are."""
    text = [f"  {line}" for line in lines[:_SHOWN]]
    return "\n".join([*text, *([f"  and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else [])])
