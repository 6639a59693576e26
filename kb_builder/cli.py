"""The command `kb`: arguments in, words out. The only place that prints, exits or asks for today's date."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from kb_builder import __version__, pipeline
from kb_builder.errors import KbError, UsageError
from kb_builder.problem import errors
from kb_builder.records.base import Audience
from kb_builder.serve import Preview, open_server, run
from kb_builder.workspace import Workspace, find

CLEAN, PROBLEMS, WRONG_USAGE, OUR_BUG, INTERRUPTED = 0, 1, 2, 3, 130
F = TypeVar("F", bound=Callable[..., Any])


class _Date(click.ParamType[dt.date]):
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
    return click.option("--as-of", "today", type=_Date(), default=dt.date.today, show_default="today",
                        help="Take this day for today: what is due and overdue follows from it.")(function)


def audience_option(function: F) -> F:
    """The option --audience."""
    return click.option("--audience", type=click.Choice([each.value for each in Audience]), help="Only this audience.")(function)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kb")
@click.option("-C", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Work as if started in this folder.")
@click.pass_context
def kb(context: click.Context, folder: Path) -> None:
    """Consultants' records in, a checked and versioned documentation site per client out.

    \b
    Example:
      kb check
      kb build harbour-dental
      kb serve harbour-dental
    """
    context.obj = folder


def _clients(workspace: Workspace, wanted: Iterable[str]) -> list[str]:
    chosen = list(dict.fromkeys(wanted)) or workspace.clients()
    for client in chosen:
        workspace.folder(client)
    if not chosen:
        raise UsageError(f"no client in {workspace.engagements}", "kb new CLIENT makes one")
    return chosen


class _Progress:
    """One line on a terminal that says how far we are; silent elsewhere."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.shown = 0.0
        self.live = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.live and (now - self.shown > 0.1 or done == total):
            self.shown = now
            click.echo(f"\r\x1b[K{self.title}  {done} of {total}", nl=False, err=True)

    def say(self, words: str) -> None:
        if self.live:
            click.echo(f"\r\x1b[K{self.title}  {words}", nl=False, err=True)

    def clear(self) -> None:
        if self.live:
            click.echo("\r\x1b[K", nl=False, err=True)


@kb.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...")
@audience_option
@as_of
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Where to write; site/ in the workspace if left out.")
@click.pass_obj
def build(folder: Path, clients: tuple[str, ...], audience: str | None, today: dt.date, output: Path | None) -> None:
    """Build the sites of clients, all of them if none is named.

    A client whose records have errors is not built; its last good site stays as it was.

    \b
    Example:
      kb build harbour-dental --audience staff
    """
    workspace = find(folder)
    failed = False
    for client in _clients(workspace, clients):
        checked = pipeline.check(workspace, client, today)
        if not checked.sound:
            failed = True
            for problem in errors(checked.problems):
                click.echo(f"{problem.location.path}:{problem.location.line}:{problem.location.column}: {problem.severity} {problem.code} {problem.message}", err=True)
            click.echo(f"{client}: not built, it has {len(errors(checked.problems))} errors; the last good site is as it was", err=True)
            continue
        for each in pipeline.audiences(checked.catalog, Audience(audience) if audience else None):
            began = time.monotonic()
            progress = _Progress(f"{client} {each}")
            prepared = pipeline.prepare(checked, each, today, progress)
            progress.say("writing HTML")
            place = pipeline.build(prepared, workspace, output or workspace.root / "site", today)
            progress.clear()
            click.echo(f"{client}  {each.value:<10}  {len(prepared.rendered.texts):>5} pages  {time.monotonic() - began:>6.1f} s  {place}")
    if failed:
        raise SystemExit(PROBLEMS)


@kb.command()
@click.argument("client")
@audience_option
@as_of
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="a free one", help="The port on 127.0.0.1.")
@click.pass_obj
def serve(folder: Path, client: str, audience: str | None, today: dt.date, port: int) -> None:
    """Preview a client's site; it follows the records as you edit them.

    \b
    Example:
      kb serve harbour-dental --audience staff
    """
    workspace = find(folder)
    workspace.folder(client)
    with tempfile.TemporaryDirectory(prefix="kb-serve-") as work:
        preview = Preview(workspace, client, Audience(audience or "consultant"), today, Path(work), lambda text: click.echo(text, err=True))
        server = open_server(preview, port)
        preview.update()
        click.echo(f"http://127.0.0.1:{server.server_address[1]}/  (Ctrl+C ends it)")
        run(preview, server, threading.Event())


def main() -> None:
    """Run `kb`. Whatever goes wrong is turned into words and an exit code here, and only here."""
    try:
        kb.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_USAGE)
    except KbError as error:
        click.echo(f"kb: {error.message}", err=True)
        if error.hint:
            click.echo(f"  hint: {error.hint}", err=True)
        sys.exit(WRONG_USAGE if isinstance(error, UsageError) else PROBLEMS)
    except Exception:
        click.echo(f"kb {__version__}: a bug of ours. Please report it with these lines:", err=True)
        traceback.print_exc()
        sys.exit(OUR_BUG)
