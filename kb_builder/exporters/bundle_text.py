"""Markdown that says no more than its readers see, for records that leave the house.

A site never shows a comment, a link definition that nothing uses or the address of a record that its readers may
not see, but the text that a record holds does. Here such text is taken out of the source. Every step is proved:
what is shown stays the same, and no word is left that is not shown. Where no step gives that, the text becomes the
HTML that the site shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser

from kb_builder.text import parse

Readdress = Callable[[str], str | None]
"""What to write for an address as it is written now; None for no link."""

_TELLING = ("<", "[", "|", "`", "~~~", "!!!", "???", "&")
"""Without any of these, all of a text is shown."""
_CODE = re.compile(
    r"^[ >]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^[ >]*(?P=fence)[^\n]*$|(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(
    r"(?P<image>!?)\[(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]"
    r"\(\s*(?P<address><[^<>\n]*>|(?:[^\s()<>]|\([^\s()]*\))+)(?P<title>\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\)"
)
_DEFINITION = re.compile(r"^(?P<before> {0,3}\[[^\]\n]+\]:[ \t]*)(?P<address><[^<>\n]*>|\S+)", re.MULTILINE)
_ATTRIBUTE = re.compile(r"(?P<before>\b(?:href|src)\s*=\s*)(?P<address>\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|^ {0,3}\[[^\]\n]+\]:[^\n]*(?:\n[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\))[ \t]*$)?",
    re.MULTILINE | re.DOTALL,
)
_MARKS = re.compile(
    r"^[ >]*(?:`{3,}|~{3,})[ \t]*\{?\.?[\w+#.-]*(?:[ \t]+(?:title=|(?:hl_lines|linenums)=\"[0-9 -]*\"))?"
    r"|^[ >]*[0-9]+[.)](?=\s)|^[ >]*(?:!!!|\?\?\?\+?)[ \t]+[\w -]+|\]\[[^\]\n]*\]|^ {0,3}\[[^\]\n]+\]:",
    re.MULTILINE,
)
"""What is Markdown, not words: the language of a fence, numbers of a list, sorts of admonitions, labels of links."""
_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^>]*>")
_TOKEN = re.compile("\ue000([0-9]+)\ue001")
_MOST = 40
"""So many pieces that may be unseen are tried one by one."""


def for_readers(text: str, readdress: Readdress, *, macros: bool = False) -> str:
    """Markdown that shows the same as `text`, with its links as `readdress` has them, and holds nothing else.

    `macros` says whether macros run in it. A text of which all is shown comes back as it is.
    """
    if not any(sign in text for sign in _TELLING):
        return text
    fragment = parse(text, macros)
    changes = {
        address: new
        for address in (*fragment.links, *fragment.images)
        if (new := readdress(address)) != address
    }
    wanted = _shown(fragment.html, lambda address: changes.get(address, address))
    made = _without_unseen(_readdressed(text, changes), macros, wanted)
    if _shown_by(made, macros) == wanted and not _tells_more(made, macros):
        return made
    return _as_html(wanted, fragment.macros, macros)


def _readdressed(text: str, changes: dict[str, str | None]) -> str:
    """The text with its links, images and raw HTML changed outside of code, as far as they are found."""
    if not changes:
        return text
    done, at = [], 0
    for code in _CODE.finditer(text):
        done += [_readdressed_prose(text[at : code.start()], changes), code.group()]
        at = code.end()
    return "".join([*done, _readdressed_prose(text[at:], changes)])


def _readdressed_prose(text: str, changes: dict[str, str | None]) -> str:
    def link(match: re.Match[str]) -> str:
        words, address = _LINK.sub(link, match["words"]), _plain(match["address"])
        if address not in changes:
            return match.group().replace(match["words"], words, 1)
        new = changes[address]
        return words if new is None else f"{match['image']}[{words}]({new}{match['title'] or ''})"

    def other(match: re.Match[str]) -> str:
        address = _plain(match["address"])
        if address not in changes:
            return match.group()
        quote = match["address"][0] if match["address"][0] in "\"'" else ""
        return f"{match['before']}{quote}{changes[address] or '#'}{quote}"

    return _ATTRIBUTE.sub(other, _DEFINITION.sub(other, _LINK.sub(link, text)))


def _plain(address: str) -> str:
    """An address without what is written around it."""
    return unescape(address.strip("<>\"'"))


def _without_unseen(text: str, macros: bool, wanted: str) -> str:
    """The text without the comments and definitions that change nothing of what is shown."""
    while found := list(_UNSEEN.finditer(text)):
        shorter = _UNSEEN.sub("", text)
        if _shown_by(shorter, macros) != wanted:
            shorter = text
            for match in reversed(found[-_MOST:]):
                tried = shorter[: match.start()] + shorter[match.end() :]
                if _shown_by(tried, macros) == wanted:
                    shorter = tried
        if shorter == text:
            return text
        text = shorter
    return text


def _tells_more(text: str, macros: bool) -> bool:
    """Whether there is a word in the text that its readers do not see."""
    fragment = parse(text, macros)
    source = text
    for call in fragment.macros:
        source = source.replace(call, " ")
    shown = unescape(fragment.html) + "\n" + unescape(_TAG.sub("", fragment.html))
    words = set(_WORD.findall(unescape(_MARKS.sub(" ", source)))) - set(_WORD.findall(shown))
    return any(word not in shown for word in words)


def _as_html(wanted: str, calls: tuple[str, ...], macros: bool) -> str:
    """What is shown, as HTML that is the same when it is read and written again."""
    html = _TOKEN.sub(lambda match: escape(calls[int(match.group(1))], quote=False), wanted)
    for _ in range(4):
        again = _shown_by(html, macros)
        if again == html:
            break
        html = again
    return html


def _shown_by(text: str, macros: bool) -> str:
    return _shown(parse(text, macros).html, lambda address: address)


def _shown(html: str, readdress: Readdress) -> str:
    """Sanitised HTML in a form that can be compared, with its links changed; one that leads nowhere is its words."""
    writer = _Writer(readdress)
    writer.feed(html)
    writer.close()
    parts = re.split(r"(<pre\b.*?</pre>)", "".join(writer.parts), flags=re.DOTALL)
    parts[::2] = [re.sub(r">\s+<", "> <", re.sub(r"\s+", " ", part)) for part in parts[::2]]
    return "".join(parts).strip()


class _Writer(HTMLParser):
    def __init__(self, readdress: Readdress) -> None:
        super().__init__(convert_charrefs=True)
        self.readdress = readdress
        self.parts: list[str] = []
        self.open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name = {"a": "href", "img": "src"}.get(tag, "")
        if name in attributes:
            address = self.readdress(attributes[name] or "")
            if address is None or (tag == "a" and address == "#"):
                self.parts.append(escape(attributes.get("alt") or ""))
                self.open += [False] if tag == "a" else []
                return
            attributes[name] = address
        self.open += [True] if tag == "a" else []
        written = "".join(f' {each}="{escape(value or "")}"' for each, value in attributes.items())
        self.parts.append(f"<{tag}{written}>")

    def handle_endtag(self, tag: str) -> None:
        if tag != "a" or not self.open or self.open.pop():
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(escape(data, quote=False))
