"""The reference manual."""

from __future__ import annotations

import re

import click
import markdown
import pytest

from kb_builder import checks, codes, macros, reference
from kb_builder.records import KINDS
from kb_builder.records.base import Record
from kb_builder.records.fields import fields_of
from kb_builder.reference_kinds import kinds_page


@click.group()
@click.option("-C", "folder", default=".", help="Work as if started in this folder.")
def kb(folder: str) -> None:
    """Records in, sites out.

    \b
    Example:
      kb check
      kb build <client>
    """


@kb.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to say it.",
)
@click.option("--quiet", is_flag=True, help="Say | nothing.")
def check(clients: tuple[str, ...], form: str, quiet: bool) -> None:
    """Every problem, in <one> run.

    It reads all
    files.
    """


@kb.group(name="import")
def bring() -> None:
    """Bring records in."""


@bring.command()
@click.argument("file")
@click.option("--client", metavar="CLIENT", required=True, help="Whose.")
def netbox(file: str, client: str) -> None:
    """From NetBox."""


@kb.command(hidden=True)
def secret() -> None:
    """Not for you."""


def section(page: str, heading: str) -> str:
    return page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def html(page: str) -> str:
    return markdown.markdown(page, extensions=["tables", "toc", "pymdownx.superfences"])


def test_commands_are_found_at_any_depth_but_hidden_ones() -> None:
    page = reference.commands_page(kb)
    assert re.findall(r"^## (.*)", page, re.M) == ["kb", "kb check", "kb import", "kb import netbox"]


def test_a_command_says_what_it_takes() -> None:
    found = section(reference.commands_page(kb), "kb check")
    assert "kb check [OPTIONS] [CLIENT]..." in found
    assert "| `CLIENT` | no | any number |" in found
    assert "| `--format` followed by `text` or `json` | How to say it. &#91;default: text&#93; |" in found
    assert "| `--quiet` | Say &#124; nothing. |" in found
    assert "It reads all files." in found
    assert "in &#60;one&#62; run" in found


def test_an_option_that_takes_a_value_names_it() -> None:
    found = section(reference.commands_page(kb), "kb import netbox")
    assert "| `FILE` | yes | one |" in found
    assert "| `--client` `CLIENT` | Whose. &#91;required&#93; |" in found


def test_an_example_keeps_its_lines() -> None:
    assert "```\nkb check\nkb build <client>\n```" in section(reference.commands_page(kb), "kb")


def test_each_row_of_options_has_two_cells() -> None:
    rendered = html(reference.commands_page(kb))
    rows = [row for row in re.findall(r"<tr>(.*?)</tr>", rendered, re.S) if "--" in row]
    assert len(rows) == 7
    assert all(row.count("<td>") == 2 for row in rows)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_each_kind_tells_all_its_fields(kind: type[Record]) -> None:
    page = kinds_page(KINDS)
    found = section(page, kind.kind.replace("_", " ").capitalize())
    own = found.partition("\n### ")[0]
    shared = section(page, "Any record").partition("\n### ")[0]
    assert " ".join((kind.__doc__ or "").split())[:40] in found
    assert f"`{kind.kind}`" in found
    for spec in fields_of(kind):
        row = next(line for line in (own + shared).splitlines() if line.startswith(f"| `{spec.name}` |"))
        assert spec.audience.value in row
        assert ("| yes |" in row) is spec.required
        if spec.name not in Record.model_fields:
            assert row in own


def test_a_narrowed_field_is_told_with_its_kind() -> None:
    found = section(kinds_page(KINDS), "System")
    assert "| `status` | one of planned, live, retiring or retired | no | staff |" in found
    assert "If left out: `live`." in found


def test_parts_have_tables_of_their_own_within_parts_too() -> None:
    found = section(kinds_page(KINDS), "Training")
    assert "[questions](#training-question)" in found
    assert "### Training: question: answer" in found
    assert "| `correct` | true or false | no | staff | Whether it is right. |" in found


def test_every_link_within_the_kinds_page_arrives() -> None:
    rendered = html(kinds_page(KINDS))
    anchors = re.findall(r'id="([^"]+)"', rendered)
    links = set(re.findall(r'href="#([^"]+)"', rendered))
    assert len(links) > 40
    assert links <= set(anchors)
    assert len(anchors) == len(set(anchors))


def test_no_table_of_kinds_is_torn() -> None:
    rendered = html(kinds_page(KINDS))
    assert "<p>|" not in rendered
    for table in re.findall(r"<table>(.*?)</table>", rendered, re.S):
        widths = {row.count("<td") or row.count("<th") for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)}
        assert len(widths) == 1


CHECK = """A gap stands in the way of nothing, so nobody
can say why it matters.

It is <often> forgotten.

Bad:
    title: No MFA
    objectives: []

    status: open

Good:
    title: No MFA
    objectives: [safe-access]
"""


def test_a_check_has_its_reason_and_both_examples() -> None:
    page = reference.checks_page(
        [("KB402", "warning", "Gap without objective", CHECK), ("KB001", "error", "Not YAML", "Text.")]
    )
    assert page.index("## KB001") < page.index("## KB402")
    assert "| [KB402](#kb402) | warning | Gap without objective |" in page
    found = section(page, "KB402")
    assert "**Gap without objective** (warning)" in found
    assert "so nobody can say why" in found
    assert "&#60;often&#62;" in found
    assert "Bad:\n\n```yaml\ntitle: No MFA\nobjectives: []\n\nstatus: open\n```" in found
    assert "Good:\n\n```yaml\ntitle: No MFA\nobjectives: [safe-access]\n```" in found
    assert set(re.findall(r'href="#([^"]+)"', html(page))) <= set(re.findall(r'id="([^"]+)"', html(page)))


def test_every_code_is_told_once_with_reason_and_examples() -> None:
    told = [code for code, _, _, _ in reference.entries()]
    assert len(told) == len(set(told)) == len(checks.CHECKS) + len(codes.CODES)
    page = reference.pages(kb)["checks.md"]
    for code, severity, title, _ in reference.entries():
        found = section(page, code)
        assert f"({severity})" in found
        assert title
        assert found.count("```yaml") == 2, code
        assert found.index("Bad:") < found.index("Good:")


def test_every_macro_is_told() -> None:
    page = reference.macros_page(macros.library({}))
    assert re.findall(r"^## (.*)", page, re.M) == list(macros.library({}))
    assert "{{ system(id) }}" in page
    assert '`{{ system("erp").support }}`' in page


def test_the_manual_is_whole_and_its_index_leads_everywhere() -> None:
    pages = reference.pages(kb)
    assert sorted(pages) == [
        "checks.md",
        "commands.md",
        "formats.md",
        "index.md",
        "kinds.md",
        "macros.md",
        "targets.md",
    ]
    assert set(re.findall(r"\]\((.*?\.md)\)", pages["index.md"])) == set(pages) - {"index.md"}
    assert all(page.startswith("# ") and page.endswith("\n") for page in pages.values())


def test_the_manual_is_the_same_every_time() -> None:
    assert reference.pages(kb) == reference.pages(kb)
