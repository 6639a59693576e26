"""Macros: live facts in the text of guides, manuals and lessons.

This file is also the `main.py` of every MkDocs project that `kb` writes, where
mkdocs-macros-plugin loads it, so it imports nothing but the standard library (and, there, Jinja). Beside it lies
`facts.json`, which holds what the edition's readers may see and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

Facts = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Facts by macro (`system`, `contact`, `steps`), then by id, then by field: all plain text, but for
`steps`, whose one field `html` is HTML."""


MACROS = ("system", "contact", "steps")
"""The names of the macros. Braces that call none of them are text, wherever they stand."""
START, END = "\ufdd0{{", "}}\ufdd1"
"""What stands around a call in a project's Markdown, and is set as the macros plugin's delimiters.

U+FDD0 and U+FDD1 are noncharacters (The Unicode Standard, 23.7), which no record may hold: what a record says in
braces is text to the plugin, even where a page is rendered that should not be."""
DELIMITERS: Mapping[str, str] = {
    "j2_variable_start_string": START,
    "j2_variable_end_string": END,
    "j2_block_start_string": "\ufdd0{%",
    "j2_block_end_string": "%}\ufdd1",
    "j2_comment_start_string": "\ufdd0{#",
    "j2_comment_end_string": "#}\ufdd1",
}
"""The plugin's settings, for a project's `mkdocs.yml`."""
NOT_RECORDED = "not given here"
"""What stands for a fact that nobody wrote down."""
BRACED = r"(\{\{-?\s*(\w+)\s*\(.*?\}\})"
"""Two braces and what looks like a call: group 2 is the name that is called."""
_CALL = re.compile(r"""\{\{\s*(\w+)\(\s*(["'])([\w./ -]+)\2\s*\)(?:\.([a-z][a-z_]*))?\s*\}\}""")


def written(macro: str, name: str, field: str | None) -> str:
    """A call as it stands in a project's Markdown, for the macros plugin."""
    return f'{START} {macro}("{name}"){"." + field if field else ""} {END}'


def call_of(text: str) -> tuple[str, str, str | None] | None:
    """The macro, the id and the field (if any) of `{{ macro("id").field }}`; None for anything else.

    Nothing else is ever handed to Jinja: this form is the whole language, and so the sandbox.
    """
    match = _CALL.fullmatch(text)
    return (match.group(1), match.group(3), match.group(4)) if match else None


class Unknown(Exception):
    """A macro names something that there is not. `name` is what was asked for, `known` what there is."""

    def __init__(self, what: str, name: str, known: Mapping[str, Any]) -> None:
        super().__init__(f'no {what} "{name}"')
        self.what = what
        self.name = name
        self.known = known


def shown(text: object) -> str:
    """Plain text as HTML that Markdown and Jinja leave alone."""
    html = escape(" ".join(str(text).split()))
    for char in "`~{}*_[]|\\":
        html = html.replace(char, f"&#{ord(char)};")
    return html


class Fact:
    """What is known of one thing. Its text is its title; its fields are attributes."""

    def __init__(self, what: str, name: str, fields: Mapping[str, Any]) -> None:
        self._what = what
        self._name = name
        self._fields = fields

    def __getattr__(self, field: str) -> str:
        if field.startswith("_"):
            raise AttributeError(field)
        if field not in self._fields:
            raise Unknown(f"{self._what} field", field, self._fields)
        return shown(self._fields[field]) or NOT_RECORDED

    def __str__(self) -> str:
        if self._fields.get("address"):
            return f'<a href="../{escape(str(self._fields["address"]))}">{shown(self._fields["title"])}</a>'
        return shown(self._fields["line"] if "line" in self._fields else self._fields["title"])


def _find(facts: Facts, macro: str, what: str, name: str) -> Mapping[str, Any]:
    known = facts.get(macro, {})
    if name not in known:
        raise Unknown(what, name, known)
    return known[name]


def library(facts: Facts) -> dict[str, Callable[[str], Any]]:
    """The macros by name, speaking of `facts`. Each raises Unknown for an id that is not there."""

    def system(id: str) -> Fact:
        """A system: `{{ system("erp") }}` links to its page; `{{ system("erp").support }}` is one of its fields.

        The fields are those that hold one line: title, summary, product, version, support, url, owner, vendor,
        location, status and the like. A field that is not filled in, or that readers may not see, reads "not given here".
        """
        return Fact("system", id, _find(facts, "system", "system", id))

    def contact(id: str) -> Fact:
        """Whom to call: `{{ contact("service-desk") }}` gives name, telephone and mail on one line.

        The id is one of `support` in client.yaml, or a person's. Fields: name, phone, email, hours.
        """
        return Fact("contact", id, _find(facts, "contact", "contact", id))

    def steps(id: str) -> str:
        """The numbered steps of a guide, on a line of its own: `{{ steps("restore-a-file") }}`."""
        return str(_find(facts, "steps", "guide with steps", id)["html"])

    return {"system": system, "contact": contact, "steps": steps}


def answers(call: tuple[str, str, str | None], facts: Facts) -> bool:
    """Whether a call names something that `facts` know."""
    macro, name, field = call
    functions = library(facts)
    try:
        found = functions[macro](name)
        return not field or (macro != "steps" and isinstance(getattr(found, field), str))
    except (KeyError, Unknown):
        return False


def define_env(env: Any) -> None:
    """Hand the macros to mkdocs-macros-plugin."""
    facts = json.loads((Path(env.project_dir) / "facts.json").read_text(encoding="utf-8"))
    for name, function in library(facts).items():
        env.macro(function, name)


def on_pre_page_macros(env: Any) -> None:
    """Let mkdocs-macros-plugin render pages in a sandbox that holds our macros and nothing else.

    The plugin's own environment also holds its configuration, the machine's name, git's log and Python's builtins.
    """
    from jinja2 import StrictUndefined, Template
    from jinja2.runtime import Context
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bare(Template):
        def new_context(self, vars: Any = None, shared: bool = False, locals: Any = None) -> Context:
            return super().new_context({}, shared, locals)

    class Sandbox(ImmutableSandboxedEnvironment):
        template_class = Bare

    if isinstance(env.env, ImmutableSandboxedEnvironment):
        return
    marks = {name.removeprefix("j2_"): mark for name, mark in DELIMITERS.items()}
    sandbox = Sandbox(**marks, undefined=StrictUndefined)
    for names in (sandbox.globals, sandbox.filters, sandbox.tests):
        names.clear()
    sandbox.globals.update({name: env.macros[name] for name in MACROS})
    env._env = sandbox
