"""What changed between two catalogs, and that an audience learns nothing of what it may not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.steps import growth

from kb_builder.catalog import Catalog, index
from kb_builder.edition import edition
from kb_builder.insight.changes import Changes, RecordChange, compare
from kb_builder.insight.field_changes import FieldChange
from kb_builder.records import KINDS
from kb_builder.records.base import Audience, Record
from kb_builder.records.client import Client
from kb_builder.records.fields import fields_of

BY_NAME = {kind.kind: kind for kind in KINDS}


def make(kind: str, name: str, **fields: Any) -> Record:
    return BY_NAME[kind].model_validate({"id": name, "title": name.capitalize(), **fields})


def of(*records: Record) -> Catalog:
    return index("acme", records, {})


def one(old: Record, new: Record, *others: Record, everything: bool = False) -> RecordChange:
    (change,) = compare(of(old, *others), of(new, *others), everything=everything).changed
    return change


def fields(change: RecordChange) -> dict[str, FieldChange]:
    return {each.label: each for each in change.fields}


def test_records_come_go_and_change() -> None:
    before = of(make("system", "erp", version="1"), make("system", "fax"), make("role", "nurse"))
    after = of(make("system", "erp", version="2"), make("system", "vpn"), make("role", "nurse"))
    changes = compare(before, after)
    assert [each.id for each in changes.added] == ["vpn"]
    assert [each.id for each in changes.gone] == ["fax"]
    assert [(each.after.id, each.fields) for each in changes.changed] == [
        ("erp", (FieldChange(("version",), "Version", "1", "2"),))
    ]


def test_a_rename_is_neither_added_nor_gone() -> None:
    changes = compare(of(make("system", "old")), of(make("system", "new", title="Old", formerly=["old"])))
    assert (changes.added, changes.gone) == ((), ())
    (change,) = changes.renamed
    assert (change.before.id, change.after.id, change.fields) == ("old", "new", ())


def test_a_record_that_becomes_another_kind_is_renamed() -> None:
    old = make("asset", "till", serial="S1", location="shop")
    new = make("system", "till", formerly=["asset/till"], location="shop")
    changes = compare(of(old), of(new))
    assert changes.moved == {("asset", "till"): ("system", "till")}
    assert changes.changed[0].fields == ()


def test_an_id_in_use_again_belongs_to_who_uses_it() -> None:
    before = of(make("system", "mail", version="1"))
    after = of(make("system", "mail", version="2"), make("system", "post", formerly=["mail"]))
    changes = compare(before, after)
    assert [each.id for each in changes.added] == ["post"]
    assert not changes.renamed


def test_a_reference_to_a_renamed_record_is_no_change() -> None:
    before = of(make("system", "web", depends_on=["old"], replaced_by="old"), make("system", "old"))
    after = of(
        make("system", "web", depends_on=["new"], replaced_by="new"),
        make("system", "new", title="Old", formerly=["old"]),
    )
    assert [each.after.id for each in compare(before, after).changed] == ["new"]


def test_references_are_told_by_title() -> None:
    people = (make("person", "jo", title="Jo Bell"), make("person", "sam", title="Sam Ode"))
    found = fields(one(make("system", "erp", owner="jo"), make("system", "erp", owner="person/sam"), *people))
    assert (found["Owner"].before, found["Owner"].after) == ("Jo Bell", "Sam Ode")


def test_of_a_list_it_is_told_what_was_taken_and_added() -> None:
    systems = [make("system", name) for name in ("db", "web", "dns")]
    old = make("system", "erp", depends_on=["db", "web"], tags=["a", "b"])
    new = make("system", "erp", depends_on=["dns", "web"], tags=["b", "a"])
    found = fields(one(old, new, *systems))
    assert list(found) == ["Depends on"]
    assert (found["Depends on"].gone, found["Depends on"].new) == (("Db",), ("Dns",))


def test_dates_amounts_and_choices_read_as_on_a_page() -> None:
    old = make("project", "move", end="2026-03-01", budget="1200", status="planned")
    new = make("project", "move", end="2026-04-01", budget="1500.50", status="in-progress")
    found = fields(one(old, new))
    assert found["End"].after == "1\u00a0Apr\u00a02026"
    assert (found["Budget"].before, found["Budget"].after) == ("£1,200", "£1,500.50")
    assert found["Status"].after == "in progress"


def test_parts_are_told_by_their_titles_and_their_order_counts() -> None:
    task = {"id": "wire", "title": "Cabling"}
    old = make("project", "move", tasks=[task, {"id": "test", "title": "Testing"}, {"id": "a", "title": "A"}])
    new = make(
        "project",
        "move",
        tasks=[{"id": "plan", "title": "Plan"}, {"id": "a", "title": "A"}, {**task, "status": "done"}],
    )
    found = fields(one(old, new))
    assert (found["Tasks"].gone, found["Tasks"].new, found["Tasks"].moved) == (("Testing",), ("Plan",), True)
    assert found["Tasks / Cabling / Status"].pointer == ("tasks", "Cabling", "status")
    assert len(found) == 2


def test_a_reworded_step_is_the_same_step() -> None:
    old = make("guide", "g", steps=[{"do": "Open it."}, {"do": "Press the red button."}])
    new = make(
        "guide", "g", steps=[{"do": "Sit down."}, {"do": "Open it."}, {"do": "Press the green button."}]
    )
    found = fields(one(old, new))
    assert found["Steps"].new == ("3",)
    assert found["Steps / 1 / Do"].before == "Press the red button."


def test_a_part_that_comes_is_told_field_by_field() -> None:
    found = fields(
        one(make("system", "erp"), make("system", "erp", backup={"method": "Image", "where": "NAS"}))
    )
    assert {label: (each.before, each.after) for label, each in found.items()} == {
        "Backup / Method": ("", "Image"),
        "Backup / Where": ("", "NAS"),
    }


def test_long_text_has_a_word_diff() -> None:
    text = "Lock the door, set the alarm and leave by the yard; then call the warden on {} to say so."
    old, new = (make("guide", "g", trouble=text.format(number)) for number in ("12", "34"))
    (change,) = one(old, new).fields
    assert [piece.text for piece in change.words if piece.kind != "same"] == ["12", "34"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"formerly": ["x"]}, {}),
        ({"source": {"system": "netbox", "key": "1"}}, {}),
        ({"description": "one\ntwo"}, {"description": "one two\n"}),
        ({"audience": "staff"}, {}),
        ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}),
    ],
)
def test_bookkeeping_and_wrapping_are_no_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert compare(of(make("system", "erp", **old)), of(make("system", "erp", **new))).nothing


def test_a_record_that_was_only_confirmed_has_not_changed() -> None:
    old, new = make("guide", "g", reviewed="2026-01-01"), make("guide", "g", reviewed="2026-02-01")
    changes = compare(of(old), of(new))
    assert changes.nothing
    assert changes.confirmed == (new,)


def test_a_status_that_ends_a_record_retires_it() -> None:
    changes = compare(of(make("system", "erp")), of(make("system", "erp", status="retired")))
    assert [each.after.id for each in changes.retired] == ["erp"]
    assert changes.gone == ()


def test_what_is_no_news_of_a_client_is_said_by_the_fields_themselves() -> None:
    """A new field of client.yaml is either shown on a page, or bookkeeping: whoever adds it has to say which."""
    kept = {spec.name for spec in fields_of(Client) if spec.bookkeeping}
    shown = (
        "title summary description owner status tags reviewed review_every attachments links internal_notes"
    )
    own = "sector headcount consultancy since scope locations support standards"
    assert {spec.name for spec in fields_of(Client)} - kept == {"id", *shown.split(), *own.split()}
    old, new = (
        make("client", "acme"),
        make("client", "acme", edition={"audience": "staff", "unknown": ["x/y"]}),
    )
    assert compare(of(old), of(new)).nothing
    assert not compare(of(old), of(new), everything=True).nothing


def test_settings_count_for_who_asks_for_everything() -> None:
    old, new = make("system", "erp"), make("system", "erp", audience="management")
    assert list(fields(one(old, new, everything=True))) == ["Audience"]
    client = make("client", "acme", sites=[{"audience": "staff"}])
    changed = make("client", "acme", sites=[{"audience": "management"}])
    assert compare(of(client), of(changed)).nothing
    assert not compare(of(client), of(changed), everything=True).nothing


def test_only_the_kinds_that_are_asked_for_are_compared() -> None:
    before = of(make("system", "a"), make("role", "b"))
    after = of(make("system", "c"), make("role", "d"))
    changes = compare(before, after, kinds={"role"})
    assert ([each.id for each in changes.added], [each.id for each in changes.gone]) == (["d"], ["b"])


HIDDEN: dict[str, tuple[list[Record], list[Record]]] = {
    "a field for consultants": (
        [make("system", "erp", internal_notes="old")],
        [make("system", "erp", internal_notes="new")],
    ),
    "a field of a part": (
        [make("project", "p", audience="staff", budget="1")],
        [make("project", "p", audience="staff", budget="2")],
    ),
    "a record for consultants": (
        [make("system", "erp"), make("system", "spy", audience="consultant", version="1")],
        [make("system", "erp"), make("system", "spy", audience="consultant", version="2")],
    ),
    "a record for consultants that comes": (
        [make("system", "erp")],
        [make("system", "erp"), make("system", "spy", audience="consultant")],
    ),
    "a record for consultants that is renamed": (
        [make("system", "erp"), make("system", "spy", audience="consultant")],
        [make("system", "erp"), make("system", "eye", audience="consultant", formerly=["spy"])],
    ),
    "a reference to a hidden record": (
        [make("system", "erp"), make("system", "spy", audience="consultant")],
        [
            make("system", "erp", depends_on=["spy"], replaced_by="spy"),
            make("system", "spy", audience="consultant"),
        ],
    ),
    "a link in a text to a hidden record": (
        [make("system", "erp", description="See [it](../systems/spy.yaml).")],
        [make("system", "erp", description="See [it](../systems/eye.yaml).")],
    ),
    "a comment in a text": (
        [make("system", "erp", description="All is well.<!-- it is not -->")],
        [make("system", "erp", description="All is well.")],
    ),
    "a macro call in a text": (
        [make("guide", "g", body='Call {{ contact("spy").phone }} now.')],
        [make("guide", "g", body='Call {{ contact("eye").phone }} now.')],
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_staff_may_not_see_is_no_change_for_them(name: str) -> None:
    whole = [of(*records) for records in HIDDEN[name]]
    before, after = (edition(catalog, Audience.STAFF) for catalog in whole)
    assert compare(before, after) == Changes()
    assert not compare(*whole, everything=True).nothing


def test_locations_within_the_client_are_not_told_twice() -> None:
    before, after = (
        make("client", "acme", locations=[{"id": "a", "title": title, "audience": "consultant"}])
        for title in ("A", "B")
    )
    assert compare(of(before), of(after)) == Changes()


def test_staff_see_a_record_come_when_it_becomes_theirs() -> None:
    before = edition(of(make("system", "spy", audience="consultant")), Audience.STAFF)
    after = edition(of(make("system", "spy")), Audience.STAFF)
    assert [each.id for each in compare(before, after).added] == ["spy"]


names = st.sampled_from(["a", "b", "c", "d"])
versions = st.sampled_from(["1", "2", None])
catalogs = st.dictionaries(names, versions, max_size=4).map(
    lambda found: of(*(make("system", name, version=version) for name, version in found.items()))
)


@given(catalogs)
def test_nothing_changed_between_a_catalog_and_itself(catalog: Catalog) -> None:
    assert compare(catalog, catalog) == Changes()


@given(catalogs, catalogs)
def test_what_comes_one_way_goes_the_other(one: Catalog, other: Catalog) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (there.added, there.gone) == (back.gone, back.added)
    assert [each.after.key for each in there.changed] == [each.after.key for each in back.changed]


@given(catalogs, catalogs)
def test_every_record_is_told_of_once_or_is_as_it_was(one: Catalog, other: Catalog) -> None:
    changes = compare(one, other)
    told = [*changes.added, *changes.gone, *(each.after for each in changes.changed)]
    same = [key for key in one.records if other.records.get(key) == one.records[key]]
    assert sorted([*(each.key for each in told), *same]) == sorted({*one.records, *other.records})


def test_the_work_of_a_comparison_grows_with_the_records() -> None:
    def catalog(size: int, version: str) -> Catalog:
        text = "It runs **everything** that the shop needs. " * 10
        return of(
            *(
                make("system", f"s{number}", version=version if number % 10 == 0 else "1", description=text)
                for number in range(size)
            )
        )

    def compared(size: int) -> Callable[[], object]:
        before, after = catalog(size, "1"), catalog(size, "2")
        assert len(compare(before, after).changed) == size // 10
        return lambda: compare(before, after)

    assert growth(compared, 250, times=8) < 12
