"""A record as a form: its fields written out or commented out, with a comment that says what each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec, field_of, fields_of
from kb_builder.schema import default_of, type_words
from kb_builder.yaml_source import write_text

HOW_TO_FILL_IN = (
    "Take the `# ` away before a field to fill it in. "
    "Longer text: `field: |`, then the text below it, indented."
)


def record_text(
    kind: type[Record], values: Mapping[str, object], heading: str | None = None, body: str | None = None
) -> str:
    """The text of a record: the fields in `values` written out, the others of its kind commented out.

    A value of None leaves the field empty, to be filled in. A kind with a `body` becomes Markdown with
    front matter.
    """
    lines = [f"# {heading}"] if heading else []
    lines += [f"# {kind.label[0].capitalize()}: {one_line(kind.__doc__)}", f"# {HOW_TO_FILL_IN}"]
    for name, value in values.items():
        lines += ["", *_filled(kind, name, value)]
    rest = [spec for spec in fields_of(kind) if spec.name not in {*values, "id", "source", "body"}]
    complete = [field_of(kind, name) for name in kind.expected if name in {spec.name for spec in rest}]
    own = [spec for spec in rest if is_own(kind, spec.name) and spec not in complete]
    any_record = [spec for spec in rest if spec not in complete and spec not in own]
    label = f"{article(kind.label[0])} {kind.label[0]}"
    for words, specs in (
        (f"What makes {label} complete:", complete),
        (f"What {label} may have:", own),
        ("What any record may have:", any_record),
    ):
        if specs:
            lines += ["", f"# {words}", *(line for spec in specs for line in _commented(kind, spec))]
    if "body" not in kind.model_fields:
        return "\n".join(lines) + "\n"
    lines = ["---", *lines, "", "# The text goes below the next line, in Markdown.", "---", "", body or ""]
    return "\n".join(lines).rstrip() + "\n"


def _filled(kind: type[BaseModel], name: str, value: object) -> Iterator[str]:
    yield f"# {_explained(kind, field_of(kind, name))}"
    if value is None:
        yield f"{name}:"
    else:
        yield from write_text({name: value}).rstrip("\n").split("\n")


def _commented(model: type[BaseModel], spec: FieldSpec, indent: str = "", dash: str = "") -> Iterator[str]:
    """A field that is not filled in, and what a part of it is made of."""
    yield f"# {indent}{dash}{spec.name}:  # {_explained(model, spec)}"
    if spec.part is None or issubclass(spec.part, Record):
        return
    inner = indent + " " * len(dash) + "  "
    for number, each in enumerate(fields_of(spec.part)):
        first = spec.many and number == 0
        deeper = inner if first or not spec.many else f"{inner}  "
        yield from _commented(spec.part, each, deeper, "- " if first else "")


def _explained(model: type[BaseModel], spec: FieldSpec) -> str:
    """What a field says, what it takes where that is not said yet, and what holds if it is left out."""
    said = [one_line(spec.description)]
    words = type_words(spec)
    obvious = spec.part is not None or (spec.text == "plain" and not spec.many) or words == "text"
    if not obvious and not _says(said[0], words):
        said.append(f"{words[0].upper()}{words[1:]}.")
    if words == "colour":
        said.append("Write it in quotation marks.")
    default = default_of(model, spec.name)
    if default is not None:
        said.append(f"If left out: {default}.")
    return " ".join(said)


def _says(description: str, words: str) -> bool:
    """Whether a field's description says already what it takes."""
    known = words.split(",")[0].removeprefix("one of ").removeprefix("any of ").lower()
    return known in description.lower() or (words.startswith("period") and "such as" in description)


def is_own(kind: type[BaseModel], name: str) -> bool:
    """Whether a field is the kind's own, or one of all records that the kind narrows."""
    shared = Record.model_fields.get(name)
    return shared is None or shared.annotation != kind.model_fields[name].annotation


def one_line(text: str | None) -> str:
    """The text with its line breaks and runs of blanks made one blank."""
    return " ".join((text or "").split())


def article(word: str) -> str:
    """`a` or `an`, as the word wants it."""
    return "an" if word[0].lower() in "aeiou" else "a"
