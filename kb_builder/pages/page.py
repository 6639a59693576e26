"""A page: a path, a template and its data; and the scene that pages are planned from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kb_builder.catalog import Catalog
from kb_builder.history import Commit
from kb_builder.problem import Problem
from kb_builder.records.base import Audience, Record
from kb_builder.versions import DRAFT


class Standing(StrEnum):
    """How a version stands among the others, which its banner tells."""

    DRAFT = "draft"
    CANDIDATE = "candidate"
    LATEST = "latest"
    OLDER = "older"


@dataclass(frozen=True)
class Past:
    """One release as this reader may see it: its version, date and notes, and its edition of the records."""

    version: str
    date: dt.date
    notes: str
    catalog: Catalog


@dataclass(frozen=True)
class Changed:
    """Who changed a record's file last: the latest commits, and where its whole history is, or nothing."""

    commits: tuple[Commit, ...]
    link: str


@dataclass(frozen=True)
class Scene:
    """What all pages of a site are planned from: an edition, its audience, the date and its problems.

    `past` are the releases up to this version, the oldest first. On a release the last of them is the
    version itself; on the draft it is what the draft is compared with. `changed` tells by a record's key who
    changed it last.
    """

    catalog: Catalog
    audience: Audience
    today: dt.date
    problems: tuple[Problem, ...] = ()
    version: str = DRAFT
    standing: Standing = Standing.DRAFT
    past: tuple[Past, ...] = ()
    changed: Mapping[tuple[str, str], Changed] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """One Markdown page of a site. `path` is relative to the site, such as `systems/erp.md`.

    `front` becomes front matter beside the title: the words between page and theme.
    """

    path: str
    template: str
    title: str
    data: Mapping[str, object]
    front: Mapping[str, str | bool | list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation: a title, and a page's path or further entries."""

    title: str
    path: str = ""
    items: tuple[NavItem, ...] = ()


def index_path(kind: type[Record]) -> str:
    """The path of a kind's index page."""
    return f"{kind.plural}/index.md"
