"""What comes of taking something out of a release: what was taken, and what may still speak of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.scalarstring import LiteralScalarString

from kb_builder.yaml_source import parse_text, writer


@dataclass(frozen=True, order=True)
class Mention:
    """A line that may speak of what was taken out: the file, the line's number, and the line."""

    path: str
    line: int
    words: str


@dataclass(frozen=True)
class Outcome:
    """What was done to a copy of a release.

    `taken` are the records that were taken out; `speaking` finds what may still speak of them; `rewrite` does to the
    release's own words, and to the notes of earlier withdrawals, what was done to the records.
    """

    taken: tuple[str, ...]
    speaking: re.Pattern[str]
    rewrite: Callable[[str], str] = lambda text: text
    undecided: tuple[Mention, ...] = ()

    def mentions(self, path: str, text: str) -> Iterator[Mention]:
        """The lines of a file that may speak of what was taken out."""
        for number, line in enumerate(text.splitlines(), 1):
            if self.speaking.search(line):
                yield Mention(path, number, " ".join(line.split())[:160])


def yaml_text(value: Any) -> str:
    """A value as YAML that reads back as the same."""
    out = io.StringIO()
    writer().dump(_styled(value), out)
    text = out.getvalue()
    if parse_text(text, "x.yaml").value == value:
        return text
    # JSON is YAML, too, and says of every character what it is.
    return json.dumps(value, ensure_ascii=True, indent=1) + "\n"


def _styled(value: Any) -> Any:
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    if isinstance(value, dict):
        return {name: _styled(each) for name, each in value.items()}
    return [_styled(each) for each in value] if isinstance(value, list) else value
