"""Record text to page text: plain text escaped, Markdown rendered and sanitised.

A page of ours is Markdown in which record text can change nothing. Plain text is written
with HTML entities, which mean the same in Markdown, in HTML and in an attribute. Markdown is
rendered here, sanitised by nh3 and put into the page as HTML blocks between Markdown
headings: a fence that is never closed, a link definition or a raw tag ends with its field.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape as html_escape
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

import markdown
import nh3
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from pygments.token import STANDARD_TYPES

from kb_builder.macros import BRACED, MACROS
from kb_builder.slugs import slug

EXTENSIONS = (
    "tables",
    "admonition",
    "def_list",
    "sane_lists",
    "pymdownx.superfences",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.tilde",
)
"""The Markdown that record text may use. None lets a text set attributes of its own."""

SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_TAGS = frozenset(
    "a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i "
    "img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "abbr": {"title"},
    "ol": {"start"},
    "th": {"colspan", "rowspan", "align"},
    "td": {"colspan", "rowspan", "align"},
    "details": {"open"},
}
_ADMONITIONS = frozenset(
    "admonition admonition-title note abstract info tip success question warning failure danger bug example quote".split()
)
_CODE = frozenset({"highlight", "linenos", *(name for name in STANDARD_TYPES.values() if name)})
_CLASSES: dict[str, set[str]] = {
    "div": {*_ADMONITIONS, "highlight"},
    "p": {"admonition-title"},
    "details": set(_ADMONITIONS),
    "span": set(_CODE),
    "code": set(_CODE),
    "pre": set(_CODE),
    "table": {"highlighttable"},
}
_HASHES = re.compile(r"(?:^|\n)(?P<level>#{1,6})(?P<header>[^\n]*?)(?:(?<=[ \t])#+)?[ \t]{0,20}(?:\n|$)")
"""A heading as CommonMark has it: what stands at its end closes it only after a space, so that `## C#` keeps its sharp."""
_HEADING = re.compile("h[1-6]")
_VOID = frozenset({"br", "hr", "img"})
_SPECIAL = re.compile(r"""[&<>"'\\`*_{}\[\]|~^]""")
_IN_ATTRIBUTE = re.compile(r"""[&<>"'\\`{}\[\]|~^]""")
_START = re.compile(r"^(?:(\d+)([.)])(?=\s|$)|([^\w\s&\u2068]))")
_SPACE = re.compile(r"\s+")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PRIVATE = re.compile("[\ue000-\uf8ff\ufdd0-\ufdef]")
_MAX_BRACKETS = 4_000
_OPEN, _CLOSE = "\ue000", "\ue001"
NAMED, NAMED_END = "\ue002", "\ue003"
"""Around the slug that stands behind a heading of record text until its page is put together."""
LATER, LATER_END = "\ue004", "\ue005"
"""Around the number of a link that is settled when all pages are written."""
_TOKEN = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_QUOTED = re.compile(r"""["']([^"']*)["']""")
_FOREIGN = re.compile("[\ufdd0-\ufdef]")
_BRACES = str.maketrans({"{": "&#123;", "}": "&#125;"})


def one_line(text: str) -> str:
    """Text on one line, with text of the other direction kept from reordering what is around it."""
    flat = _SPACE.sub(" ", _PRIVATE.sub("\ufffd", text)).strip()
    if any(unicodedata.bidirectional(char) in ("R", "AL", "AN") or _BIDI.match(char) for char in flat):
        return "\u2068" + _BIDI.sub("", flat) + "\u2069"
    return flat


def escape(text: object) -> str:
    """Plain text, so that it shows as written in Markdown, in HTML and in an attribute."""
    flat = _SPECIAL.sub(lambda match: f"&#{ord(match.group())};", one_line(str(text)))

    def start(match: re.Match[str]) -> str:
        if match.group(1):
            return f"{match.group(1)}&#{ord(match.group(2))};"
        return f"&#{ord(match.group(3))};"

    return _START.sub(start, flat)


def attribute(text: str) -> str:
    """Text as the value of an HTML attribute, an address for example: to the letter, whatever reads the page."""
    return _IN_ATTRIBUTE.sub(
        lambda match: f"&#{ord(match.group())};", _SPACE.sub(" ", _PRIVATE.sub("\ufffd", text))
    )


def neutral(page: str, calls: Mapping[str, str]) -> str:
    """A page for the macros plugin: every brace is text, but for the calls that stand in for their placeholders.

    This is done to the whole page, last: what put it together need know nothing of a second template language.
    """
    safe = _FOREIGN.sub("\ufffd", page).translate(_BRACES)
    for placeholder, call in calls.items():
        safe = safe.replace(placeholder, call)
    return safe


class _MacroPattern(InlineProcessor):
    """Takes macro calls out of Markdown text, code excepted, and leaves a token for each.

    Braces that call something else stay where they are; they are noted as `others`.
    """

    def __init__(self, found: list[str], others: list[str]) -> None:
        super().__init__(BRACED)
        self.found = found
        self.others = others

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int | None, int | None]:
        if m.group(2) not in MACROS:
            self.others.append(m.group(1))
            return None, None, None
        self.found.append(m.group(1))
        return f"{_OPEN}{len(self.found) - 1}{_CLOSE}", m.start(0), m.end(0)


class _Macros(Extension):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.others: list[str] = []

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.inlinePatterns.register(_MacroPattern(self.found, self.others), "kb-macros", 175)


@dataclass(frozen=True)
class Fragment:
    """Markdown, rendered and sanitised: its HTML, where it links to, its images and its macro calls.

    `headings` are the words of the headings that stand on a page's own level, a macro call as the name in it; `others`
    are braces that call something else, which is text.
    """

    html: str
    links: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def _engine(macros: bool) -> tuple[markdown.Markdown, _Macros]:
    extension = _Macros()
    extensions: list[str | Extension] = [*EXTENSIONS]
    if macros:
        extensions.append(extension)
    engine = markdown.Markdown(
        extensions=extensions,
        extension_configs={
            "pymdownx.highlight": {"anchor_linenums": False, "auto_title": False},
            "pymdownx.tilde": {"subscript": False},
        },
    )
    engine.parser.blockprocessors["hashheader"].RE = _HASHES  # type: ignore[attr-defined]
    return engine, extension


@lru_cache(maxsize=20_000)
def parse(text: str, macros: bool = False) -> Fragment:
    """Render and sanitise Markdown. With `macros`, calls outside code are taken out and listed.

    Never raises: text that the renderer cannot take is shown as plain text.
    """
    engine, extension = _engine(macros)
    extension.found.clear()
    extension.others.clear()
    engine.reset()
    source = _PRIVATE.sub("\ufffd", text).expandtabs(4)
    try:
        if source.count("[") > _MAX_BRACKETS:
            raise ValueError("Python-Markdown's time grows with the square of the brackets")
        html = engine.convert(source)
    except (RecursionError, ValueError, IndexError, KeyError, AttributeError, AssertionError):
        html = f"<p>{html_escape(text)}</p>"
        extension.found.clear()
        extension.others.clear()
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        allowed_classes=_CLASSES,
        url_schemes=set(SAFE_SCHEMES),
        link_rel=None,
        strip_comments=True,
    )
    finder = _Finder()
    finder.feed(clean)
    finder.close()
    found = tuple(extension.found)
    headings = tuple(_TOKEN.sub(lambda match: _named(found, match), words) for words in finder.headings)
    return Fragment(
        clean, tuple(finder.links), tuple(finder.images), found, tuple(extension.others), headings
    )


def _named(macros: tuple[str, ...], token: re.Match[str]) -> str:
    number = int(token.group(1))
    quoted = _QUOTED.search(macros[number]) if number < len(macros) else None
    return quoted.group(1) if quoted else ""


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.images: list[str] = []
        self.headings: list[str] = []
        self.stack: list[str] = []
        self.empty = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if tag == "a" and name == "href" and value:
                self.links.append(value)
            if tag == "img" and name == "src" and value:
                self.images.append(value)
        if not self.stack and _HEADING.fullmatch(tag):
            self.headings.append("")
            self.empty = True
        else:
            self.empty = False
        if tag not in _VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self.stack:
            return
        ended = self.stack.pop()
        if not self.stack and _HEADING.fullmatch(ended):
            words = " ".join(self.headings.pop().split())
            self.headings += [] if self.empty and not words else [words]

    def handle_data(self, data: str) -> None:
        if self.stack and _HEADING.fullmatch(self.stack[0]):
            self.headings[-1] += data


Resolve = Callable[[str], str | None]
"""An address as written to the address in the site; None for no link."""


def place(fragment: Fragment, resolve: Resolve, macros: tuple[str, ...] = (), level: int = 2) -> str:
    """Put a fragment into a page: Markdown headings, at `level` at the highest, and HTML blocks between them.

    Behind each heading stands its slug, between NAMED and NAMED_END.
    `resolve` gives each link and image its address. `macros` stands in for the fragment's macro calls.
    """
    builder = _Builder(resolve, macros, level, fragment.html, fragment.headings)
    builder.feed(fragment.html)
    builder.close()
    return builder.result()


def inline(fragment: Fragment, resolve: Resolve) -> str:
    """A fragment as HTML on one line, for a table cell or a list item; no headings."""
    builder = _Builder(resolve, (), 0, fragment.html)
    builder.feed(fragment.html)
    builder.close()
    return builder.result()


class _Builder(HTMLParser):
    """Writes sanitised HTML again, block by block, in a form that Markdown leaves alone."""

    def __init__(
        self,
        resolve: Resolve,
        macros: tuple[str, ...],
        level: int,
        html: str,
        headings: tuple[str, ...] = (),
    ) -> None:
        super().__init__(convert_charrefs=True)
        self.resolve = resolve
        self.headings = iter(headings)
        self.macros = macros
        self.level = level
        levels = [int(found) for found in re.findall(r"<h([1-6])", html)]
        self.shift = max(0, level - min(levels)) if levels else 0
        self.parts: list[str] = []
        self.block: list[str] = []
        self.stack: list[str] = []
        self.closing: list[str] = []
        self.pre = 0
        self.heading: list[str] | None = None

    def result(self) -> str:
        self._flush()
        return "\n\n".join(self.parts) if self.level else "".join(self.parts)

    def _flush(self) -> None:
        html = "".join(self.block).strip()
        self.block = []
        if html:
            self.parts.append(f'<div class="kb-text">\n{html}\n</div>' if self.level else html)

    def _write(self, text: str) -> None:
        (self.block if self.heading is None else self.heading).append(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _HEADING.fullmatch(tag):
            number = min(6, int(tag[1]) + self.shift)
            if not self.stack and self.level:
                self._flush()
                self.heading = []
                tag = f"h{number}"
                self.stack.append(tag)
                self.closing.append("")
                return
            tag = f"h{number}" if self.level else "p"
        opened, closed = self._tag(tag, dict(attrs))
        self._write(opened)
        if tag not in _VOID:
            self.stack.append(tag)
            self.closing.append(closed)
            self.pre += tag == "pre"

    def _tag(self, tag: str, attributes: dict[str, str | None]) -> tuple[str, str]:
        if tag == "a" and "href" in attributes:
            address = self.resolve(attributes["href"] or "")
            if address is None:
                return "", ""
            attributes["href"] = address
            if re.match(r"https?:", address):
                attributes["rel"] = "noopener"
        if tag == "img":
            written = attributes.get("src") or ""
            address = self.resolve(written)
            if address is None or address.startswith(LATER):
                return _guard(html_escape(attributes.get("alt") or "")), ""
            if re.match(r"(https?:)?//", address):
                words = html_escape(attributes.get("alt") or address)
                return _guard(f'<a href="{html_escape(address)}" rel="noopener">{words}</a>'), ""
            attributes["src"] = address
            attributes["loading"] = "lazy"
            attributes.setdefault("alt", "")
        if tag == "table" and not attributes.get("class"):
            attributes.pop("class", None)
        written_attributes = "".join(
            f' {name}="{html_escape(value)}"' if value is not None else f" {name}"
            for name, value in attributes.items()
        )
        return _guard(f"<{tag}{written_attributes}>"), f"</{tag}>"

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self.stack:
            return
        ended = self.stack.pop()
        closing = self.closing.pop()
        self.pre -= ended == "pre"
        if self.heading is not None and not self.stack:
            words = "".join(self.heading).strip()
            named = slug(next(self.headings, ""))
            self.heading = None
            if words:
                self.parts.append(f"{'#' * int(ended[1])} {words} {NAMED}{named}{NAMED_END}")
            return
        self._write(closing)

    def handle_data(self, data: str) -> None:
        if not self.stack and not data.strip():
            self._write(("\n" if self.level else " ") if self.block else "")
            return
        if self.heading is not None:
            text = _SPECIAL.sub(lambda match: f"&#{ord(match.group())};", _SPACE.sub(" ", data))
        elif self.pre:
            text = _guard(html_escape(data, quote=False).replace("\n", "&#10;"))
        else:
            text = _guard(html_escape(_SPACE.sub(" ", data), quote=False))
        self._write(_TOKEN.sub(self._macro, text))

    def _macro(self, match: re.Match[str]) -> str:
        number = int(match.group(1))
        return self.macros[number] if number < len(self.macros) else ""


def _guard(html: str) -> str:
    """HTML in which nothing can be taken for a fence, an attribute list or a blank line."""
    for char in "`~{}":
        html = html.replace(char, f"&#{ord(char)};")
    return html.replace("\n", " ")
