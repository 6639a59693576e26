"""A folder of Markdown to guides: pages of Jekyll, Eleventy, Middleman, Hugo, MkDocs, or plain files.

Titles, owners, review dates, tags and links between the pages are kept. What has no place in a guide is listed with
the line that it stands on: template tags, links to pages that are not there, missing images.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kb_builder.errors import KbError
from kb_builder.importers.base import Import, Imported, Skipped, slug
from kb_builder.importers.markdown_blocks import normalise
from kb_builder.importers.markdown_fields import KNOWN, fields_of, former_ids, plain, texts
from kb_builder.importers.markdown_html import simplify
from kb_builder.importers.markdown_links import Kept, Lost, rewrite, words_of
from kb_builder.importers.markdown_site import Page, Site, below_root, named_places, sections
from kb_builder.importers.markdown_source import Note, Source, code_spans, inside, literal_braces
from kb_builder.importers.markdown_tags import neutralise
from kb_builder.problem import Severity
from kb_builder.records.discovery import Role
from kb_builder.records.documentation import Guide
from kb_builder.text import SAFE_SCHEMES, parse
from kb_builder.yaml_source import Value, parse_text, read_file

NAME = "markdown"
_ENDING = re.compile(r"\.(?:md|markdown|mdown|mkdn?)(?:\.(?:erb|liquid|njk|jinja2?|j2))*$", re.IGNORECASE)
_PLUMBING = frozenset(
    {"_includes", "_layouts", "_data", "_site", "node_modules", "vendor", "partials", "layouts"}
)
_TITLE = re.compile(r"^#{1,2}[ \t]+(?P<one>\S.*?)[ \t#]*$|^(?P<two>\S.*)\n=+[ \t]*$", re.MULTILINE)
_BEFORE = re.compile(r"\A(?:[ \t]*\n|#[^\n]*\n)*(?=---[ \t]*\n)")


@dataclass(frozen=True)
class _File:
    """A file as read: its front matter, its text, and the number of the text's first line."""

    key: str
    front: Mapping[str, Value]
    source: Source


def read(
    source: str, progress: Callable[[int, int], None] = lambda done, all: None, name: str | None = None
) -> Import:
    """The guides that a folder holds. `progress` is told how many of how many files are done.

    `name` is what the import goes by, the folder's name if left out: guides of another folder are another import.
    Raises KbError if there is no such folder, or nothing in it that can be read.
    """
    root = Path(source)
    if not root.is_dir():
        raise KbError(f"no folder {source}", "name the folder that holds the Markdown files")
    called = slug(name or root.resolve().name)
    skipped: list[Skipped] = []
    files = [file for path in _paths(root, skipped) if (file := _read(path, root, skipped))]
    if not files:
        first = f": {skipped[0].what}: {skipped[0].why}" if skipped else ""
        raise KbError(
            f"no Markdown that can be read in {source}{first}", "files end in .md, .markdown or .md.erb"
        )
    ids = _ids(files)
    drafts = [_draft(file, ids[file.key], skipped) for file in files]
    pages = [draft.page for draft in drafts]
    site, former = Site.of(root, called, pages), former_ids(pages)
    guides: list[Imported] = []
    owners: dict[str, str] = {}
    for done, draft in enumerate(drafts, 1):
        guides.append(_guide(draft, site, former[draft.page.key], owners, skipped))
        progress(done, len(drafts))
    roles = (
        Imported(kind=Role, id=id, fields={"title": title}, body=None, key=f"owner {title}")
        for title, id in owners.items()
    )
    skipped.extend(_unknown_fields(files))
    return Import(f"{NAME}-{called}", (*roles, *guides), tuple(skipped))


def _paths(root: Path, skipped: list[Skipped]) -> Iterator[Path]:
    """The Markdown files below the folder, sorted; links that lead out of it are left out."""
    inside = root.resolve()
    for base, folders, names in os.walk(root):
        for each in sorted(folders):
            link = Path(base) / each
            if link.is_symlink() and not link.resolve().is_relative_to(inside):
                skipped.append(
                    Skipped(link.relative_to(root).as_posix(), "a link that leads out of the folder")
                )
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in _PLUMBING)
        for each in sorted(names):
            path = Path(base) / each
            if each.startswith(".") or not _ENDING.search(each):
                continue
            shown = path.relative_to(root).as_posix()
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                skipped.append(Skipped(shown, "a link that leads out of the folder"))
            elif each.startswith("_"):
                skipped.append(Skipped(shown, "a part of other pages, not a page"))
            else:
                yield path


def _read(path: Path, root: Path, skipped: list[Skipped]) -> _File | None:
    key = path.relative_to(root).as_posix()
    document = read_file(path, "page.md")
    errors = [problem for problem in document.problems if problem.severity is Severity.ERROR]
    if not document.text.strip():
        unread = [problem.message for problem in errors if problem.code not in ("KB007", "KB008")]
        skipped.append(Skipped(key, unread[0] if unread else "the file is empty"))
        return None
    text = document.text
    before = _BEFORE.match(text)
    at = before.end() if before else 0
    front = parse_text(text[at:], "page.md")
    if front.body is None or not isinstance(front.value, dict | None):
        return _File(key, {}, Source.of(text))
    wrong = [problem for problem in front.problems if problem.code != "KB007"]
    if front.value is None and wrong:
        if at:
            return _File(key, {}, Source.of(text))
        line = f" (line {wrong[0].location.line})"
        skipped.append(Skipped(key, f"its front matter cannot be read: {wrong[0].message}{line}"))
        return None
    return _File(key, front.value or {}, Source.of(front.body, text.count("\n") - front.body.count("\n") + 1))


def _ids(files: list[_File]) -> dict[str, str]:
    """An id for each file: its name, with as many of its folders before it as it takes to be the only one."""
    wanted: dict[str, list[str]] = {}
    for file in files:
        parts = _ENDING.sub("", re.sub(r"\.html?(?=\.)", "", below_root(file.key))).split("/")
        if parts[-1].lower() in ("index", "readme"):
            parts = parts[:-1] or [plain(file.front.get("title")) or "home"]
        wanted[file.key] = [slug(part) for part in parts]
    length = dict.fromkeys(wanted, 1)

    def ids() -> dict[str, str]:
        return {
            key: "-".join(parts[-length[key] :])[-110:].strip("-._") or "page"
            for key, parts in wanted.items()
        }

    while True:
        found = ids()
        often = Counter(found.values())
        clashing = [key for key in found if often[found[key]] > 1 and length[key] < len(wanted[key])]
        if not clashing:
            break
        for key in clashing:
            length[key] += 1
    taken: Counter[str] = Counter()
    for key, id in found.items():
        taken[id] += 1
        if taken[id] > 1:
            found[key] = f"{id}-{taken[id]}"
    return found


@dataclass(frozen=True)
class _Draft:
    """A page whose template tags are gone and whose blocks are ours; its links are still the folder's."""

    file: _File
    page: Page


def _draft(file: _File, id: str, skipped: list[Skipped]) -> _Draft:
    title = _title(file)
    facts = {key: value for key, each in file.front.items() if (value := plain(each))}
    source, notes = neutralise(file.source, {**facts, "title": title}, erb=file.key.endswith(".erb"))
    moved = plain(file.front.get("redirect_to"))
    if not source.text.strip() and moved:
        source = Source(f"This page has moved: see [the page that takes its place]({moved}).", (1,))
    source, more = simplify(source)
    blocks = normalise(source, title)
    skipped.extend(_shown(file.key, note) for note in (*notes, *more, *blocks.notes))
    known = sections(title, blocks.source.text)
    named = named_places(blocks.source.text, blocks.ids, known)
    permalink = plain(file.front.get("permalink")) or plain(file.front.get("url")) or file.key
    also = (permalink, *texts(file.front.get("redirect_from")), *texts(file.front.get("aliases")))
    return _Draft(file, Page(file.key, id, title, blocks.source, known, named, blocks.footnotes, also))


def _title(file: _File) -> str:
    """What the front matter says, else the first heading, else the file's name."""
    code = code_spans(file.source.text)
    heading = next(
        (match for match in _TITLE.finditer(file.source.text) if inside(match.start(), code) is None), None
    )
    title = plain(file.front.get("title")) or (
        words_of(heading.group("one") or heading.group("two")) if heading else ""
    )
    if title and not re.search(r"[{<]%|\{\{", title):
        return title
    name = re.sub(r"[-_]+", " ", re.split(r"[./]", below_root(file.key).rpartition("/")[2])[0])
    return name[:1].upper() + name[1:] or "Page"


def _guide(
    draft: _Draft, site: Site, former: list[str], owners: dict[str, str], skipped: list[Skipped]
) -> Imported:
    page = draft.page
    used: dict[str, Path] = {}

    def resolve(address: str, image: bool) -> Kept | Lost:
        result = site.resolve(address, image, page)
        if isinstance(result, Kept) and result.address in site.files:
            used[result.address] = site.files[result.address]
        return result

    source, notes = rewrite(page.source, resolve, page.footnotes)
    body, more = _mended(source)
    fields, unkept = fields_of(draft.file.front, page.key)
    skipped.extend(_shown(page.key, note) for note in (*unkept, *notes, *more))
    if owner := fields.get("owner"):
        fields["owner"] = f"role/{owners.setdefault(str(owner), _role_id(str(owner), owners))}"
    if former:
        fields["formerly"] = former
    files = {name: file.read_bytes() for name, file in used.items()}
    return Imported(
        kind=Guide,
        id=page.id,
        fields={"title": page.title, **fields},
        body=body or "This page holds no text.",
        key=page.key,
        files=files,
    )


def _role_id(owner: str, owners: Mapping[str, str]) -> str:
    id, number = slug(owner), 2
    while id in owners.values():
        id, number = f"{slug(owner)}-{number}", number + 1
    return id


def _mended(source: Source) -> tuple[str, list[Note]]:
    """The text, with what our renderer would still take for a macro or an unsafe link made harmless."""
    text, notes = source.text.strip("\n"), []
    found = parse(text, macros=True)
    for macro in found.macros:
        text = text.replace(macro, literal_braces(macro, html=True))
        notes.append(Note(source.numbers[0], macro[:80], "looks like a macro; it is written as text"))
    for address in (*found.links, *found.images):
        if (
            not re.match(r"#|[\w.-]+\.md(?:#|$)|images/", address)
            and address.partition(":")[0].lower() not in SAFE_SCHEMES
        ):
            text = text.replace(address, "#")
            notes.append(
                Note(source.numbers[0], f"link {address[:80]}", "not an address that is safe to follow")
            )
    return text, notes


def _shown(key: str, note: Note) -> Skipped:
    return Skipped(f"{key}:{note.line}: {note.what}", note.why)


def _unknown_fields(files: list[_File]) -> list[Skipped]:
    often = Counter(name for file in files for name in file.front if name not in KNOWN)
    return [
        Skipped(
            f"{name}, on {count} page{'s' if count > 1 else ''}", "front matter that a guide has no field for"
        )
        for name, count in sorted(often.items())
    ]
