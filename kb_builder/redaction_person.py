"""Taking a person's name and contacts out of a copy of a release, prose included; the rest of the records stays.

The person stays as somebody without a name, so that what they did still hangs together. Their full name, as it is
written in any release, their addresses and numbers are replaced wherever they stand, comments included, and so is the
id that tells the name. A surname or a first name alone may be somebody else's: such lines are listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from kb_builder.catalog import Catalog, references
from kb_builder.person_names import (
    ALIAS,
    NAMELESS,
    NO_ADDRESS,
    NO_NUMBER,
    Who,
    replaced,
    speaking,
    without_id,
)
from kb_builder.read import read
from kb_builder.records.client import Client
from kb_builder.records.discovery import Person
from kb_builder.records.fields import Pointer, walk
from kb_builder.redaction_outcome import Mention, Outcome, yaml_text
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import Document, front_matter, parse_text

RECORDS = (".yaml", ".yml", ".md")
TEXTS = (*RECORDS, ".txt", ".csv", ".json", ".log")


def who(catalogs: Iterable[Catalog], id: str, also: Iterable[str] = ()) -> Who | None:
    """The person of that id in any of some engagements, with all their names and contacts; None if there is none.

    A number or an address that is also somebody else's, such as an office's, is not theirs.
    """
    catalogs = list(catalogs)
    people = [person for catalog in catalogs if (person := catalog.get(Person, id))]
    if not people:
        return None
    shared = {value for catalog in catalogs for value in _contacts_of_others(catalog, id)}
    known = {key for catalog in catalogs for kind, key in catalog.records if kind == Person.kind}
    aliases = (f"{ALIAS}{number}" for number in range(1, len(known) + 2))
    names = {person.title for person in people} - {NAMELESS.capitalize()}
    return Who(
        id,
        id if id.startswith(ALIAS) else next(alias for alias in aliases if alias not in known),
        tuple(sorted(names, key=lambda name: (-len(name), name))),
        tuple(sorted({person.email for person in people if person.email} - shared - {NO_ADDRESS})),
        tuple(sorted({person.phone for person in people if person.phone} - shared - {NO_NUMBER})),
        tuple(each.strip() for each in also if each.strip()),
    )


def _contacts_of_others(catalog: Catalog, id: str) -> Iterator[str]:
    for key, record in catalog.records.items():
        if key != (Person.kind, id):
            for pointer, spec, value in walk(record):
                own = isinstance(record, Client) and _is_for(record, pointer, id)
                if isinstance(value, str) and spec.name in ("phone", "email") and not own:
                    yield value


def _is_for(client: Client, pointer: Pointer, id: str) -> bool:
    """Whether a contact in client.yaml is that person."""
    number = pointer[1] if pointer[0] == "support" else None
    return isinstance(number, int) and client.support[number].person == id


def take_person_out(workspace: Workspace, client: str, person: Who) -> Outcome | None:
    """Take a person out of a client's folder, which is a copy; None if nothing in it tells of them."""
    home = workspace.folder(client)
    before = {path: path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}
    catalog = read(workspace, client).catalog()
    _empty_own_fields(catalog, person)
    _rename_references(catalog, person)
    for path in before:
        if path.suffix.lower() in RECORDS:
            _rewrite(path, person)
    undecided = list(_files(home, before, person))
    _rename_files(home, catalog, before, person)
    after = {path: path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}
    if before == after:
        return None
    return Outcome(
        (f"{Person.kind}/{person.alias}",),
        speaking(person),
        lambda text: replaced(text, person),
        tuple(undecided),
    )


def _empty_own_fields(catalog: Catalog, person: Who) -> None:
    """Write over the person's own title and contacts, also where others share them."""
    record = catalog.get(Person, person.id)
    if record is None:
        return
    origin = catalog.origins[record.key]
    for name, words in (("title", NAMELESS.capitalize()), ("email", NO_ADDRESS), ("phone", NO_NUMBER)):
        value = getattr(record, name)
        if value:
            _put(origin.file, origin.document, (*origin.pointer, name), value, words)


def _rename_references(catalog: Catalog, person: Who) -> None:
    """Name the person by the other id where a record names them; where it stands on a line of its own, in place."""
    record = catalog.get(Person, person.id)
    if record is not None:
        origin = catalog.origins[record.key]
        if origin.pointer:
            _put(origin.file, origin.document, (*origin.pointer, "id"), person.id, person.alias)
    for link in catalog.incoming.get((Person.kind, person.id), ()):
        origin = catalog.origins[link.source]
        found = {pointer: value for pointer, _, value in references(catalog.records[link.source])}
        value = found[link.pointer]
        new = value.replace(person.id, person.alias) if "/" in value else person.alias
        _put(origin.file, origin.document, (*origin.pointer, *link.pointer), value, new)


def _put(path: Path, document: Document, pointer: Pointer, old: str, new: str) -> None:
    """Write a value where another stands; where it is not written plainly there, the file is written anew.

    Values are put in place line by line, so that the places of others on the same line are looked for afresh.
    """
    text = path.read_bytes().decode("utf-8-sig")
    now = parse_text(text, document.path)
    if _at(now.value, pointer) != old:
        return
    place = now.locate(pointer)
    lines = text.split("\n")
    line, start = lines[place.line - 1], place.column - 1
    quote = line[start] if line[start : start + 1] in ("'", '"') else ""
    if line.startswith(old, start + len(quote)):
        lines[place.line - 1] = line[: start + len(quote)] + new + line[start + len(quote) + len(old) :]
        changed = "\n".join(lines)
        if _at(parse_text(changed, document.path).value, pointer) == new:
            path.write_bytes(changed.encode())
            return
    value: Any = now.value
    _container(value, pointer)[pointer[-1]] = new
    _write(path, text, value)


def _container(value: Any, pointer: Pointer) -> Any:
    for part in pointer[:-1]:
        value = value[part]
    return value


def _at(value: Any, pointer: Pointer) -> Any:
    try:
        return _container(value, pointer)[pointer[-1]]
    except (KeyError, IndexError, TypeError):
        return None


def _write(path: Path, text: str, value: Any) -> None:
    """Write a file anew; what stands below front matter stays."""
    made = yaml_text(value)
    path.write_bytes((f"---\n{made}---\n{front_matter(text)[1]}" if path.suffix == ".md" else made).encode())


def _rewrite(path: Path, person: Who) -> None:
    """Replace names, contacts and the id in a file of records: as text, so that comments stay and speak of nobody."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    new = replaced(text, person)
    if new != text:
        path.write_bytes(new.encode())
    value = parse_text(new, path.name).value
    hidden = _map(value, person)
    # What YAML writes in other characters, such as Zo\u00eb, is only seen once it is read.
    if hidden != value:
        _write(path, new, hidden)


def _map(value: Any, person: Who) -> Any:
    if isinstance(value, str):
        return replaced(value, person)
    if isinstance(value, dict):
        return {name: _map(each, person) for name, each in value.items()}
    return [_map(each, person) for each in value] if isinstance(value, list) else value


def _files(home: Path, there: Mapping[Path, bytes], person: Who) -> Iterator[Mention]:
    """Files that hold no records: what they say is their own, and some nobody but a person can read."""
    found = speaking(person)
    for path in there:
        name = path.relative_to(home).as_posix()
        if (
            any(found.search(part.replace("-", " ")) for part in PurePosixPath(name).parts)
            and path.suffix not in RECORDS
        ):
            yield Mention(name, 1, "the file's name")
        if path.suffix.lower() not in TEXTS:
            yield Mention(name, 1, "not looked into: not a text")


def _rename_files(home: Path, catalog: Catalog, there: Mapping[Path, bytes], person: Who) -> None:
    """Rename the files whose name tells the id: the person's own, and where the id is no common word, all others."""
    record = catalog.get(Person, person.id)
    own = catalog.origins[record.key].file if record is not None else None
    for path in there:
        name = path.relative_to(home).as_posix()
        new = without_id(name, person)
        if path == own and path.stem == person.id:
            new = PurePosixPath(name).with_name(f"{person.alias}{path.suffix}").as_posix()
        if new != name:
            (home / new).parent.mkdir(parents=True, exist_ok=True)
            path.rename(home / new)
