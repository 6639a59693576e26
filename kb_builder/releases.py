"""Releases: sealed copies of a client's records that never change.

A release is the folder `releases/<version>/` of a client: a copy of every file of the client's folder as it was,
and `release.yaml`, which says what the release is and gives the SHA-256 (FIPS 180-4) of every file. Signatures are
added beside it, in `signatures.yaml`; each names the SHA-256 of the `release.yaml` that was signed.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from pydantic import Field, ValidationError

from kb_builder import disk, notes
from kb_builder.client_files import RELEASES, copy_files, digests_of, settle_links
from kb_builder.errors import KbError, UsageError
from kb_builder.files import replace_all
from kb_builder.folders import sort_of, walk
from kb_builder.locks import hold
from kb_builder.notes import Notes
from kb_builder.problem import Location, Problem, Severity, in_order, unreadable
from kb_builder.records.base import Audience, Date, Part, Plain
from kb_builder.records.client import FORMAT
from kb_builder.records.testing import Sha256
from kb_builder.seen import Seen, again, digest, digest_of
from kb_builder.staging import staging
from kb_builder.versions import DRAFT, Version
from kb_builder.withdrawn import WITHDRAWN, Note, read_notes
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import CONTROL, Document, read_file, write_text

SEAL = "release.yaml"
SIGNATURES = "signatures.yaml"
PUBLISHED = "published.yaml"
_PUBLISHED = (
    "mend it, or bring it back from a backup or with git; without it, nobody knows what was published when"
)
_RESTORE = "bring it back as it was sealed, from a backup or with git"
SIGNERS = 50
"""How many others may sign, or publish, while somebody does: each may make us start again once."""


class Signature(Part):
    """One person's word that a release is right."""

    person: Plain = Field(description="The person's id.")
    name: Plain = Field(description="The person's name at the time.")
    date: Date = Field(description="When it was signed.")
    release: Sha256 = Field(description="The SHA-256 of the release.yaml that was signed.")


class Seal(Part):
    """What `release.yaml` holds."""

    version: Plain = Field(description="The version.")
    date: Date = Field(description="The day that it stands for.")
    notes: Notes = Field(
        None,
        description="What a reader should know about it, in Markdown: for everybody who reads the release, or by audience, "
        "each then for that audience and those above it.",
    )
    format: int = Field(description="The format that the records are written in.", ge=1)
    sign_off: int = Field(0, description="How many people must sign it before it is published.", ge=0)
    edition: Audience | None = Field(
        None, description="The audience whose edition this is, where a bundle was made for one."
    )
    original: Sha256 | None = Field(
        None, description="The SHA-256 of the release.yaml of the whole records, where this is an edition."
    )
    before: Sha256 | None = Field(
        None,
        description="The SHA-256 of the release.yaml that was, where something was taken out of it since.",
    )
    files: dict[str, Sha256] = Field(description="The SHA-256 of every file, by its path.")


@dataclass(frozen=True)
class Release:
    """A sealed release: what its `release.yaml` says, its folder, that file's SHA-256 and who signed it."""

    seal: Seal
    folder: Path
    digest: str
    signatures: tuple[Signature, ...] = ()

    @property
    def version(self) -> str:
        """What it is called."""
        return self.seal.version

    @property
    def candidate(self) -> bool:
        """Whether it still waits for signatures, so that it is not published."""
        return len(self.signed_by) < self.seal.sign_off

    @property
    def signed_by(self) -> tuple[str, ...]:
        """The ids of those who signed this very release, each once, in the order of signing."""
        good = {self.digest, self.seal.original}
        return tuple(dict.fromkeys(each.person for each in self.signatures if each.release in good))


@dataclass(frozen=True)
class Releases:
    """A client's releases, the oldest first, what is wrong with them, and notes of what was taken back."""

    all: tuple[Release, ...]
    problems: tuple[Problem, ...] = ()
    withdrawn: tuple[Note, ...] = ()

    def get(self, version: str) -> Release | None:
        """The release of that version, also where it is written otherwise (`2026.09` for `2026.9`)."""
        try:
            wanted = Version(version)
        except ValueError:
            return None
        return next((each for each in self.all if Version(each.version) == wanted), None)

    @property
    def latest(self) -> Release | None:
        """The newest release that is signed by all who must."""
        return next((each for each in reversed(self.all) if not each.candidate), None)


@dataclass(frozen=True)
class Copy:
    """A client's files as they were at one moment, in a folder of their own: what is checked there can be sealed.

    `workspace` holds the copy as a client of the same name; `home` is where the releases are.
    """

    workspace: Workspace
    client: str
    home: Path

    def seal(
        self,
        version: str,
        date: dt.date,
        told: Notes = None,
        sign_off: int = 0,
        extra: Mapping[str, str] | None = None,
    ) -> Release:
        """Make a release of the copy, and of `extra` files, by name. Nothing is there until all of it is on the disk.

        It can be done once. Raises UsageError for a version that is none, exists, or sorts before the newest; KbError
        for a link that leads out of the client's folder.
        """
        folder = self.workspace.folder(self.client)
        settle_links(folder)
        for name, content in (extra or {}).items():
            (folder / name).write_bytes(content.encode())
        given = new_seal(version, date, told, sign_off, digests_of(folder, {}))
        text = seal_text(given)
        (folder / SEAL).write_bytes(text)
        disk.sync_tree(folder)
        disk.make_folder(self.home)
        with hold(self.home, wait=True):
            refuse_version(_load(self.home, self.home.parents[2]), version, date)
            os.rename(folder, self.home / version)
            disk.sync_folder(self.home)
        return Release(given, self.home / version, digest(text))


@contextmanager
def copied(workspace: Workspace, client: str) -> Iterator[Copy]:
    """Copy a client's files as they are on disk, without its releases; the copy is gone at the end.

    Whoever writes there with `kb` is waited for. Raises Changed for a file that goes away meanwhile.
    """
    folder = workspace.folder(client)
    with staging(folder) as stage:
        with hold(folder, wait=True):
            copy_files(folder, Workspace(stage).engagements / client)
        yield Copy(Workspace(stage), client, folder / RELEASES)


def seal(
    workspace: Workspace,
    client: str,
    version: str,
    date: dt.date,
    told: Notes = None,
    sign_off: int = 0,
    extra: Mapping[str, str] | None = None,
) -> Release:
    """Seal a client's records as they are on disk, unchecked. Raises what `copied` and `Copy.seal` raise."""
    with copied(workspace, client) as copy:
        return copy.seal(version, date, told, sign_off, extra)


def new_seal(version: str, date: dt.date, told: Notes, sign_off: int, files: Mapping[str, str]) -> Seal:
    """The seal of a new release. Of the notes, what is no text is left out, and space at the ends of lines."""
    kept = notes.joined({audience: _tidy(text) for audience, text in notes.sections(told).items()})
    return Seal(version=version, date=date, notes=kept, format=FORMAT, sign_off=sign_off, files=dict(files))


def _tidy(text: str) -> str:
    readable = text.encode("utf-8", "replace").decode()
    return "\n".join(line.rstrip() for line in CONTROL.sub(" ", readable).splitlines()).strip()


def refuse_version(releases: Releases, version: str, date: dt.date) -> None:
    """Raise UsageError if `version`, dated `date`, cannot be the next release."""
    try:
        wanted = Version(version)
    except ValueError as error:
        raise UsageError(str(error), "write it as 2026.11, 2026.11.1 or 1.4.0") from error
    if gone := next((each for each in releases.withdrawn if Version(each.version) == wanted), None):
        raise UsageError(
            f"{gone.version} was {gone.what} on {gone.date}, and some may remember what it was",
            "a version is never given twice: raise it",
        )
    if not releases.all:
        return
    newest = releases.all[-1]
    if same := releases.get(version):
        raise UsageError(
            f"there is a release {same.version} already", "a release never changes: raise the version"
        )
    if wanted < Version(newest.version):
        raise UsageError(
            f"{version} sorts before {newest.version}, the newest release",
            f"call it more than {newest.version}",
        )
    if date < newest.seal.date:
        raise UsageError(
            f"{date} is before {newest.seal.date}, the date of {newest.version}",
            "give a later day with --date",
        )


def seal_text(given: Seal) -> bytes:
    """What `release.yaml` holds for a seal."""
    fields: dict[str, object] = {
        "version": given.version,
        "date": given.date,
        "notes": notes.as_data(given.notes),
        "format": given.format,
        "sign_off": given.sign_off or None,
        "edition": given.edition.value if given.edition else None,
        "original": given.original,
        "before": given.before,
        "files": dict(sorted(given.files.items())),
    }
    return write_text({name: value for name, value in fields.items() if value is not None}).encode()


def load(workspace: Workspace, client: str) -> Releases:
    """Read the seals of a client's releases; their files are not looked at (`verify` does that)."""
    return _load(workspace.folder(client) / RELEASES, workspace.root)


def _load(home: Path, root: Path) -> Releases:
    found: list[Release] = []
    problems: list[Problem] = []
    for folder in _listed(home, root, problems):
        if folder.name.startswith(".") or folder.name in (PUBLISHED, WITHDRAWN):
            continue
        try:
            if _is_empty(folder):
                continue
            release = _load_one(folder, root, problems)
        except OSError as error:
            problems.append(unreadable(_shown(folder, root), error))
            continue
        if release is not None:
            found.append(release)
    found.sort(key=lambda each: Version(each.version))
    for one, other in itertools.pairwise(found):
        if Version(one.version) == Version(other.version):
            message = f"{one.version} and {other.version} are one version"
            problems.append(_problem("KB710", other.folder / SEAL, root, message, "keep one of the two"))
    try:
        notes = read_notes(home)
    except OSError:  # the folder itself may not be looked into, which is said above
        notes = ()
    if notes is None:
        message = "cannot be read: it is not what `kb withdraw` wrote"
        hint = "bring it back as it was, from a backup or with git"
        problems.append(_problem("KB736", home / WITHDRAWN, root, message, hint))
        notes = ()
    problems += _brought_back(found, notes, root)
    return Releases(tuple(found), tuple(in_order(problems)), notes)


def _is_empty(folder: Path) -> bool:
    """Whether there is nothing but folders: what is left of a release that was taken back, and git would not keep."""
    if folder.is_symlink() or not folder.is_dir() or os.path.lexists(folder / SEAL):
        return False
    return not any(files for _, _, files in walk(folder))


def _brought_back(found: Iterable[Release], notes: Iterable[Note], root: Path) -> Iterator[Problem]:
    """The releases that stand again as they were before they were taken back or sealed anew."""
    by_seal = {note.seal: note for note in notes}
    gone = {note.version: note for note in notes if note.what == "withdrawn"}
    for release in found:
        note = by_seal.get(release.digest) or gone.get(release.version)
        if note is not None:
            message = f"{release.version} was {note.what} on {note.date}, and stands here again as it was"
            hint = (
                "take the folder away"
                if note.what == "withdrawn"
                else "bring back the one that was sealed since"
            )
            yield _problem("KB735", release.folder / SEAL, root, message, hint)


def _listed(home: Path, root: Path, problems: list[Problem]) -> list[Path]:
    try:
        return sorted(home.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        problems.append(unreadable(_shown(home, root), error))
        return []


def _load_one(folder: Path, root: Path, problems: list[Problem]) -> Release | None:
    path = folder / SEAL
    restore = _RESTORE

    def wrong(message: str) -> None:
        problems.append(_problem("KB710", path, root, message, restore))

    if folder.is_symlink() or not folder.is_dir():
        problems.append(
            _problem("KB710", folder, root, "not a release: a folder a version stands here", "move it")
        )
        return None
    if not path.is_file() or path.is_symlink():
        wrong("the release has no release.yaml")
        return None
    document = read_file(path, _shown(path, root))
    if document.withheld:
        problems.extend(document.problems)
        return None
    try:
        given = Seal.model_validate(_without_empty(document))
        Version(given.version)
    except (ValidationError, ValueError) as error:
        what = document.problems[0].message if document.problems else "it is not what `kb release` wrote"
        if isinstance(error, ValidationError):
            what = f"{what} ({', '.join(sorted({str(each['loc'][0]) for each in error.errors() if each['loc']}))})"
        wrong(f"cannot be read: {what}")
        return None
    if given.version != folder.name:
        wrong(f"is of {given.version}, and its folder is called {folder.name}")
        return None
    if document.digest != digest(seal_text(given)):
        wrong("was altered since it was sealed")
        return None
    good = {document.digest, given.original}
    return Release(given, folder, document.digest, _signatures(folder, root, good, problems))


def _without_empty(document: Document) -> object:
    value = document.value
    return (
        {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value
    )


def _signatures(
    folder: Path, root: Path, digests: set[str | None], problems: list[Problem]
) -> tuple[Signature, ...]:
    path = folder / SIGNATURES
    if not path.is_file():
        return ()
    document = read_file(path, _shown(path, root))
    found: list[Signature] = []
    if document.withheld:
        problems.extend(document.problems)
        return ()
    for position, item in enumerate(document.value if isinstance(document.value, list) else ["?"]):
        try:
            signature = Signature.model_validate(item)
        except ValidationError:
            message = "is not a list of signatures as `kb sign` writes them"
            problems.append(_problem("KB714", path, root, message, "take the line away and sign again"))
            continue
        if signature.release not in digests:
            place = document.locate((position, "release"))
            message = f"{signature.name} signed another release.yaml than this one"
            hint = "bring release.yaml back as it was signed, or take the signature away and sign again"
            problems.append(Problem("KB714", Severity.ERROR, place, message, hint))
        found.append(signature)
    return tuple(found)


def verify(release: Release, root: Path) -> list[Problem]:
    """What differs between a release's files and its seal: each altered, missing or extra file."""
    problems: list[Problem] = []
    restore = _RESTORE
    there: dict[str, Path] = {}
    unlisted: list[str] = []

    def unread(error: OSError) -> None:
        path = Path(error.filename or release.folder)
        problems.append(unreadable(_shown(path, root), error))
        unlisted.append(path.relative_to(release.folder).as_posix())

    for base, names, files in walk(release.folder, unread):
        links = [name for name in names if (base / name).is_symlink()]
        for name in (*files, *links):
            path = base / name
            there[path.relative_to(release.folder).as_posix()] = path
    for name in sorted({*there, *release.seal.files} - {SEAL, SIGNATURES}):
        path = release.folder / name
        if name not in release.seal.files:
            problems.append(
                _problem("KB713", path, root, f"is not part of release {release.version}", "take it away")
            )
        elif any(PurePosixPath(name).is_relative_to(each) for each in unlisted):
            continue
        elif name not in there:
            problems.append(
                _problem("KB712", path, root, f"is missing from release {release.version}", restore)
            )
        elif problem := _altered(path, release, name, root):
            problems.append(problem)
    return problems


def _altered(path: Path, release: Release, name: str, root: Path) -> Problem | None:
    """What is wrong with a file that was sealed: it cannot be read, or is not what it was."""
    try:
        if not path.is_symlink() and not sort_of(path) and digest_of(path) == release.seal.files[name]:
            return None
    except OSError as error:
        return unreadable(_shown(path, root), error)
    return _problem("KB711", path, root, f"was altered since {release.version} was sealed", _RESTORE)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _problem(code: str, path: Path, root: Path, message: str, hint: str) -> Problem:
    return Problem(code, Severity.ERROR, Location(_shown(path, root)), message, hint)


def sign(release: Release, root: Path, person: str, name: str, date: dt.date) -> Release:
    """Add a person's signature to a release, beside those that others add meanwhile.

    Raises UsageError if they signed already, KbError if the release was altered.
    """
    if altered := verify(release, root):
        raise KbError(
            f"{altered[0].location.path} {altered[0].message}", "kb check names every file that differs"
        )

    def once() -> Release:
        seen = Seen()
        seen.read(release.folder / SIGNATURES)
        seen.digests[release.folder / SEAL] = release.digest
        there = _signatures(release.folder, root, {release.digest, release.seal.original}, [])
        if person in replace(release, signatures=there).signed_by:
            raise UsageError(f"{name} has signed {release.version} already", "another person has to sign")
        signature = Signature(person=person, name=name, date=date, release=release.digest)
        text = signatures_text((*there, signature))
        replace_all({release.folder / SIGNATURES: text}, release.folder.parent, seen.digests)
        return replace(release, signatures=(*there, signature))

    return again(once, tries=SIGNERS)


def signatures_text(signatures: Iterable[Signature]) -> bytes:
    """What `signatures.yaml` holds for some signatures."""
    lines = [write_text(each.model_dump(mode="json")).rstrip("\n").split("\n") for each in signatures]
    return "".join("- " + "\n  ".join(each) + "\n" for each in lines).encode()


def published(workspace: Workspace, client: str) -> Mapping[str, Mapping[str, str]]:
    """Where each version was published: by version, the target's name and the day, ISO 8601.

    Raises KbError if the file that says so is not as kb wrote it: what it says must not be lost.
    """
    found, problems = read_published(workspace, client)
    if problems:
        place = problems[0].location
        raise KbError(f"{place.path}:{place.line}: {problems[0].message}", problems[0].hint)
    return found


def read_published(workspace: Workspace, client: str) -> tuple[dict[str, dict[str, str]], list[Problem]]:
    """What `published` gives, as far as it can be read, and what is wrong with the file."""
    path = workspace.folder(client) / RELEASES / PUBLISHED
    if not os.path.lexists(path):
        return {}, []
    document = read_file(path, _shown(path, workspace.root))
    if document.withheld or document.value is None:
        return {}, [replace(each, code="KB016", hint=_PUBLISHED) for each in document.problems]
    found: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    targets = document.value if isinstance(document.value, dict) else {"": document.value}
    for target, versions in targets.items():
        for version, day in versions.items() if isinstance(versions, dict) else [("", None)]:
            if _is_day(day):
                found.setdefault(version, {})[target] = str(day)
            else:
                place = document.locate((target, version))
                message = "is not a list of targets, their versions and the day of each"
                problems.append(Problem("KB016", Severity.ERROR, place, message, _PUBLISHED))
    return found, problems


def _is_day(text: object) -> bool:
    try:
        return bool(dt.date.fromisoformat(str(text)))
    except ValueError:
        return False


def note_published(
    workspace: Workspace, client: str, target: str, versions: Iterable[str], day: dt.date
) -> None:
    """Note that a target holds these versions now, and no others."""
    home = workspace.folder(client) / RELEASES
    kept = [version for version in versions if version != DRAFT]
    disk.make_folder(home)

    def once() -> None:
        seen = Seen()
        seen.read(home / PUBLISHED)
        by_target: dict[str, dict[str, object]] = {}
        for version, targets in published(workspace, client).items():
            for name, when in targets.items():
                by_target.setdefault(name, {})[version] = dt.date.fromisoformat(when)
        was = by_target.get(target, {})
        by_target[target] = {version: was.get(version, day) for version in kept}
        if not kept:
            del by_target[target]
        text = write_text(dict(sorted(by_target.items())))
        replace_all({home / PUBLISHED: text.encode()}, home, seen.digests)

    again(once, tries=SIGNERS)
