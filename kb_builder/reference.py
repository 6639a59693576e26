"""The reference manual as Markdown, written from the code: kinds, commands, checks and macros."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from textwrap import dedent
from types import ModuleType
from typing import Any

import click

from kb_builder import checks, codes, macros
from kb_builder.forms import one_line
from kb_builder.manual_text import page, table, text
from kb_builder.migrations import MIGRATIONS
from kb_builder.records import KINDS
from kb_builder.reference_kinds import kinds_page
from kb_builder.schema import either
from kb_builder.targets import TARGETS

Entry = tuple[str, str, str, str]
"""A code, its severity, its title and its docstring."""
INDEX = """\
# Reference

Written by `kb reference` from the program itself.

- [Kinds](kinds.md): what can be written down, field by field.
- [Commands](commands.md): what `kb` can do.
- [Checks](checks.md): every problem that `kb check` reports, and how to mend it.
- [Macros](macros.md): live facts in the text of guides, manuals and lessons.
- [Targets](targets.md): where sites are published to, how one signs in there, and the rights that are needed.
- [Formats](formats.md): how the form of records has changed, and what `kb migrate` does about it.
"""


def pages(group: click.Group) -> dict[str, str]:
    """The pages of the manual: file name → Markdown. `group` is the command line."""
    return {
        "index.md": INDEX,
        "kinds.md": kinds_page(KINDS),
        "commands.md": commands_page(group),
        "checks.md": checks_page(entries()),
        "macros.md": macros_page(macros.library({})),
        "targets.md": targets_page(TARGETS),
        "formats.md": formats_page(),
    }


def commands_page(group: click.Group) -> str:
    """Each command: its help, arguments, options and an example."""
    lines = ["# Commands", ""]
    for path, command in _commands(group, group.name or "kb"):
        context = click.Context(command, info_name=path)
        usage = " ".join([path, *command.collect_usage_pieces(context)])
        lines += [f"## {path}", "", *_help(command.help or ""), "```", usage, "```", ""]
        params = command.get_params(context)
        arguments = [_argument(each, context) for each in params if isinstance(each, click.Argument)]
        if arguments:
            lines += [*table(("Argument", "Required", "How many"), arguments), ""]
        options = [_option(each, context) for each in params if isinstance(each, click.Option)]
        lines += [*table(("Option", "What it does"), options), ""]
    return page(lines)


def _argument(argument: click.Argument, context: click.Context) -> tuple[str, str, str]:
    name = " ".join(argument.get_usage_pieces(context)).strip("[].")
    return f"`{name}`", "yes" if argument.required else "no", "one" if argument.nargs == 1 else "any number"


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    """An option's names with what it takes, and what it does."""
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if isinstance(option.type, click.Choice):
        names += f" followed by {either(f'`{choice}`' for choice in option.type.choices)}"
    elif not (option.is_flag or option.count):
        names += f" `{option.metavar or option.type.name.upper()}`"
    _, words = option.get_help_record(context) or ("", option.help or "")
    return names, text(one_line(words))


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if not command.hidden:
        yield path, command
        if isinstance(command, click.Group):
            for name in sorted(command.commands):
                yield from _commands(command.commands[name], f"{path} {name}")


def _help(words: str) -> Iterator[str]:
    """A command's help: paragraphs, and its example as a block of code."""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(words).partition("\f")[0]):
        kept = paragraph.startswith("\b")
        lines = paragraph.removeprefix("\b").strip("\n").split("\n")
        if kept and lines[0].strip() in ("Example:", "Examples:"):
            yield from ("```", *dedent("\n".join(lines[1:])).split("\n"), "```", "")
        elif kept:
            yield from ("```", *lines, "```", "")
        elif paragraph.strip():
            yield from (text(one_line(paragraph)), "")


def entries() -> list[Entry]:
    """What every code means: those of the checks, and those of reading."""
    checked = [(each.CODE, each.SEVERITY.value, each.TITLE, each.__doc__ or "") for each in checks.CHECKS]
    return [*checked, *((each.code, each.severity.value, each.title, each.doc) for each in codes.CODES)]


def checks_page(entries: Iterable[Entry]) -> str:
    """Each check and each other code: why it is a problem, and how it looks when it is wrong and right."""
    ordered = sorted(entries)
    lines = ["# Checks", "", "What `kb check` reports. An error stops a build, a warning does not.", ""]
    rows = [(f"[{code}](#{code.lower()})", severity, text(title)) for code, severity, title, _ in ordered]
    lines += [*table(("Code", "Severity", "What is wrong"), rows), ""]
    for code, severity, title, docstring in ordered:
        lines += [f"## {code}", "", f"**{text(title)}** ({severity})", "", *_explained(docstring)]
    return page(lines)


_TARGETS = """\
Where `kb publish` copies sites to. No password is ever in client.yaml: each library signs in as its own programs do.

One at a time publishes to a place. The list of files there, `.kb-published.json`, is only written over what was read, and says
who publishes; who comes second waits, for as long as `--patience` says. Who was cut off is passed over after 40 seconds of
silence; in a folder at once.

A place that does not answer is asked again until `--patience` is past, counted from when it last did something; a refusal is
said at once. What stands beside the versions, and the pages of `latest`, are compared with what they should be by each publish;
all other files are as far as the place tells of them unasked, and by `--verify` in any case.
"""


def targets_page(targets: Iterable[ModuleType]) -> str:
    """Each sort of target: how it is written, how one signs in there, and the rights that are needed and no more."""
    lines = ["# Targets", "", *_explained(_TARGETS)]
    for each in targets:
        lines += [f"## {each.TITLE}", "", "```", *each.ADDRESSES, "```", "", *_explained(each.__doc__ or "")]
        if hasattr(each, "EXTRA"):
            lines += [f"Install `pip install 'kb-builder[{each.EXTRA}]'`.", ""]
        if hasattr(each, "RIGHTS"):
            rights = [(f"to {doing}", text(right)) for doing, right in each.RIGHTS.items()]
            lines += [*table(("What is done", "The right that is needed"), rights), ""]
    return page(lines)


def formats_page() -> str:
    """Each format of records: what changed from the one before, and how that looks."""
    lines = [
        "# Formats",
        "",
        "Records of an older format are read as if they were of today's. `kb migrate` rewrites those of a client; "
        "releases are never rewritten.",
        "",
    ]
    for each in reversed(MIGRATIONS):
        lines += [f"## Format {each.FORMAT}", "", *_explained(each.__doc__ or "")]
    return page(lines)


def _explained(docstring: str) -> Iterator[str]:
    """A docstring: paragraphs, and its examples as blocks of YAML."""
    for paragraph in re.split(r"\n\s*\n(?=\S)", inspect.cleandoc(docstring)):
        head, _, example = paragraph.partition("\n")
        if head in ("Bad:", "Good:", "Before:", "Now:"):
            yield from (head, "", "```yaml", *dedent(example).strip("\n").split("\n"), "```", "")
        else:
            yield from (text(one_line(paragraph)), "")


def macros_page(library: Mapping[str, Callable[..., Any]]) -> str:
    """Each macro: how it is called and what it gives."""
    lines = [
        "# Macros",
        "",
        "Macros run in the text of guides, manuals and lessons, and nowhere else. "
        "They know what the page's readers may see, and nothing else.",
        "",
    ]
    for name, function in library.items():
        names = ", ".join(inspect.signature(function).parameters)
        lines += [f"## {name}", "", "```", "{{ " + f"{name}({names})" + " }}", "```", ""]
        lines += [inspect.getdoc(function) or "", ""]
    return page(lines)
