"""What stays readable in older releases although it is now for fewer readers, and what was taken back but is still out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kb_builder.catalog import Catalog, Key, former_keys
from kb_builder.client_files import RELEASES
from kb_builder.errors import KbError
from kb_builder.problem import Location, Problem, Severity
from kb_builder.read import record_files
from kb_builder.records.base import Audience, Record
from kb_builder.records.client import Client
from kb_builder.records.client import Location as Place
from kb_builder.releases import PUBLISHED, Release, Releases
from kb_builder.seen import digest_of
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import read_file


def raised(workspace: Workspace, catalog: Catalog, found: Releases) -> list[Problem]:
    """The records that a release shows to readers who may not see them any more (KB733).

    Of a release only those files are read that are not as they were, so that it costs little to ask each time.
    """
    folder = workspace.folder(catalog.slug)
    names = {name for release in found.all for name in release.seal.files if name.endswith((".yaml", ".md"))}
    today = {name: _digest(folder / name) for name in sorted(names)}
    highest: dict[str, Audience] = {}
    for record in catalog.records.values():
        for kind, _ in former_keys(record):
            highest[kind] = max(
                highest.get(kind, Audience.STAFF), record.cleared_for, key=list(Audience).index
            )
    seen: dict[Key, list[tuple[str, Audience]]] = {}
    for release in found.all:
        for key, audience in _audiences(release, today, highest, workspace.root):
            seen.setdefault(key, []).append((release.version, audience))
    return [
        problem
        for record in catalog.records.values()
        for problem in _told(
            catalog, record, [each for key in former_keys(record) for each in seen.get(key, ())]
        )
    ]


def _digest(path: Path) -> str | None:
    try:
        return digest_of(path)
    except OSError:
        return None


def _audiences(
    release: Release, today: Mapping[str, str | None], highest: Mapping[str, Audience], root: Path
) -> Iterator[tuple[Key, Audience]]:
    """Who could see each record of a release, of those in files that are not as they were."""
    try:
        files = list(record_files(release.folder, root))
    except KbError:  # what cannot be looked through is a problem of its own
        return
    for path, kind in files:
        name = path.relative_to(release.folder).as_posix()
        if today.get(name) == release.seal.files.get(name) or not _may_show(path, kind, highest):
            continue
        value = read_file(path, name).value
        if name == "client.yaml" and isinstance(value, dict):
            yield from _each(kind, value, release.folder.parent.parent.name)
            kind, value = Place, value.get("locations")
        for item in value if isinstance(value, list) else [value]:
            yield from _each(kind, item, path.stem if isinstance(value, dict) else "")


def _may_show(path: Path, kind: type[Record], highest: Mapping[str, Audience]) -> bool:
    """Whether a file may hold a record that more could read than the highest of its kind today: quick, never wrongly no."""
    if kind is Client:
        return True
    if highest.get(kind.kind, Audience.STAFF) is Audience.STAFF:
        return False
    try:
        return not kind.default_audience.sees(highest[kind.kind]) or b"audience" in path.read_bytes()
    except OSError:
        return False


def _each(kind: type[Record], item: object, stem: str) -> Iterator[tuple[Key, Audience]]:
    if isinstance(item, dict):
        written = item.get("audience")
        known = isinstance(written, str) and written in set(Audience)
        id = stem or item.get("id")
        yield (kind.kind, str(id)), Audience(str(written)) if known else kind.default_audience


def _told(catalog: Catalog, record: Record, seen: list[tuple[str, Audience]]) -> Iterator[Problem]:
    now = record.cleared_for
    lower = [(version, audience) for version, audience in seen if not audience.sees(now)]
    if not lower:
        return
    versions = list(dict.fromkeys(version for version, _ in lower))
    readers = min((audience for _, audience in lower), key=list(Audience).index)
    message = (
        f"audience: is {now.value} now, and {_listed(versions)} still show it to {readers.value} readers"
    )
    hint = (
        f"`kb withdraw {catalog.slug} VERSION --redact {record.kind}/{record.id} --why …` seals a release anew without "
        "it; without --redact it takes the release back"
    )
    place = catalog.locate(record, ("audience",)) if record.audience else catalog.locate(record)
    yield Problem("KB733", Severity.WARNING, place, message, hint, record.key)


def _listed(versions: list[str]) -> str:
    return versions[0] if len(versions) == 1 else f"{', '.join(versions[:-1])} and {versions[-1]}"


def still_out(
    workspace: Workspace, client: str, found: Releases, out: Mapping[str, Mapping[str, str]]
) -> list[Problem]:
    """The targets that hold what was taken back or sealed anew since (KB734); `out` says what was published where."""
    gone = {note.version for note in found.withdrawn}
    place = Location((workspace.folder(client) / RELEASES / PUBLISHED).relative_to(workspace.root).as_posix())
    return [
        Problem(
            "KB734",
            Severity.WARNING,
            place,
            f"{target} still holds {version}, which was taken back",
            f"kb publish {client} --to {target} takes it away there; with --remove, if nothing else is left to publish",
        )
        for version, targets in sorted(out.items())
        if version.partition(" ")[0] in gone and found.get(version) is None
        for target in sorted(targets)
    ]
