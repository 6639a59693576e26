"""What differs between two records of a kind, field by field, as readers may see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from kb_builder.catalog import Catalog, Key
from kb_builder.insight.readable import readable
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec, Pointer, fields_of
from kb_builder.values import LONG, plain_value
from kb_builder.word_diff import Piece, word_diff

_NEVER = frozenset({"id", "formerly", "source"})
"""What no change is told of: `renamed` tells of ids, and where a record was imported from is the importer's own."""
_PROSE = ("do", "ask", "text")
"""The field that a part without id or title is known by: a sentence. Reworded, it is the same part still."""


@dataclass(frozen=True)
class FieldChange:
    """One field that changed.

    `pointer` leads to it, by the ids, titles or numbers of the parts on the way; `label` says the same in words.
    `before` and `after` are readable text, empty for nothing. Of a list, `gone` and `new` are what was taken from it
    and added to it, and `moved` says that what stayed is in another order. `words` is a long text's word diff.
    """

    pointer: Pointer
    label: str
    before: str = ""
    after: str = ""
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    moved: bool = False
    words: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Sides:
    """Two catalogs that are compared, and what became of the keys of the first in the second.

    With `everything`, settings count too, and Markdown is compared as it is written: for consultants.
    """

    before: Catalog
    after: Catalog
    renamed: Mapping[Key, Key] = field(default_factory=dict)
    everything: bool = False


def field_changes(
    before: BaseModel | None,
    after: BaseModel | None,
    sides: Sides,
    pointer: Pointer = (),
    label: tuple[str, ...] = (),
) -> Iterator[FieldChange]:
    """What differs between two records or parts of one class, one of which may not be there.

    A reference to a record that was only renamed is the same, and so is a text that was only wrapped otherwise.
    """
    there = after if after is not None else before
    if there is None:
        return
    model = type(there)
    for spec in fields_of(model):
        if _left_out(model, spec, sides) or not _alike(before, spec):
            continue
        old = getattr(before, spec.name, None)
        new = getattr(after, spec.name, None)
        if old == new:
            continue
        place, words = (*pointer, spec.name), (*label, spec.label)
        if spec.part is not None and spec.many:
            yield from _parts(old or [], new or [], spec, sides, place, words)
        elif spec.part is not None:
            yield from field_changes(old, new, sides, place, words)
        elif spec.many:
            yield from _lists(old or [], new or [], spec, sides, place, words)
        else:
            yield from _single(old, new, spec, sides, place, words)


def _alike(before: BaseModel | None, spec: FieldSpec) -> bool:
    """Whether a field means the same in a record of another kind, as which the record may have begun."""
    if before is None:
        return True
    own = next((each for each in fields_of(type(before)) if each.name == spec.name), None)
    return own is spec or (own is not None and _type(own) == _type(spec))


def _type(spec: FieldSpec) -> object:
    return (spec.many, spec.text, spec.refs, spec.part, spec.choices, spec.type_name)


def _left_out(model: type[BaseModel], spec: FieldSpec, sides: Sides) -> bool:
    if spec.name in _NEVER or (spec.part is not None and issubclass(spec.part, Record)):
        return True
    return issubclass(model, Record) and spec.bookkeeping and not sides.everything


def _single(
    old: Any, new: Any, spec: FieldSpec, sides: Sides, pointer: Pointer, label: tuple[str, ...]
) -> Iterator[FieldChange]:
    if spec.refs and _same_target(old, new, spec, sides):
        return
    if spec.text in ("markdown", "body"):
        before, after = old or "", new or ""
        if not sides.everything:
            before, after = readable(before, after, macros=spec.text == "body")
    else:
        before, after = _value(old, spec, sides.before), _value(new, spec, sides.after)
    if before.split() == after.split():
        return
    long = spec.text is not None and (before and after) and max(len(before), len(after)) > LONG
    words = word_diff(before, after) if long else ()
    yield FieldChange(pointer, " / ".join(label), before, after, words=words)


def _lists(
    old: Sequence[Any],
    new: Sequence[Any],
    spec: FieldSpec,
    sides: Sides,
    pointer: Pointer,
    label: tuple[str, ...],
) -> Iterator[FieldChange]:
    """What was taken from a list of references or plain values and what was added; their order counts for nothing."""
    before = {_canonical(each, spec, sides, was=True): _value(each, spec, sides.before) for each in old}
    after = {_canonical(each, spec, sides, was=False): _value(each, spec, sides.after) for each in new}
    gone = tuple(words for key, words in before.items() if key not in after)
    came = tuple(words for key, words in after.items() if key not in before)
    if gone or came:
        yield FieldChange(
            pointer, " / ".join(label), ", ".join(before.values()), ", ".join(after.values()), gone, came
        )


def _parts(
    old: Sequence[BaseModel],
    new: Sequence[BaseModel],
    spec: FieldSpec,
    sides: Sides,
    pointer: Pointer,
    label: tuple[str, ...],
) -> Iterator[FieldChange]:
    """What changed in a list of parts: those that went and came, their order, and what changed within each."""
    pairs, gone, came = _paired(old, new, spec, sides)
    names_before = [_name(each, number, spec, sides.before) for number, each in enumerate(old, 1)]
    names_after = [_name(each, number, spec, sides.after) for number, each in enumerate(new, 1)]
    order = [one for one, _ in pairs]
    moved = order != sorted(order)
    if gone or came or moved:
        yield FieldChange(
            pointer,
            " / ".join(label),
            ", ".join(names_before),
            ", ".join(names_after),
            tuple(names_before[number] for number in gone),
            tuple(names_after[number] for number in came),
            moved,
        )
    for one, other in pairs:
        name = names_after[other]
        yield from field_changes(old[one], new[other], sides, (*pointer, name), (*label, name))


def _paired(
    old: Sequence[BaseModel], new: Sequence[BaseModel], spec: FieldSpec, sides: Sides
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Which part became which, in the order of the new list; what went; what came. Alike ones pair in order."""
    places: dict[object, list[int]] = {}
    for number, each in enumerate(old):
        places.setdefault(_identity(each, spec, sides, was=True), []).append(number)
    for those in places.values():
        those.reverse()
    found: dict[int, int] = {}
    for number, each in enumerate(new):
        if same := places.get(_identity(each, spec, sides, was=False)):
            found[number] = same.pop()
    gone = sorted(number for those in places.values() for number in those)
    came = [number for number in range(len(new)) if number not in found]
    if spec.part is not None and _known_by(spec.part).name in _PROSE:
        for one, other in zip(gone, came, strict=False):
            found[other] = one
        gone, came = gone[len(came) :], came[len(gone) :]
    return sorted(((one, other) for other, one in found.items()), key=lambda pair: pair[1]), gone, came


def _known_by(part: type[BaseModel]) -> FieldSpec:
    """The field that tells the parts of a list apart: the id, else the first that each of them has."""
    specs = fields_of(part)
    named = [spec for spec in specs if spec.name == "id"] + [spec for spec in specs if spec.required]
    return named[0] if named else specs[0]


def _identity(part: BaseModel, spec: FieldSpec, sides: Sides, *, was: bool) -> object:
    known = _known_by(type(part))
    return _canonical(getattr(part, known.name), known, sides, was=was)


def _name(part: BaseModel, number: int, spec: FieldSpec, catalog: Catalog) -> str:
    """What a part is called: its title, else what tells it from the others, else its number."""
    known = _known_by(type(part))
    if known.name in _PROSE:
        return str(number)
    titled = next((each for each in fields_of(type(part)) if each.name in ("title", "for_what")), known)
    value = getattr(part, titled.name)
    return (
        plain_value(value, titled, catalog)
        if value
        else plain_value(getattr(part, known.name), known, catalog)
    )


def _value(value: Any, spec: FieldSpec, catalog: Catalog) -> str:
    return "" if value is None else plain_value(value, spec, catalog)


def _canonical(value: Any, spec: FieldSpec, sides: Sides, *, was: bool) -> object:
    """What a value is compared by: a reference by the record that it names, under the id that it has now."""
    if not spec.refs:
        return value
    found = (sides.before if was else sides.after).resolve(value, spec.refs)
    if found is None:
        return value
    return sides.renamed.get(found.key, found.key) if was else found.key


def _same_target(old: Any, new: Any, spec: FieldSpec, sides: Sides) -> bool:
    if old is None or new is None:
        return False
    return _canonical(old, spec, sides, was=True) == _canonical(new, spec, sides, was=False)
