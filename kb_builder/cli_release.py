"""The commands about releases: release, sign, releases, diff, migrate."""

from __future__ import annotations

import datetime as dt
import textwrap
from pathlib import Path

import click

from kb_builder import diff_report, gate, history, pipeline, releases
from kb_builder import migrate as migrate_
from kb_builder import notes as notes_
from kb_builder.catalog import Catalog
from kb_builder.cli_base import PROBLEMS, Day, audience_option, released, sound, sound_releases
from kb_builder.edition import edition
from kb_builder.errors import KbError, UsageError
from kb_builder.insight.changes import compare
from kb_builder.present import count
from kb_builder.problem import Location, errors
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.records.discovery import Person
from kb_builder.seen import again
from kb_builder.versions import DRAFT
from kb_builder.workspace import Workspace, find


@click.command()
@click.argument("client")
@click.argument("version")
@click.option(
    "--notes",
    help="What a reader should know about it, in Markdown. Everybody who may read the release reads it, staff included.",
)
@click.option(
    "--notes-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file that holds the notes. A line `# Management` or `# Consultants` begins what only those, and those above "
    "them, read; what stands before is for everybody.",
)
@click.option(
    "--date", type=Day(), default=dt.date.today, show_default="today", help="The day that it stands for."
)
@click.pass_obj
def release(
    folder: Path, client: str, version: str, notes: str | None, notes_file: Path | None, date: dt.date
) -> None:
    """Seal the records as a release: a copy that never changes, with a version, a date and notes.

    Every site is rendered first. What could not be published later is refused now.

    \b
    Example:
      kb release harbour-dental 2026.11 --notes "The new server is in use."
    """
    if notes and notes_file:
        raise UsageError("both --notes and --notes-file are given", "keep one of the two")
    workspace = find(folder)
    releases.refuse_version(releases.load(workspace, client), version, date)
    written = notes
    if notes_file:
        try:
            written = notes_file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"{notes_file} cannot be read: {error}", "write it as UTF-8 text") from error
    told = notes_.from_text(written or "") if notes_file else notes
    place = Location(str(notes_file or "--notes"))

    def once() -> tuple[pipeline.Checked, releases.Release]:
        with releases.copied(workspace, client) as copy:
            checked = _releasable(workspace, copy, date)
            if stand := list(pipeline.in_notes(written, place, checked.catalog)):
                where = f"{stand[0].location.path}:{stand[0].location.line}"
                raise KbError(f"{client} is not released: {where}: {stand[0].message}", stand[0].hint)
            gate.refuse(workspace, checked, version, date, told)
            rules = checked.catalog.client.release
            tells = pipeline.tells_history(checked)
            committed = history.from_git(workspace.folder(client)) if tells else history.History()
            extra = {history.HISTORY: history.as_text(committed)} if committed.files else {}
            return checked, copy.seal(version, date, told, rules.sign_off if rules else 0, extra)

    checked, sealed = again(once)
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


def _releasable(workspace: Workspace, copy: releases.Copy, date: dt.date) -> pipeline.Checked:
    """The copy, checked. Raises KbError if it cannot be released."""
    checked = pipeline.check(workspace, copy.client, date, records=copy.workspace)
    if not sound(checked):
        raise KbError(
            f"{copy.client} is not released: its records have errors", "mend them, and release again"
        )
    if any(problem.code == "KB013" for problem in checked.problems):
        raise KbError(
            f"{copy.client} is not released: its records are in an older format",
            f"kb migrate {copy.client} rewrites them",
        )
    return checked


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
    """List a client's releases: date, records, sign-off, where each is published, and its notes; then what was taken back.

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
        for readers, text in notes_.sections(chosen.seal.notes if chosen else None).items():
            if readers is not Audience.STAFF:
                click.echo(f"    for {readers.value}:")
            click.echo(textwrap.indent(text.strip(), "    "))
    for note in found.withdrawn:
        click.echo(f"{note.version} was {note.what} on {note.date} by {note.by}: {note.why}")
        if note.taken_out:
            click.echo(f"    taken out: {', '.join(note.taken_out)}")
    if found.problems:
        for problem in found.problems:
            click.echo(f"{problem.location.path}: {problem.message}", err=True)
        raise SystemExit(PROBLEMS)


@click.command()
@click.argument("client")
@click.argument("before", required=False, metavar="[FROM]")
@click.argument("after", required=False, metavar="[TO]")
@audience_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
    help="Lines for a terminal, JSON for tools, Markdown or a page to send.",
)
@click.pass_obj
def diff(
    folder: Path, client: str, before: str | None, after: str | None, audience: str | None, form: str
) -> None:
    """Tell what changed in the records, field by field: from the last release to the draft, if nothing is named.

    FROM and TO are versions, or `draft`. With --audience only what those readers may see is compared.

    \b
    Example:
      kb diff harbour-dental
      kb diff harbour-dental 2026.09 2026.11 --format html > changed.html
    """
    workspace = find(folder)
    found = sound_releases(workspace, client)
    if before is None and not found.all:
        raise UsageError(
            f"{client} has no release yet", "kb release CLIENT VERSION seals one to compare with"
        )
    names = (before or found.all[-1].version, after or DRAFT)
    sides = [_side(workspace, client, name) for name in names]
    if audience:
        before_ = edition(sides[0], Audience(audience))
        sides = [before_, edition(sides[1], Audience(audience), before_.records)]
    changes = compare(*sides, everything=audience in (None, Audience.CONSULTANT.value))
    shown = ["the draft" if name == DRAFT else name for name in names]
    told = diff_report.Compared(sides[1].client.title, *shown)
    show = {
        "text": diff_report.as_text,
        "json": diff_report.as_json,
        "markdown": diff_report.as_markdown,
        "html": diff_report.as_html,
    }[form]
    click.echo(show(changes, told))


def _side(workspace: Workspace, client: str, name: str) -> Catalog:
    """The records of a release, or of the draft.

    Raises UsageError for a version that there is none of, KbError if not every record can be read: it would seem gone.
    """
    if name == DRAFT:
        reading = read(workspace, client)
        if reading.broken or reading.unread:
            first = errors(reading.problems)[0]
            raise KbError(
                f"{first.location.path}:{first.location.line}: {first.message}",
                f"mend it first, or it would be told as gone; kb check {client} names all that is wrong",
            )
        return reading.catalog()
    return pipeline.open_release(workspace, client, released(workspace, client, name)[1]).catalog


@click.command()
@click.argument("client")
@click.option("--dry-run", is_flag=True, help="Only list the files that would be rewritten.")
@click.pass_obj
def migrate(folder: Path, client: str, dry_run: bool) -> None:
    """Rewrite a client's records in today's format; comments stay. Releases are never rewritten.

    \b
    Example:
      kb migrate harbour-dental --dry-run
    """
    workspace = find(folder)
    paths = sorted(migrate_.plan(workspace, client)) if dry_run else migrate_.rewrite(workspace, client)
    for path in paths:
        click.echo(path.relative_to(workspace.root).as_posix())
    if not paths:
        click.echo(f"{client} is written in today's format")
    elif dry_run:
        click.echo(f"{count(len(paths), 'file')} would be rewritten")
    else:
        click.echo(f"{count(len(paths), 'file')} rewritten; look at them with git diff")


COMMANDS: tuple[click.Command, ...] = (release, sign, releases_, diff, migrate)
