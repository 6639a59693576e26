"""Releases: sealed copies of a client's records that never change.

A release is the folder `releases/<version>/` of a client: a copy of every file of the client's folder as it was,
and `release.yaml`, which says what the release is and gives the SHA-256 (FIPS 180-4) of every file. Signatures are
added beside it, in `signatures.yaml`; each names the SHA-256 of the `release.yaml` that was signed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from pydantic import Field, ValidationError

from kb_builder.errors import KbError, UsageError, refused
from kb_builder.files import is_alive, replace_all
from kb_builder.folders import sort_of, walk
from kb_builder.problem import Location, Problem, Severity, in_order, unreadable
from kb_builder.records.base import Audience, Date, Part, Plain
from kb_builder.records.client import FORMAT
from kb_builder.records.testing import Sha256
from kb_builder.versions import DRAFT, Version
from kb_builder.withdrawn import WITHDRAWN, Note, read_notes
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import CONTROL, Document, read_file, write_text

RELEASES = "releases"
SEAL = "release.yaml"
SIGNATURES = "signatures.yaml"
PUBLISHED = "published.yaml"
_STAGE = ".kb-release-"
_PUBLISHED = (
    "mend it, or bring it back from a backup or with git; without it, nobody knows what was published when"
)
_RESTORE = "bring it back as it was sealed, from a backup or with git"


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
    notes: Plain | None = Field(None, description="What a reader should know about it, in Markdown.")
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


def seal(
    workspace: Workspace,
    client: str,
    version: str,
    date: dt.date,
    notes: str | None = None,
    sign_off: int = 0,
    extra: Mapping[str, str] | None = None,
) -> Release:
    """Seal a client's records as they are on disk, and `extra` files, by name. Nothing is there until all of it is.

    Raises UsageError for a version that is none, exists, or sorts before the newest; KbError for a link that leads
    out of the client's folder, MachineError when the disk refuses.
    """
    folder = workspace.folder(client)
    refuse_version(load(workspace, client), version, date)
    home = folder / RELEASES
    try:
        home.mkdir(exist_ok=True)
        _sweep(home)
        stage = Path(tempfile.mkdtemp(prefix=f"{_STAGE}{os.getpid()}-", dir=home))
        try:
            files = _copy(folder, stage)
            for name, content in (extra or {}).items():
                (stage / name).write_bytes(content.encode())
                files[name] = hashlib.sha256(content.encode()).hexdigest()
            given = new_seal(version, date, notes, sign_off, files)
            text = seal_text(given)
            (stage / SEAL).write_bytes(text)
            stage.chmod(0o755)
            os.rename(stage, home / version)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise refused(error, home) from error
    return Release(given, home / version, hashlib.sha256(text).hexdigest())


def new_seal(version: str, date: dt.date, notes: str | None, sign_off: int, files: Mapping[str, str]) -> Seal:
    """The seal of a new release. Of the notes, what is no text is left out, and space at the ends of lines."""
    readable = (notes or "").encode("utf-8", "replace").decode()
    lines = [line.rstrip() for line in CONTROL.sub(" ", readable).splitlines()]
    text = "\n".join(lines).strip()
    return Seal(
        version=version, date=date, notes=text or None, format=FORMAT, sign_off=sign_off, files=dict(files)
    )


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
        "notes": given.notes,
        "format": given.format,
        "sign_off": given.sign_off or None,
        "edition": given.edition.value if given.edition else None,
        "original": given.original,
        "before": given.before,
        "files": dict(sorted(given.files.items())),
    }
    return write_text({name: value for name, value in fields.items() if value is not None}).encode()


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a client's folder that belongs to its records: its path from there, and the file.

    The releases are left out, and all that begins with a dot. A link is followed if it leads to a file of this
    folder. Raises KbError for any other, and for what is no file at all.
    """
    for here, names, found in walk(folder):
        names[:] = [name for name in names if not name.startswith(".") and (here, name) != (folder, RELEASES)]
        for name in sorted([*found, *(name for name in names if (here / name).is_symlink())]):
            path = here / name
            if name.startswith("."):
                continue
            if path.is_symlink() and not (path.is_file() and path.resolve().is_relative_to(folder.resolve())):
                raise KbError(
                    f"{path} is a link that leads out of the client's folder, or to a folder",
                    "put the files themselves there",
                )
            if odd := sort_of(path):
                raise KbError(f"{path} is {odd}, not a file", "take it away")
            yield path.relative_to(folder).as_posix(), path


def _copy(folder: Path, target: Path) -> dict[str, str]:
    """Copy the files of a client's folder; the SHA-256 of each, of what was written."""
    digests: dict[str, str] = {}
    for name, path in files_of(folder):
        content = path.read_bytes()
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    return digests


def _sweep(home: Path) -> None:
    for stage in sorted(home.glob(f"{_STAGE}*-*")):
        number = stage.name.removeprefix(_STAGE).partition("-")[0]
        if number.isdigit() and not is_alive(int(number)):
            shutil.rmtree(stage, ignore_errors=True)


def load(workspace: Workspace, client: str) -> Releases:
    """Read the seals of a client's releases; their files are not looked at (`verify` does that)."""
    home = workspace.folder(client) / RELEASES
    found: list[Release] = []
    problems: list[Problem] = []
    for folder in _listed(home, workspace.root, problems):
        if folder.name.startswith(".") or folder.name in (PUBLISHED, WITHDRAWN):
            continue
        try:
            if _is_empty(folder):
                continue
            release = _load_one(folder, workspace.root, problems)
        except OSError as error:
            problems.append(unreadable(_shown(folder, workspace.root), error))
            continue
        if release is not None:
            found.append(release)
    found.sort(key=lambda each: Version(each.version))
    for one, other in itertools.pairwise(found):
        if Version(one.version) == Version(other.version):
            message = f"{one.version} and {other.version} are one version"
            problems.append(
                _problem("KB710", other.folder / SEAL, workspace.root, message, "keep one of the two")
            )
    notes = read_notes(home)
    if notes is None:
        message = "cannot be read: it is not what `kb withdraw` wrote"
        hint = "bring it back as it was, from a backup or with git"
        problems.append(_problem("KB736", home / WITHDRAWN, workspace.root, message, hint))
        notes = ()
    problems += _brought_back(found, notes, workspace.root)
    return Releases(tuple(found), tuple(in_order(problems)), notes)


def _is_empty(folder: Path) -> bool:
    """Whether there is nothing but folders: what is left of a release that was taken back, and git would not keep."""
    return folder.is_dir() and not folder.is_symlink() and all(each.is_dir() for each in folder.rglob("*"))


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
    if path.read_bytes() != seal_text(given):
        wrong("was altered since it was sealed")
        return None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Release(given, folder, digest, _signatures(folder, root, {digest, given.original}, problems))


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
        if not path.is_symlink() and not sort_of(path):
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == release.seal.files[name]:
                    return None
    except OSError as error:
        return unreadable(_shown(path, root), error)
    return _problem("KB711", path, root, f"was altered since {release.version} was sealed", _RESTORE)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _problem(code: str, path: Path, root: Path, message: str, hint: str) -> Problem:
    return Problem(code, Severity.ERROR, Location(_shown(path, root)), message, hint)


def sign(release: Release, root: Path, person: str, name: str, date: dt.date) -> Release:
    """Add a person's signature to a release. Raises UsageError if they signed already, KbError if it was altered."""
    if person in release.signed_by:
        raise UsageError(f"{name} has signed {release.version} already", "another person has to sign")
    if altered := verify(release, root):
        raise KbError(
            f"{altered[0].location.path} {altered[0].message}", "kb check names every file that differs"
        )
    signature = Signature(person=person, name=name, date=date, release=release.digest)
    signatures = (*release.signatures, signature)
    lines = [write_text(each.model_dump(mode="json")).rstrip("\n").split("\n") for each in signatures]
    text = "".join("- " + "\n  ".join(each) + "\n" for each in lines)
    replace_all({release.folder / SIGNATURES: text.encode()}, release.folder.parent)
    return Release(release.seal, release.folder, release.digest, signatures)


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
    before = published(workspace, client)
    by_target: dict[str, dict[str, object]] = {}
    for version, targets in before.items():
        for name, when in targets.items():
            by_target.setdefault(name, {})[version] = dt.date.fromisoformat(when)
    was = by_target.get(target, {})
    by_target[target] = {version: was.get(version, day) for version in versions if version != DRAFT}
    home.mkdir(exist_ok=True)
    replace_all({home / PUBLISHED: write_text(dict(sorted(by_target.items()))).encode()}, home)
