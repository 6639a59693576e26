"""The reference manual as Markdown, written from the code: kinds, commands, checks and macros."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from textwrap import dedent
from typing import Any

import click
from pydantic import BaseModel

from kb_builder import checks, codes, macros
from kb_builder.forms import one_line
from kb_builder.records import KINDS
from kb_builder.records.base import STAGES, Record
from kb_builder.records.fields import FieldSpec, fields_of
from kb_builder.schema import default_of, either, folder_of, part_name, type_words

_CODE_SPAN = re.compile(r"(`+[^`]+`+)")
INDEX = """\
# Reference

Written by `kb reference` from the program itself.

- [Kinds](kinds.md): what can be written down, field by field.
- [Commands](commands.md): what `kb` can do.
- [Checks](checks.md): every problem that `kb check` reports, and how to mend it.
- [Macros](macros.md): live facts in the text of guides, manuals and lessons.
"""


def pages(group: click.Group) -> dict[str, str]:
    """The pages of the manual: file name → Markdown. `group` is the command line."""
    return {
        "index.md": INDEX,
        "kinds.md": kinds_page(KINDS),
        "commands.md": commands_page(group),
        "checks.md": checks_page(),
        "macros.md": macros_page(macros.library({})),
    }


def kinds_page(kinds: Sequence[type[Record]]) -> str:
    """Each kind: what it is for, where it is written and what its fields are."""
    lines = ["# Kinds", "", "A record is one file, or one item of a list file; its kind says what fields it has.", ""]
    rows = [(_link(kind), f"`{folder_of(kind)}/`" if kind.stage in STAGES else "`client.yaml`", _text(_docstring(kind)))
            for kind in kinds]
    lines += [*_table(("Kind", "Written in", "What it is"), rows), ""]
    lines += ["## Any record", "", "Every record, of whatever kind, may have these fields.", ""]
    lines += [*_fields(Record, "Any record", fields_of(Record))]
    for kind in kinds:
        lines += _kind(kind)
    return _page(lines)


def _kind(kind: type[Record]) -> Iterator[str]:
    name = _heading(kind)
    yield from (f"## {name}", "", _text(_docstring(kind)), "")
    yield f"- Kind: `{kind.kind}`; readers call it {kind.label[0]}, many of them {kind.label[1]}."
    if kind.stage in STAGES:
        yield f"- Stage: {STAGES.index(kind.stage) + 1}, {kind.stage}."
        yield f"- Folder: `{folder_of(kind)}/`, one file a record, or a list of them in `{folder_of(kind)}.yaml`."
    elif kind.kind == "client":
        yield "- File: `client.yaml`, one for each client."
    else:
        yield f"- Written in `client.yaml` under `{kind.plural}`, or in the folder `{kind.plural}/`."
    yield f"- Who may see it, unless it says otherwise: {kind.default_audience.value}."
    yield f"- A complete one has {_all_of(f'`{name}`' for name in kind.expected)}."
    yield ""
    own = [spec for spec in fields_of(kind) if _is_own(kind, spec)]
    if own:
        yield from ("Besides [the fields of any record](#any-record):", "", *_fields(kind, name, own))
    else:
        yield from ("It has [the fields of any record](#any-record) and no others.", "")


def _fields(model: type[BaseModel], name: str, specs: Sequence[FieldSpec]) -> Iterator[str]:
    """A table of fields, and one below it for each part that they are made of."""
    yield from _table(("Field", "Type", "Required", "Audience", "Description"), [
        (f"`{spec.name}`", _type(spec, name), "yes" if spec.required else "no", spec.audience.value, _description(model, spec))
        for spec in specs
    ])
    yield ""
    for spec in specs:
        if spec.part is not None and not issubclass(spec.part, Record):
            inner = f"{name}: {part_name(spec.part)}"
            yield from (f"### {inner}", "", _text(_docstring(spec.part)), "")
            yield from _fields(spec.part, inner, fields_of(spec.part))


def _type(spec: FieldSpec, name: str) -> str:
    if spec.refs:
        start = "list of references to " if spec.many else "reference to "
        return start + either(f"[{kind}](#{kind.replace('_', '-')})" for kind in spec.refs)
    if spec.part is None:
        return _text(type_words(spec))
    anchor = spec.part.kind if issubclass(spec.part, Record) else f"{name} {part_name(spec.part)}"
    words = type_words(spec).removeprefix("list of ")
    return ("list of " if spec.many else "") + f"[{words}](#{_anchor(anchor)})"


def _description(model: type[BaseModel], spec: FieldSpec) -> str:
    default = default_of(model, spec.name)
    return _text(spec.description) + (f" If left out: `{default}`." if default is not None else "")


def _is_own(kind: type[Record], spec: FieldSpec) -> bool:
    shared = Record.model_fields.get(spec.name)
    return shared is None or shared.annotation != kind.model_fields[spec.name].annotation


def commands_page(group: click.Group) -> str:
    """Each command: its help, arguments, options and an example."""
    lines = ["# Commands", ""]
    for path, command in _commands(group, group.name or "kb"):
        context = click.Context(command, info_name=path)
        usage = " ".join([path, *command.collect_usage_pieces(context)])
        lines += [f"## {path}", "", *_help(command.help or ""), "```", usage, "```", ""]
        arguments = [param for param in command.get_params(context) if isinstance(param, click.Argument)]
        if arguments:
            lines += [*_table(("Argument", "Required", "How many"), [
                (f"`{' '.join(each.get_usage_pieces(context))}`", "yes" if each.required else "no",
                 "one" if each.nargs == 1 else "any number") for each in arguments]), ""]
        options = [record for param in command.get_params(context) if isinstance(param, click.Option)
                   and (record := param.get_help_record(context))]
        if options:
            lines += [*_table(("Option", "What it does"), [(f"`{names}`", _text(words)) for names, words in options]), ""]
    return _page(lines)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if not command.hidden:
        yield path, command
        if isinstance(command, click.Group):
            for name in sorted(command.commands):
                yield from _commands(command.commands[name], f"{path} {name}")


def _help(text: str) -> Iterator[str]:
    """A command's help: paragraphs, and its example as a block of code."""
    for paragraph in re.split(r"\n\s*\n", text.partition("\f")[0].strip()):
        kept = paragraph.startswith("\b")
        lines = paragraph.removeprefix("\b").strip("\n").split("\n")
        if kept and lines[0].strip() in ("Example:", "Examples:"):
            yield from ("```", *dedent("\n".join(lines[1:])).split("\n"), "```", "")
        elif kept:
            yield from ("```", *lines, "```", "")
        elif paragraph.strip():
            yield from (_text(one_line(paragraph)), "")


def macros_page(library: Mapping[str, Callable[..., Any]]) -> str:
    """Each macro: how it is called and what it gives."""
    lines = ["# Macros", "", "Macros run in the text of guides, manuals and lessons, and nowhere else. "
             "They know what the page's readers may see, and nothing else.", ""]
    for name, function in library.items():
        names = ", ".join(inspect.signature(function).parameters)
        lines += [f"## {name}", "", "```", "{{ " + f"{name}({names})" + " }}", "```", ""]
        lines += [inspect.getdoc(function) or "", ""]
    return _page(lines)


def _docstring(model: type[BaseModel]) -> str:
    return one_line(model.__doc__)


def _heading(kind: type[Record]) -> str:
    return kind.kind.replace("_", " ").capitalize()


def _link(kind: type[Record]) -> str:
    return f"[`{kind.kind}`](#{kind.kind.replace('_', '-')})"


def _anchor(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _all_of(words: Iterable[str]) -> str:
    listed = list(words)
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def _text(words: str) -> str:
    """Words as Markdown: code spans stay, anything else shows as written."""
    parts = _CODE_SPAN.split(words)
    for position in range(0, len(parts), 2):
        parts[position] = re.sub(r"([<>*\[\]|\\])", lambda match: f"&#{ord(match.group())};", parts[position])
    return "".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]


def _page(lines: Iterable[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"
