"""A client's sites with all their versions: what must be built, and the swap that puts all of it in place.

In the folder of the sites lie `<client>/<audience>/<version>/`, the copy `latest/`, `versions.json`, and
`<client>/.kb/`, which notes for each site what it was made from. That note is a cache: without it all is built.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kb_builder import pipeline, resources, versions_list
from kb_builder.client_files import refuse_links
from kb_builder.errors import Changed, KbError
from kb_builder.files import recover, replace_all, replace_folder
from kb_builder.folders import sort_of, walk
from kb_builder.history import History, as_text, from_git, sealed
from kb_builder.links import dead_links
from kb_builder.pages.page import Past, Standing
from kb_builder.pages.redirects import nearest
from kb_builder.pipeline import Among, Checked
from kb_builder.records.base import Audience
from kb_builder.records.client import Site
from kb_builder.releases import Release
from kb_builder.seen import Seen, digest_of
from kb_builder.site import NO_ROBOTS, ROBOTS, build_html, is_redirect, redirect_page
from kb_builder.staging import staging
from kb_builder.versions import DRAFT, LATEST
from kb_builder.workspace import Workspace

NOTES = ".kb"
_MAKERS = (
    "jinja2",
    "markdown",
    "mkdocs",
    "mkdocs-macros-plugin",
    "mkdocs-material",
    "nh3",
    "pygments",
    "pymdown-extensions",
)
"""The packages whose version shows in a page."""


@dataclass(frozen=True)
class Job:
    """One version of one site: what it is made from, and whether the site that stands there still is that."""

    audience: Audience
    version: str
    standing: Standing
    today: dt.date
    release: Release | None
    inputs: str
    right: bool


@dataclass(frozen=True)
class Built:
    """One version of one site that is in place: its folder, its number of pages, and whether it was made now."""

    audience: Audience
    version: str
    standing: Standing
    folder: Path
    pages: int
    fresh: bool


class Assembly:
    """The making of one client's sites, for some audiences, in the folder `output`."""

    def __init__(self, workspace: Workspace, checked: Checked, output: Path, today: dt.date) -> None:
        self.workspace = workspace
        self.checked = checked
        self.slug = checked.catalog.slug
        self.releases = checked.releases
        # Where the client's sites are a link, what it leads to is what a server serves: that is replaced, not the link.
        home = output / self.slug
        self.home = Path(os.path.realpath(home)) if home.is_symlink() else home
        self.config = workspace.root / "mkdocs.yml"
        self.today = today
        self._opened: dict[str, Checked] = {}
        self._past_: dict[tuple[Audience, str], Past] = {}

    def build(
        self,
        audiences: Iterable[Audience],
        began: Callable[[Audience, str], Callable[[int, int], None]] = lambda *_: lambda *_: None,
        ended: Callable[[Built], None] = lambda _: None,
    ) -> list[Built]:
        """Build what is not right any more, and swap all of it in with one step.

        `began` is told of each version that is built and gives what to tell of its pages; `ended` of each that
        stands. Killed at any moment, the old sites or the new ones stand. Raises KbError with nothing changed, Changed
        if a file is not what it was when the records were checked.
        """
        refuse_links(self.workspace.folder(self.slug))
        recover(self.home)
        _refuse_foreign(self.home)
        self.home.parent.mkdir(parents=True, exist_ok=True)
        found: list[Built] = []
        with staging(self.home.parent) as stage:
            new = stage / "sites"
            new.mkdir()
            (new / NOTES).mkdir()
            wanted = list(audiences)
            for audience in Audience:
                if audience in wanted:
                    found += self._audience(audience, stage, new, began, ended)
                elif audience in self.checked.catalog.client.audiences:
                    self._keep(audience, new)
            replace_folder(new, self.home)
        return found

    def _keep(self, audience: Audience, new: Path) -> None:
        """Take an audience's sites over as they stand."""
        if (self.home / audience.value).is_dir():
            link_tree(self.home / audience.value, new / audience.value)
        for note in sorted((self.home / NOTES).glob(f"{audience.value}--*.json")):
            shutil.copyfile(note, new / NOTES / note.name)

    def _audience(
        self,
        audience: Audience,
        stage: Path,
        new: Path,
        began: Callable[[Audience, str], Callable[[int, int], None]],
        ended: Callable[[Built], None],
    ) -> list[Built]:
        folder = new / audience.value
        folder.mkdir()
        found: list[Built] = []
        newest: frozenset[str] = frozenset()
        pages: dict[str, list[str]] = {}
        for release in (*self.releases.all, None):
            job = self._job(audience, release, newest)
            target = folder / job.version
            if job.right:
                link_tree(self.home / audience.value / job.version, target)
            else:
                self._make(job, stage, target, newest, began(audience, job.version))
            pages[job.version] = versions_list.pages_of(target)
            if job.standing is Standing.LATEST:
                newest = frozenset(pages[job.version])
            name = _note(audience, job.version)
            if job.right:
                shutil.copyfile(self.home / NOTES / name, new / NOTES / name)
            else:
                note = {"inputs": job.inputs, "site": digest_of_tree(target)}
                (new / NOTES / name).write_text(json.dumps(note) + "\n", encoding="utf-8")
            built = Built(
                audience,
                job.version,
                job.standing,
                self.home / audience.value / job.version,
                len(pages[job.version]),
                not job.right,
            )
            found.append(built)
            ended(built)
        self._front(audience, folder, pages)
        return found

    def _front(self, audience: Audience, folder: Path, pages: Mapping[str, list[str]]) -> None:
        """What stands beside the versions: the copy `latest`, the list of versions, robots and the way in."""
        site = self.checked.catalog.client.site(audience)
        shown = [*self.releases.all]
        latest = self.releases.latest
        if latest is not None:
            older = [pages[each.version] for each in shown if not each.candidate and each is not latest]
            make_latest(folder, latest.version, older, public=bool(site and site.public))
        listed = pages[latest.version] if latest else []
        found = [page for page in listed if not is_redirect(folder / LATEST / page)]
        for name, text in versions_list.front_files(shown, latest, site, found, draft=True).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")

    def _job(self, audience: Audience, release: Release | None, newest: frozenset[str]) -> Job:
        version = release.version if release else DRAFT
        standing = self.standing(release)
        today = release.seal.date if release else self.today
        inputs = {
            "made by": self._makers,
            "audience": audience.value,
            "version": version,
            "standing": standing.value,
            "today": today.isoformat(),
            "records": release.digest if release else self._draft,
            "signed": self._signed(release),
            "before": [each.digest for each in self._up_to(release)],
            "history": hashlib.sha256(as_text(self._history(audience, release)).encode()).hexdigest(),
            "site": site.model_dump_json() if (site := self._site(audience)) else "",
            "latest": sorted(newest) if standing in (Standing.DRAFT, Standing.CANDIDATE) else [],
        }
        digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
        return Job(
            audience, version, standing, today, release, digest, self._is_right(audience, version, digest)
        )

    def dead(self, audience: Audience, version: str, among: Path) -> list[str]:
        """The dead links of a version that is built; `among` is a folder that holds it beside the others.

        What was found whole once is not read again.
        """
        path, seen = self.home / NOTES / _note(audience, version), Seen()
        note = json.loads(seen.read(path) or b"{}")
        if note.get("links") == "whole":
            return []
        found = dead_links(among / version, among)
        if not found:
            text = json.dumps({**note, "links": "whole"}) + "\n"
            # Whoever built it anew meanwhile looks for themselves.
            with suppress(Changed):
                replace_all({path: text.encode()}, path.parent, seen.digests)
        return found

    def standing(self, release: Release | None) -> Standing:
        """How a release, or None for the draft, stands among the others."""
        if release is None:
            return Standing.DRAFT
        if release.candidate:
            return Standing.CANDIDATE
        latest = self.releases.latest
        return Standing.LATEST if latest and latest.version == release.version else Standing.OLDER

    def _is_right(self, audience: Audience, version: str, inputs: str) -> bool:
        """Whether the site that stands there was made from these inputs, and is as it was made."""
        folder = self.home / audience.value / version
        try:
            note = json.loads((self.home / NOTES / _note(audience, version)).read_text(encoding="utf-8"))
            return bool(
                note["inputs"] == inputs and folder.is_dir() and note["site"] == digest_of_tree(folder)
            )
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _make(
        self,
        job: Job,
        stage: Path,
        target: Path,
        newest: frozenset[str],
        tick: Callable[[int, int], None],
    ) -> None:
        among = self.among(job.audience, job.release, newest, alone=False)
        checked = self.records(job.release)
        if job.release and checked.files != job.release.seal.files:
            raise KbError(f"{job.release.folder} was altered", "kb check names every file that differs")
        prepared = pipeline.prepare(checked, job.audience, job.today, tick, among)
        project = stage / "project"
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir()
        pipeline.export(prepared, self.workspace, project)
        if digest_of(self.config) != self._config:
            raise Changed(self.config)
        build_html(project, target, job.today, written=prepared.written)
        text = versions_list.pages_js(job.version, versions_list.pages_of(target))
        (target / versions_list.PAGES).write_text(text, encoding="utf-8", newline="\n")

    def records(self, release: Release | None) -> Checked:
        """The records of a release, or those that stand in the folder now."""
        return self._open(release) if release else self.checked

    def among(
        self,
        audience: Audience,
        release: Release | None,
        newest: frozenset[str] = frozenset(),
        *,
        alone: bool,
    ) -> Among:
        """A release, or the draft, among the others: `newest` are the addresses that the newest release has."""
        return Among(
            release.version if release else DRAFT,
            self.standing(release),
            tuple(self._past(audience, each) for each in self._up_to(release)),
            newest,
            self._site(audience),
            self._signed(release),
            alone,
            self._history(audience, release),
        )

    def _up_to(self, release: Release | None) -> list[Release]:
        """The releases up to one, or to the draft. A candidate is known to itself only: nobody may have seen it."""
        found = self.releases.all
        before = found[: found.index(release) + 1] if release else found
        return [each for each in before if each is release or not each.candidate]

    def _past(self, audience: Audience, release: Release) -> Past:
        key = (audience, release.version)
        if key not in self._past_:
            before = [self._past(audience, each) for each in self._up_to(release) if each is not release]
            self._past_[key] = pipeline.as_past(self._open(release), release, audience, before)
        return self._past_[key]

    def _open(self, release: Release) -> Checked:
        if release.version not in self._opened:
            self._opened[release.version] = pipeline.open_release(self.workspace, self.slug, release)
        return self._opened[release.version]

    def _site(self, audience: Audience) -> Site | None:
        return self.checked.catalog.client.site(audience)

    def _signed(self, release: Release | None) -> tuple[int, int]:
        return (len(release.signed_by), release.seal.sign_off) if release else (0, 0)

    @cached_property
    def _makers(self) -> str:
        """What every site is made with: our code, templates and theme, the configuration, the packages."""
        digest = hashlib.sha256()
        package = Path(__file__).parent
        for folder, pattern in (
            (package, "*.py"),
            (resources.folder("site_templates"), "*"),
            (resources.folder("theme"), "*"),
        ):
            for path in sorted(folder.rglob(pattern)):
                if path.is_file() and "_data" not in path.relative_to(folder).parts:
                    digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
                    digest.update(hashlib.sha256(path.read_bytes()).digest())
        digest.update((self._config or "").encode())
        for name in _MAKERS:
            digest.update(f"{name} {importlib.metadata.version(name)}\0".encode())
        return digest.hexdigest()

    def _history(self, audience: Audience, release: Release | None) -> History:
        if audience is not Audience.CONSULTANT or not pipeline.tells_history(self.checked):
            return History()
        return sealed(release.folder) if release else self._from_git

    @cached_property
    def _from_git(self) -> History:
        return from_git(self.workspace.folder(self.slug))

    @cached_property
    def _config(self) -> str | None:
        return digest_of(self.config)

    @cached_property
    def _draft(self) -> str:
        """What the draft is made from: the bytes that were read when it was checked, not those that stand there now."""
        digest = hashlib.sha256()
        for name, read in sorted(self.checked.files.items()):
            digest.update(f"{name}\0{read}\0".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def _refuse_foreign(home: Path) -> None:
    """Raise KbError if what stands there is not what kb wrote: it is replaced as a whole."""
    for link in (each for each in (home.iterdir() if home.is_dir() else ()) if each.is_symlink()):
        raise KbError(
            f"{link} is a link, and the folder {home} is replaced whole: where it leads to would stay as it is",
            f"take the link away; {home} itself may be a link to where it is served",
        )
    if home.exists() and not home.is_dir():
        raise KbError(f"{home} is not a folder", "move it away, or name another folder with --output")
    if not home.exists() or (home / NOTES).is_dir():
        return
    foreign = [
        path
        for path in sorted(home.iterdir())
        if not (path / "versions.json").is_file() and path.name != NOTES
    ]
    if foreign:
        raise KbError(
            f"{foreign[0]} was not written by kb, and the folder {home} would be replaced",
            "name another folder with --output",
        )


def _note(audience: Audience, version: str) -> str:
    return f"{audience.value}--{version}.json"


def digest_of_tree(folder: Path) -> str:
    """The SHA-256 of a folder: of the names and contents of all its files. What is no file counts as such."""
    digest = hashlib.sha256()
    for base, _, files in walk(folder):
        for name in files:
            path = base / name
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode(errors="surrogateescape"))
            digest.update((sort_of(path) or "").encode() or hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def link_tree(source: Path, target: Path) -> None:
    """Copy a folder without its bytes, by hard links; with them where the disk has no links."""
    shutil.copytree(source, target, copy_function=_link)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def make_latest(folder: Path, version: str, older: Iterable[Iterable[str]], *, public: bool) -> None:
    """Make `latest/`: a copy of a version that also answers where only older versions have a page.

    If it is public, search engines may list it, and no other version.
    """
    target = folder / LATEST
    link_tree(folder / version, target)
    there = set(versions_list.pages_of(target))
    for page in sorted({page for pages in older for page in pages} - there):
        path = target / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(redirect_page(page, nearest(page, there)), encoding="utf-8", newline="\n")
    if public:
        for page in sorted(there):
            path = target / page
            text = path.read_text(encoding="utf-8")
            path.unlink()
            path.write_text(text.replace(NO_ROBOTS, ROBOTS, 1), encoding="utf-8", newline="\n")
