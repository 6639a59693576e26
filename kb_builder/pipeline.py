"""The one path: read → catalog → check → edition → plan → render → build."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb_builder import checks, resources
from kb_builder.catalog import Catalog
from kb_builder.edition import edition
from kb_builder.pages import plan
from kb_builder.pages.page import NavItem, Scene
from kb_builder.problem import Problem, errors, in_order
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.render import Rendered, render
from kb_builder.site import DRAFT, build_html, put_in_place, staging, write_project
from kb_builder.workspace import Workspace


@dataclass(frozen=True)
class Checked:
    """An engagement and everything that is wrong with it."""

    catalog: Catalog
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """Whether there is no error, so that sites can be built."""
        return not errors(self.problems)


@dataclass(frozen=True)
class Prepared:
    """A site that is ready to be written: its edition, Markdown and navigation."""

    edition: Catalog
    audience: Audience
    rendered: Rendered
    nav: tuple[NavItem, ...]


def check(workspace: Workspace, client: str, today: dt.date) -> Checked:
    """Read a client's records and check them."""
    reading = read(workspace, client)
    catalog = reading.catalog()
    return Checked(catalog, tuple(in_order([*reading.problems, *checks.run(catalog, today)])))


def prepare(
    checked: Checked,
    audience: Audience,
    today: dt.date,
    tick: Callable[[int, int], None] = lambda _done, _all: None,
) -> Prepared:
    """Plan and render the site of one audience. `tick` is told how many pages of how many are done."""
    seen = edition(checked.catalog, audience)
    problems = tuple(problem for problem in checked.problems if problem.record in seen.records)
    scene = Scene(seen, audience, today, problems)
    pages, nav = plan(scene)
    done = iter(range(1, len(pages) + 1))
    rendered = render(pages, scene, resources.folder("site_templates"), lambda: tick(next(done), len(pages)))
    return Prepared(seen, audience, rendered, tuple(nav))


def export(prepared: Prepared, workspace: Workspace, folder: Path) -> None:
    """Write a prepared site as a plain MkDocs project."""
    write_project(
        folder,
        prepared.rendered,
        prepared.nav,
        prepared.edition,
        prepared.audience,
        workspace.root / "mkdocs.yml",
        resources.folder("theme"),
    )


def build(prepared: Prepared, workspace: Workspace, output: Path, today: dt.date) -> Path:
    """Build a prepared site and swap it in: `<output>/<client>/<audience>/draft/`."""
    home = output / prepared.edition.slug / prepared.audience.value
    with staging(home) as stage:
        (stage / "project").mkdir()
        export(prepared, workspace, stage / "project")
        build_html(stage / "project", stage / "site", today)
        put_in_place(stage / "site", home, DRAFT)
    return home / DRAFT


def audiences(catalog: Catalog, wanted: Audience | None) -> Iterator[Audience]:
    """The audiences to build for: the wanted one, or all of the client's."""
    for audience in Audience:
        if audience in catalog.client.audiences and wanted in (None, audience):
            yield audience
