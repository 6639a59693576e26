"""Pages to Markdown: the only user of Jinja.

Every value that a template prints is escaped, unless it is `Html`: what the functions here
return, made of escaped parts. Calls of macros are placeholders until the page is whole; then all braces
lose their meaning, and the calls are put in.
"""

from __future__ import annotations

import datetime as dt
import json
import posixpath
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel

from kb_builder import headings, present
from kb_builder.addresses import Ground, Outside, ToFile, ToRecord, file_of, ground, target_of
from kb_builder.catalog import Key
from kb_builder.facts import facts
from kb_builder.later import Later, Lead
from kb_builder.macros import NOT_RECORDED, answers, call_of, written
from kb_builder.names import beside
from kb_builder.outline import Outline, outlined
from kb_builder.pages.page import Page, Scene
from kb_builder.records.base import Record
from kb_builder.records.documentation import Guide, Step
from kb_builder.records.fields import FieldSpec, field_of
from kb_builder.text import SAFE_SCHEMES, attribute, escape, inline, neutral, parse, place
from kb_builder.values import badge, link

Html = Markup
Calls = dict[str, tuple[str, str, str | None]]
"""The macro calls of a page, each by the placeholder that stands for it until the page is whole."""


@dataclass(frozen=True)
class Rendered:
    """The Markdown of a site by path, the files that it shows by their path in the site, and its facts.

    `redirects` are its old addresses, each with the page it leads to; `feed` is its Atom feed. `dead` are the links
    that lead nowhere, which stand there as words: the record and the address as it is written.
    """

    texts: Mapping[str, str]
    files: Mapping[str, Path]
    facts: Mapping[str, Any]
    redirects: Mapping[str, str] = field(default_factory=dict)
    feed: str = ""
    dead: tuple[tuple[Key, str], ...] = ()


@dataclass
class _Site:
    scene: Scene
    ground: Ground
    facts: Mapping[str, Any]
    files: dict[str, Path] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    later: Later = field(default_factory=Later)
    mark: str = field(default_factory=lambda: f"kbcall{secrets.token_hex(16)}")
    """What placeholders begin with: no record can know it."""


def render(
    pages: Iterable[Page], scene: Scene, templates: Path, tick: Callable[[], None] = lambda: None
) -> Rendered:
    """Render every page. `templates` is the folder `site_templates`; `tick` is called once a page."""
    collected: dict[str, Any] = facts(scene.catalog)
    site = _Site(scene, ground(scene.catalog), collected)
    collected["steps"] = {
        guide.id: {"html": steps(site, guide)} for guide in scene.catalog.all(Guide) if guide.steps
    }
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=False,
        auto_reload=False,
    )
    outlines: dict[str, Outline] = {}
    for page in pages:
        outlines[page.path.removesuffix(".md") + ".html"] = _page(page, site, environment)
        tick()
    texts = {
        at.removesuffix(".html") + ".md": site.later.settle(outline.text, outlines)
        for at, outline in outlines.items()
    }
    for each in collected["steps"].values():
        each["html"] = site.later.settle(each["html"], outlines)
    dead = dict.fromkeys((lead.record, lead.written) for lead in site.later.dead)
    return Rendered(texts, dict(sorted(site.files.items())), collected, dead=tuple(dead))


def _finalize(value: object) -> object:
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    return Markup(escape(value))


def _page(page: Page, site: _Site, environment: Environment) -> Outline:
    calls: Calls = {}
    tools = _tools(site, page.path, calls)
    body = environment.get_template(page.template).render(**page.data, **tools, page=page, scene=site.scene)
    front: dict[str, str | bool | list[str]] = {"title": escape(page.title), **page.front}
    if calls:
        front["render_macros"] = True
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
    text = "\n".join(line.rstrip() for line in body.split("\n"))
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    head = neutral("---\n" + "\n".join(lines) + "\n---\n\n", {})
    whole = neutral(_unwrap(text.strip("\n"), calls), {mark: written(*call) for mark, call in calls.items()})
    found = outlined(whole, _former(page, site.scene), renamed=bool(site.scene.past))
    return replace(found, text=f"{head}{found.text}\n")


def _former(page: Page, scene: Scene) -> dict[str, list[str]]:
    """The ids that the headings of a page had in what earlier releases showed to the same readers."""
    record = page.data.get("record", page.data.get("client"))
    if not isinstance(record, Record):
        return {}
    keys = [record.key, *(tuple(each.rpartition("/")[::2]) for each in record.formerly)]
    names = [(kind or record.kind, name) for kind, name in keys]
    past = (each.catalog.records.get(name) for each in scene.past for name in names)
    return headings.former(record, (each for each in past if each is not None))


def _tools(site: _Site, path: str, calls: Calls) -> dict[str, Any]:
    """The functions that templates call, for the page at `path`. `calls` takes its macro calls, by placeholder."""
    scene = site.scene
    own = path.removesuffix(".md") + ".html"
    way = _Way(posixpath.dirname(path))
    to = way.page

    def resolver(record: Record) -> Callable[[str], str | None]:
        return lambda address: resolve(site, record, address, way, own)

    def md(record: Record, text: str | None, level: int = 3) -> Html:
        fragment = parse(text or "")
        return Html(place(fragment, resolver(record), level=level))

    def body(record: Record, text: str | None, level: int = 2) -> Html:
        fragment = parse(text or "", macros=True)
        return Html(place(fragment, resolver(record), tuple(map(macro, fragment.macros)), level))

    def macro(text: str) -> str:
        call = call_of(text)
        if call is None:
            return escape(text)
        if not answers(call, site.facts):
            return NOT_RECORDED
        placeholder = f"{site.mark}-{len(calls)}-"
        calls[placeholder] = call
        return placeholder

    def md_line(record: Record, text: str | None) -> Html:
        html = inline(parse(text or ""), resolver(record))
        if html.startswith("<p>") and html.count("<p>") == 1 and html.endswith("</p>"):
            html = html[3:-4]
        return Html(html)

    def record_link(record: Record) -> Html:
        return Html(link(record, to(record.page)))

    def links(records: Iterable[Record]) -> Html:
        return Html(", ".join(record_link(record) for record in records))

    def value(model: BaseModel, name: str) -> Html:
        return _value(getattr(model, name), field_of(type(model), name), scene, record_link)

    def file(record: Record, name: str) -> Html:
        return Html(attribute(_file(site, record, name, way) or ""))

    return {
        "to": lambda address: Html(attribute(to(address))),
        "md": md,
        "body": body,
        "md_line": md_line,
        "link": record_link,
        "links": links,
        "value": value,
        "file": file,
        "badge": lambda state: Html(badge(state)),
        "date": present.date,
        "away": lambda day: present.away(day, scene.today),
        "count": present.count,
        "money": lambda amount: present.money(amount, scene.catalog.client.currency),
        "words": present.words,
        "tone": present.tone,
        "steps": lambda guide: Html(steps(site, guide)),
        "external": _external,
        "phone": _phone,
        "mail": _mail,
    }


@dataclass(frozen=True)
class _Way:
    """The addresses of a site as a page in `folder` sees them."""

    folder: str

    def page(self, address: str) -> str:
        """The address of a page, perhaps with an anchor, or one outside the site."""
        target, hash_, anchor = address.partition("#")
        if target.startswith(("http:", "https:", "mailto:", "tel:")):
            return address
        return self.file(target) + hash_ + quote(anchor, safe="-._~")

    def file(self, name: str) -> str:
        """The address of a file, whatever characters its name holds."""
        return quote(posixpath.relpath(name, self.folder or "."), safe="/-._~")


def _external(url: str) -> Html:
    """An address outside the site if it is safe to follow, else nothing."""
    try:
        safe = urlsplit(url.strip()).scheme.lower() in SAFE_SCHEMES
    except ValueError:
        safe = False
    return Html(attribute(url.strip()) if safe else "")


def _phone(number: str) -> Html:
    """A telephone number that can be tapped; only its digits go into the address."""
    digits = "".join(char for char in number if char in "0123456789+")
    return Html(f'<a href="tel:{digits}">{escape(number)}</a>' if digits else escape(number))


def _mail(address: str) -> Html:
    """A mail address that can be tapped, if it is one."""
    if "@" not in address:
        return Html(escape(address))
    return Html(f'<a href="mailto:{attribute(address)}">{escape(address)}</a>')


def _value(value: Any, spec: FieldSpec, scene: Scene, record_link: Callable[[Record], Html]) -> Html:
    if value is None or value == []:
        return Html("")
    if isinstance(value, list):
        return Html(", ").join(_value(item, spec, scene, record_link) for item in value)
    if spec.refs:
        target = scene.catalog.resolve(value, spec.refs)
        return record_link(target) if target else Html("")
    if isinstance(value, bool):
        return Html("yes" if value else "no")
    if isinstance(value, dt.date):
        return Html(f'<time datetime="{value.isoformat()}">{present.date(value)}</time>')
    if isinstance(value, Decimal):
        return Html(escape(present.money(value, scene.catalog.client.currency)))
    if spec.choices:
        return Html(badge(str(value)))
    if isinstance(value, BaseModel):
        return Html(escape(getattr(value, "title", "")))
    text = str(value)
    if spec.name in ("email", "support_email"):
        return _mail(text)
    if spec.name in ("phone", "support_phone"):
        return _phone(text)
    if spec.name in ("url", "website") and (url := _external(text)):
        return Html(f'<a href="{url}" rel="noopener">{escape(text)}</a>')
    return Html(escape(text))


def resolve(site: _Site, record: Record, address: str, way: _Way, here: str = "") -> str | None:
    """Where an address written in a record leads, as seen from the page `here`; None if nowhere that its readers may go.

    A link into a page is settled when all pages are written.
    """

    def lead(anchor: str, pages: Iterable[str]) -> str:
        seen = tuple((page, "" if page == here else way.page(page)) for page in pages)
        return site.later.note(Lead(record.key, address, anchor, seen))

    match target_of(address, record, site.scene.catalog, site.ground):
        case Outside(url) if url.startswith("#"):
            return lead(unquote(url[1:]), (here, *_pages(record)) if here else _pages(record))
        case Outside(url):
            return url
        case ToRecord(target, anchor) if anchor and "#" not in target.page:
            return lead(anchor, _pages(target))
        case ToRecord(target, _):
            return way.page(target.page)
        case ToFile() as found:
            return way.file(_published(site, found))
    return None


def _file(site: _Site, record: Record, name: str, way: _Way) -> str | None:
    """The address of a file that a field of a record names; None if there is none that sites carry."""
    found = file_of(name, record, site.scene.catalog, site.ground)
    return way.file(_published(site, found)) if isinstance(found, ToFile) else None


def _published(site: _Site, found: ToFile) -> str:
    """The path under which a site carries a file: its own, if every computer can keep it beside the others."""
    name = beside(found.name, site.taken)
    site.files[name] = found.path
    return name


def _pages(record: Record) -> tuple[str, ...]:
    """The pages on which a record's text stands, that which it leads to first."""
    own = record.page.partition("#")[0]
    return (own, "engagement/index.html") if record.kind == "client" else (own,)


def _unwrap(page: str, calls: Calls) -> str:
    """Take the paragraph from around a macro that gives a block of its own."""
    for placeholder, (macro, _name, _field) in calls.items():
        if macro == "steps":
            page = page.replace(f"<p>{placeholder}</p>", placeholder)
    return page


def steps(site: _Site, guide: Guide) -> str:
    """A guide's steps as HTML on one line, with links as a page one folder down sees them."""
    way = _Way("any")

    def one(step: Step) -> str:
        def text(source: str) -> str:
            return inline(parse(source), lambda address: resolve(site, guide, address, way))

        html = f"<li>{text(step.do)}"
        if step.see:
            html += f'<div class="kb-see">{text(step.see)}</div>'
        if step.image and (image := _file(site, guide, step.image, way)):
            html += f'<img src="{attribute(image)}" alt="{escape(step.alt or "")}" loading="lazy">'
        return html + "</li>"

    return '<ol class="kb-steps">' + "".join(one(step) for step in guide.steps) + "</ol>"
