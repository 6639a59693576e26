"""What changed to words: text for a terminal, JSON for tools, Markdown and HTML to send. Pure functions.

Text and Markdown are lines without a line break after the last one: who prints them ends it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape

from kb_builder.insight.changes import Changes, RecordChange, pieces_of
from kb_builder.insight.field_changes import FieldChange
from kb_builder.records.base import STAGES, Record
from kb_builder.report import visible
from kb_builder.text import escape as escape_markdown
from kb_builder.word_diff import Piece, shortened

_STAGES = ("engagement", *STAGES)


@dataclass(frozen=True)
class Compared:
    """What is compared: the client's name, and what the two sides are called, such as `2026.11` and `the draft`."""

    client: str
    before: str
    after: str

    @property
    def title(self) -> str:
        """What a report is headed."""
        return f"{self.client}: from {self.before} to {self.after}"


@dataclass(frozen=True)
class _Line:
    """A record and what became of it: in one word for tools, and in words; with the fields that changed."""

    record: Record
    what: str
    words: str
    fields: tuple[FieldChange, ...] = ()


def summary(changes: Changes) -> str:
    """How many records were added, changed and so on: one line."""
    parts = [
        (len(changes.added), "added"),
        (sum(_word(each) == "changed" for each in changes.changed), "changed"),
        (len(changes.retired), "retired"),
        (sum(_word(each) == "renamed" for each in changes.changed), "renamed"),
        (len(changes.gone), "gone"),
        (len(changes.confirmed), "confirmed"),
    ]
    return ", ".join(f"{number:,} {word}" for number, word in parts if number) or "nothing changed"


def as_text(changes: Changes, compared: Compared) -> str:
    """Stages and kinds as headings, a line a record, its fields indented below it; a summary at the end."""
    lines = [visible(_plain(compared.title)), ""]
    for stage, kinds in _by_stage(changes):
        lines += [stage.upper()]
        for kind, records in kinds:
            lines += [f"  {kind.label[1].capitalize()}"]
            width = max(len(each.words) for each in records)
            for each in records:
                name = visible(_plain(f"{each.record.title} ({each.record.id})"))
                lines.append(f"    {each.words.ljust(width)}  {name}")
                lines += [f"      {line}" for field in each.fields for line in _text_field(field)]
        lines.append("")
    return "\n".join([*lines, summary(changes)])


def as_json(changes: Changes, compared: Compared) -> str:
    """An object: `client`, `from`, `to`, `changes`.

    Each change has `stage`, `kind`, `id`, `title`, `change` (added, gone, changed, retired, renamed, confirmed),
    `former` (the id before, `kind/id`, of a renamed one, else null) and `fields`: each with `pointer`, `label`,
    `before`, `after`, `removed`, `added` and `reordered`.
    """
    former = {each.after.key: "/".join(each.before.key) for each in changes.renamed}
    rows = [
        {
            "stage": each.record.stage,
            "kind": each.record.kind,
            "id": each.record.id,
            "title": each.record.title,
            "change": each.what,
            "former": former.get(each.record.key) if each.what != "gone" else None,
            "fields": [
                {
                    "pointer": list(field.pointer),
                    "label": field.label,
                    "before": field.before,
                    "after": field.after,
                    "removed": list(field.gone),
                    "added": list(field.new),
                    "reordered": field.moved,
                }
                for field in each.fields
            ],
        }
        for _, kinds in _by_stage(changes)
        for _, records in kinds
        for each in records
    ]
    whole = {"client": compared.client, "from": compared.before, "to": compared.after, "changes": rows}
    return json.dumps(whole, indent=2)


def as_markdown(changes: Changes, compared: Compared) -> str:
    """A page of Markdown: stages and kinds as headings, a list item a record; what went is struck out."""
    lines = [f"# {escape_markdown(compared.title)}", "", f"{summary(changes).capitalize()}."]
    for stage, kinds in _by_stage(changes):
        lines += ["", f"## {stage.capitalize()}"]
        for kind, records in kinds:
            lines += ["", f"### {kind.label[1].capitalize()}", ""]
            for each in records:
                lines.append(f"- **{escape_markdown(each.record.title)}**: {escape_markdown(each.words)}")
                lines += [f"    - {_markdown_field(field)}" for field in each.fields]
    return "\n".join(lines)


def as_html(changes: Changes, compared: Compared) -> str:
    """A whole page of HTML that needs nothing else: no script, no file, no address."""
    body = [f"<h1>{escape(compared.title)}</h1>", f"<p>{escape(summary(changes).capitalize())}.</p>"]
    for stage, kinds in _by_stage(changes):
        body.append(f"<h2>{escape(stage.capitalize())}</h2>")
        for kind, records in kinds:
            body.append(f"<h3>{escape(kind.label[1].capitalize())}</h3>\n<ul>")
            for each in records:
                fields = "".join(f"<li>{_html_field(field)}</li>" for field in each.fields)
                more = f"<ul>{fields}</ul>" if fields else ""
                body.append(
                    f"<li><strong>{escape(each.record.title)}</strong> <code>{escape(each.record.id)}</code>: "
                    f"{escape(each.words)}{more}</li>"
                )
            body.append("</ul>")
    return _PAGE.format(title=escape(compared.title), body="\n".join(body))


FORMATS: dict[str, Callable[[Changes, Compared], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "html": as_html,
}
"""The reports by the name that `--format` takes."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }}
ins {{ text-decoration: underline; text-decoration-thickness: 2px; background: rgb(46 160 67 / 20%); }}
del {{ text-decoration: line-through; background: rgb(218 54 51 / 18%); }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def _word(change: RecordChange) -> str:
    return "retired" if change.retired else "renamed" if change.renamed else "changed"


def _words(change: RecordChange) -> str:
    word = _word(change)
    if not change.renamed:
        return word
    before = change.before.id if change.before.kind == change.after.kind else "/".join(change.before.key)
    was = f"renamed, was {before}"
    return was if word == "renamed" else f"{word}, {was}"


def _by_stage(changes: Changes) -> Iterator[tuple[str, list[tuple[type[Record], list[_Line]]]]]:
    """The stages in which something changed; of each the kinds, and their records, those that changed first."""
    lines = [
        *(_Line(each, "added", "added") for each in changes.added),
        *(_Line(each.after, _word(each), _words(each), each.fields) for each in changes.changed),
        *(_Line(each, "gone", "gone") for each in changes.gone),
        *(_Line(each, "confirmed", "confirmed") for each in changes.confirmed),
    ]
    for stage in _STAGES:
        kinds: dict[type[Record], list[_Line]] = {}
        for line in lines:
            if line.record.stage == stage:
                kinds.setdefault(type(line.record), []).append(line)
        if kinds:
            yield stage, list(kinds.items())


def _plain(text: str) -> str:
    """Text on one line, with spaces that break."""
    return " ".join(text.split())


def _text_field(field: FieldChange) -> Iterable[str]:
    label = f"{field.label}:"
    if field.gone or field.new or field.moved:
        lines = [*(f"- {each}" for each in field.gone), *(f"+ {each}" for each in field.new)]
        lines += ["in another order"] if field.moved else []
    elif field.words:
        marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}", "cut": "{}"}
        lines = [" ".join(marks[piece.kind].format(piece.text) for piece in shortened(field.words))]
    else:
        lines = [f"{field.before or '(nothing)'} → {field.after or '(nothing)'}"]
    return [visible(_plain(f"{label} {line}")) for line in lines]


def _markdown_field(field: FieldChange) -> str:
    def piece(each: Piece) -> str:
        text = escape_markdown(each.text)
        return {"gone": f"<del>{text}</del>", "new": f"<ins>{text}</ins>"}.get(each.kind, text)

    return f"{escape_markdown(field.label)}: {_pieces(field, piece)}"


def _html_field(field: FieldChange) -> str:
    def piece(each: Piece) -> str:
        text = escape(each.text)
        return {"gone": f"<del>{text}</del>", "new": f"<ins>{text}</ins>"}.get(each.kind, text)

    return f"{escape(field.label)}: {_pieces(field, piece)}"


def _pieces(field: FieldChange, show: Callable[[Piece], str]) -> str:
    return " ".join(show(each) for each in pieces_of(field))
