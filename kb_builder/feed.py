"""The Atom feed of a site (RFC 4287): an entry per release, and one per entry of the maintenance log."""

from __future__ import annotations

import datetime as dt
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from kb_builder.addresses import Ground, Outside, ToRecord, ground, target_of
from kb_builder.insight.news import GONE, News, news
from kb_builder.pages.page import Scene, Standing
from kb_builder.pages.steps import Now, Step, steps
from kb_builder.present import count, date
from kb_builder.records.base import Record
from kb_builder.records.maintenance import LogEntry
from kb_builder.text import inline, parse
from kb_builder.versions import LATEST

NAMESPACE = "http://www.w3.org/2005/Atom"
FILE = "feed.xml"
NEVER = dt.date(1970, 1, 1)
"""When a feed without entries was last updated: a feed must say, and may not ask the clock."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow in a document."""


@dataclass(frozen=True)
class _Entry:
    kind: str
    name: str
    title: str
    date: dt.date
    address: str
    html: str


def feed(scene: Scene, url: str | None) -> str:
    """The feed of a site, latest entry first. `url` is where the site is served, if anywhere: `https://…/`.

    Links then are absolute and lead to the latest release (to this very version where it is none, as `latest` may
    hold other pages); else they are relative to the feed. Ids depend on nothing but the client and its `feed_id`, the
    audience and what the entry is about; dates are those of the records. Nothing is in it that the scene's edition does
    not hold.
    """
    base = _base(scene, url)
    told = steps(scene)
    now = Now(told, scene.catalog)
    place = ground(scene.catalog)
    entries = [_release(step, now, scene, base, place) for step in told if not step.draft]
    entries += [_log_entry(entry, scene, base, place) for entry in scene.catalog.all(LogEntry)]
    entries.sort(key=lambda each: (each.date, each.kind, each.name), reverse=True)
    root = ET.Element("feed", {"xmlns": NAMESPACE, "xml:lang": scene.catalog.client.language})
    _add(root, "title", f"{scene.catalog.client.title}: what changed")
    _add(root, "id", _id(scene, "feed", scene.audience.value))
    _add(root, "updated", _moment(max((each.date for each in entries), default=NEVER)))
    ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{base}{FILE}"})
    home = "what-changed/index.html" if told else "index.html"
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}{home}"})
    author = ET.SubElement(root, "author")
    _add(author, "name", scene.catalog.client.consultancy or scene.catalog.client.title)
    for each in entries:
        entry = ET.SubElement(root, "entry")
        _add(entry, "title", each.title)
        _add(entry, "id", _id(scene, each.kind, each.name))
        _add(entry, "updated", _moment(each.date))
        ET.SubElement(
            entry, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}{each.address}"}
        )
        _add(entry, "content", each.html).set("type", "html")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _base(scene: Scene, url: str | None) -> str:
    """What addresses in the feed begin with; nothing where they are relative."""
    if not url:
        return ""
    released = scene.standing in (Standing.LATEST, Standing.OLDER)
    return f"{url}{LATEST if released else scene.version}/"


def _id(scene: Scene, kind: str, name: str) -> str:
    """The same for the same thing, whatever else changes (RFC 4287, 4.2.6); a UUID of version 5 (RFC 9562)."""
    client = scene.catalog.client
    whose = f"{client.feed_id}/{scene.catalog.slug}" if client.feed_id else scene.catalog.slug
    about = f"{whose}/{scene.audience.value}/{kind}/{name}"
    return uuid.uuid5(uuid.NAMESPACE_URL, about).urn


def _moment(day: dt.date) -> str:
    """A day as RFC 3339 has it."""
    return f"{day.isoformat()}T00:00:00Z"


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = _allowed(text)
    return element


def _allowed(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _release(step: Step, now: Now, scene: Scene, base: str, place: Ground) -> _Entry:
    before = step.before.catalog if step.before else None
    found = news(before, step.after, step.since, step.date, step.changes)
    html = _markdown(step.notes, scene.catalog.client, scene, base, place)
    html += _first(found) if found.first else _groups(found, step, now, base)
    title = f"{scene.catalog.client.title}: version {step.name}"
    return _Entry("release", step.name, title, step.date, step.address, html)


def _first(found: News) -> str:
    holds = ", ".join(count(number, *kind.label) for kind, number in found.holds)
    return f"<p>The first release.{f' It holds {escape(holds)}.' if holds else ''}</p>"


def _groups(found: News, step: Step, now: Now, base: str) -> str:
    html = []
    for group in found.groups:
        lines = []
        for item in group.items:
            record = None if item.what == GONE else now.find(step, item.record)
            title = escape(item.record.title)
            if record is not None:
                title = f'<a href="{escape(base + record.page)}">{title}</a>'
            words = f" ({escape(item.words)})" if item.words else ""
            lines.append(f"<li>{title}: {escape(item.what)}{words}</li>")
        html.append(f"<h3>{escape(group.title)}</h3><ul>{''.join(lines)}</ul>")
    return "".join(html) or "<p>Nothing changed on these pages.</p>"


def _log_entry(entry: LogEntry, scene: Scene, base: str, place: Ground) -> _Entry:
    systems = [record.title for name in entry.systems if (record := scene.catalog.resolve(name, ("system",)))]
    parts = [
        f"<p>{escape(date(entry.date))}{': ' + escape(', '.join(systems)) if systems else ''}</p>",
        f"<p>{escape(entry.summary)}</p>" if entry.summary else "",
        _markdown(entry.description, entry, scene, base, place),
    ]
    return _Entry(entry.kind, entry.id, entry.title, entry.date, entry.page, "".join(parts))


def _markdown(text: str | None, record: Record, scene: Scene, base: str, place: Ground) -> str:
    return inline(parse(_allowed(text or "")), _resolver(record, scene, base, place))


def _resolver(record: Record, scene: Scene, base: str, place: Ground) -> Callable[[str], str | None]:
    """Links to records and to other sites are kept; pictures and files are left to the pages."""

    def resolve(address: str) -> str | None:
        match target_of(address, record, scene.catalog, place):
            case Outside(url) if not url.startswith("#"):
                return url
            case ToRecord(target, anchor):
                return f"{base}{target.page}" + (f"#{anchor}" if anchor and "#" not in target.page else "")
        return None

    return resolve
