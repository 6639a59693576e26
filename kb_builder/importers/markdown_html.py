"""HTML in Markdown: plumbing out, and Markdown instead of it where that says the same.

Wrappers around Markdown go, their content stays; foldable blocks become `:::details`, which the next step writes our
way; headings become Markdown headings, so that links find them. All other HTML stays as it is.
"""

from __future__ import annotations

import re
from html import unescape

from kb_builder.importers.markdown_source import Edit, Note, Source, Span, code_spans, inside

PLUMBING = "script style iframe svg object embed applet form template noscript video audio canvas".split()
_PLUMBING = re.compile(
    rf"<(?P<tag>{'|'.join(PLUMBING)})\b[^>]*?(?:/>|>(?:.*?</(?P=tag)\s*>)?)", re.DOTALL | re.IGNORECASE
)
_HEADING = re.compile(
    r"^[ \t]*<h(?P<level>[1-6])\b(?P<attributes>[^>]*)>(?P<words>.*?)</h(?P=level)>[ \t]*$",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_OPEN = re.compile(
    r"<(?P<tag>div|section|article|main|aside|header|footer|center|figure|nav|details)\b(?P<attributes>[^>]*)>",
    re.IGNORECASE,
)
_SUMMARY = re.compile(r"\s*<summary\b[^>]*>(?P<words>.*?)</summary\s*>", re.DOTALL | re.IGNORECASE)
_TOC = re.compile(
    r"^[ \t]*(?:(?:[-*+]|\d+\.)[^\n]*\n[ \t]*\{:\s*toc[^}\n]*\}|\[TOC\]|\[\[_?toc_?\]\]|\{:[^}\n]*\})[ \t]*(?:\n|\Z)",
    re.MULTILINE | re.IGNORECASE,
)
_ID = re.compile(r"""\bid\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)

EMBEDDED = "scripts, styles and embedded pages are left out"


def plain(words: str) -> str:
    """HTML as the words that it shows, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())


def simplify(source: Source) -> tuple[Source, list[Note]]:
    """The text with as little HTML as it takes, and what was left out."""
    notes: list[Note] = []
    code = code_spans(source.text)
    edits: list[Edit] = []
    for match in _PLUMBING.finditer(source.text):
        if inside(match.start(), code) is None:
            edits.append((match.start(), match.end(), ""))
            notes.append(Note(source.line_at(match.start()), f"<{match.group('tag').lower()}>", EMBEDDED))
    edits.extend(
        (match.start(), match.end(), "")
        for match in _TOC.finditer(source.text)
        if inside(match.start(), code) is None
    )
    source = source.edited(edits)
    code = code_spans(source.text)
    edits = [
        (match.start(), match.end(), f"\n{'#' * int(match.group('level'))} {_words(match)}\n")
        for match in _HEADING.finditer(source.text)
        if inside(match.start(), code) is None
    ]
    return _unwrap(source.edited(edits)), notes


def _words(heading: re.Match[str]) -> str:
    known = _ID.search(heading.group("attributes"))
    return plain(heading.group("words")) + (f" {{#{known.group(1)}}}" if known else "")


def _unwrap(source: Source) -> Source:
    """The text without the wrappers around Markdown."""
    text = source.text
    code = code_spans(text)
    edits: list[Edit] = []
    for match in _OPEN.finditer(text):
        if (
            inside(match.start(), code) is not None
            or text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
        ):
            continue
        closing = _closing(text, match, code)
        summary = _SUMMARY.match(text, match.end()) if match.group("tag").lower() == "details" else None
        begins = summary.end() if summary else match.end()
        marked = re.search(r"\bmarkdown\s*=", match.group("attributes"))
        if closing is None or not (marked or re.match(r"[ \t]*\n[ \t]*\n", text[begins:])):
            continue
        indent = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if match.group("tag").lower() == "details":
            title = plain(summary.group("words")) if summary else ""
            edits.append((match.start(), begins, f":::details {title}".rstrip() + f"\n{indent}"))
            edits.append((*closing, f"\n{indent}:::\n{indent}"))
        else:
            known = _ID.search(match.group("attributes"))
            edits.append((match.start(), match.end(), f'<a id="{known.group(1)}"></a>\n' if known else ""))
            edits.append((*closing, "\n"))
    return source.edited(edits)


def _closing(text: str, opening: re.Match[str], code: list[Span]) -> Span | None:
    """Where the tag that ends the element is."""
    depth = 1
    for match in re.finditer(rf"<(/?){opening.group('tag')}\b[^>]*>", text[opening.end() :], re.IGNORECASE):
        at = opening.end() + match.start()
        if inside(at, code) is None:
            depth += -1 if match.group(1) else 1
            if not depth:
                return at, opening.end() + match.end()
    return None
