"""What is taken out of a release is in none of its files any more, whatever kind of record and field it stood in."""

from __future__ import annotations

import datetime as dt
import posixpath
from pathlib import Path

import pytest
from support.generate import every_kind, fields, write
from support.sites import TODAY
from support.story import put

from kb_builder import pipeline, releases, withdrawal
from kb_builder.person_names import Who
from kb_builder.problem import errors
from kb_builder.records.base import Audience, Record, folder_of
from kb_builder.records.discovery import Person
from kb_builder.records.fields import FieldSpec, fields_of
from kb_builder.redaction import take_out
from kb_builder.redaction_person import take_person_out, who
from kb_builder.withdrawal import Reason
from kb_builder.workspace import Workspace

HIDDEN, KEPT = "zz-hidden", "kept"
REASON = Reason("Because.", "Tom", TODAY)
NAME, EMAIL, PHONE, ID = "Dr Zoë Quux-Lee", "zoe@example.com", "01632 960555", "zoe-quux-lee"


def reference(spec: FieldSpec, to: type[Record]) -> str:
    """An id for a reference: the hidden record's if its kind may stand there, else that of one that stays."""
    kind, name = (to.kind, HIDDEN) if to.kind in spec.refs else (spec.refs[0], KEPT)
    return name if len(spec.refs) == 1 else f"{kind}/{name}"


def engagement(workspace: Workspace, to: type[Record]) -> Path:
    """A record of every kind that names the hidden one of kind `to` in every field where one can, and links to it."""
    home = workspace.folder("demo")
    hidden = f"{folder_of(to)}/{HIDDEN}.yaml"
    write(home, to, HIDDEN, {"title": "Something secret", **required(to)})
    for kind in every_kind():
        link = posixpath.relpath(hidden, folder_of(kind))

        def text(spec: FieldSpec, link: str = link) -> str:
            return f"See [that]({link}), then go on." if spec.text in ("markdown", "body") else "Words"

        values = fields(kind, text, lambda spec: reference(spec, to))
        for spec in fields_of(kind):
            if kind is to and kind.kind in spec.refs and not spec.required:
                values[spec.name] = [reference(spec, to)] if spec.many else reference(spec, to)
        write(home, kind, KEPT, {**values, "title": f"Kept {kind.kind}"})
    return home


def required(kind: type[Record]) -> dict[str, object]:
    """What a record of a kind must have, naming only records that stay."""
    names = {spec.name for spec in fields_of(kind) if spec.required}
    made = fields(
        kind, lambda _: "Words", lambda spec: KEPT if len(spec.refs) == 1 else f"{spec.refs[0]}/{KEPT}"
    )
    return {name: value for name, value in made.items() if name in names}


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.kind)
def test_nothing_leads_to_a_record_that_was_taken_out(kind: type[Record], workspace: Workspace) -> None:
    home = engagement(workspace, kind)
    release = releases.seal(workspace, "demo", "1.0", dt.date(2026, 11, 1))
    before = pipeline.open_release(workspace, "demo", release).catalog
    found = releases.load(workspace, "demo")
    plan = withdrawal.seal_anew(
        workspace,
        "demo",
        found.all,
        REASON,
        lambda copy, slug: take_out(copy, slug, {(kind.kind, HIDDEN)}),
    )
    withdrawal.carry_out(workspace, "demo", plan)
    (sealed,) = releases.load(workspace, "demo").all
    assert releases.verify(sealed, workspace.root) == []
    after = pipeline.open_release(workspace, "demo", sealed).catalog
    taken = {tuple(name.split("/")) for note in plan.notes for name in note.taken_out}
    assert set(before.records) - set(after.records) == taken
    assert (kind.kind, HIDDEN) in taken
    for path in sealed.folder.rglob("*"):
        assert HIDDEN not in path.name
        assert not path.is_file() or HIDDEN not in path.read_text(), path
    assert not after.bad_links
    assert home.joinpath(f"{folder_of(kind)}/{HIDDEN}.yaml").is_file()


def test_nothing_tells_of_a_person_who_was_taken_out(workspace: Workspace) -> None:
    """Name, contacts and id stand in every text and reference field of every kind, in comments, and written with escapes."""
    home = workspace.folder("demo")
    speaking = (
        f"Ask {NAME} or ZOE QUUX-LEE ({EMAIL}, +44 1632 960 555), or Z. Quux-Lee; not [her](mailto:{EMAIL})."
    )
    for kind in every_kind():
        values = fields(
            kind, lambda _: speaking, lambda spec: ID if Person.kind in spec.refs else reference(spec, Person)
        )
        write(home, kind, KEPT, {**values, "title": f"About {NAME}"})
        path = home / folder_of(kind) / f"{KEPT}.yaml"
        path.write_text(f"# {NAME} wrote\n# Zoë\n#   Quux-Lee did\nsummary: \"Zo\\u00eb Quux-Lee\"\n" + "\n".join(
            line for line in path.read_text().split("\n") if not line.startswith("summary:")
        ))  # fmt: skip
    put(
        workspace,
        f"discovery/people/{ID}.yaml",
        f"title: {NAME}\nemail: {EMAIL}\nphone: {PHONE}\njob: Owner\n",
    )
    put(
        workspace,
        f"discovery/interviews/{ID}-goals.yaml",
        f"title: What {NAME} wants\npeople: [{ID}]\ndate: 2026-03-01\n",
    )
    release = releases.seal(workspace, "demo", "1.0", dt.date(2026, 11, 1), f"With thanks to {NAME}.")
    catalog = pipeline.check(workspace, "demo", TODAY).catalog
    meant = who([catalog], ID)
    assert meant is not None
    plan = withdrawal.seal_anew(
        workspace, "demo", [release], REASON, lambda copy, slug: take_person_out(copy, slug, meant)
    )
    assert plan.undecided == []
    withdrawal.carry_out(workspace, "demo", plan)
    (sealed,) = releases.load(workspace, "demo").all
    assert releases.verify(sealed, workspace.root) == []
    for path in sealed.folder.rglob("*"):
        text = path.name + (path.read_text() if path.is_file() else "")
        for word in ("zoe", "zoë", "zo\\u00eb", "quux", EMAIL, "960555", "960 555", ID):
            assert word not in text.lower(), (path, word)
    after = pipeline.open_release(workspace, "demo", sealed).catalog
    assert len(after.records) == len(catalog.records)
    assert len(after.incoming[(Person.kind, meant.alias)]) == len(catalog.incoming[(Person.kind, ID)])
    assert not after.bad_links
    assert not errors(releases.load(workspace, "demo").problems)


def test_a_person_is_known_by_all_that_any_release_calls_them(workspace: Workspace) -> None:
    put(
        workspace, "discovery/people/ann.yaml", "title: Ann Berg\nemail: a@example.com\nphone: 01632 960001\n"
    )
    put(workspace, "client.yaml", "title: Demo\nlocations: [{id: hq, title: HQ, phone: 01632 960001}]\n")
    one = pipeline.check(workspace, "demo", TODAY).catalog
    put(workspace, "discovery/people/ann.yaml", "title: Ann Low\n")
    two = pipeline.check(workspace, "demo", TODAY).catalog
    assert who([one, two], "ann") == Who(
        "ann", "removed-person-1", ("Ann Berg", "Ann Low"), ("a@example.com",), ()
    )
    assert who([one, two], "bob") is None


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.kind)
def test_a_record_that_is_for_fewer_readers_than_a_release_shows_it_to_is_told(
    kind: type[Record], workspace: Workspace
) -> None:
    """Of every kind, whether the release says who may see it or the kind does; and no record that is not."""
    home, days = workspace.folder("demo"), dt.date(2026, 11, 1)
    for name, audience in (
        ("said", {"audience": "staff"}),
        ("unsaid", {}),
        ("always", {"audience": "consultant"}),
    ):
        write(home, kind, name, {"title": "X", **required(kind), **audience})
    releases.seal(workspace, "demo", "1.0", days)
    for name in ("said", "unsaid", "always"):
        write(home, kind, name, {"title": "X", **required(kind), "audience": "consultant", "tags": ["new"]})
    found = {
        each.record for each in pipeline.check(workspace, "demo", TODAY).problems if each.code == "KB733"
    }
    by_default = {(kind.kind, "unsaid")} if kind.default_audience is not Audience.CONSULTANT else set()
    assert found == {(kind.kind, "said"), *by_default}
