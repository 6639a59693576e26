"""Template tags in Markdown (Liquid, ERB, Hugo's shortcodes) to what they say, where that is simple.

A tag that gives an address, an image or words becomes those. A box of the kind "note" becomes `:::note`, which the
next step writes as an admonition. All else is left out and noted. Code is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kb_builder.importers.markdown_source import Edit, Note, Source, Span, code_spans, inside, literal_braces

_TAG = re.compile(
    r"\{\{[<%]-?\s*(?P<hugo>(?:(?!\{\{).)*?)\s*-?[>%]\}\}"
    r"|\{%-?\s*(?P<liquid>(?:(?!\{%).)*?)\s*-?%\}"
    r"|\{\{-?\s*(?P<output>(?:(?!\n[ \t]*\n|\{\{).)*?)\s*-?\}\}"
    r"|\{\#(?P<comment>\s(?:(?!\n[ \t]*\n).)*?)\#\}"
    r"|<%(?P<erb>(?:(?!<%).)*?)-?%>",
    re.DOTALL,
)
_SKIPPED = frozenset({"comment", "raw", "highlight", "verbatim"})
_CONTROL = frozenset(
    "if unless elsif else elseif for case when cycle tablerow with set layout block extends macro".split()
)
_SILENT = frozenset(
    {"assign", "capture", "increment", "decrement", "raw", "comment", "verbatim", "highlight"}
)
_ADDRESS = frozenset("page link url post_url download asset asset_path static ref relref path".split())
_INCLUDES = frozenset(
    "include include_relative includecached include_cached render partial import from component".split()
)
_BOXES = {
    "warning": "warning",
    "caution": "warning",
    "important": "warning",
    "danger": "danger",
    "error": "danger",
    "tip": "tip",
    "hint": "tip",
    "success": "success",
    "question": "question",
    "example": "example",
    "quote": "quote",
    "alert": "note",
    "note": "note",
    "notice": "note",
    "info": "info",
    "inset": "note",
    "callout": "note",
    "admonition": "note",
    "banner": "note",
}
_HARMLESS = frozenset("relative_url absolute_url escape strip url safe markdownify newline_to_br h".split())
_NAME = re.compile(r"(/?[\w.-]+)\s*(.*)", re.DOTALL)
_NAMED = re.compile(r"""(\w[\w-]*)\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_CALL = re.compile(r"""=\s*(\w+)[\s(]+(["'])(.*?)(?<!\\)\2\s*(?:,\s*(.*?))?\s*\)?\s*""", re.DOTALL)
_FACT = re.compile(r"=?\s*(?:current_page\.data|page\.data|page|frontmatter|data)\.(\w+)\s*")
_BASE = re.compile(r"(?:\w+\.)*(?:base_?url|baseURL|base_path|site\.url|root)")

LEFT_OUT = "a template tag that means nothing here is left out"
INCLUDED = "a template's part from another file is left out"
CONTROL = "a template's condition or loop is left out; what stands in it is kept"


def box_of(name: str) -> str | None:
    """The admonition that a box called `name` becomes."""
    words = re.split(r"[^a-z]+", name.lower().rpartition("/")[2])
    return next((_BOXES[word] for word in words if word in _BOXES), None)


def neutralise(source: Source, facts: Mapping[str, str], *, erb: bool = False) -> tuple[Source, list[Note]]:
    """The text without template tags, and what was left out.

    `facts` are the plain values of the page's front matter. In an `erb` file braces are not tags.
    """
    work = _Work(source, code_spans(source.text), facts)
    for match in _TAG.finditer(source.text):
        if erb and match.group("erb") is None:
            continue
        if inside(match.start(), work.code) is None or work.skipping and _ends(match, work.skipping):
            work.tag(match)
    return source.edited(work.edits), work.notes


def _ends(match: re.Match[str], name: str) -> bool:
    return (match.group("liquid") or "").strip() == f"end{name}"


@dataclass
class _Work:
    source: Source
    code: list[Span]
    facts: Mapping[str, str]
    edits: list[Edit] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    skipping: str = ""
    begun: int = 0

    def tag(self, match: re.Match[str]) -> None:
        body = match.group("liquid") or match.group("hugo")
        if self.skipping:
            if _ends(match, self.skipping):
                self._resume(match)
        elif body is not None:
            self._liquid(match, body)
        elif (output := match.group("output")) is not None:
            value = self._value(output)
            self._put(match, value if value is not None else "", None if value is not None else LEFT_OUT)
        elif match.group("comment") is not None:
            self._put(match, "")
        elif (erb := match.group("erb")) is not None:
            self._erb(match, erb)

    def _resume(self, match: re.Match[str]) -> None:
        name, self.skipping = self.skipping, ""
        if name == "comment":
            self.edits.append((*_whole_line(self.source.text, self.begun, match.end()), ""))
        elif name == "highlight":
            self._put(match, "```", block=True)
        else:
            text = self.source.text
            self.edits.extend(
                (found.start(), found.end(), literal_braces(found.group()))
                for found in re.finditer(r"\{[{%#]+", text[: match.start()])
                if found.start() >= self.begun and inside(found.start(), self.code) is None
            )
            self._put(match, "")

    def _liquid(self, match: re.Match[str], body: str) -> None:
        split = _NAME.fullmatch(body)
        name, rest = (split.group(1), split.group(2)) if split else ("", "")
        if name in _SKIPPED and re.search(rf"\{{%-?\s*end{name}\b", self.source.text[match.end() :]):
            self.skipping, self.begun = name, match.end() if name in ("raw", "verbatim") else match.start()
            if name == "highlight":
                self._put(match, "```" + rest.partition(" ")[0], block=True)
            elif name != "comment":
                self._put(match, "")
            return
        ended = name.removeprefix("end").removeprefix("/") if name.startswith(("end", "/")) else None
        if ended is not None:
            box = box_of(ended) and ended not in _INCLUDES
            self._put(match, ":::" if box else "", block=bool(box))
        elif name == "assign" or name in _SILENT:
            if assigned := re.fullmatch(r"""(\w+)\s*=\s*(["'])(.*)\2""", rest):
                self.values[assigned.group(1)] = assigned.group(3)
            self._put(match, "")
        elif name in _CONTROL:
            self._put(match, "", CONTROL if name not in ("else", "elsif", "elseif", "when") else None)
        else:
            self._shortcode(match, name, rest)

    def _shortcode(self, match: re.Match[str], name: str, rest: str) -> None:
        values, named = _arguments(rest)
        first = values[0] if values else ""
        later = self.source.text[match.end() :]
        if name in _INCLUDES:
            words = next((named[key] for key in ("content", "text", "message", "body") if key in named), "")
            box = box_of(first.rpartition(".")[0] or first)
            self._box(match, box, words) if box and words else self._put(match, "", INCLUDED)
        elif (box := box_of(name)) and re.search(rf"\{{[%{{][<%-]*\s*(?:end|/\s*){re.escape(name)}\b", later):
            kinds = [value for value in values if value.lower() in _BOXES]
            title = named.get("title") or next(
                (value for value in values if value and value not in kinds), ""
            )
            self._put(match, f":::{_BOXES[kinds[0].lower()] if kinds else box} {title}".rstrip(), block=True)
        elif box and values:
            self._box(match, box, values[-1])
        elif name in _ADDRESS and (first or rest):
            address = (first or rest).strip()
            self._put(match, address if re.match(r"[a-z]+:|[/#]", address) else f"/{address}")
        elif ("image" in name or "img" in name or name == "figure") and (source := named.get("src") or first):
            words = named.get("alt") or named.get("caption") or (values[-1] if len(values) > 1 else "")
            self._put(match, f"![{_safe(words)}]({'' if '/' not in source else '/'}{source.lstrip('/')})")
        elif "channel" in name and first:
            self._put(match, values[1] if len(values) > 1 else f"#{first}")
        else:
            self._put(match, "", LEFT_OUT)

    def _erb(self, match: re.Match[str], body: str) -> None:
        call = _CALL.fullmatch(body)
        if body.startswith("%"):
            self._put(match, f"&lt;{body}%>")
        elif body.startswith("#"):
            self._put(match, "")
        elif (fact := _FACT.fullmatch(body)) and body.startswith("=") and fact.group(1) in self.facts:
            self._put(match, self.facts[fact.group(1)])
        elif call:
            name, words, rest = call.group(1), re.sub(r"\\(.)", r"\1", call.group(3)), call.group(4) or ""
            second, named = _arguments(rest)
            if name == "link_to" and second:
                self._put(match, f"[{_safe(words)}]({second[0]})")
            elif name == "image_tag":
                self._put(match, f"![{_safe(named.get('alt', ''))}]({words})")
            elif name in _INCLUDES:
                self._put(match, "", INCLUDED)
            elif box := box_of(name.replace("_", " ")):
                self._box(match, box, words)
            else:
                self._put(match, "", LEFT_OUT)
        elif literal := re.fullmatch(r"""=\s*(["'])(.*)\1\s*""", body, re.DOTALL):
            self._put(match, literal.group(2))
        elif body.startswith("="):
            self._put(match, "", INCLUDED if re.match(r"=\s*(?:partial|render|yield)\b", body) else LEFT_OUT)
        else:
            self._put(match, "", CONTROL if not re.fullmatch(r"\s*(?:end|else|\})\s*", body) else None)

    def _value(self, output: str) -> str | None:
        """What `{{ output }}` prints; None where that is not simple."""
        name, *filters = [part.strip() for part in re.split(r"""\|(?=(?:[^"']|"[^"]*"|'[^']*')*$)""", output)]
        if any(each.partition(":")[0].strip() not in _HARMLESS for each in filters):
            return None
        if literal := re.fullmatch(r"""(["'])(.*)\1""", name, re.DOTALL):
            return literal.group(2)
        if _BASE.fullmatch(name):
            return ""
        fact = _FACT.fullmatch(name)
        return (
            self.facts.get(fact.group(1))
            if fact
            else self.values.get(name, self.facts.get(name) if name == "title" else None)
        )

    def _box(self, match: re.Match[str], box: str, words: str) -> None:
        start, end = _whole_line(self.source.text, match.start(), match.end())
        if (start, end) == (match.start(), match.end()) and not self._alone(match):
            self._put(match, words)
        else:
            self._put(match, f":::{box}\n{words.strip()}\n:::", block=True)

    def _alone(self, match: re.Match[str]) -> bool:
        text = self.source.text
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        after = text[match.end() :].partition("\n")[0]
        return not before.strip() and not after.strip()

    def _put(self, match: re.Match[str], text: str, why: str | None = None, *, block: bool = False) -> None:
        """Put `text` in the tag's place; a `block` gets lines of its own, and nothing takes an empty line away."""
        if why:
            self.notes.append(Note(self.source.line_at(match.start()), _short(match.group()), why))
        start, end, whole = match.start(), match.end(), self.source.text
        line = whole.rfind("\n", 0, start) + 1
        before = whole[line:start]
        if block:
            indent = before if not before.strip() else re.match(r"\s*", before).group()  # type: ignore[union-attr]
            text = text.replace("\n", f"\n{indent}")
            text = text if not before.strip() else f"\n{indent}{text}"
            text = text if not whole[end:].partition("\n")[0].strip() else f"{text}\n{indent}"
        elif not text:
            start, end = _whole_line(whole, start, end)
        self.edits.append((start, end, text))


def _whole_line(text: str, start: int, end: int) -> Span:
    """The span, or the whole lines that it is in if they hold nothing else."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last + 1
    return (start, end) if text[first:start].strip() or text[end:last].strip() else (first, last)


def _arguments(rest: str) -> tuple[list[str], dict[str, str]]:
    """What a tag is given: values one after the other, and values with a name."""
    text = rest.strip()
    named = {
        match.group(1): match.group(2) or match.group(3) or match.group(4) or ""
        for match in _NAMED.finditer(text)
    }
    if text[:1] in ("'", '"') and text[0] in text[1:]:
        quote = text[0]
        inner = text[1 : text.rindex(quote)]
        return re.split(rf"{quote}\s*,?\s+{quote}", inner) if not named else [
            inner.partition(quote)[0]
        ], named
    values = [] if named and not re.match(r"[\w./-]+(?:\s|$)", text) else text.replace(",", " ").split()
    return values, named


def _safe(words: str) -> str:
    """Words that can stand between brackets."""
    return re.sub(r"([\[\]])", r"\\\1", " ".join(words.split()))


def _short(tag: str) -> str:
    flat = " ".join(tag.split())
    return flat if len(flat) <= 80 else flat[:77] + "…"
