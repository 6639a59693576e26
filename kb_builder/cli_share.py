"""The commands by which a client's documentation leaves: publish, export hosting, export bundle and import bundle."""

from __future__ import annotations

import datetime as dt
import getpass
import socket
from pathlib import Path

import click

from kb_builder import bundle, bundle_import, pipeline, publish, publishing, releases, targets
from kb_builder.assembly import Assembly
from kb_builder.cli_base import PROBLEMS, Progress, as_of, audience_option, sound, write_folder
from kb_builder.errors import KbError, UsageError
from kb_builder.exporters import hosting
from kb_builder.patience import SECONDS, Patience
from kb_builder.present import count
from kb_builder.problem import errors
from kb_builder.publish import How
from kb_builder.publish_plan import Plan
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.turn import Who
from kb_builder.workspace import Workspace, find


@click.command("hosting")
@click.argument("client")
@click.option("--server", type=click.Choice(hosting.SERVERS), required=True, help="The server to write for.")
@click.option(
    "--sites",
    default=hosting.SITES,
    show_default=True,
    help="The folder on the server that the client's folder of published sites lies in; never site/ of a workspace.",
)
@click.option(
    "--host", help="Where sites are served that have no `url` in client.yaml: one host, a path each."
)
@click.option(
    "--auth",
    type=click.Choice(hosting.SIGN_INS),
    default="basic",
    show_default=True,
    help="Sign in with a password file, or through a proxy that speaks OpenID Connect.",
)
@click.option("--proxy", help="Where oauth2-proxy listens, for --auth oidc, such as http://127.0.0.1:4180.")
@click.option(
    "--certificates",
    default=hosting.CERTIFICATES,
    show_default=True,
    help="The folder with a certificate for each host, for nginx; Caddy gets its own.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="A folder that is new or empty.",
)
@click.pass_obj
def export_hosting(
    folder: Path,
    client: str,
    server: str,
    sites: str,
    host: str | None,
    auth: str,
    proxy: str | None,
    certificates: str,
    output: Path,
) -> None:
    """Write what a web server needs to serve a client's sites, each audience its own and nobody else's.

    A README beside the configuration says how to install it, how to make passwords, and how to try it.

    \b
    Example:
      kb export hosting harbour-dental --server caddy --host docs.example.com --output hosting
    """
    workspace = find(folder)
    target = folder / output
    if target.exists() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty", "name a folder that is new or empty")
    reading = read(workspace, client)
    catalog = reading.catalog()
    if "client" in catalog.unread:
        first = errors(reading.problems)[0]
        raise KbError(f"{first.location.path}:{first.location.line}: {first.message}", first.hint)
    known = catalog.client
    hosting.refuse_folder(folder / sites, client, server)
    texts = hosting.hosting_files(
        known, server, sites, auth=auth, proxy=proxy, host=host, certificates=certificates
    )
    write_folder(target, texts)
    for path in sorted(texts):
        click.echo(target / path)


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

    \b
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

    \b
    Example:
      kb import bundle harbour-dental.zip
    """
    made = bundle_import.read_bundle(folder / source, find(folder), today)
    click.echo(f"{made.client}: {count(made.records, 'record')}, {count(made.files, 'file')} in {made.place}")
    for note in made.notes:
        click.echo(f"  {note}")
    click.echo(f"Next: kb check {made.client}")


@click.command("publish")
@click.argument("client")
@click.option("--to", "name", required=True, help="The target, as client.yaml names it under `targets:`.")
@audience_option
@click.option("--dry-run", is_flag=True, help="Only list what would be copied and removed.")
@click.option(
    "--adopt",
    is_flag=True,
    help="Take over a place that holds other files, or another site, and leave files that are not kb's alone.",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Make sure of every file there, even if it has to be fetched, and send those again that were altered.",
)
@click.option("--remove", is_flag=True, help="Take the site down that is there, with its list of files.")
@click.option(
    "--patience",
    type=click.IntRange(min=0),
    default=SECONDS,
    show_default=True,
    help="How many seconds to wait for a place that does not answer, or for somebody else who publishes there.",
)
@as_of
@click.option(
    "--sites",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the sites are built; site/ in the workspace if left out.",
)
@click.pass_obj
def publish_(
    folder: Path,
    client: str,
    name: str,
    audience: str | None,
    dry_run: bool,
    adopt: bool,
    verify: bool,
    remove: bool,
    patience: int,
    today: dt.date,
    sites: Path | None,
) -> None:
    """Copy a client's site to where it is read: signed releases, and the draft if the target wants it.

    It builds what has to be built, copies what changed, and removes last, so that a reader never meets a missing
    file. Cut off at any moment, it can be run again. One at a time publishes to a place; who comes second waits.

    What is there is looked at each time: the files that links depend on for sure, the others as far as the place
    tells without fetching them; --verify makes sure of all. With --remove the site goes, whatever state the records
    are in. The manual says for each sort of target how to sign in.

    \b
    Example:
      kb publish harbour-dental --to portal --dry-run
      kb publish harbour-dental --to portal
      kb publish harbour-dental --to portal --remove
    """
    workspace = find(folder)
    wanted = Audience(audience) if audience else None
    progress = Progress(f"{client} to {name}")
    how = How(dry_run, adopt, verify, _who(), Patience(patience, progress.wait))
    if remove:
        if adopt or verify:
            raise UsageError("--remove goes with neither --adopt nor --verify", "leave those out")
        _take_down(workspace, client, name, wanted, how, progress, today)
    else:
        output = folder / sites if sites else workspace.root / "site"
        _publish(workspace, client, name, wanted, how, progress, today, output)


def _who() -> Who:
    """Who publishes: the user and the machine, and when they began."""
    now = dt.datetime.now(dt.UTC)
    return Who(f"{getpass.getuser()}@{socket.gethostname()}", f"{now:%Y-%m-%d %H:%M} UTC")


def _publish(
    workspace: Workspace,
    client: str,
    name: str,
    audience: Audience | None,
    how: How,
    progress: Progress,
    today: dt.date,
    output: Path,
) -> None:
    checked = pipeline.check(workspace, client, today)
    target, wanted = publishing.target_of(checked.catalog, name, audience)
    if not sound(checked):
        raise KbError(f"{client} is not published: its records have errors", "mend them, and publish again")
    publishing.refuse(workspace, checked, target)
    assembly = Assembly(workspace, checked, output, today)
    assembly.build([wanted], lambda *_: progress)
    with publishing.shipment(checked, target, wanted, assembly) as shipment:
        progress.say("looking at what is there")
        place = targets.open_place(target.to, workspace.root, how.patience)
        work = publish.publish(place, f"{client}/{wanted.value}", shipment.files(), how, progress)
        progress.clear()
    if not how.dry_run:
        releases.note_published(workspace, client, name, shipment.versions, today)
    _say_published(work, place.shown, shipment, dry_run=how.dry_run)


def _take_down(
    workspace: Workspace,
    client: str,
    name: str,
    audience: Audience | None,
    how: How,
    progress: Progress,
    today: dt.date,
) -> None:
    target = publishing.target_named(read(workspace, client).catalog(), name)
    owners = [f"{client}/{each.value}" for each in Audience if audience in (None, each)]
    place = targets.open_place(target.to, workspace.root, how.patience)
    owner, gone = publish.remove(place, owners, how, progress)
    progress.clear()
    if how.dry_run:
        for each in gone:
            click.echo(f"removed  {each}")
    else:
        releases.note_published(workspace, client, name, (), today)
    tops = sorted({each.partition("/")[0] for each in gone if "/" in each})
    did = "would be removed (nothing was done)" if how.dry_run else "removed"
    click.echo(f"{place.shown}: {owner} {did}, {count(len(gone), 'file')} and the list of them")
    click.echo(f"  versions: {', '.join(tops) or 'none'}")


def _say_published(work: Plan, shown: str, shipment: publishing.Shipment, *, dry_run: bool) -> None:
    if dry_run:
        for word, names in (("new", work.new), ("changed", work.changed), ("removed", work.removals)):
            for name in names:
                click.echo(f"{word:<8} {name}")
    counts = f"{len(work.new):,} new, {len(work.changed):,} changed, {work.unchanged:,} unchanged, {len(work.removals):,} removed"
    click.echo(f"{shown}: {counts}{' (nothing was done)' if dry_run else ''}")
    if not work.listed and not (work.new or work.changed or work.removals):
        click.echo(f"  the list of files there {'is wrong' if dry_run else 'was wrong, and is mended'}")
    if work.busy:
        click.echo(f"  at this moment {work.busy}; what is listed above may change")
    click.echo(f"  versions: {', '.join(shipment.versions)}")
    for line in shipment.warnings:
        click.echo(f"  warning: {line}", err=True)
    for line in shipment.left:
        click.echo(f"  not published: {line}")


EXPORTS: tuple[click.Command, ...] = (export_bundle, export_hosting)
IMPORTS: tuple[click.Command, ...] = (import_bundle,)
COMMANDS: tuple[click.Command, ...] = (publish_,)
