"""The commands about releases: release, sign, releases."""

from __future__ import annotations

import datetime as dt
import textwrap
from pathlib import Path

import click

from kb_builder import history, pipeline, releases
from kb_builder.cli_base import PROBLEMS, Day, released, sound
from kb_builder.errors import KbError, UsageError
from kb_builder.present import count
from kb_builder.records.discovery import Person
from kb_builder.workspace import find


@click.command()
@click.argument("client")
@click.argument("version")
@click.option("--notes", help="What a reader should know about it, in Markdown.")
@click.option(
    "--notes-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file that holds the notes.",
)
@click.option(
    "--date", type=Day(), default=dt.date.today, show_default="today", help="The day that it stands for."
)
@click.pass_obj
def release(
    folder: Path, client: str, version: str, notes: str | None, notes_file: Path | None, date: dt.date
) -> None:
    """Seal the records as a release: a copy that never changes, with a version, a date and notes.

    \b
    Example:
      kb release harbour-dental 2026.11 --notes "The new server is in use."
    """
    if notes and notes_file:
        raise UsageError("both --notes and --notes-file are given", "keep one of the two")
    workspace = find(folder)
    releases.refuse_version(releases.load(workspace, client), version, date)
    checked = pipeline.check(workspace, client, date)
    if not sound(checked):
        raise KbError(f"{client} is not released: its records have errors", "mend them, and release again")
    if notes_file:
        try:
            notes = notes_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{notes_file} cannot be read: {error}", "write it as UTF-8 text") from error
    rules = checked.catalog.client.release
    told = (
        history.from_git(workspace.folder(client)) if pipeline.tells_history(checked) else history.History()
    )
    extra = {history.HISTORY: history.as_text(told)} if told.files else {}
    sealed = releases.seal(workspace, client, version, date, notes, rules.sign_off if rules else 0, extra)
    click.echo(
        f"{client} {sealed.version} of {sealed.seal.date} is sealed: "
        f"{count(len(checked.catalog.records), 'record')}, {count(len(sealed.seal.files), 'file')}"
    )
    click.echo(f"  {sealed.folder}")
    if sealed.candidate:
        click.echo(
            f"It is a candidate until {count(sealed.seal.sign_off, 'person', 'people')} "
            f"{'has' if sealed.seal.sign_off == 1 else 'have'} signed it: kb sign {client} {sealed.version} --as PERSON"
        )
    else:
        click.echo(f"Next: kb build {client}")


@click.command()
@click.argument("client")
@click.argument("version")
@click.option("--as", "person", required=True, help="The id of the person who signs.")
@click.option("--date", type=Day(), default=dt.date.today, show_default="today", help="The day it is signed.")
@click.pass_obj
def sign(folder: Path, client: str, version: str, person: str, date: dt.date) -> None:
    """Sign a release. It is a candidate, and not published, until as many people signed as it needs.

    \b
    Example:
      kb sign harbour-dental 2026.11 --as helen-marsh
    """
    workspace = find(folder)
    _, chosen = released(workspace, client, version)
    people = pipeline.open_release(workspace, client, chosen).catalog
    who = people.get(Person, person)
    if who is None:
        known = ", ".join(each.id for each in people.all(Person)) or "none"
        raise UsageError(f'no person "{person}" in {client} {chosen.version}', f"people there: {known}")
    if date < chosen.seal.date:
        raise UsageError(f"{date} is before {chosen.seal.date}, the day of the release", "give a later day")
    signed = releases.sign(chosen, workspace.root, who.id, who.title, date)
    done, needed = len(signed.signed_by), signed.seal.sign_off
    click.echo(f"{who.title} signed {client} {signed.version}" + (f": {done} of {needed}" if needed else ""))
    if signed.candidate:
        click.echo(
            f"It stays a candidate until {count(needed - done, 'more person', 'more people')} signed it."
        )


@click.command("releases")
@click.argument("client")
@click.pass_obj
def releases_(folder: Path, client: str) -> None:
    """List a client's releases: date, records, sign-off, where each is published, and its notes.

    \b
    Example:
      kb releases harbour-dental
    """
    workspace = find(folder)
    found = releases.load(workspace, client)
    where = releases.published(workspace, client)
    if not found.all:
        click.echo(f"{client} has no release yet. Next: kb release {client} VERSION")
    rows = [("version", "date", "records", "signed", "published")]
    for each in reversed(found.all):
        records = len(pipeline.open_release(workspace, client, each).catalog.records)
        signed = f"{len(each.signed_by)} of {each.seal.sign_off}" if each.seal.sign_off else "not needed"
        places = where.get(each.version, {})
        shown = ", ".join(f"{name} ({day})" for name, day in sorted(places.items())) or "nowhere"
        rows.append((each.version, each.seal.date.isoformat(), f"{records:,}", signed, shown))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    by_version = {each.version: each for each in found.all}
    for row in rows if found.all else ():
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
        chosen = by_version.get(row[0])
        if chosen is not None and chosen.seal.notes:
            click.echo(textwrap.indent(chosen.seal.notes.strip(), "    "))
    if found.problems:
        for problem in found.problems:
            click.echo(f"{problem.location.path}: {problem.message}", err=True)
        raise SystemExit(PROBLEMS)


COMMANDS: tuple[click.Command, ...] = (release, sign, releases_)
