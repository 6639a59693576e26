"""The blocks of Markdown, written the way that our renderer reads them.

Writers for GitHub, Jekyll or Middleman indent lists by two or three spaces, begin them right below a paragraph, and
number headings from the title down. Here every block gets an empty line before it, what belongs to a list item or a
box is indented by four, code is fenced, headings begin at level two, and none of them repeats the title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from kb_builder.importers.markdown_source import BLOCK_TAGS, LIST_ITEM, PROSE, Note, Source, closes

Line = tuple[int, str]

_FENCE = re.compile(
    rf"^(?P<indent> *)(?P<fence>`{{3,}}(?=[^`]*$)|~{{3,}}){PROSE}[ \t]*\{{?\.?(?P<info>[\w#+-][\w#.+-]*)?.*$"
)
_HEADING = re.compile(r"^ {0,3}(?P<marks>#{1,6})(?:[ \t]+(?P<words>.*?))??(?:[ \t]+#+)?[ \t]*$")
_TIGHT_HEADING = re.compile(r"^ {0,3}(?P<marks>#{2,6})(?P<words>[^\s#].*?)#*[ \t]*$")
_HEADING_ID = re.compile(r"[ \t]*\{:?[ \t]*(?:\#+(?P<id>[^\s}]+)[^}]*|[.\w][^}]*)\}[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DELIMITER = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_BOX = re.compile(
    r'^ {0,3}(?P<mark>!!!|\?\?\?\+?) ?(?P<kind>[\w-]+(?: +[\w-]+)*)?(?: +"(?P<title>.*)")?[ \t]*$'
)
_TAB = re.compile(r'^ {0,3}===\+? "(?P<title>.*)"[ \t]*$')
_COLONS = re.compile(r"^ {0,3}:{3,}[ \t]*(?:\{?(?P<kind>[\w-]+)\}?(?P<title>.*))?$")
_GITHUB_BOX = re.compile(r"^\[!(\w+)\][ \t]*(.*)$")
_HTML = re.compile(rf"^ {{0,3}}<(?P<close>/?)(?P<tag>{BLOCK_TAGS})\b[^>]*(?:>|$)", re.IGNORECASE)
_FOOTNOTE = re.compile(r"^ {0,3}\[\^(?P<name>[^\]\s]+)\]:[ \t]*")
_KINDS = frozenset("note abstract info tip success question warning failure danger bug example quote".split())
_RENAMED = {
    "caution": "warning",
    "important": "warning",
    "hint": "tip",
    "error": "danger",
    "seealso": "info",
    "attention": "warning",
}

MAX_DEPTH = 30
HALF_A_TAG = "an HTML tag without its other half is left out"


@dataclass(frozen=True)
class Blocks:
    """A page's text in our form. `ids` are the ids that its author gave to headings, with the words of each;
    `footnotes` the names of its footnotes, which are paragraphs now."""

    source: Source
    ids: tuple[tuple[str, str], ...]
    footnotes: frozenset[str]
    notes: tuple[Note, ...]


def normalise(source: Source, title: str) -> Blocks:
    """The text in our form, without a first heading that says `title` again."""
    lines = [(number, _untabbed(line)) for number, line in source.lines()]
    first = _Writer()
    first.flow(lines)
    levels = [level for level, _ in first.headings]
    titled = bool(first.headings) and levels[0] == 1 and same_words(first.headings[0][1], title)
    rest = levels[1:] if titled else levels
    writer = _Writer(2 - min(rest) if rest else 0, titled)
    written = writer.flow(lines) or [(source.numbers[0], "")]
    return Blocks(
        Source("\n".join(text for _, text in written), tuple(number for number, _ in written)),
        tuple(writer.ids),
        frozenset(writer.footnotes),
        tuple(writer.notes),
    )


def same_words(one: str, other: str) -> bool:
    """Whether two headings say the same, but for case, marks and spaces."""
    return bare_words(one) == bare_words(other)


def bare_words(text: str) -> str:
    """The letters and digits of a heading or an anchor, in lower case."""
    return "".join(char for char in re.sub(r"\]\([^)]*\)|<[^>]+>", "", text).casefold() if char.isalnum())


def _untabbed(line: str) -> str:
    bare = line.lstrip(" \t")
    return line[: len(line) - len(bare)].expandtabs(4) + bare


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _dedent(lines: list[Line], most: int = 99) -> list[Line]:
    width = min((_indent(text) for _, text in lines if text.strip()), default=0)
    return [(number, text[min(width, most) :]) for number, text in lines]


def _shifted(lines: list[Line], by: str = "    ") -> list[Line]:
    return [(number, by + text if text else text) for number, text in lines]


@dataclass
class _Writer:
    shift: int = 0
    drop_title: bool = False
    depth: int = 0
    headings: list[tuple[int, str]] = field(default_factory=list)
    ids: list[tuple[str, str]] = field(default_factory=list)
    footnotes: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)

    def flow(self, lines: list[Line], item: bool = False) -> list[Line]:
        """The blocks of some lines, an empty line between any two; in an `item`, a list may follow its text at once."""
        written: list[Line] = []
        at, blank, after_text = 0, True, False
        if self.depth == MAX_DEPTH:
            return [(number, text.strip()) for number, text in lines]
        self.depth += 1
        while at < len(lines):
            if not lines[at][1].strip():
                at, blank = at + 1, True
                continue
            block, at, text, listed = self._block(lines, at, blank)
            if not block:
                continue
            if written and not (item and listed and after_text and not blank):
                written.append((block[0][0], ""))
            written.extend(block)
            blank, after_text = False, text
        self.depth -= 1
        return written

    def _block(self, lines: list[Line], at: int, blank: bool) -> tuple[list[Line], int, bool, bool]:
        """The block that begins at a line, the line after it, and whether it is text, or a list."""
        number, line = lines[at]
        if fence := _FENCE.match(line):
            return *self._fence(lines, at, fence), False, False
        if blank and _indent(line) >= 4:
            return *self._indented(lines, at), False, False
        if heading := _HEADING.match(line) or _TIGHT_HEADING.match(line):
            return (
                self._heading(number, len(heading.group("marks")), heading.group("words") or ""),
                at + 1,
                False,
                False,
            )
        if _RULE.match(line):
            return [(number, "---")], at + 1, False, False
        if box := _BOX.match(line) or _TAB.match(line):
            return *self._box(lines, at, box), False, False
        if (colons := _COLONS.match(line)) is not None:
            return *self._colons(lines, at, colons), False, False
        if line.lstrip().startswith(">"):
            return *self._quote(lines, at), False, False
        if (
            "|" in line
            and at + 1 < len(lines)
            and "|" in lines[at + 1][1]
            and _DELIMITER.match(lines[at + 1][1])
        ):
            return *self._table(lines, at), False, False
        if LIST_ITEM.match(line):
            return *self._list(lines, at), False, True
        if html := _HTML.match(line):
            return *self._html(lines, at, html), False, False
        if line.lstrip().startswith("<!--"):
            return *self._comment(lines, at), False, False
        if footnote := _FOOTNOTE.match(line):
            return *self._footnote(lines, at, footnote), False, False
        return *self._paragraph(lines, at), True, False

    def _starts(self, lines: list[Line], at: int) -> bool:
        """Whether the line begins a block although no empty line stands before it."""
        line = lines[at][1]
        item = LIST_ITEM.match(line)
        return bool(
            _FENCE.match(line)
            or _HEADING.match(line)
            or _TIGHT_HEADING.match(line)
            or _RULE.match(line)
            or _COLONS.match(line)
            or _BOX.match(line)
            and line.lstrip()[3:4] == " "
            or line.lstrip().startswith(">")
            or _HTML.match(line)
            or _FOOTNOTE.match(line)
            or item
            and item.group("mark") in ("-", "*", "+", "1.", "1)")
            and line.strip() != item.group("mark")
            or "|" in line
            and at + 1 < len(lines)
            and "|" in lines[at + 1][1]
            and _DELIMITER.match(lines[at + 1][1])
        )

    def _fence(self, lines: list[Line], at: int, fence: re.Match[str]) -> tuple[list[Line], int]:
        end = next(
            (end for end in range(at + 1, len(lines)) if closes(lines[end][1], fence.group("fence"))),
            len(lines),
        )
        width = len(fence.group("indent"))
        code = [(number, text[min(width, _indent(text)) :]) for number, text in lines[at + 1 : end]]
        if end == len(lines):
            while code and not code[-1][1].strip():
                code.pop()
            if not code:
                return [], end
        return _fenced(code, lines[at][0], fence.group("info") or ""), min(end + 1, len(lines))

    def _indented(self, lines: list[Line], at: int) -> tuple[list[Line], int]:
        end = at
        while end < len(lines) and (not lines[end][1].strip() or _indent(lines[end][1]) >= 4):
            end += 1
        code = [(number, text[4:]) for number, text in lines[at:end]]
        while code and not code[-1][1].strip():
            code.pop()
        return _fenced(code, lines[at][0], ""), end

    def _heading(self, number: int, level: int, words: str) -> list[Line]:
        found = _HEADING_ID.search(words)
        if found:
            words = words[: found.start()]
            if found.group("id"):
                self.ids.append((found.group("id"), words))
        self.headings.append((level, words))
        if not words.strip() or self.drop_title and len(self.headings) == 1:
            return []
        return [(number, f"{'#' * max(2, min(6, level + self.shift))} {words.strip()}")]

    def _box(self, lines: list[Line], at: int, box: re.Match[str]) -> tuple[list[Line], int]:
        end = at + 1
        while end < len(lines) and (
            not lines[end][1].strip() or _indent(lines[end][1]) >= _indent(lines[at][1]) + 4
        ):
            end += 1
        inner = self.flow(
            [(number, text[_indent(lines[at][1]) + 4 :]) for number, text in lines[at + 1 : end]]
        )
        if box.re is _TAB:
            return [(lines[at][0], f"**{box.group('title')}**"), (lines[at][0], ""), *inner], end
        return _boxed(
            lines[at][0], box.group("mark"), box.group("kind") or "note", box.group("title") or "", inner
        ), end

    def _colons(self, lines: list[Line], at: int, colons: re.Match[str]) -> tuple[list[Line], int]:
        number, depth, end = lines[at][0], 1, at + 1
        if not colons.group("kind"):
            return [], end
        while end < len(lines):
            if found := _COLONS.match(lines[end][1]):
                depth += 1 if found.group("kind") else -1
                if not depth:
                    break
            end += 1
        inner = self.flow(_dedent(lines[at + 1 : end], 3))
        title = re.sub(r"^\[(.*)\]$", r"\1", re.sub(r"\{[^}]*\}", "", colons.group("title")).strip())
        folded = colons.group("kind") == "details"
        kind = "note" if folded else colons.group("kind")
        return _boxed(
            number, "???" if folded else "!!!", kind, title or ("Details" if folded else ""), inner
        ), end + 1

    def _quote(self, lines: list[Line], at: int) -> tuple[list[Line], int]:
        end = at
        while (
            end < len(lines)
            and lines[end][1].strip()
            and (
                lines[end][1].lstrip().startswith(">")
                or not self._starts(lines, end)
                and lines[end - 1][1].strip(" >")
            )
        ):
            end += 1
        bare = [(number, _untabbed(re.sub(r"^\s*> ?", "", text))) for number, text in lines[at:end]]
        if box := _GITHUB_BOX.match(bare[0][1].strip()):
            return _boxed(lines[at][0], "!!!", box.group(1).lower(), box.group(2), self.flow(bare[1:])), end
        return [(number, f"> {text}".rstrip()) for number, text in self.flow(bare)], end

    def _table(self, lines: list[Line], at: int) -> tuple[list[Line], int]:
        end = at + 2
        while (
            end < len(lines)
            and lines[end][1].strip()
            and ("|" in lines[end][1] or not self._starts(lines, end))
        ):
            end += 1
        return [(number, text.strip()) for number, text in lines[at:end]], end

    def _list(self, lines: list[Line], at: int) -> tuple[list[Line], int]:
        """A list: each item's lines are a flow of their own."""
        written: list[Line] = []
        ordered = lines[at][1].lstrip()[0].isdigit()
        loose = False
        while at < len(lines):
            mark = LIST_ITEM.match(lines[at][1])
            if not mark or mark.group("mark")[0].isdigit() != ordered or _RULE.match(lines[at][1]):
                break
            inner, after = self._item(lines, at, mark)
            body = self.flow(inner, item=True)
            sign = f"{mark.group('mark')[:-1]}." if ordered else "-"
            if body and not _plain_start(body[0][1]):
                body = [(lines[at][0], "&nbsp;"), (lines[at][0], ""), *body]
            if written and loose:
                written.append((lines[at][0], ""))
            written.append((lines[at][0], f"{sign} {body[0][1] if body else ''}".rstrip()))
            written.extend(_shifted(body[1:]))
            at = after
            while at < len(lines) and not lines[at][1].strip():
                at += 1
            following = at < len(lines) and LIST_ITEM.match(lines[at][1])
            loose = bool(following) and (not lines[at - 1][1].strip() or any(not text for _, text in body))
            if at < len(lines) and not following:
                at = after
                break
        return written, at

    def _item(self, lines: list[Line], at: int, mark: re.Match[str]) -> tuple[list[Line], int]:
        number, line = lines[at]
        least = len(mark.group("indent")) + 2
        column = mark.end() if mark.end() - mark.end("mark") <= 4 else mark.end("mark") + 1
        column = max(column, least)
        inner: list[Line] = [(number, _checkbox(_untabbed(line[column:])))]
        fence = _FENCE.match(inner[0][1])
        open_fence, end = fence.group("fence") if fence else "", at + 1
        while end < len(lines):
            text = lines[end][1]
            if open_fence:
                if closes(text, open_fence):
                    open_fence = ""
            elif text.strip():
                belongs = _indent(text) >= least
                lazy = (
                    lines[end - 1][1].strip() and not self._starts(lines, end) and not LIST_ITEM.match(text)
                )
                if not belongs and not lazy:
                    break
                if belongs and (fence := _FENCE.match(text)):
                    open_fence = fence.group("fence")
            inner.append((lines[end][0], text[min(_indent(text), column) :]))
            end += 1
        while len(inner) > 1 and not inner[-1][1].strip():
            inner.pop()
            end -= 1
        return inner, end

    def _html(self, lines: list[Line], at: int, html: re.Match[str]) -> tuple[list[Line], int]:
        tag = html.group("tag")
        depth = 0
        ends = re.compile(rf"</{tag}\b|/>\s*$", re.IGNORECASE)
        for end in range(at, len(lines) if any(ends.search(text) for _, text in lines[at:]) else at):
            for found in re.finditer(
                rf"<(/?){tag}\b[^>]*?(/?)>|<(){tag}\b[^>]*$", lines[end][1], re.IGNORECASE
            ):
                depth += -1 if found.group(1) else 0 if found.group(2) else 1
            if depth <= 0 and end >= at and not html.group("close"):
                block = _dedent(lines[at : end + 1])
                if tag.lower() != "pre":
                    block = [line for line in block if line[1].strip()]
                return [(block[0][0], block[0][1].lstrip()), *block[1:]], end + 1
            if html.group("close"):
                break
        self.notes.append(Note(lines[at][0], html.group().strip(), HALF_A_TAG))
        left = lines[at][1][: html.start()] + lines[at][1][html.end() :]
        return self.flow([(lines[at][0], left.strip())]) if left.strip() else [], at + 1

    def _footnote(self, lines: list[Line], at: int, footnote: re.Match[str]) -> tuple[list[Line], int]:
        """A footnote, which our renderer does not know, as paragraphs behind a raised number."""
        number, line = lines[at]
        end = at + 1
        while end < len(lines) and (
            not lines[end][1].strip()
            or _indent(lines[end][1]) >= 2
            or lines[end - 1][1].strip()
            and not self._starts(lines, end)
        ):
            end += 1
        self.footnotes.add(footnote.group("name"))
        inner = self.flow(
            [
                (number, line[footnote.end() :]),
                *((each, text[min(4, _indent(text)) :]) for each, text in lines[at + 1 : end]),
            ]
        )
        mark = f"<sup>{escape(footnote.group('name'))}</sup> "
        if inner and _plain_start(inner[0][1]):
            return [(inner[0][0], mark + inner[0][1]), *inner[1:]], end
        return [(number, mark), (number, ""), *inner], end

    def _comment(self, lines: list[Line], at: int) -> tuple[list[Line], int]:
        end = next((end for end in range(at, len(lines)) if "-->" in lines[end][1]), None)
        if end is None:
            return [(lines[at][0], lines[at][1].replace("<!--", "&lt;!--").strip())], at + 1
        return [line for line in _dedent(lines[at : end + 1]) if line[1].strip()], end + 1

    def _paragraph(self, lines: list[Line], at: int) -> tuple[list[Line], int]:
        end = at + 1
        while end < len(lines) and lines[end][1].strip():
            if under := _UNDERLINE.match(lines[end][1]):
                words = " ".join(text.strip() for _, text in lines[at:end])
                return self._heading(lines[at][0], 1 if under.group(1)[0] == "=" else 2, words), end + 1
            if self._starts(lines, end):
                break
            end += 1
        return [(number, _text(text, position)) for position, (number, text) in enumerate(lines[at:end])], end


def _fenced(code: list[Line], number: int, language: str) -> list[Line]:
    longest = max((len(run) for _, text in code for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return [(number, fence + language), *code, (code[-1][0] if code else number, fence)]


def _boxed(number: int, mark: str, kind: str, title: str, inner: list[Line]) -> list[Line]:
    kind = _RENAMED.get(kind.lower(), kind.lower())
    kind = kind if kind in _KINDS else "note"
    shown = title.replace('"', "”").strip()
    head = f'{mark} {kind} "{shown}"' if shown else f"{mark} {kind}"
    return [(number, head), (number, ""), *_shifted(inner)] if inner else []


def _plain_start(text: str) -> bool:
    """Whether the text can stand right behind the sign of a list item."""
    return not re.match(r"```|~~~|>|\||!!! |\?\?\?|[-*+] |\d+\. |<(?:table|div|ul|ol|pre|p)\b", text)


def _checkbox(text: str) -> str:
    return re.sub(r"^\[([ xX])\](?=[ \t])", lambda box: "☐" if box.group(1) == " " else "☑", text)


def _text(line: str, position: int) -> str:
    """A line of a paragraph, with what our renderer would take for something else written as text."""
    bare = line.lstrip(" ")
    text = re.sub(r"(?<!\\)\\$", "  ", bare)
    if position:
        text = re.sub(r"^(\d+)\.(?=\s)", r"\1\\.", text)
    if text.startswith(("```", "~~~")):
        return re.sub(r"^[`~]+", lambda fence: "".join(f"\\{char}" for char in fence.group()), text)
    return f"\\{text}" if text.startswith("#") else text
