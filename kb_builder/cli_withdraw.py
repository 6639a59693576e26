"""The command by which a release is taken back, or sealed anew without something: withdraw."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import click

from kb_builder import history, pipeline, releases, withdrawal
from kb_builder.cli_base import Day, released
from kb_builder.errors import KbError, UsageError
from kb_builder.present import count
from kb_builder.read import read
from kb_builder.redaction import keys_of, take_out
from kb_builder.redaction_outcome import Mention
from kb_builder.redaction_person import take_person_out, who
from kb_builder.releases import Release, Releases
from kb_builder.withdrawal import Plan, Reason
from kb_builder.workspace import Workspace, find
from kb_builder.yaml_source import CONTROL


@click.command()
@click.argument("client")
@click.argument("version", required=False)
@click.option("--why", required=True, help="Why: it is noted beside the releases, for consultants.")
@click.option(
    "--redact",
    "records",
    multiple=True,
    metavar="RECORD",
    help="Take only this record out (`kind/id`) and seal the release anew; may be given more than once.",
)
@click.option(
    "--redact-person",
    "person",
    metavar="ID",
    help="Take only this person's name and contacts out, wherever they stand, and seal anew.",
)
@click.option(
    "--also",
    multiple=True,
    metavar="NAME",
    help="With --redact-person: what else they are called, such as a surname alone; may be given more than once.",
)
@click.option("--by", help="Who does it; whom git knows, or who is signed in on this machine, if left out.")
@click.option("--date", type=Day(), default=dt.date.today, show_default="today", help="The day it is done.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.pass_obj
def withdraw(
    folder: Path,
    client: str,
    version: str | None,
    why: str,
    records: tuple[str, ...],
    person: str | None,
    also: tuple[str, ...],
    by: str | None,
    date: dt.date,
    dry_run: bool,
) -> None:
    """Take a release back, or seal it anew without a record or a person's name.

    A note with the old seal, who, when and why stays in releases/withdrawn.yaml, and the version is never given again.
    With --redact or --redact-person and no VERSION, every release is meant that holds it. Signatures of the old seal
    no longer count: a release that needs them is a candidate until it is signed again. What only a person can decide
    is listed, with its line; look at that with --dry-run first. Build and publish afterwards, and targets follow.

    Git's history still holds what was there, here and in every clone; so do backups, and bundles that were handed out.

    \b
    Example:
      kb withdraw harbour-dental 2026.11 --why "It named a supplier too early."
      kb withdraw harbour-dental --redact change/enforce-mfa --why "For consultants only." --dry-run
      kb withdraw harbour-dental --redact-person helen-marsh --why "She asked for it."
    """
    workspace = find(folder)
    found = releases.load(workspace, client)
    if broken := next((each for each in found.problems if each.code == "KB736"), None):
        raise KbError(f"{broken.location.path} {broken.message}", broken.hint)
    if records and person:
        raise UsageError("both --redact and --redact-person are given", "one after the other")
    if version is None and not (records or person):
        raise UsageError("no version is named", "name the release to take back, as in kb releases CLIENT")
    chosen = [released(workspace, client, version)[1]] if version else list(found.all)
    if also and not person:
        raise UsageError("--also goes with --redact-person", "name the person's id")
    reason = Reason(_line(why, "--why"), _line(by or _who(workspace), "--by"), date)
    plan = _plan(workspace, client, found, chosen, reason, records, person, also)
    if not plan.notes:
        raise UsageError(f"no release of {client} holds it", "kb releases lists them")
    if not dry_run:
        withdrawal.carry_out(workspace, client, plan)
    _say(workspace, client, plan, found, dry_run=dry_run)


def _who(workspace: Workspace) -> str:
    """Whom git knows here, else who is signed in on this machine."""
    try:
        return history.author(workspace.root) or getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _line(words: str, option: str) -> str:
    """What was given as text that can be kept. Raises UsageError where nothing was said."""
    said = " ".join(CONTROL.sub(" ", words.encode("utf-8", "replace").decode()).split())
    if not said:
        raise UsageError(f"{option} says nothing", "it is noted for whoever asks later")
    return said


def _plan(
    workspace: Workspace,
    client: str,
    found: Releases,
    chosen: list[Release],
    reason: Reason,
    records: tuple[str, ...],
    person: str | None,
    also: tuple[str, ...],
) -> Plan:
    if not (records or person):
        return withdrawal.take_back(workspace, client, chosen[0], reason)
    catalogs = [
        read(workspace, client).catalog(),
        *(pipeline.open_release(workspace, client, each).catalog for each in found.all),
    ]
    if person is None:
        wanted = {key for each in records for key in keys_of(catalogs, each)}
        return withdrawal.seal_anew(workspace, client, chosen, reason, partial(take_out, wanted=wanted))
    meant = who(catalogs, person, also)
    if meant is None:
        raise UsageError(
            f'no person "{person}" in {client} or its releases', "the id is the name of the person's file"
        )
    plan = withdrawal.seal_anew(workspace, client, chosen, reason, partial(take_person_out, person=meant))
    plan.today = withdrawal.mentions_today(workspace, client, meant)
    return plan


def _say(workspace: Workspace, client: str, plan: Plan, found: Releases, *, dry_run: bool) -> None:
    would = "would be" if dry_run else "is"
    for note in plan.notes:
        done = "taken back" if note.what == "withdrawn" else "sealed anew"
        signed = f"; signed by {', '.join(note.signed_by)}, which no longer counts" if note.signed_by else ""
        click.echo(f"{client} {note.version} {would} {done}; its seal was {note.seal[:12]}{signed}")
        if note.taken_out:
            click.echo(f"  taken out: {', '.join(note.taken_out)}")
    for word, paths in (("write", plan.writes), ("remove", plan.removals)):
        for path in sorted(paths):
            click.echo(f"  {word:<6} {path.relative_to(workspace.root).as_posix()}")
    _list("Not decided; look at each, for it may speak of what was taken out:", plan.undecided)
    _list("The records as they are now, which are not touched, still speak of it:", plan.today)
    click.echo("Git's history, backups and bundles that were handed out still hold what was there.")
    if dry_run:
        click.echo("Nothing was done.")
        return
    click.echo(f"Next: kb build {client}")
    for target in sorted(_targets(workspace, client, plan)):
        click.echo(f"      kb publish {client} --to {target}")
    gone = {note.version for note in plan.notes}
    if not any(each.version not in gone or not each.seal.sign_off for each in found.all):
        click.echo("      add --remove to that while nothing is left that may be published")
    waiting = [
        note for note in plan.notes if note.now and (each := found.get(note.version)) and each.seal.sign_off
    ]
    for note in waiting:
        click.echo(
            f"      kb sign {client} {note.version} --as PERSON; it is a candidate until then, and not published"
        )


def _list(title: str, mentions: Iterable[Mention]) -> None:
    lines = sorted(set(mentions))
    if lines:
        click.echo(f"{title} {count(len(lines), 'line')}")
    for each in lines:
        click.echo(f"  {each.path}:{each.line}: {each.words}")


def _targets(workspace: Workspace, client: str, plan: Plan) -> set[str]:
    """The targets that hold what was taken back or sealed anew."""
    gone = {note.version for note in plan.notes}
    out = releases.published(workspace, client)
    return {
        target for version, targets in out.items() if version.partition(" ")[0] in gone for target in targets
    }


COMMANDS: tuple[click.Command, ...] = (withdraw,)
