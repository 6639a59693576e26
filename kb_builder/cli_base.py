"""What the commands share: options, the clients that are meant, and progress."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from kb_builder import pipeline, releases, report
from kb_builder.disk import sync_folder, sync_tree
from kb_builder.errors import KbError, UsageError
from kb_builder.files import overwrite, replace_all, replace_folder
from kb_builder.problem import errors
from kb_builder.records.base import Audience
from kb_builder.releases import Release, Releases
from kb_builder.seen import Seen
from kb_builder.staging import staging
from kb_builder.workspace import Workspace

CLEAN, PROBLEMS, WRONG_USAGE, OUR_BUG, REFUSED, UNHEARD = 0, 1, 2, 3, 4, 141
"""Exit codes. A signal ends a command with 128 and its number, as shells have it: 129, 130, 143; 141 is a closed pipe."""
F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[dt.date]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value} is not a date; write it as 2026-03-31", param, ctx)


def as_of(function: F) -> F:
    """The option --as-of, today if it is left out."""
    return click.option(
        "--as-of",
        "today",
        type=Day(),
        default=dt.date.today,
        show_default="today",
        help="Take this day for today: what is due and overdue follows from it.",
    )(function)


def audience_option(function: F) -> F:
    """The option --audience."""
    return click.option(
        "--audience", type=click.Choice([each.value for each in Audience]), help="Only this audience."
    )(function)


def clients_meant(workspace: Workspace, wanted: Iterable[str]) -> list[str]:
    """The clients that a command is about: those named, or all. Raises UsageError if there is none."""
    chosen = list(dict.fromkeys(wanted)) or workspace.clients()
    for client in chosen:
        workspace.folder(client)
    if not chosen:
        raise UsageError(f"no client in {workspace.engagements}", "kb new CLIENT makes one")
    return chosen


class Progress:
    """One line on a terminal that says how far we are; silent elsewhere."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.shown = 0.0
        self.live = sys.stderr.isatty()
        self.waits_for = ""

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.live and (now - self.shown > 0.1 or done == total):
            self.shown = now
            click.echo(f"\r\x1b[K{self.title}  {done} of {total}", nl=False, err=True)

    def say(self, words: str) -> None:
        if self.live:
            click.echo(f"\r\x1b[K{self.title}  {words}", nl=False, err=True)

    def wait(self, words: str) -> None:
        """Say what is waited for; where there is no terminal once for each thing, since it may take minutes."""
        what = words.partition(";")[0]
        self.say(words)
        if not self.live and what != self.waits_for:
            click.echo(f"{self.title}: {words}", err=True)
        self.waits_for = what

    def clear(self) -> None:
        if self.live:
            click.echo("\r\x1b[K", nl=False, err=True)


def audiences_meant(checked: pipeline.Checked, client: str, wanted: str | None) -> list[Audience]:
    """The audiences to build for: the wanted one, or all of the client's. Raises UsageError if there is none."""
    found = list(pipeline.audiences(checked.catalog, Audience(wanted) if wanted else None))
    if not found:
        raise UsageError(
            f"{client} has no site for {wanted or 'anybody'}",
            "`sites:` in its client.yaml says whom it is for",
        )
    return found


def write_texts(root: Path, texts: Mapping[str, str], seen: Seen | None = None) -> None:
    """Write files below `root`, all or none. `seen` is what they were decided from; without it they replace all."""
    writes = {root / path: text.encode("utf-8") for path, text in texts.items()}
    if seen is None:
        overwrite(writes, root)
    else:
        replace_all(writes, root, seen.digests)


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files into a folder that is new or empty: it is there whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with staging(folder.parent) as stage:
        for name, text in texts.items():
            path = stage / "new" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        sync_tree(stage / "new")
        replace_folder(stage / "new", folder)
        sync_folder(folder.parent)


def sound_releases(workspace: Workspace, client: str) -> Releases:
    """A client's releases. Raises KbError if one of them cannot be read: it would be taken for one that is not there."""
    found = releases.load(workspace, client)
    if found.problems:
        first = found.problems[0]
        raise KbError(f"{first.location.path}: {first.message}", first.hint)
    return found


def released(workspace: Workspace, client: str, version: str) -> tuple[Releases, Release]:
    """A client's releases, and the one of that version. Raises UsageError if there is none, KbError as `sound_releases`."""
    found = sound_releases(workspace, client)
    chosen = found.get(version)
    if chosen is None:
        known = ", ".join(each.version for each in found.all) or "none; kb release makes one"
        raise UsageError(f"{client} has no release {version}", f"releases: {known}")
    return found, chosen


def sound(checked: pipeline.Checked) -> bool:
    """Whether the records have no error; if they have, say them."""
    if not checked.sound:
        click.echo(report.as_text(errors(checked.problems)), err=True)
    return checked.sound
