"""The records of an edition as files: what one audience may see of an engagement, written out anew.

Each record gets a file of its own where its kind lives, the client's locations stay in `client.yaml`. Only fields that
are set are written, only files that a record names are copied, and addresses are made to fit. Comments in the YAML
are gone: they are for whoever wrote them. An edition of an edition is the same to the byte.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import yaml
from pydantic import BaseModel

from kb_builder import notes, pictures
from kb_builder.addresses import Ground, Outside, ToFile, ToRecord, file_of, ground, target_of
from kb_builder.catalog import Catalog, Key
from kb_builder.exporters.bundle_text import for_readers
from kb_builder.headings import anchors_of
from kb_builder.names import beside
from kb_builder.records.base import Audience, Record, folder_of
from kb_builder.records.client import FORMAT, Client, Location
from kb_builder.records.discovery import Person
from kb_builder.records.fields import FieldSpec, fields_of
from kb_builder.releases import (
    SEAL,
    SIGNATURES,
    Release,
    Seal,
    Signature,
    seal_text,
    signatures_text,
)
from kb_builder.slugs import slug
from kb_builder.stated import stated_files
from kb_builder.yaml_source import parse_text

CLIENT_FILE = "client.yaml"
_NOT_RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What a text below front matter cannot hold as it is."""

Put = Callable[[FieldSpec, str], str]


def write_edition(
    whole: Catalog, seen: Catalog, audience: Audience, home: Path, target: Path
) -> dict[str, str]:
    """Write the records of the edition `seen` of `whole` for `audience`, and the files they name, into `target`.

    `home` is the folder that the records were read from. Gives back the SHA-256 of each file, by its path.
    """
    writer = _Writer(whole, seen, ground(whole), home, _places(seen, home))
    digests: dict[str, str] = {}
    for key, record in seen.records.items():
        path = writer.places[key][0]
        if path != CLIENT_FILE:
            digests[path] = _write(target / path, writer.record_text(record, path))
    digests[CLIENT_FILE] = _write(target / CLIENT_FILE, writer.client_text(audience))
    stated = stated_files(seen)
    for name, source in writer.files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        pictures.copy(source, target / name, as_it_is=source in stated)
        digests[name] = hashlib.sha256((target / name).read_bytes()).hexdigest()
    return digests


def write_release(
    release: Release,
    whole: Catalog,
    seen: Catalog,
    audience: Audience,
    target: Path,
) -> None:
    """Write the edition of a release into `target`, sealed anew. Its signatures stay: they name the original's seal."""
    digests = write_edition(whole, seen, audience, release.folder, target)
    seen_notes = notes.up_to(release.seal.notes, audience)
    told = {
        each: for_readers(text, lambda address: address) for each, text in notes.sections(seen_notes).items()
    }
    sealed = Seal(
        version=release.version,
        date=release.seal.date,
        notes=notes.joined(told),
        format=FORMAT,
        sign_off=release.seal.sign_off,
        edition=audience,
        original=release.seal.original or release.digest,
        files=digests,
    )
    (target / SEAL).write_bytes(seal_text(sealed))
    if release.signatures:
        (target / SIGNATURES).write_bytes(signatures_text(_as_seen(release.signatures, seen)))


def _as_seen(signatures: Iterable[Signature], seen: Catalog) -> Iterator[Signature]:
    """Signatures as the readers of an edition may know them: somebody whom they may not know has a number for a name."""
    for number, each in enumerate(signatures, 1):
        if seen.get(Person, each.person) is None:
            yield each.model_copy(update={"person": f"signatory-{number}", "name": f"Signatory {number}"})
        else:
            yield each


def _write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return hashlib.sha256(text.encode()).hexdigest()


def _places(seen: Catalog, home: Path) -> dict[Key, tuple[str, str]]:
    """The file of each record, from the client's folder, and its name within it where there are others."""
    found: dict[Key, tuple[str, str]] = {}
    for key, record in seen.records.items():
        in_client = isinstance(record, Location) and seen.origins[key].file == home / CLIENT_FILE
        if isinstance(record, Client) or in_client:
            found[key] = (CLIENT_FILE, record.id)
        else:
            ending = "yaml" if _raw_body(record) is None else "md"
            found[key] = (f"{folder_of(type(record))}/{record.id}.{ending}", "")
    return found


def _raw_body(record: Record) -> str | None:
    """The record's body as it can stand below front matter; None if it has none, or one that cannot."""
    body = getattr(record, "body", None)
    if not isinstance(body, str) or not body.strip() or _NOT_RAW.search(body):
        return None
    return body.strip("\n")


@dataclass
class _Writer:
    """Writes the records of one edition, and gathers the files that they name."""

    whole: Catalog
    seen: Catalog
    on: Ground
    home: Path
    places: Mapping[Key, tuple[str, str]]
    files: dict[str, Path] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    unseen: dict[Key, frozenset[str]] = field(default_factory=dict)

    def record_text(self, record: Record, path: str) -> str:
        """The text of a record's own file."""
        fields = self.fields(record, path)
        fields.pop("id")
        if not path.endswith(".md"):
            return _yaml(fields)
        below = "---\n\n" + str(fields.pop("body")).strip("\n") + "\n"
        front = _yaml(fields)
        # Front matter ends before its last line break, which a block of text at its end would miss.
        same = parse_text(f"---\n{front}{below}", path).value == parse_text(front, "front.yaml").value
        return f"---\n{front}{below}" if same else f"---\n{front}\n{below}"

    def client_text(self, audience: Audience) -> str:
        """The text of `client.yaml`; where the client itself is hidden, what a site needs of it."""
        client = self.seen.client
        fields = self.fields(client, CLIENT_FILE)
        fields.pop("id")
        fields["format"] = FORMAT
        fields["edition"] = {"audience": self.seen.reader.value}
        fields["sites"] = [
            self._part(site, CLIENT_FILE, client)
            for site in self.whole.client.sites
            if audience.sees(site.audience)
        ]
        locations = [
            self.fields(record, CLIENT_FILE)
            for key, record in self.seen.records.items()
            if key[0] == Location.kind and self.places[key][0] == CLIENT_FILE
        ]
        if locations:
            fields["locations"] = locations
        return _yaml({spec.name: fields[spec.name] for spec in fields_of(Client) if spec.name in fields})

    def fields(self, record: Record, path: str) -> dict[str, Any]:
        """What a record's file holds, in the order of its class."""
        return self._part(record, path, record)

    def _part(self, model: BaseModel, path: str, record: Record) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for spec in fields_of(type(model)):
            value = getattr(model, spec.name)
            nothing = value is None or (value == [] and type(model).model_fields[spec.name].default == [])
            inner = spec.part is not None and issubclass(spec.part, Record)
            if spec.name not in model.model_fields_set or nothing or inner:
                continue
            if isinstance(value, list):
                found[spec.name] = [self._value(spec, item, path, record) for item in value]
            else:
                found[spec.name] = self._value(spec, value, path, record)
        return found

    def _value(self, spec: FieldSpec, value: Any, path: str, record: Record) -> Any:
        if isinstance(value, BaseModel):
            return self._part(value, path, record)
        if isinstance(value, Enum):
            return value.value
        if spec.text == "file":
            return self._address(value, path, record, plain=True) or value
        if spec.text in ("markdown", "body"):
            return for_readers(
                value, lambda address: self._address(address, path, record), macros=spec.text == "body"
            )
        return value

    def _address(self, address: str, path: str, record: Record, *, plain: bool = False) -> str | None:
        """What a record at `path` writes for an address; None where it leads to nothing that its readers may see.

        Raw in a field that holds a file's path, encoded in Markdown.
        """
        found = (file_of if plain else target_of)(address, record, self.whole, self.on)
        if isinstance(found, Outside):
            hidden = address.startswith("#") and self._hidden(record, unquote(address[1:]))
            return None if hidden else address
        if isinstance(found, ToRecord) and found.record.key in self.places:
            if self._hidden(found.record, found.anchor):
                return None
            name, anchor = self.places[found.record.key]
            anchor = anchor or found.anchor
        elif isinstance(found, ToFile):
            name, anchor = beside(os.path.relpath(found.path, self.home), self.taken), ""
            self.files[name] = found.path
        else:
            return None
        new = posixpath.relpath(name, posixpath.dirname(path) or ".")
        if plain:
            return new
        return quote(new, safe="/-._~") + (f"#{quote(anchor, safe='-._~')}" if anchor else "")

    def _hidden(self, record: Record, anchor: str) -> bool:
        """Whether an anchor is a heading's that only readers of more than this edition see."""
        if not anchor or record.key not in self.seen.records:
            return False
        if record.key not in self.unseen:
            whole, seen = (each.records[record.key] for each in (self.whole, self.seen))
            self.unseen[record.key] = anchors_of(whole) - anchors_of(seen)
        return not self.unseen[record.key].isdisjoint({anchor, slug(anchor)})


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, also with spaces at the ends of lines, and amounts as they were."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def analyze_scalar(self, scalar: str) -> Any:
        """What the text is, for the choice of its style."""
        found = super().analyze_scalar(scalar)
        if found.multiline:
            found.allow_block = not scalar.startswith((" ", "\t", "\n"))
        return found


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if _NOT_RAW.search(value) else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _amount(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = format(value, "f")
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'int' if text.isdigit() else 'float'}", text)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Decimal, _amount)


def _yaml(fields: Mapping[str, Any]) -> str:
    """Fields as YAML 1.2 that reads back as the same values."""
    return yaml.dump(
        dict(fields), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
