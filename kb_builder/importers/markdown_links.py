"""Links, images and HTML tags in Markdown, written anew with the addresses that they have here.

Every form of link becomes the plain one, `[words](address)`. Where an address leads is the caller's to say; what
leads nowhere keeps its words. Code is not touched. Text that only looks like a tag or a macro is written as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from html import escape, unescape

from kb_builder.importers.markdown_source import (
    BLOCK_TAGS,
    Edit,
    Note,
    Source,
    Span,
    code_spans,
    inside,
    literal_braces,
)

TAGS = frozenset(
    "a abbr address article aside b blockquote br button caption center cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i img input ins kbd label li main mark nav ol p picture "
    "pre q s samp section small source span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr".split()
)
LONGEST = 4000
"""How long an address may be."""
_DEFINITION = re.compile(
    r"""^[ ]{0,3}\[(?P<name>[^\]\n^][^\]\n]*)\]:[ \t]*(?P<to><[^>\n]*>|\S+)[ \t]*"""
    r"""(?:\n?[ \t]*(?:"(?P<one>[^"\n]*)"|'(?P<two>[^'\n]*)'|\((?P<three>[^)\n]*)\))[ \t]*)?$\n?""",
    re.MULTILINE,
)
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]")
_TAG = re.compile(r"</?(?P<tag>[A-Za-z][\w-]*)(?:\s+[^<>]*|\s*)/?>")
_AUTOLINK = re.compile(r"<(?P<to>[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>")
_BARE = re.compile(r"https?://(?:\([^\s<>()]*\)|[^\s<>\"'`|()\[\]\\])+")
_ATTRIBUTE = re.compile(
    r"""\b(?P<name>href|src)\s*=\s*(?:"(?P<one>[^"]*)"|'(?P<two>[^']*)'|(?P<three>[^\s"'>]+))""",
    re.IGNORECASE,
)
_MARKS = re.compile(r"\{:[^{}\n]*\}|(?<=\))\{(?:[.#][\w-]|\w+=)[^{}\n]*\}")
_BRACES = re.compile(r"\\?\{[{%#]+")
_BLANKS = re.compile(r"\n(?:[ \t]*\n){2,}|\n[ \t]+\n")
_SECOND = re.compile(r"\[([^\]\n]*)\]")
_POINTED = re.compile(r"<([^<>\n]*)>")
_SPACES = re.compile(r"[ \t]+(?![\"'(\s)])")
_END = re.compile(r"\s*\)")
_HTML_BLOCK = re.compile(
    rf"(?:\A|(?<=\n\n))(?:<(?:{BLOCK_TAGS})\b|<!--)(?:(?!\n[ \t]*\n).)*", re.DOTALL | re.IGNORECASE
)
_TITLE = re.compile(r"""\s+(?:"(.*?)"|'(.*?)'|\((.*?)\))\s*\)""", re.DOTALL)


@dataclass(frozen=True)
class Kept:
    """An address as it is here; an image that is `linked` lies elsewhere and is shown as a link."""

    address: str
    linked: bool = False
    why: str | None = None


@dataclass(frozen=True)
class Lost:
    """An address that leads nowhere here, and why."""

    why: str


Step = tuple[list[Edit], int]
Resolve = Callable[[str, bool], Kept | Lost]
"""An address as written, and whether it is an image's, to what becomes of it."""


def rewrite(source: Source, resolve: Resolve, footnotes: Set[str] = frozenset()) -> tuple[Source, list[Note]]:
    """The text with every address resolved, and what could not be kept. `footnotes` are the names of those that it has."""
    source, names = _definitions(source)
    code = code_spans(source.text, indented=False)
    html = [match.span() for match in _HTML_BLOCK.finditer(source.text)]
    html += [span for span in code if source.text[span[0]] == "<"]
    code = [span for span in code if source.text[span[0]] != "<"]
    work = _Work(source, code, sorted(html), resolve, names, footnotes, _pairs(source.text, code))
    return _tidied(source.edited(work.span(0, len(source.text)))), work.notes


def _tidied(source: Source) -> Source:
    """The text without the empty lines that something left out leaves behind."""
    code = code_spans(source.text, indented=False)
    return source.edited(
        (match.start(), match.end(), "\n\n")
        for match in _BLANKS.finditer(source.text)
        if inside(match.start(), code) is None
    )


def words_of(text: str) -> str:
    """The words of a line of Markdown."""
    text = re.sub(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?", r"\1", text)
    text = re.sub(r"<[^>]+>|[`*]+|(?<!\w)_+|_+(?!\w)", "", text)
    return " ".join(unescape(re.sub(r"\\(.)", r"\1", text)).split())


def _pairs(text: str, code: list[Span]) -> dict[int, int]:
    """Where each bracket is closed, within its paragraph."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    at = 0
    for match in re.finditer(r"\\.|\[|\]|\n[ \t>]*(?=\n)", text, re.DOTALL):
        if match.start() < at:
            continue
        span = inside(match.start(), code)
        if span is not None:
            at = span[1]
        elif match.group() == "[":
            opened.append(match.start())
        elif match.group() == "]":
            if opened:
                pairs[opened.pop()] = match.start()
        elif match.group()[0] == "\n":
            opened.clear()
    return pairs


def _definitions(source: Source) -> tuple[Source, dict[str, tuple[str, str]]]:
    code = code_spans(source.text, indented=False)
    names: dict[str, tuple[str, str]] = {}
    edits: list[Edit] = []
    for match in _DEFINITION.finditer(source.text):
        if inside(match.start(), code) is None:
            title = match.group("one") or match.group("two") or match.group("three") or ""
            names.setdefault(_name(match.group("name")), (match.group("to").strip("<>"), title))
            edits.append((match.start(), match.end(), ""))
    return source.edited(edits), names


def _name(text: str) -> str:
    return " ".join(text.split()).casefold()


@dataclass
class _Work:
    source: Source
    code: list[Span]
    html: list[Span]
    resolve: Resolve
    names: Mapping[str, tuple[str, str]]
    footnotes: Set[str]
    pairs: Mapping[int, int]
    notes: list[Note] = field(default_factory=list)

    def span(self, start: int, end: int, *, linked: bool = False) -> list[Edit]:
        """The changes to a piece of text; within the words of a link there is no other."""
        text, edits, at = self.source.text, [], start
        while at < end:
            code = inside(at, self.code)
            if code is not None:
                at = code[1]
                continue
            step = self._step(at, end, linked)
            if step is None:
                at += 1
                continue
            edits.extend(step[0])
            if text.startswith("<", at):
                linked = {"<a": True, "</a": False}.get(
                    text[at : step[1]].lower().rstrip(">").partition(" ")[0], linked
                )
            at = max(step[1], at + 1)
        return edits

    def _step(self, at: int, end: int, linked: bool) -> Step | None:
        """What becomes of what begins here, and where it ends; None if it is only text."""
        text, char = self.source.text, self.source.text[at]
        html = inside(at, self.html) is not None
        if char == "<":
            return self._angle(at, linked)
        if char == "{" or char == "\\" and text.startswith("{", at + 1):
            return self._brace(at, html)
        if html:
            return None
        if char == "\\":
            return [], at + 2
        if char == "[" or text.startswith("![", at):
            return self._bracket(at, end, linked)
        if (
            char == "h"
            and not linked
            and (bare := _BARE.match(text, at, end))
            and not re.match(r"[\w/=\"'-]", text[at - 1 : at])
        ):
            address = bare.group().rstrip(".,;:!?*_~'")
            return [(at, at + len(address), f"<{address}>")], bare.end()
        return None

    def _brace(self, at: int, html: bool) -> Step | None:
        text = self.source.text
        if marks := _MARKS.match(text, at):
            return [(at, marks.end(), "")], marks.end()
        run = _BRACES.match(text, at)
        return (
            ([(at, run.end(), literal_braces(run.group().lstrip("\\"), html=html))], run.end())
            if run
            else None
        )

    def _bracket(self, at: int, end: int, linked: bool) -> Step | None:
        """A link or an image that begins here, if one does."""
        text = self.source.text
        if (footnote := _FOOTNOTE.match(text, at, end)) and footnote.group(1) in self.footnotes:
            return [(at, footnote.end(), f"<sup>{escape(footnote.group(1))}</sup>")], footnote.end()
        image = text[at] == "!"
        begins = at + 1 + image
        closed = self.pairs.get(begins - 1)
        if closed is None or closed >= end:
            return None
        found = self._target(begins, closed, end)
        if found is None:
            return None
        address, title, after = found
        result = self.resolve(address, image)
        if isinstance(result, Lost) or result.why:
            what = f"{'image' if image else 'link'} {_short(address) or 'without an address'}"
            self.notes.append(Note(self.source.line_at(at), what, result.why or ""))
        inner = self.span(begins, closed, linked=linked or isinstance(result, Kept) and not image)
        tail = "" if isinstance(result, Lost) else f"]({_address(result.address)}{_titled(title)})"
        lead = "" if isinstance(result, Lost) else "![" if image and not result.linked else "["
        if linked and isinstance(result, Kept) and (not image or result.linked):
            lead = tail = ""
        if not lead and text[begins] == "#" and not text[text.rfind("\n", 0, at) + 1 : at].strip(" \t-*>"):
            lead = "\\"
        if lead and not text[begins:closed].strip():
            tail = (address.rpartition("/")[2].partition("#")[0] or address) + tail if lead == "[" else tail
        return [(at, begins, lead), *inner, (closed, after, tail)], after

    def _target(self, begins: int, closed: int, end: int) -> tuple[str, str, int] | None:
        """The address, the title and the end of a link whose words stand between the two."""
        text = self.source.text
        if text.startswith("(", closed + 1):
            return self._inline(closed + 2, end)
        second = _SECOND.match(text, closed + 1, end)
        if second and _name(second.group(1) or text[begins:closed]) in self.names:
            return *self.names[_name(second.group(1) or text[begins:closed])], second.end()
        known = self.names.get(_name(text[begins:closed]))
        return (*known, closed + 1) if known else None

    def _inline(self, at: int, end: int) -> tuple[str, str, int] | None:
        text = self.source.text
        at += len(text[at:end]) - len(text[at:end].lstrip())
        if pointed := _POINTED.match(text, at, end):
            address, at = pointed.group(1), pointed.end()
        else:
            start, depth = at, 0
            while at < min(end, start + LONGEST) and (text[at] not in " \t\n" or _SPACES.match(text, at)):
                depth += (text[at] == "(") - (text[at] == ")")
                if depth < 0:
                    break
                at += 2 if text[at] == "\\" else 1
            address = text[start:at]
        if title := _TITLE.match(text, at, end):
            return address.strip(), next(part for part in title.groups() if part is not None), title.end()
        rest = _END.match(text, at, end)
        return (address.strip(), "", rest.end()) if rest else None

    def _angle(self, at: int, linked: bool) -> Step | None:
        text = self.source.text
        if text.startswith("<!--", at):
            closed = text.find("-->", at)
            if closed >= 0:
                inner = text[at:closed]
                return [(at, closed, literal_braces(inner, html=True))] if "{" in inner else [], closed + 3
            return [(at, at + 1, "&lt;")], at + 1
        if auto := _AUTOLINK.match(text, at):
            return self._auto(auto, linked)
        tag = _TAG.match(text, at)
        if tag and tag.group("tag").lower() in TAGS:
            return self._tag(tag)
        if re.match(r"</?[A-Za-z!?]", text[at : at + 3]):
            return [(at, at + 1, "&lt;")], at + 1
        return None

    def _auto(self, auto: re.Match[str], linked: bool) -> Step:
        written = auto.group("to")
        if linked:
            return [(*auto.span(), written)], auto.end()
        result = self.resolve(written if ":" in written else f"mailto:{written}", False)
        if isinstance(result, Lost):
            self.notes.append(Note(self.source.line_at(auto.start()), f"link {_short(written)}", result.why))
            return [(*auto.span(), written)], auto.end()
        if written.startswith("tel:"):
            return [(*auto.span(), f"[{written[4:]}]({written})")], auto.end()
        return [], auto.end()

    def _tag(self, tag: re.Match[str]) -> Step:
        """An HTML tag with its addresses resolved; an address that leads nowhere goes, its words stay."""
        written, name = tag.group(), tag.group("tag").lower()
        new = literal_braces(written, html=True)
        for match in _ATTRIBUTE.finditer(new):
            address = unescape(match.group("one") or match.group("two") or match.group("three") or "")
            if name not in ("a", "img", "source"):
                continue
            result = self.resolve(address.strip(), name != "a")
            if isinstance(result, Lost) or result.why:
                what = f"{'link' if name == 'a' else 'image'} {_short(address)}"
                self.notes.append(Note(self.source.line_at(tag.start()), what, result.why or ""))
            words = re.search(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", new, re.IGNORECASE)
            shown = (words.group(1) or words.group(2) or "") if words else ""
            if isinstance(result, Lost):
                new = shown if name != "a" else new.replace(match.group(), "")
            elif result.linked:
                new = f'<a href="{escape(result.address)}">{shown or escape(address)}</a>'
            else:
                new = new.replace(match.group(), f'{match.group("name")}="{escape(result.address)}"')
            break
        return [(*tag.span(), new)] if new != written else [], tag.end()


def _address(address: str) -> str:
    """An address that can stand between parentheses."""
    return re.sub(r"[\s()<>{}\\]", lambda char: f"%{ord(char.group()):02X}", address)


def _titled(title: str) -> str:
    flat = " ".join(title.replace('"', "'").split())
    return f' "{literal_braces(flat)}"' if flat else ""


def _short(address: str) -> str:
    return address if len(address) <= 80 else address[:77] + "…"
