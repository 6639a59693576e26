"""The one path: read → catalog → check → edition → plan → render → build."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from kb_builder import checks, releases, resources
from kb_builder.catalog import Catalog, Key
from kb_builder.edition import edition
from kb_builder.errors import KbError
from kb_builder.feed import feed
from kb_builder.history import History
from kb_builder.pages import plan
from kb_builder.pages.page import Changed, NavItem, Page, Past, Scene, Standing
from kb_builder.pages.redirects import address, redirects
from kb_builder.problem import Problem, errors, in_order
from kb_builder.raised import raised, still_out
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.records.client import Site
from kb_builder.releases import Release, Releases
from kb_builder.render import Rendered, render
from kb_builder.site import Cover, write_project
from kb_builder.versions import DRAFT
from kb_builder.workspace import Workspace


@dataclass(frozen=True)
class Checked:
    """An engagement and everything that is wrong with it."""

    catalog: Catalog
    problems: tuple[Problem, ...]
    releases: Releases = field(default_factory=lambda: Releases(()))

    @property
    def sound(self) -> bool:
        """Whether there is no error, so that sites can be built."""
        return not errors(self.problems)


@dataclass(frozen=True)
class Prepared:
    """A site that is ready to be written: its edition, Markdown and navigation, and what it says of itself."""

    edition: Catalog
    cover: Cover
    rendered: Rendered
    nav: tuple[NavItem, ...]

    def written(self, page: str) -> str | None:
        """Where the record is written that a page is of; None for a page of no record."""
        own = address(page)
        record = next((each for each in self.edition.records.values() if each.page == own), None)
        if record is None or record.key not in self.edition.origins:
            return None
        place = self.edition.locate(record)
        return f"{place.path}:{place.line}"


@dataclass(frozen=True)
class Among:
    """A version among the others of its site.

    `past` are the releases up to it, as its readers may see them; `latest` the addresses that there are in the
    newest release, empty where there is none; `site` where it is served; `signed` how many of how many signed.
    """

    version: str = DRAFT
    standing: Standing = Standing.DRAFT
    past: tuple[Past, ...] = ()
    latest: frozenset[str] = frozenset()
    site: Site | None = None
    signed: tuple[int, int] = (0, 0)
    alone: bool = True
    history: History = field(default_factory=History)


def check(workspace: Workspace, client: str, today: dt.date, *, seals: bool = True) -> Checked:
    """Read a client's records and check them; with `seals`, every file of every release, too."""
    reading = read(workspace, client)
    catalog = reading.catalog()
    found = releases.load(workspace, client)
    altered = (
        [each for release in found.all for each in releases.verify(release, workspace.root)] if seals else []
    )
    where, broken_notes = releases.read_published(workspace, client)
    old = [
        *raised(workspace, catalog, found),
        *still_out(workspace, client, found, where),
        *broken_notes,
    ]
    problems = in_order([*reading.problems, *checks.run(catalog, today), *found.problems, *altered, *old])
    return Checked(catalog, tuple(problems), found)


def open_release(workspace: Workspace, client: str, release: Release) -> Checked:
    """Read a release's records; `check_release` checks them.

    Raises KbError if a file cannot be read: what is sealed was once sound.
    """
    reading = read(workspace, client, release)
    if broken := errors(reading.problems):
        first = broken[0]
        raise KbError(
            f"release {release.version} cannot be read: {first.location.path}:{first.location.line}: {first.message}",
            "kb check says whether it was altered; if it was not, this kb cannot read it: use the one that sealed it",
        )
    return Checked(reading.catalog(), reading.problems)


def check_release(opened: Checked, release: Release) -> Checked:
    """A release that was opened, checked as of its day."""
    found = checks.run(opened.catalog, release.seal.date)
    return replace(opened, problems=tuple(in_order([*opened.problems, *found])))


def as_past(opened: Checked, release: Release, audience: Audience) -> Past:
    """A release that was opened, as one audience may see it."""
    return Past(
        release.version, release.seal.date, release.seal.notes or "", edition(opened.catalog, audience)
    )


def prepare(
    checked: Checked,
    audience: Audience,
    today: dt.date,
    tick: Callable[[int, int], None] = lambda _done, _all: None,
    among: Among | None = None,
) -> Prepared:
    """Plan and render the site of one audience. `tick` is told how many pages of how many are done."""
    place = among or Among(site=checked.catalog.client.site(audience))
    seen = with_client(edition(checked.catalog, audience), sites=[place.site] if place.site else [])
    problems = tuple(problem for problem in checked.problems if problem.record in seen.records)
    changed = _changed(checked, place.history) if audience is Audience.CONSULTANT else {}
    scene = Scene(seen, audience, today, problems, place.version, place.standing, place.past, changed)
    pages, nav = plan(scene)
    moved = redirects(seen, (page.path for page in pages))
    pages = [_addressed(page, moved, place) for page in pages]
    done = iter(range(1, len(pages) + 1))
    rendered = render(pages, scene, resources.folder("site_templates"), lambda: tick(next(done), len(pages)))
    cover = Cover(
        audience,
        place.version,
        place.standing,
        today,
        place.signed,
        place.site,
        bool(place.latest),
        place.alone,
    )
    told = feed(scene, place.site.url if place.site else None)
    return Prepared(seen, cover, replace(rendered, redirects=moved, feed=told), tuple(nav))


def with_client(catalog: Catalog, **changes: object) -> Catalog:
    """A catalog whose client has other values in some fields: those that today's client.yaml decides."""
    return replace(catalog, client=catalog.client.model_copy(update=changes))


def tells_history(checked: Checked) -> bool:
    """Whether a client's pages for consultants show who changed a record last."""
    wanted = checked.catalog.client.history
    return wanted is not None and wanted.show


def _changed(checked: Checked, history: History) -> dict[Key, Changed]:
    """Who changed each record's file last. Only consultants are told: a commit may be about what others may not see."""
    catalog = checked.catalog
    wanted, client = catalog.client.history, catalog.origins.get(catalog.client.key)
    if not tells_history(checked) or wanted is None or client is None:
        return {}
    found: dict[Key, Changed] = {}
    for key, origin in catalog.origins.items():
        name = origin.file.relative_to(client.folder).as_posix()
        if commits := history.files.get(name):
            path = quote(f"{history.prefix}{name}")
            found[key] = Changed(commits, wanted.link.replace("{path}", path) if wanted.link else "")
    return found


def _addressed(page: Page, moved: Mapping[str, str], place: Among) -> Page:
    """A page that knows its old addresses, and its address in the newest release."""
    own = address(page.path)
    former = sorted(old for old, new in moved.items() if new == own)
    front = dict(page.front)
    if former:
        front["formerly"] = former
    if place.standing in (Standing.LATEST, Standing.OLDER):
        front["latest"] = own
    elif known := next((each for each in (own, *former) if each in place.latest), None):
        front["latest"] = known
    return replace(page, front=front)


def export(prepared: Prepared, workspace: Workspace, folder: Path) -> None:
    """Write a prepared site as a plain MkDocs project."""
    write_project(
        folder,
        prepared.rendered,
        prepared.nav,
        prepared.edition,
        prepared.cover,
        workspace.root / "mkdocs.yml",
        resources.folder("theme"),
    )


def audiences(catalog: Catalog, wanted: Audience | None) -> Iterator[Audience]:
    """The audiences to build for: the wanted one, or all of the client's."""
    for audience in Audience:
        if audience in catalog.client.audiences and wanted in (None, audience):
            yield audience
