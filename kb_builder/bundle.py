"""Bundles: a client's way out in one zip.

A bundle is made of a copy of the records that stands for itself: the client's folder as it is for consultants, the
edition of it for anybody else. Sites, projects and tables are made from that copy alone, so nothing that is not in it
can reach them, and what is read into another workspace and exported there gives the same again.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from kb_builder import __version__, disk, pipeline, versions_list
from kb_builder.assembly import Assembly
from kb_builder.catalog import Key
from kb_builder.client_files import RELEASES, files_of
from kb_builder.edition import edition
from kb_builder.errors import KbError
from kb_builder.exporters.bundle_csv import csv_files
from kb_builder.exporters.bundle_readme import readme_text
from kb_builder.exporters.bundle_records import write_edition, write_release
from kb_builder.exporters.bundle_zip import (
    BUNDLE,
    COVER,
    SUMS,
    Cover,
    cover_text,
    digest_of,
    faults,
    pack,
    sums_of,
)
from kb_builder.pipeline import Checked
from kb_builder.problem import errors
from kb_builder.records.base import Audience
from kb_builder.records.client import FORMAT
from kb_builder.releases import PUBLISHED, SEAL, SIGNATURES, Release
from kb_builder.staging import staging
from kb_builder.versions import DRAFT
from kb_builder.withdrawn import WITHDRAWN
from kb_builder.workspace import Workspace

RECORDS = "records"
CONFIG = "mkdocs.yml"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Summary:
    """What a bundle holds: the client, whose edition, its versions, how many records and files, and where it is now.

    `notes` are things that whoever asked for it should know.
    """

    client: str
    title: str
    audience: Audience
    versions: tuple[str, ...]
    records: int
    files: int
    place: Path
    notes: tuple[str, ...] = ()


def write_bundle(
    workspace: Workspace,
    checked: Checked,
    audience: Audience,
    today: dt.date,
    target: Path,
    progress: Progress = lambda _: None,
) -> Summary:
    """Write the bundle of a client, as `audience` and those below it may see the records, to the zip `target`.

    `checked` is the client with the seals of its releases checked; `progress` is told what is being made. The zip is
    there whole or not at all. Raises KbError for records with errors.
    """
    if first := next(iter(errors(checked.problems)), None):
        raise KbError(
            f"{checked.catalog.slug} is not exported: {first.location.path}:{first.location.line}: {first.message}",
            f"mend it; kb check {checked.catalog.slug} says all that is wrong",
        )
    with staging(target.parent) as stage:
        progress("records")
        copy = Workspace(stage / "copy")
        _copy_records(workspace, checked, audience, copy)
        staged = _standing(pipeline.check(copy, checked.catalog.slug, today))
        folder = stage / "bundle"
        _fill(copy, staged, audience, today, folder, stage / "built", progress)
        progress("zip")
        summary = _seal(staged, audience, today, folder)
        pack(folder, stage / "bundle.zip")
        disk.sync_file(stage / "bundle.zip")
        os.replace(stage / "bundle.zip", target)
        disk.sync_folder(target.parent)
        return replace(summary, place=target)


def _standing(staged: Checked) -> Checked:
    """The copy, which stands without the records that it was made from; KbError where it does not."""
    if first := next(iter(errors(staged.problems)), None):
        where = first.location.path.partition("/")[2]
        raise KbError(f"what may be seen of {where} does not stand by itself: {first.message}", first.hint)
    return staged


def _copy_records(workspace: Workspace, checked: Checked, audience: Audience, copy: Workspace) -> None:
    """Copy what `audience` may see of a client's folder, releases included, and the settings of the sites.

    Candidates are for the consultants alone: whoever must sign one may still say no to it. A release with a name that
    no zip can hold is sealed anew as an edition, in which files have other names.
    """
    slug = checked.catalog.slug
    source, target = workspace.folder(slug), copy.engagements / slug
    target.mkdir(parents=True)
    shutil.copyfile(workspace.root / CONFIG, copy.root / CONFIG)
    if audience is Audience.CONSULTANT:
        for name, path in files_of(source):
            _copy(path, target / name)
        for name in (PUBLISHED, WITHDRAWN):
            if (source / RELEASES / name).is_file():
                _copy(source / RELEASES / name, target / RELEASES / name)
        for release in checked.releases.all:
            if any(faults(release.seal.files)):
                whole = pipeline.open_release(workspace, slug, release).catalog
                seen = edition(whole, audience)
                write_release(release, whole, seen, audience, target / RELEASES / release.version)
                continue
            for name in (*release.seal.files, SEAL, SIGNATURES):
                if (release.folder / name).is_file():
                    _copy(release.folder / name, target / RELEASES / release.version / name)
        return
    held: set[Key] = set()
    for release in checked.releases.all:
        if not release.candidate:
            whole = pipeline.open_release(workspace, slug, release).catalog
            seen = edition(whole, audience, held)
            write_release(release, whole, seen, audience, target / RELEASES / release.version)
            held |= seen.records.keys()
    write_edition(checked.catalog, edition(checked.catalog, audience, held), audience, source, target)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _fill(
    copy: Workspace,
    staged: Checked,
    audience: Audience,
    today: dt.date,
    folder: Path,
    built: Path,
    progress: Progress,
) -> None:
    """Write all that a bundle holds, but for what says so, into the new folder `folder`."""
    slug = staged.catalog.slug
    folder.mkdir()
    shutil.copyfile(copy.root / CONFIG, folder / CONFIG)
    shutil.copytree(copy.folder(slug), folder / RECORDS)
    (folder / "csv").mkdir()
    for name, text in csv_files(staged.catalog, audience, copy.folder(slug)).items():
        (folder / "csv" / name).write_bytes(text.encode())
    assembly = Assembly(copy, staged, built, today)
    wanted = _audiences(staged, audience)
    if not wanted:
        return
    (folder / "sites").mkdir()

    def began(each: Audience, version: str) -> Callable[[int, int], None]:
        return lambda done, total: progress(f"{each.value} {version}, page {done} of {total}")

    assembly.build(wanted, began)
    versions: list[Release | None] = [*staged.releases.all] or [None]
    for each in wanted:
        site = folder / "sites" / each.value
        os.rename(built / slug / each.value, site)
        if staged.releases.all:
            _without_draft(staged, each, site)
        for release in versions:
            version = release.version if release else DRAFT
            progress(f"{each.value} {version}, project")
            among = assembly.among(each, release, alone=True)
            day = release.seal.date if release else today
            prepared = pipeline.prepare(assembly.records(release), each, day, among=among)
            project = folder / "projects" / each.value / version
            project.mkdir(parents=True)
            pipeline.export(prepared, copy, project)


def _audiences(staged: Checked, audience: Audience) -> list[Audience]:
    return [each for each in staged.catalog.client.audiences if audience.sees(each)]


def _without_draft(staged: Checked, audience: Audience, site: Path) -> None:
    """Take the draft out of the versions of a site."""
    shutil.rmtree(site / DRAFT)
    found, readers = staged.releases, staged.catalog.client.site(audience)
    texts = versions_list.front_files(found.all, found.latest, readers, (), draft=False)
    for name in ("versions.json", "versions.js", "index.html"):
        (site / name).write_bytes(texts[name].encode())


def _seal(staged: Checked, audience: Audience, today: dt.date, folder: Path) -> Summary:
    """Write what says what the bundle is: its README, the list of its files and its cover."""
    client = staged.catalog.client
    versions = [each.version for each in staged.releases.all] or [DRAFT]
    cover = Cover(
        bundle=BUNDLE,
        made_with=__version__,
        format=FORMAT,
        client=staged.catalog.slug,
        title=client.title,
        audience=audience,
        date=today,
        versions=versions,
        sums="0" * 64,
    )
    tables = {kind: len(records) for kind, records in sorted(staged.catalog.by_kind.items())}
    signed = any(each.signatures for each in staged.releases.all)
    text = readme_text(cover, _audiences(staged, audience), tables, signed)
    (folder / "README.md").write_bytes(text.encode())
    sums = sums_of(folder)
    (folder / SUMS).write_bytes(sums.encode())
    cover = cover.model_copy(update={"sums": digest_of(folder / SUMS)})
    (folder / COVER).write_bytes(cover_text(cover).encode())
    return Summary(
        staged.catalog.slug,
        client.title,
        audience,
        tuple(versions),
        len(staged.catalog.records),
        sums.count("\n") + 2,
        folder,
    )
