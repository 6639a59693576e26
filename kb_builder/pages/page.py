"""A page: a path, a template and its data; and the scene that pages are planned from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem
from kb_builder.records.base import Audience, Record


@dataclass(frozen=True)
class Scene:
    """What all pages of a site are planned from: an edition, its audience, the date and its problems."""

    catalog: Catalog
    audience: Audience
    today: dt.date
    problems: tuple[Problem, ...] = ()


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
