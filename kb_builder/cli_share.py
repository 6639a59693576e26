"""The commands by which a client's documentation leaves: export bundle, and its way back, import bundle."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from kb_builder import bundle, bundle_import, pipeline
from kb_builder.cli_base import PROBLEMS, Progress, as_of, sound
from kb_builder.errors import UsageError
from kb_builder.present import count
from kb_builder.records.base import Audience
from kb_builder.workspace import find


@click.command("bundle")
@click.argument("client")
@click.option(
    "--audience",
    type=click.Choice([each.value for each in Audience]),
    default=Audience.MANAGEMENT.value,
    show_default=True,
    help="Whose edition goes in; consultant is everything there is.",
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The zip to write."
)
@as_of
@click.pass_obj
def export_bundle(folder: Path, client: str, audience: str, output: Path, today: dt.date) -> None:
    """Write all there is of a client in one zip: sites, records, tables and plain projects.

    It is the way out for a client who leaves. What only consultants may see is in it only with --audience consultant.

    \\b
    Example:
      kb export bundle harbour-dental --output harbour-dental.zip
    """
    workspace = find(folder)
    target = folder / output
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}", "make it, or name another")
    checked = pipeline.check(workspace, client, today)
    if not sound(checked):
        raise SystemExit(PROBLEMS)
    progress = Progress(f"{client} bundle")
    made = bundle.write_bundle(workspace, checked, Audience(audience), today, target, progress.say)
    progress.clear()
    click.echo(
        f"{made.title}, as {made.audience.value} readers may see it: {', '.join(made.versions)}; "
        f"{count(made.records, 'record')}, {count(made.files, 'file')}"
    )
    click.echo(f"  {made.place}")
    for note in made.notes:
        click.echo(f"  {note}")


@click.command("bundle")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@as_of
@click.pass_obj
def import_bundle(folder: Path, source: Path, today: dt.date) -> None:
    """Read a bundle's records, with their releases, into this workspace as a new client.

    \\b
    Example:
      kb import bundle harbour-dental.zip
    """
    made = bundle_import.read_bundle(folder / source, find(folder), today)
    click.echo(f"{made.client}: {count(made.records, 'record')}, {count(made.files, 'file')} in {made.place}")
    for note in made.notes:
        click.echo(f"  {note}")
    click.echo(f"Next: kb check {made.client}")


EXPORTS: tuple[click.Command, ...] = (export_bundle,)
IMPORTS: tuple[click.Command, ...] = (import_bundle,)
COMMANDS: tuple[click.Command, ...] = ()
