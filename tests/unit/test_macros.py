"""Macros: one form, facts of the edition, and nothing that runs."""

from __future__ import annotations

import pytest
from support.sites import TODAY

from kb_builder import pipeline
from kb_builder.macros import Unknown, call_of, library, shown
from kb_builder.workspace import Workspace

FACTS = {
    "system": {
        "erp": {"title": "ERP <b>", "support": "call {{ us }}", "vendor": "", "address": "systems/erp.html"}
    },
    "contact": {"desk": {"title": "Desk", "name": "Desk", "phone": "1", "email": "", "line": "Desk, 1"}},
    "steps": {"restore": {"html": "<ol></ol>"}},
}


def test_one_form_is_a_call() -> None:
    assert call_of('{{ system("erp").support }}') == ("system", "erp", "support")
    assert call_of("{{ contact('desk') }}") == ("contact", "desk", None)


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}",
        '{{ system("erp").__class__ }}',
        '{{ system("erp").__class__.__mro__ }}',
        '{{ "".__class__ }}',
        "{{ config }}",
        '{{ system("erp") | attr("x") }}',
        '{{ system("erp").support.upper() }}',
        '{{ system(contact("x")) }}',
        "{% for x in y %}",
        "{# comment #}",
        '{{ system("erp", "x") }}',
        '{{ system("a\\"b") }}',
    ],
)
def test_nothing_else_is_a_call(text: str) -> None:
    assert call_of(text) is None


def test_facts_are_escaped() -> None:
    macros = library(FACTS)
    assert str(macros["system"]("erp")) == '<a href="../systems/erp.html">ERP &lt;b&gt;</a>'
    assert macros["system"]("erp").support == "call &#123;&#123; us &#125;&#125;"
    assert macros["system"]("erp").vendor == "not given here"
    assert str(macros["contact"]("desk")) == "Desk, 1"
    assert macros["steps"]("restore") == "<ol></ol>"


def test_unknown_names_raise() -> None:
    macros = library(FACTS)
    for call in (
        lambda: macros["system"]("nope"),
        lambda: macros["system"]("erp").nope,
        lambda: macros["steps"]("nope"),
    ):
        with pytest.raises(Unknown):
            call()


def test_no_attribute_of_python_is_reachable() -> None:
    fact = library(FACTS)["system"]("erp")
    with pytest.raises((AttributeError, Unknown)):
        fact._secret  # noqa: B018


def test_shown_leaves_nothing_for_jinja_or_markdown() -> None:
    assert not set(shown("{{ x }} {% y %} `*_[|~\\")) & set("{}`*_[|~\\")


@pytest.mark.parametrize(
    ("body", "code", "line", "column"),
    [
        ("Call {{ contact(desk) }}.", "KB611", 6, 6),
        ('Call {{ contct("desk") }}.', "KB611", 6, 6),
        ('One\n\nCall {{ contact("nobody") }}.', "KB612", 8, 6),
        ('{{ system("erp").colour }}', "KB612", 6, 1),
        ('{{ system("hidden").support }}', "KB613", 6, 1),
        ('{{ system("erp").__class__.__mro__ }}', "KB611", 6, 1),
    ],
)
def test_problems_say_where(workspace: Workspace, body: str, code: str, line: int, column: int) -> None:
    folder = workspace.engagements / "demo"
    for path, text in {
        "discovery/systems/erp.yaml": "title: ERP\n",
        "discovery/systems/hidden.yaml": "title: Hidden\naudience: consultant\n",
        "documentation/guides/g.md": f"---\ntitle: G\nsummary: s\n---\n\n{body}\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    found = [
        problem
        for problem in pipeline.check(workspace, "demo", TODAY).problems
        if problem.code.startswith("KB61")
    ]
    assert [(problem.code, problem.location.line, problem.location.column) for problem in found] == [
        (code, line, column)
    ]
    assert found[0].hint
