"""The pages of a folder of Markdown, and which of them, or which file, an address on one of them leads to.

Site generators give a page more than one address: the file's path, the path without its ending or without the folder
that the site is made of, a permalink, and addresses that it had before. All of them are known here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kb_builder import slugs
from kb_builder.addresses import PUBLISHED_FILES
from kb_builder.importers.base import slug
from kb_builder.importers.markdown_blocks import bare_words
from kb_builder.importers.markdown_links import Kept, Lost, words_of
from kb_builder.importers.markdown_source import Source, code_spans, inside
from kb_builder.text import SAFE_SCHEMES, parse

ROOTS = frozenset(
    {
        "pages",
        "source",
        "src",
        "docs",
        "doc",
        "content",
        "site",
        "website",
        "wiki",
        "documentation",
        "_docs",
        "_pages",
        "public",
        "static",
        "assets",
    }
)
_ENDINGS = re.compile(r"(?:\.(?:md|markdown|mdown|mkdn?|html?|erb|liquid|njk|jinja2?|j2))+$", re.IGNORECASE)
_INDEX = re.compile(r"(?:^|/)(?:index|readme)$")
_HEADING = re.compile(r"^(#{2,6}) (.+)$", re.MULTILINE)
_ID = re.compile(r"""<[a-z][^<>]*?\b(?:id|name)\s*=\s*["']?([^"'\s>]+)[^<>]*>""", re.IGNORECASE)
IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})

NO_PAGE = "no such page in the folder; its words stay"
NO_ANCHOR = "the page has no such section; the link leads to its top"
NO_IMAGE = "the image is not in the folder; its words stay"
IMAGE_KIND = "sites do not carry this kind of image; its words stay"
FILE_KIND = "sites do not carry this kind of file; its words stay"
ELSEWHERE = "an image on another host; it is a link now"
UNSAFE = "not an address that is safe to follow; its words stay"
OUTSIDE = "leads out of the folder; its words stay"


@dataclass(frozen=True)
class Section:
    """A heading of a page: its anchor in the site, its words and those of the heading above it, without marks and spaces."""

    anchor: str
    bare: str
    parent: str = ""


@dataclass(frozen=True)
class Page:
    """A page on its way in: where it is in the folder, the id that it gets, its title, text and sections."""

    key: str
    id: str
    title: str
    source: Source
    sections: tuple[Section, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    footnotes: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()

    def anchor(self, written: str) -> str | None:
        """The anchor that a link to `written` means here: "" for the top, None if there is none."""
        name = unquote(written).strip().lstrip("#")
        if not name or name == "top":
            return ""
        if any(section.anchor == name for section in self.sections):
            return name
        if name.casefold() in self.named:
            return self.named[name.casefold()]
        bare = bare_words(re.sub(r"-(?:39|34|38|amp|quot)-", "-", name))
        for each in (bare, re.sub(r"[0-9]+$", "", bare) if re.search(r"-[0-9]+$", name) else bare):
            found = [
                section
                for section in self.sections
                if each
                and each in (section.bare, section.bare.lstrip("0123456789"), section.parent + section.bare)
            ]
            number = int(name.rpartition("-")[2]) if each != bare else 0
            if found:
                return found[min(number, len(found) - 1)].anchor
        return None


def sections(title: str, text: str) -> tuple[Section, ...]:
    """The headings of a page as its site will have them, its title first."""
    code = code_spans(text, indented=False)
    above: list[tuple[int, str]] = []
    headings: list[tuple[str, str]] = []
    for match in _HEADING.finditer(text):
        if inside(match.start(), code) is None:
            words = unescape(re.sub(r"<[^>]+>", "", parse(match.group(), True).html)).strip()
            level = len(match.group(1))
            above = [(deep, bare) for deep, bare in above if deep < level]
            parent = above[-1][1] if above else ""
            above.append((level, bare_words(words)))
            headings.append((words, parent))
    anchors = slugs.ids([slugs.slug(words) for words, _ in headings])
    below = (
        Section(anchor, bare_words(words), higher)
        for anchor, (words, higher) in zip(anchors, headings, strict=True)
    )
    return (Section("", bare_words(title)), *below)


def named_places(text: str, ids: Iterable[tuple[str, str]], known: tuple[Section, ...]) -> dict[str, str]:
    """Ids that the author gave, in lower case, each with the anchor of its heading or of the section it stands in."""
    named: dict[str, str] = {}
    for name, words in ids:
        bare = bare_words(words_of(words))
        named[unquote(name).casefold()] = next(
            (section.anchor for section in known[1:] if section.bare == bare), ""
        )
    code = code_spans(text, indented=False)
    starts = [match.start() for match in _HEADING.finditer(text) if inside(match.start(), code) is None]
    for match in _ID.finditer(text):
        if inside(match.start(), code) is not None:
            continue
        before = sum(start <= match.start() for start in starts)
        after = re.match(r"\s*(?:</a>)?\s*##", text[match.end() :])
        named.setdefault(
            match.group(1).casefold(),
            known[min(before + bool(after), len(known) - 1)].anchor if before or after else "",
        )
    return named


def address_of(path: str) -> str:
    """A page's path or address in the one form by which it is looked up."""
    bare = _ENDINGS.sub("", unquote(path).strip().strip("/"))
    return _INDEX.sub("", bare).strip("/").casefold()


def below_root(path: str) -> str:
    """A path without the folder that the site is made of: `source/team/vision` is `team/vision`."""
    first, _, rest = path.partition("/")
    return below_root(rest) if rest and first.lower() in ROOTS else path


@dataclass
class Site:
    """The pages by their addresses, and the folder's other files; `files` collects those that pages show."""

    root: Path
    name: str
    pages: dict[str, Page]
    addresses: dict[str, str]
    files: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, name: str, pages: Iterable[Page]) -> Site:
        """The site of the pages; where two claim an address, a page's own place comes before one it had before."""
        by_key = {page.key: page for page in pages}
        addresses: dict[str, str] = {}
        for claim in (
            lambda page: [page.key],
            lambda page: page.also[:1],
            lambda page: [below_root(page.key)],
            lambda page: page.also[1:],
        ):
            for page in by_key.values():
                for path in claim(page):
                    addresses.setdefault(address_of(path), page.key)
        return cls(root, name, by_key, addresses)

    def page(self, path: str, origin: Page) -> Page | None:
        """The page that `path`, written on the page `origin`, leads to."""
        for candidate in self._candidates(path, origin):
            key = self.addresses.get(address_of(candidate))
            if key is not None:
                return self.pages[key]
        return None

    def _candidates(self, path: str, origin: Page) -> list[str]:
        """What a path may mean, seen from the folder's top: beside the file, below the page's address, or from the top."""
        path = unquote(path)
        if path.startswith("/"):
            return [posixpath.normpath(path)]
        folder = posixpath.dirname(origin.key)
        found = [posixpath.normpath(posixpath.join(folder, path))]
        found.append(posixpath.normpath(posixpath.join(address_of(origin.key), path)))
        found.append(posixpath.normpath(posixpath.join("/", path)))
        return [each for each in found if not each.startswith("..")]

    def file(self, path: str, origin: Page) -> Path | None:
        """The file of the folder that `path`, written on the page `origin`, means. Nothing outside the folder is found."""
        if "\0" in path or len(path) > 1000:
            return None
        inside_root = self.root.resolve()
        tops = [
            "",
            *sorted(
                each.name for each in self.root.iterdir() if each.is_dir() and each.name.lower() in ROOTS
            ),
        ]
        for candidate in self._candidates(path, origin):
            for top in tops:
                file = self.root / top / candidate.lstrip("/")
                try:
                    if file.is_file() and file.resolve().is_relative_to(inside_root):
                        return file
                except OSError:
                    continue
        return None

    def resolve(self, address: str, image: bool, origin: Page) -> Kept | Lost:
        """What becomes of an address written on the page `origin`."""
        written = re.sub(r"\s+", "%20", address.strip().strip("\"'"))
        if written.startswith("(") and written.endswith(")"):
            written = written[1:-1]
        try:
            parts = urlsplit(written)
        except ValueError:
            return Lost(UNSAFE)
        if written.startswith("//"):
            written, parts = f"https:{written}", parts._replace(scheme="https")
        if parts.scheme:
            if parts.scheme.lower() not in SAFE_SCHEMES:
                return Lost(UNSAFE)
            return Kept(written, image, ELSEWHERE if image else None)
        if not image and (not parts.path or self.page(parts.path, origin)):
            return self._to_page(parts.path, parts.fragment, origin)
        return self._to_file(parts.path, image, origin)

    def _to_page(self, path: str, fragment: str, origin: Page) -> Kept | Lost:
        target = self.page(path, origin) if path else origin
        if target is None or not path and not fragment:
            return Lost(NO_PAGE)
        anchor = target.anchor(fragment)
        here = "" if target is origin else f"{target.id}.md"
        why = NO_ANCHOR if anchor is None else None
        return Kept(f"{here}#{anchor}" if anchor or not here else here, why=why)

    def _to_file(self, path: str, image: bool, origin: Page) -> Kept | Lost:
        file = self.file(path, origin)
        if file is None:
            return Lost(NO_IMAGE if image else NO_PAGE)
        if file.suffix.lower() not in (IMAGES if image else PUBLISHED_FILES):
            return Lost(IMAGE_KIND if image else FILE_KIND)
        return Kept(self._publish(file))

    def _publish(self, file: Path) -> str:
        """The path, from the folder of the guides, that the file gets."""
        parts = file.resolve().relative_to(self.root.resolve()).parts
        folders = [slug(part) for part in parts[:-1] if slug(part) not in ("images", "img")]
        stem = slug(file.stem)
        number, name = 1, ""
        while not name or self.files.get(name, file) != file:
            ending = f"{stem}-{number}" if number > 1 else stem
            name, number = (
                posixpath.join("images", self.name, *folders, ending + file.suffix.lower()),
                number + 1,
            )
        self.files[name] = file
        return name
