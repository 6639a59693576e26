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
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel

from kb_builder import present
from kb_builder.addresses import Ground, Outside, ToFile, ToRecord, ground, target_of
from kb_builder.facts import facts
from kb_builder.macros import NOT_RECORDED, answers, call_of, written
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

    `redirects` are its old addresses, each with the page it leads to; `feed` is its Atom feed.
    """

    texts: Mapping[str, str]
    files: Mapping[str, Path]
    facts: Mapping[str, Any]
    redirects: Mapping[str, str] = field(default_factory=dict)
    feed: str = ""


@dataclass
class _Site:
    scene: Scene
    ground: Ground
    facts: Mapping[str, Any]
    files: dict[str, Path] = field(default_factory=dict)
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
    texts: dict[str, str] = {}
    for page in pages:
        texts[page.path] = _page(page, site, environment)
        tick()
    return Rendered(texts, dict(sorted(site.files.items())), collected)


def _finalize(value: object) -> object:
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    return Markup(escape(value))


def _page(page: Page, site: _Site, environment: Environment) -> str:
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
    whole = "---\n" + "\n".join(lines) + "\n---\n\n" + text.strip("\n") + "\n"
    return neutral(_unwrap(whole, calls), {mark: written(*call) for mark, call in calls.items()})


def _tools(site: _Site, path: str, calls: Calls) -> dict[str, Any]:
    """The functions that templates call, for the page at `path`. `calls` takes its macro calls, by placeholder."""
    scene = site.scene
    here = posixpath.dirname(path)

    def to(address: str) -> str:
        """An address in the site, as seen from this page."""
        target, hash_, anchor = address.partition("#")
        if target.startswith(("http:", "https:", "mailto:", "tel:")):
            return address
        return (
            quote(posixpath.relpath(target, here or "."), safe="/-._~") + hash_ + quote(anchor, safe="-._~")
        )

    def resolver(record: Record) -> Callable[[str], str | None]:
        return lambda address: resolve(site, record, address, to)

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
        return Html(attribute(resolve(site, record, name, to) or ""))

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


def resolve(site: _Site, record: Record, address: str, to: Callable[[str], str]) -> str | None:
    """Where an address written in a record leads, as seen from a page; None if nowhere that its readers may go."""
    match target_of(address, record, site.scene.catalog, site.ground):
        case Outside(url):
            return url
        case ToRecord(target, anchor):
            found = to(target.page)
            return f"{found}#{quote(anchor)}" if anchor and "#" not in found else found
        case ToFile(name, path):
            site.files[name] = path
            return to(name)
    return None


def _unwrap(page: str, calls: Calls) -> str:
    """Take the paragraph from around a macro that gives a block of its own."""
    for placeholder, (macro, _name, _field) in calls.items():
        if macro == "steps":
            page = page.replace(f"<p>{placeholder}</p>", placeholder)
    return page


def steps(site: _Site, guide: Guide) -> str:
    """A guide's steps as HTML on one line, with links as a page one folder down sees them."""

    def to(address: str) -> str:
        target, hash_, anchor = address.partition("#")
        return f"../{quote(target, safe='/-._~')}{hash_}{anchor}"

    def one(step: Step) -> str:
        def text(source: str) -> str:
            return inline(parse(source), lambda address: resolve(site, guide, address, to))

        html = f"<li>{text(step.do)}"
        if step.see:
            html += f'<div class="kb-see">{text(step.see)}</div>'
        if step.image and (image := resolve(site, guide, step.image, to)):
            html += f'<img src="{attribute(image)}" alt="{escape(step.alt or "")}" loading="lazy">'
        return html + "</li>"

    return '<ol class="kb-steps">' + "".join(one(step) for step in guide.steps) + "</ol>"
