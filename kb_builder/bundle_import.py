"""The way in: a bundle that another workspace has made becomes a client of this one."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from kb_builder import disk, pipeline, releases
from kb_builder.bundle import CONFIG, RECORDS, Summary
from kb_builder.errors import KbError, UsageError
from kb_builder.exporters.bundle_zip import digest_of, unpack
from kb_builder.locks import hold
from kb_builder.pipeline import Checked
from kb_builder.present import count
from kb_builder.problem import errors
from kb_builder.staging import staging
from kb_builder.workspace import Workspace


def read_bundle(path: Path, workspace: Workspace, today: dt.date) -> Summary:
    """Read a bundle's records into a workspace, as a new client.

    All of it is there afterwards, or nothing, whenever it is killed. Raises UsageError for a file that is no bundle
    and for a client that is there already, KbError for a bundle that was altered, is newer than this kb, or would do
    harm.
    """
    with staging(workspace.engagements) as stage:
        cover, sums = unpack(path, f"{RECORDS}/", stage / "records")
        home = workspace.engagements / cover.client
        _refuse_taken(home)
        copy = Workspace(stage / "copy")
        copy.engagements.mkdir(parents=True)
        os.rename(stage / "records", copy.engagements / cover.client)
        staged = pipeline.check(copy, cover.client, today)
        _refuse_altered(copy, staged)
        disk.sync_tree(copy.engagements / cover.client)
        with hold(workspace.root, wait=True):
            _refuse_taken(home)
            os.rename(copy.engagements / cover.client, home)
            disk.sync_folder(workspace.engagements)
    return Summary(
        cover.client,
        cover.title,
        cover.audience,
        tuple(cover.versions),
        len(staged.catalog.records),
        sum(name.startswith(f"{RECORDS}/") for name in sums),
        home,
        tuple(_notes(workspace, staged, sums)),
    )


def _refuse_taken(home: Path) -> None:
    if os.path.lexists(home):
        raise UsageError(
            f'there is a client "{home.name}" already', "a bundle is read into a workspace without it"
        )


def _refuse_altered(copy: Workspace, staged: Checked) -> None:
    """Raise KbError if a release in a bundle is not as it was sealed."""
    found = list(staged.releases.problems)
    for release in staged.releases.all:
        found += releases.verify(release, copy.root)
    if found:
        where = found[0].location.path.partition("/")[2]
        raise KbError(
            f"the bundle is refused: {where} {found[0].message}", "ask whoever made it for one that is whole"
        )


def _notes(workspace: Workspace, staged: Checked, sums: Mapping[str, str]) -> Iterator[str]:
    if wrong := errors(staged.problems):
        yield f"{count(len(wrong), 'error')} in the records: kb check {staged.catalog.slug} says which"
    if sums.get(CONFIG) != digest_of(workspace.root / CONFIG):
        yield f"{CONFIG} here differs from the one in the bundle, so sites will not look the same"
