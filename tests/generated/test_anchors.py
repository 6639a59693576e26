"""Every heading that a record of any kind may hold is where `kb check` says, for each audience."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from support import generate
from support.sites import TODAY
from support.story import put

from kb_builder import pipeline
from kb_builder.edition import edition
from kb_builder.exporters.bundle_records import write_edition
from kb_builder.headings import headings, ids_of
from kb_builder.records.base import Audience, Record
from kb_builder.records.fields import FieldSpec
from kb_builder.workspace import Workspace


@pytest.mark.parametrize(
    "kind", [each for each in generate.every_kind() if each.on_page], ids=lambda kind: kind.kind
)
def test_a_heading_that_check_knows_is_on_the_page(kind: type[Record], workspace: Workspace) -> None:
    numbers = itertools.count()

    def text(spec: FieldSpec) -> str:
        return f"## Заголовок {next(numbers)}\n\nText." if spec.text in ("markdown", "body") else "Plain"

    values = generate.fields(kind, text, lambda spec: "nobody")
    generate.write(workspace.folder("demo"), kind, "one", values)
    checked = pipeline.check(workspace, "demo", TODAY)
    record = checked.catalog.records[kind.kind, "one"]
    assert list(headings(record))
    for audience in (Audience.STAFF, Audience.CONSULTANT):
        prepared = pipeline.prepare(checked, audience, TODAY)
        seen = prepared.edition.records.get(record.key)
        if seen is not None:
            page = prepared.rendered.texts[seen.page.removesuffix(".html") + ".md"]
            there = set(re.findall(r"\{: #(\S+) \}$", page, re.MULTILINE))
            assert ids_of(seen) <= there
            assert {each for each in there if "заголовок" in each} == ids_of(seen)


def test_a_link_to_a_hidden_heading_is_words_and_no_bundle_holds_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    put(
        workspace,
        "documentation/guides/g.yaml",
        "title: G\ndescription: See [more](#secret-plan) and [h](h.yaml#secret-plan).\ninternal_notes: |\n  ## Secret plan\n",
    )
    put(workspace, "documentation/guides/h.yaml", "title: H\ninternal_notes: |\n  ## Secret plan\n")
    checked = pipeline.check(workspace, "demo", TODAY)
    assert checked.sound
    staff = pipeline.prepare(checked, Audience.STAFF, TODAY).rendered.texts["guides/g.md"]
    assert "secret" not in staff.lower()
    assert staff.count('class="kb-unlinked"') == 2
    whole = pipeline.prepare(checked, Audience.CONSULTANT, TODAY).rendered.texts["guides/g.md"]
    assert 'href="#secret-plan"' in whole
    assert 'href="h.html#secret-plan"' in whole
    home = tmp_path / "edition"
    write_edition(
        checked.catalog,
        edition(checked.catalog, Audience.STAFF),
        Audience.STAFF,
        workspace.folder("demo"),
        home,
    )
    assert "secret" not in (home / "documentation/guides/g.yaml").read_text().lower()
