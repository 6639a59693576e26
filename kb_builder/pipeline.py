"""The one path: read → catalog → check → edition → plan → render → build."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from kb_builder import checks, notes, releases, resources
from kb_builder.catalog import Catalog, Key
from kb_builder.checks import secret_in_record
from kb_builder.client_files import digests_of
from kb_builder.edition import edition
from kb_builder.errors import KbError
from kb_builder.feed import feed
from kb_builder.history import Commit, History
from kb_builder.insight.secrets import in_text
from kb_builder.notes import Notes
from kb_builder.pages import plan
from kb_builder.pages.page import Changed, NavItem, Page, Past, Scene, Standing
from kb_builder.pages.redirects import address, redirects
from kb_builder.problem import Location, Problem, as_warning, errors, in_order, is_unreadable
from kb_builder.raised import raised, still_out
from kb_builder.read import NEWER, read
from kb_builder.records.base import Audience
from kb_builder.records.client import Site
from kb_builder.releases import Release, Releases
from kb_builder.render import Rendered, render
from kb_builder.site import Cover, write_project
from kb_builder.versions import DRAFT
from kb_builder.workspace import Workspace


@dataclass(frozen=True)
class Checked:
    """An engagement and everything that is wrong with it.

    `files` are all files that belong to it, by their path from the client's folder, each with the SHA-256 of the bytes
    that were read: what is made of it is made of these. It is empty where the seals were not looked at.
    """

    catalog: Catalog
    problems: tuple[Problem, ...]
    releases: Releases = field(default_factory=lambda: Releases(()))
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether there is no error, so that sites can be built."""
        return not errors(self.problems)


@dataclass(frozen=True)
class Prepared:
    """A site that is ready to be written: its edition, Markdown and navigation, and what it says of itself.

    `files` are the files that it may show, as they were read.
    """

    edition: Catalog
    cover: Cover
    rendered: Rendered
    nav: tuple[NavItem, ...]
    files: Mapping[str, str] = field(default_factory=dict)

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


def check(
    workspace: Workspace, client: str, today: dt.date, *, seals: bool = True, records: Workspace | None = None
) -> Checked:
    """Read a client's records and check them; with `seals`, every file of every release, too.

    The records are read from `records` where that is given: a copy of them that nobody else writes in.
    """
    reading = read(records or workspace, client)
    files = digests_of((records or workspace).folder(client), reading.seen) if seals else {}
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
    shared = _in_settings(workspace, catalog)
    own = [*reading.problems, *checks.run(catalog, today), *shared]
    problems = in_order([*own, *found.problems, *altered, *old])
    return Checked(catalog, tuple(problems), found, files)


def _in_settings(workspace: Workspace, catalog: Catalog) -> Iterator[Problem]:
    """Secrets in the settings of all sites, which are handed over with each."""
    try:
        text = (workspace.root / "mkdocs.yml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    yield from secret_in_record.beside(text, Location("mkdocs.yml"), "a setting", catalog.client.not_secret)


def in_notes(told: Notes, place: Location, catalog: Catalog) -> Iterator[Problem]:
    """Secrets in the notes of a release, which every reader of it gets; they are written at `place`."""
    for text in notes.sections(told).values():
        yield from secret_in_record.beside(text, place, "the notes", catalog.client.not_secret)


def open_release(workspace: Workspace, client: str, release: Release) -> Checked:
    """Read a release's records, which were checked when it was sealed.

    What is sealed can always be shown: what is wrong in it is left out, and each error of reading is a warning.
    Raises KbError for a release that a newer kb has sealed, and where the machine does not give a file out: that would
    be taken for one that is not there.
    """
    reading = read(workspace, client, release)
    stop = next((each for each in reading.problems if each.code == NEWER or is_unreadable(each)), None)
    if stop is not None:
        raise KbError(
            f"release {release.version} cannot be read: {stop.location.path}:{stop.location.line}: {stop.message}",
            stop.hint,
        )
    found = {path.relative_to(release.folder).as_posix(): digest for path, digest in reading.seen.items()}
    files = {name: found.get(name) or digest for name, digest in release.seal.files.items()}
    return Checked(reading.catalog(), tuple(as_warning(each) for each in reading.problems), files=files)


def as_past(opened: Checked, release: Release, audience: Audience, before: Iterable[Past] = ()) -> Past:
    """A release that was opened, as one audience may see it; `before` are the releases that this audience had before."""
    seen = edition(opened.catalog, audience, held_by(before))
    return Past(release.version, release.seal.date, notes.told(release.seal.notes, audience), seen)


def held_by(past: Iterable[Past]) -> set[Key]:
    """The keys of all records that some releases held, as their readers saw them."""
    return {key for each in past for key in each.catalog.records}


def prepare(
    checked: Checked,
    audience: Audience,
    today: dt.date,
    tick: Callable[[int, int], None] = lambda _done, _all: None,
    among: Among | None = None,
) -> Prepared:
    """Plan and render the site of one audience. `tick` is told how many pages of how many are done."""
    place = among or Among(site=checked.catalog.client.site(audience))
    held = held_by(place.past)
    seen = with_client(edition(checked.catalog, audience, held), sites=[place.site] if place.site else [])
    problems = tuple(checks.loose(seen, today))
    changed = _changed(checked, place.history) if audience is Audience.CONSULTANT else {}
    scene = Scene(seen, audience, today, problems, place.version, place.standing, place.past, changed)
    pages, nav = plan(scene)
    moved = redirects(seen, (page.path for page in pages), held)
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
    return Prepared(seen, cover, replace(rendered, redirects=moved, feed=told), tuple(nav), checked.files)


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
            found[key] = Changed(
                tuple(map(_told, commits)), wanted.link.replace("{path}", path) if wanted.link else ""
            )
    return found


def _told(commit: Commit) -> Commit:
    """A commit as pages tell of it: nobody can take back what looks like a secret in it, so that is left out."""
    secret = any(in_text(f"{commit.author}\n{commit.subject}"))
    return (
        replace(commit, author="somebody", subject="(left out: it looks like a secret)") if secret else commit
    )


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
    """Write a prepared site as a plain MkDocs project. Raises Changed for a file that was read otherwise."""
    write_project(
        folder,
        prepared.rendered,
        prepared.nav,
        prepared.edition,
        prepared.cover,
        workspace.root / "mkdocs.yml",
        resources.folder("theme"),
        prepared.files,
    )


def audiences(catalog: Catalog, wanted: Audience | None) -> Iterator[Audience]:
    """The audiences to build for: the wanted one, or all of the client's."""
    for audience in Audience:
        if audience in catalog.client.audiences and wanted in (None, audience):
            yield audience
