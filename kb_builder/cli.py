"""The command `kb`: arguments in, words out. The only place that prints, exits or asks for today's date."""

from __future__ import annotations

import datetime as dt
import gc
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import click

from kb_builder import (
    __version__,
    cli_end,
    cli_release,
    cli_share,
    cli_withdraw,
    pipeline,
    reference,
    report,
    resources,
    scaffold,
)
from kb_builder import status as status_
from kb_builder.assembly import Assembly, Built
from kb_builder.cli_base import (
    PROBLEMS,
    Progress,
    as_of,
    audience_option,
    audiences_meant,
    clients_meant,
    released,
    sound,
    write_texts,
)
from kb_builder.disk import make_folder
from kb_builder.errors import UsageError
from kb_builder.files import finish_writes, replace_all, replace_folder
from kb_builder.importers import base as importers_base
from kb_builder.importers import markdown, netbox
from kb_builder.problem import Problem, errors
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.schema import schemas
from kb_builder.seen import Seen, again
from kb_builder.serve import Preview, open_server, run
from kb_builder.staging import staging
from kb_builder.workspace import find


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kb")
@click.option(
    "-C",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Work as if started in this folder.",
)
@click.pass_context
def kb(context: click.Context, folder: Path) -> None:
    """Consultants' records in, a checked and versioned documentation site per client out.

    Exit codes: 0 clean, 1 problems, 2 wrong usage, 3 a bug of ours, 4 the machine refused (disk, rights, network);
    129, 130 and 143 ended by a signal, 141 nobody reads the output any more.

    \b
    Example:
      kb check
      kb build harbour-dental
      kb serve harbour-dental
    """
    context.obj = folder


@kb.command()
@click.argument("folder_", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def init(folder: Path, folder_: Path) -> None:
    """Make a new workspace: mkdocs.yml, engagements/, editor settings and .gitignore.

    \b
    Example:
      kb init consultancy
    """
    target = folder / folder_
    if target.is_dir():
        finish_writes(target)
    config = resources.folder("mkdocs.yml").read_text(encoding="utf-8")

    def once() -> None:
        seen = Seen()
        texts = scaffold.init(target, config, seen)
        make_folder(target)
        write_texts(target, texts, seen)

    again(once)
    click.echo(f"A new workspace in {target}. Next: cd {target}, then kb new CLIENT")


@kb.command()
@click.argument("client")
@click.option("--title", help="What the client is called; made from CLIENT if left out.")
@click.pass_obj
def new(folder: Path, client: str, title: str | None) -> None:
    """Make a new client, ready to build, with an example of each kind one starts with.

    \b
    Example:
      kb new harbour-dental --title "Harbour Dental Group"
    """
    workspace = find(folder)

    def once() -> dict[str, str]:
        seen = Seen()
        texts = scaffold.new(workspace, client, title, dt.date.today(), seen, str(uuid.uuid4()))
        write_texts(workspace.root, texts, seen)
        return texts

    for path in again(once):
        click.echo(f"  {path}")
    click.echo(f"Next: kb build {client}, or kb serve {client}")


@kb.command()
@click.argument("client")
@click.argument("kind")
@click.argument("id")
@click.option("--title", help="What readers call it; made from ID if left out.")
@click.pass_obj
def add(folder: Path, client: str, kind: str, id: str, title: str | None) -> None:
    """Add a record with the kind's fields in it, the required ones first.

    \b
    Example:
      kb add harbour-dental system imaging-server --title "Imaging server"
    """
    workspace = find(folder)

    def once() -> scaffold.Addition:
        reading = read(workspace, client)
        added = scaffold.add(workspace, reading, kind, id, title, dt.date.today())
        path = workspace.root / added.path
        replace_all({path: added.text.encode()}, workspace.folder(client), {**reading.seen, path: None})
        return added

    added = again(once)
    click.echo(added.path)
    for note in added.notes:
        click.echo(f"  {note}")


@kb.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="Lines for people, JSON for tools, or annotations for GitHub.",
)
@as_of
@click.pass_obj
def check(folder: Path, clients: tuple[str, ...], form: str, today: dt.date) -> None:
    """Check the records of clients, all of them if none is named. Exit code 1 if there is an error.

    \b
    Example:
      kb check harbour-dental
      kb check --format github
    """
    workspace = find(folder)
    problems: list[Problem] = []
    for client in clients_meant(workspace, clients):
        problems.extend(pipeline.check(workspace, client, today).problems)
    if form == "text":
        if problems:
            click.echo(report.as_text(problems))
        click.echo(report.summary(problems), err=True)
    else:
        click.echo(report.as_json(problems) if form == "json" else report.as_github(problems))
    if errors(problems):
        raise SystemExit(PROBLEMS)


@kb.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...")
@audience_option
@as_of
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write; site/ in the workspace if left out.",
)
@click.pass_obj
def build(
    folder: Path, clients: tuple[str, ...], audience: str | None, today: dt.date, output: Path | None
) -> None:
    """Build the sites of clients, all of them if none is named.

    A client whose records have errors is not built; its last good site stays as it was.

    \b
    Example:
      kb build harbour-dental --audience staff
    """
    workspace = find(folder)
    chosen = clients_meant(workspace, clients)
    width = max(map(len, chosen))
    refused: list[str] = []
    for client in chosen:
        telling = _Telling(client, width)

        def once(client: str = client, telling: _Telling = telling) -> bool:
            checked = pipeline.check(workspace, client, today)
            if not sound(checked):
                return False
            wanted = audiences_meant(checked, client, audience)
            home = folder / output if output else workspace.root / "site"
            Assembly(workspace, checked, home, today).build(wanted, telling.began, telling.ended)
            return True

        if not again(once):
            refused.append(client)
        telling.clear()
    for client in refused:
        click.echo(f"{client}: not built, its records have errors; its last good site is as it was", err=True)
    if refused:
        raise SystemExit(PROBLEMS)


class _Telling:
    """What `kb build` says of each version: a line each, and how far it is on a terminal."""

    def __init__(self, client: str, width: int) -> None:
        self.client = client
        self.width = width
        self.progress = Progress(client)
        self.since = time.monotonic()

    def began(self, audience: Audience, version: str) -> Callable[[int, int], None]:
        self.progress = Progress(f"{self.client} {audience.value} {version}")
        return self.progress

    def ended(self, built: Built) -> None:
        now = time.monotonic()
        self.progress.clear()
        state = f"{now - self.since:>6.1f} s" if built.fresh else "up to date"
        click.echo(
            f"{self.client:<{self.width}}  {built.audience.value:<10}  {built.version:<12}  {built.standing.value:<9}  "
            f"{built.pages:>5} pages  {state:<10}  {built.folder}"
        )
        self.since = now

    def clear(self) -> None:
        self.progress.clear()


@kb.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...")
@as_of
@click.pass_obj
def status(folder: Path, clients: tuple[str, ...], today: dt.date) -> None:
    """Show where all clients stand: records, problems, completeness and what is due next.

    \b
    Example:
      kb status
    """
    workspace = find(folder)
    chosen = clients_meant(workspace, clients)
    progress = Progress("reading")
    rows = []
    for number, each in enumerate(
        status_.rows(chosen, lambda client: pipeline.check(workspace, client, today), today), 1
    ):
        rows.append(each)
        progress(number, len(chosen))
    progress.clear()
    click.echo(status_.table(rows))


@kb.command()
@click.argument("folder_", metavar="[DIR]", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def schema(folder: Path, folder_: Path | None) -> None:
    """Write the JSON Schema of every kind, and bind the editor's settings to them.

    Without DIR they go into the workspace, where VS Code's YAML extension finds them.

    \b
    Example:
      kb schema
    """
    if folder_ is not None:
        target = folder / folder_
        make_folder(target)
        texts = schemas("")
        write_texts(target, texts)
        click.echo(f"{len(texts)} schemas in {target}")
        return
    workspace = find(folder)

    def once() -> int:
        seen = Seen()
        texts = scaffold.editor_files(workspace.root, seen=seen)
        write_texts(workspace.root, texts, seen)
        return len(texts)

    click.echo(f"{again(once)} files in {workspace.root}")


@kb.command("reference")
@click.argument("folder_", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def reference_(folder: Path, folder_: Path) -> None:
    """Write the reference as Markdown: kinds, commands, checks and macros.

    \b
    Example:
      kb reference reference
    """
    target = folder / folder_
    make_folder(target)
    texts = reference.pages(kb)
    write_texts(target, texts)
    for path in texts:
        click.echo(target / path)


@kb.group("import")
def import_() -> None:
    """Bring records in from elsewhere. It can be run again: what people edited since is kept.

    \b
    Example:
      kb import netbox netbox.json --client harbour-dental
    """


@import_.command("netbox")
@click.argument("source", metavar="FILE|URL")
@click.option("--client", required=True, help="The client to import into.")
@click.option("--token", envvar="NETBOX_TOKEN", help="The API token for a URL; better kept in NETBOX_TOKEN.")
@click.pass_obj
def import_netbox(folder: Path, source: str, client: str, token: str | None) -> None:
    """Import a NetBox: a dump of its database as JSON, or its REST API.

    \b
    Example:
      kb import netbox netbox.json --client harbour-dental
      kb import netbox https://netbox.example.com --client harbour-dental
    """
    path = source if "://" in source else str(folder / source)
    _import(folder, client, lambda progress: netbox.read(path, token=token, progress=progress))


@import_.command("markdown")
@click.argument("source", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--client", required=True, help="The client to import into.")
@click.option("--name", help="What the source goes by; the folder's name if left out.")
@click.pass_obj
def import_markdown(folder: Path, source: Path, client: str, name: str | None) -> None:
    """Import a folder of Markdown pages as guides.

    \b
    Example:
      kb import markdown handbook --client harbour-dental
    """
    _import(
        folder, client, lambda progress: markdown.read(str(folder / source), progress=progress, name=name)
    )


def _import(
    folder: Path, client: str, source: Callable[[Callable[[int, int], None]], importers_base.Import]
) -> None:
    workspace = find(folder)
    workspace.folder(client)
    progress = Progress("importing")
    wanted = source(progress)
    progress.say("comparing with what is here")
    outcome = importers_base.bring(workspace, client, wanted)
    progress.clear()
    click.echo(importers_base.report(outcome))


@kb.group()
def export() -> None:
    """Take a client's site out in another form.

    \b
    Example:
      kb export mkdocs harbour-dental --audience staff --output handover
    """


@export.command("mkdocs")
@click.argument("client")
@click.option(
    "--audience", type=click.Choice([each.value for each in Audience]), required=True, help="Whose edition."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="A folder that is new or empty.",
)
@click.option("--version", help="A release; the draft if left out.")
@as_of
@click.pass_obj
def export_mkdocs(
    folder: Path, client: str, audience: str, output: Path, version: str | None, today: dt.date
) -> None:
    """Write the plain MkDocs project of one edition. `mkdocs build` there gives the same site without kb.

    \b
    Example:
      kb export mkdocs harbour-dental --audience staff --output handover
    """
    workspace = find(folder)
    target = folder / output
    if target.exists() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty", "name a folder that is new or empty")
    checked = pipeline.check(workspace, client, today)
    if not sound(checked):
        raise SystemExit(PROBLEMS)
    (each,) = audiences_meant(checked, client, audience)
    release = released(workspace, client, version)[1] if version else None
    assembly = Assembly(workspace, checked, target.parent, today)
    progress = Progress(f"{client} {audience}")
    prepared = pipeline.prepare(
        assembly.records(release),
        each,
        release.seal.date if release else today,
        progress,
        assembly.among(each, release, alone=True),
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with staging(target.parent) as stage:
        pipeline.export(prepared, workspace, stage / "project")
        replace_folder(stage / "project", target)
    progress.clear()
    click.echo(f"{len(prepared.rendered.texts)} pages in {target}")


@kb.command()
@click.argument("client")
@audience_option
@as_of
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default="a free one",
    help="The port on 127.0.0.1.",
)
@click.pass_obj
def serve(folder: Path, client: str, audience: str | None, today: dt.date, port: int) -> None:
    """Preview a client's site; it follows the records as you edit them.

    \b
    Example:
      kb serve harbour-dental --audience staff
    """
    workspace = find(folder)
    workspace.folder(client)
    with staging(Path(tempfile.gettempdir())) as work:
        preview = Preview(
            workspace,
            client,
            Audience(audience or "consultant"),
            today,
            work,
            lambda text: click.echo(text, err=True),
        )
        server = open_server(preview, port)
        preview.update()
        click.echo(
            f"http://127.0.0.1:{server.server_address[1]}/  as {preview.audience.value} readers see it (Ctrl+C ends it)"
        )
        run(preview, server, threading.Event())


for command in (*cli_release.COMMANDS, *cli_withdraw.COMMANDS, *cli_share.COMMANDS):
    kb.add_command(command)
for command in cli_share.EXPORTS:
    export.add_command(command)
for command in cli_share.IMPORTS:
    import_.add_command(command)


def main() -> None:
    """Run `kb`. Whatever goes wrong is turned into words and an exit code in `cli_end`, and only there."""
    # Records live to the end of the command: to look for dead ones again and again is what would make
    # the time grow faster than the work.
    gc.set_threshold(200_000, 50, 50)
    sys.exit(cli_end.run(lambda: kb.main(standalone_mode=False)))
