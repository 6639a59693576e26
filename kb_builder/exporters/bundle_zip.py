"""The zip of a bundle: written so that the same files give the same bytes, read so that a hostile one does no harm.

Beside the files lie `SHA256SUMS`, in the form of GNU coreutils' sha256sum, with every other file, and `bundle.yaml`,
which says what the bundle is and gives the SHA-256 of `SHA256SUMS`. The zip is APPNOTE.TXT 6.3.3 without extra fields:
names sorted, 1980-01-01, permissions 644, deflate at level 6. (Two versions of zlib may pack the same files
differently; what they hold, and with it `SHA256SUMS`, is the same.)
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from kb_builder.errors import KbError, UsageError
from kb_builder.folders import walk
from kb_builder.records.base import Audience, Date, Part, Plain
from kb_builder.records.client import FORMAT
from kb_builder.records.testing import Sha256
from kb_builder.workspace import SLUG
from kb_builder.yaml_source import parse_text, write_text

BUNDLE = 1
"""The form of the bundle itself."""
COVER = "bundle.yaml"
SUMS = "SHA256SUMS"
MAX_FILES = 250_000
MAX_BYTES = 8_000_000_000
MAX_RATIO = 150
_SMALL = 1_000_000
"""Up to this size no ratio is absurd: a file of blanks packs a thousandfold."""
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_DAY = (1980, 1, 1, 0, 0, 0)
_BAD = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029]|^[A-Za-z]:")
_CHUNK = 1 << 20


class Cover(Part):
    """What `bundle.yaml` holds."""

    bundle: int = Field(description="The form of the bundle.", ge=1)
    made_with: Plain = Field(description="The kb that made it.")
    format: int = Field(description="The format that the records are written in.", ge=1)
    client: Plain = Field(description="The client's folder in the workspace.")
    title: Plain = Field(description="What the client is called.")
    audience: Audience = Field(description="Whose edition it holds, and of those below.")
    date: Date = Field(description="The day it was made for.")
    versions: list[Plain] = Field(description="The versions that it holds sites of, the oldest first.")
    sums: Sha256 = Field(description="The SHA-256 of SHA256SUMS.")


def sums_of(folder: Path) -> str:
    """What `SHA256SUMS` holds for the files of a folder."""
    return "".join(f"{digest_of(folder / name)}  {name}\n" for name in files_in(folder))


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_in(folder: Path) -> list[str]:
    """The paths of all files of a folder, from there, sorted."""
    return sorted(
        (base / name).relative_to(folder).as_posix() for base, _, names in walk(folder) for name in names
    )


def cover_text(cover: Cover) -> str:
    """What `bundle.yaml` holds for a cover."""
    return write_text(cover.model_dump(mode="python") | {"audience": cover.audience.value})


def pack(folder: Path, target: Path) -> None:
    """Write the files of a folder as a zip. Raises KbError for a name that another computer could not keep."""
    names = files_in(folder)
    if wrong := next(iter(faults(names)), None):
        raise KbError(f"{wrong[0]}: {wrong[1]}", "rename the file, and what names it, and export again")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            entry = zipfile.ZipInfo(name, _DAY)
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            content = (folder / name).read_bytes()
            packed = len(content) > _SMALL and _grows(len(content), len(zlib.compress(content, 6)))
            # What would look like a bomb to whoever reads the bundle goes in as it is.
            file.writestr(entry, content, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED, 6)


def _grows(size: int, packed: int) -> bool:
    """Whether a file grows more when it is unpacked than files do."""
    return size > _SMALL and size > MAX_RATIO * max(packed, 1)


def faults(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the names of a bundle's files: each name that is, and why."""
    seen: dict[str, str] = {}
    for name in names:
        parts = name.split("/")
        shown = _shown(name)
        if _BAD.search(name):
            yield shown, "has a name that not every computer can keep"
        elif name.startswith("/") or any(part in ("", ".", "..") for part in parts):
            yield shown, "is not a path within the bundle"
        elif parts[0] == "records" and any(part.startswith(".") for part in parts):
            yield shown, "is a hidden file, and no record is"
        alike = unicodedata.normalize("NFC", name).casefold()
        if alike in seen:
            same = seen[alike] == name
            yield shown, "is there twice" if same else f'differs only in case from "{_shown(seen[alike])}"'
        seen[alike] = name
    for name in seen:
        for place in range(len(name)):
            if name[place] == "/" and name[:place] in seen:
                yield _shown(name), f"lies in {_shown(name[:place])}, which is a file"


def _shown(name: str) -> str:
    """A name as it can be printed."""
    return "".join(char if char.isprintable() else "\ufffd" for char in name)[:120]


def unpack(path: Path, prefix: str, target: Path) -> tuple[Cover, Mapping[str, str]]:
    """Check a bundle, all of it, and write its files below `prefix` into the new folder `target`.

    Gives back what its cover says, and the SHA-256 of its files. Raises UsageError for a file that is no bundle,
    KbError for one that was altered, is newer than this kb, or would do harm; then what stands in `target` is useless.
    """
    if not path.is_file():
        raise UsageError(
            f"{path} is {'not a file' if path.exists() else 'not there'}", "kb export bundle CLIENT makes one"
        )
    try:
        with zipfile.ZipFile(path) as file:
            entries = file.infolist()
            _refuse(entries)
            cover = _cover(file)
            sums = _sums(file, cover)
            _compare({entry.filename for entry in entries}, sums)
            for entry in entries:
                inside = entry.filename.startswith(prefix)
                _check(file, entry, sums, target / entry.filename.removeprefix(prefix) if inside else None)
            return cover, sums
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise UsageError(
            f"{path} is not a bundle, or is damaged: {error}", "copy it again from where it was made"
        ) from error
    except OSError as error:
        # A zip may lead to a place before its beginning; that is no fault of the machine.
        if error.errno == errno.EINVAL:
            raise UsageError(f"{path} is damaged", "copy it again from where it was made") from error
        raise


def _refuse(entries: list[zipfile.ZipInfo]) -> None:
    """Raise KbError for a zip that may do harm, from its list of files alone."""
    size = sum(each.file_size for each in entries)
    wrong: tuple[str, str] | None = None
    if len(entries) > MAX_FILES:
        wrong = ("the zip", f"holds {len(entries):,} files, at most {MAX_FILES:,} are read")
    elif size > MAX_BYTES:
        wrong = ("the zip", f"holds {size / 1e9:,.1f} GB, at most {MAX_BYTES / 1e9:,.0f} GB are read")
    else:
        wrong = next(faults(each.filename for each in entries), None)
    for each in entries if wrong is None else ():
        mode = each.external_attr >> 16
        if each.flag_bits & 0x41:
            wrong = (_shown(each.filename), "is encrypted")
        elif each.orig_filename != each.filename:
            wrong = (_shown(each.orig_filename), "is not a path within the bundle")
        elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            wrong = (_shown(each.filename), "is a link or another thing that is no file")
        elif _grows(each.file_size, each.compress_size):
            grown = each.file_size // max(each.compress_size, 1)
            wrong = (_shown(each.filename), f"grows {grown:,}-fold when it is unpacked")
        elif each.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            wrong = (_shown(each.filename), "is packed in a way that no bundle is")
    if wrong is not None:
        raise KbError(
            f"the bundle is refused: {wrong[0]} {wrong[1]}", "kb export bundle makes none like this"
        )


def _cover(file: zipfile.ZipFile) -> Cover:
    text = _text(file, COVER, 100_000)
    document = parse_text(text, COVER)
    given = document.value if isinstance(document.value, dict) else {}
    for name, ours in (("bundle", BUNDLE), ("format", FORMAT)):
        number = given.get(name)
        if isinstance(number, str) and number.isdecimal() and int(number[:9]) > ours:
            raise KbError(
                f"the bundle is newer than this kb: its {name} is {number[:9]}, we read {ours}",
                "use a newer kb",
            )
    try:
        cover = Cover.model_validate(given)
    except ValidationError as error:
        names = ", ".join(sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]}))
        raise KbError(
            f"{COVER} cannot be read: {names or 'it is empty'}",
            "copy the bundle again from where it was made",
        ) from error
    if not SLUG.fullmatch(cover.client):
        raise KbError(f"{COVER} names a client that no folder can have: {_shown(cover.client)}")
    return cover


def _sums(file: zipfile.ZipFile, cover: Cover) -> dict[str, str]:
    text = _text(file, SUMS, 100_000_000)
    if hashlib.sha256(text.encode()).hexdigest() != cover.sums:
        raise KbError(f"the bundle was altered: {SUMS} is not the one that {COVER} names")
    found: dict[str, str] = {}
    for line in text.split("\n")[:-1]:
        match = _LINE.fullmatch(line)
        if match is None:
            raise KbError(f"the bundle was altered: {SUMS} has a line that is none of its own")
        found[match[2]] = match[1]
    return found


def _text(file: zipfile.ZipFile, name: str, most: int) -> str:
    try:
        entry = file.getinfo(name)
    except KeyError as error:
        raise UsageError(
            f"this zip is not a bundle: it has no {name}", "kb export bundle CLIENT makes one"
        ) from error
    if entry.file_size > most:
        raise KbError(f"the bundle is refused: {name} is too large")
    return file.read(entry).decode("utf-8")


def _compare(there: set[str], sums: Mapping[str, str]) -> None:
    """Raise KbError if the zip does not hold what its list names."""
    listed = {*sums, COVER, SUMS}
    if missing := sorted(listed - there):
        raise KbError(f"the bundle was altered: {_shown(missing[0])} is missing")
    if extra := sorted(there - listed):
        raise KbError(f"the bundle was altered: {_shown(extra[0])} is not part of it")


def _check(
    file: zipfile.ZipFile, entry: zipfile.ZipInfo, sums: Mapping[str, str], target: Path | None
) -> None:
    """Read a file, write it to `target` if there is one, and raise KbError if it was altered."""
    digest, size = hashlib.sha256(), 0
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
    with file.open(entry) as source, (target or Path(os.devnull)).open("wb") as out:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            digest.update(chunk)
            out.write(chunk)
    wanted = sums.get(entry.filename)
    if size != entry.file_size or (wanted is not None and digest.hexdigest() != wanted):
        raise KbError(f"the bundle was altered: {_shown(entry.filename)} is not as it was packed")
