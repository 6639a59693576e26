"""Macro calls in guides, manuals and lessons, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kb_builder.catalog import Catalog
from kb_builder.edition import edition
from kb_builder.facts import facts
from kb_builder.insight.texts import Text, texts
from kb_builder.macros import MACROS, Unknown, call_of, library
from kb_builder.problem import GUESSES, Words, nearest
from kb_builder.records.base import Audience, Record
from kb_builder.records.documentation import Guide
from kb_builder.records.fields import Pointer

FORM, NAME, AUDIENCE = "form", "name", "audience"
_FORMS = (
    'write {{ system("id").field }}, {{ contact("id") }} or {{ steps("guide-id") }}; '
    "for braces as text write \\{{"
)


@dataclass(frozen=True)
class BadMacro:
    """A macro call that cannot stand: `fault` is FORM, NAME or AUDIENCE; `written` is the call."""

    record: Record
    pointer: Pointer
    written: str
    fault: str
    message: str
    hint: str


def bad_macros(catalog: Catalog, wanted: str) -> Iterator[BadMacro]:
    """Every macro call with the fault `wanted`: malformed, naming nothing, or telling too much."""
    by_audience: dict[Audience, dict[str, dict[str, dict[str, object]]]] = {}

    def known(audience: Audience) -> dict[str, dict[str, dict[str, object]]]:
        if audience not in by_audience:
            seen = edition(catalog, audience)
            by_audience[audience] = {
                **facts(seen),
                "steps": {guide.id: {"html": ""} for guide in seen.all(Guide) if guide.steps},
            }
        return by_audience[audience]

    hints = _Hints()
    for text in texts(catalog):
        if wanted == FORM:
            yield from _nearly(text)
        for written in dict.fromkeys(text.fragment.macros):
            found = _fault(written, known(text.record.cleared_for))
            if found is None:
                continue
            fault, message, why = found
            hint = why if isinstance(why, str) else ""
            if fault == NAME and _fault(written, known(Audience.CONSULTANT)) is None:
                fault = AUDIENCE
                message = f"{written} tells readers what only others may see"
                readers = text.record.cleared_for.value
                hint = f"{readers} readers see this text: name something they may see, or set `audience:`"
            if fault == wanted:
                hint = hint or hints.of(why)
                yield BadMacro(text.record, text.pointer, written, fault, message, hint)


def _nearly(text: Text) -> Iterator[BadMacro]:
    """Braces that call something which is named nearly like a macro; other braces are text."""
    for written in dict.fromkeys(text.fragment.others):
        name = written.strip("{-} ").partition("(")[0].strip()
        if near := nearest(name, MACROS):
            message = f"{_short(written)} is not a macro"
            hint = f"did you mean {near}? For braces as text write \\{{{{"
            yield BadMacro(text.record, text.pointer, written, FORM, message, hint)


class _Hints:
    """What a macro that names nothing may have meant. Only so many are looked for: each costs a look at what is alike."""

    def __init__(self) -> None:
        self._words: dict[int, tuple[Mapping[str, object], Words]] = {}
        self._left = GUESSES

    def of(self, why: str | Unknown) -> str:
        if isinstance(why, str):
            return why
        if id(why.known) not in self._words:
            self._words[id(why.known)] = (why.known, Words(why.known))
        words = self._words[id(why.known)][1]
        self._left -= 1
        near = words.nearest(why.name) if self._left >= 0 else None
        return f'did you mean "{near}"?' if near else f"known here: {', '.join(words.all[:12]) or 'none'}"


def _fault(
    written: str, known: dict[str, dict[str, dict[str, object]]]
) -> tuple[str, str, str | Unknown] | None:
    """The fault of a call, its message, and the hint or what it is made from."""
    call = call_of(written)
    macros = library(known)
    if call is None:
        return FORM, f"{_short(written)} is not a macro call as it must be written", _FORMS
    macro, name, wanted = call
    try:
        fact = macros[macro](name)
        if wanted:
            if macro == "steps":
                return FORM, f"{written}: steps has no fields", f'write {{{{ steps("{name}") }}}}'
            getattr(fact, wanted)
    except Unknown as error:
        return NAME, f"{macro}: {error}", error
    return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
