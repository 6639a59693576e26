"""Every command of `kb`, as one that writes what must not be lost, or as one that does not.

For each that writes there is an example: a workspace in which it has something to write over, and its arguments. Tests
run all of them, so that a new command is tested by being listed, and `test_every_command_is_listed` asks for that.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner, Result

from kb_builder import bundle, cli, pipeline, releases
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace
from support.netbox_stock import dump, stock
from support.sites import TODAY, new_workspace
from support.story import put

DAY = dt.date(2026, 11, 20)
PEOPLE = "- id: ann\n  title: Ann Berg\n- id: bob\n  title: Bob Low\n"
CLIENT = (
    "title: Demo\nsites: [{audience: staff}]\nrelease:\n  sign_off: 1\n"
    "targets: [{id: here, audience: staff, to: TARGET, draft: true}]\n"
)


@dataclass(frozen=True)
class Example:
    """A command with its arguments, `{at}` for the folder of the trial; what prepares it; what it writes to."""

    arguments: tuple[str, ...]
    prepare: Callable[[Workspace, Path], object] = lambda workspace, at: None
    caches: tuple[str, ...] = ()
    """Folders of sites and projects, which can be made again: for these only the order of renames counts."""


def _release(workspace: Workspace, at: Path) -> None:
    releases.seal(workspace, "demo", "1.0", DAY, sign_off=1)


def _signed(workspace: Workspace, at: Path) -> None:
    made = releases.seal(workspace, "demo", "1.0", DAY)
    releases.sign(made, workspace.root, "bob", "Bob Low", DAY)


def _published(workspace: Workspace, at: Path) -> None:
    _signed(workspace, at)
    releases.note_published(workspace, "demo", "elsewhere", ["1.0"], DAY)


def _older(workspace: Workspace, at: Path) -> None:
    put(workspace, "client.yaml", "title: Demo  # the client\naudiences:\n  - staff  # all of them\n")


def _handbook(workspace: Workspace, at: Path) -> None:
    """An import that was done once, and whose source has changed since."""
    page = at / "handbook" / "mail.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text("# Mail\n\nAs it was.\n")
    run(workspace, "import", "markdown", str(page.parent), "--client", "demo")
    page.write_text("# Mail\n\nAs it is now.\n")
    page.with_name("more.md").write_text("# More\n\nThere is more.\n")


def _netbox(workspace: Workspace, at: Path) -> None:
    (at / "netbox.json").write_text(json.dumps(dump(stock())))


def _bundle(workspace: Workspace, at: Path) -> None:
    source = new_workspace(at / "other", "taken-in")
    checked = pipeline.check(source, "taken-in", TODAY)
    bundle.write_bundle(source, checked, Audience.CONSULTANT, TODAY, at / "bundle.zip")


def _settings(workspace: Workspace, at: Path) -> None:
    run(workspace, "schema")
    (workspace.root / ".vscode/settings.json").write_text('{"editor.wordWrap": "on"}\n')


WRITING: dict[str, Example] = {
    "init": Example(("init", "{at}/fresh")),
    "new": Example(("new", "acme")),
    "add": Example(("add", "demo", "system", "vpn")),
    "schema": Example(("schema",), _settings),
    "reference": Example(("reference", "{at}/reference")),
    "migrate": Example(("migrate", "demo"), _older),
    "release": Example(("release", "demo", "1.1", "--date", "2026-11-21"), _release),
    "withdraw": Example(
        ("withdraw", "demo", "1.0", "--why", "Too early.", "--by", "Ann Berg", "--date", "2026-11-21"),
        _published,
    ),
    "sign": Example(("sign", "demo", "1.0", "--as", "ann", "--date", "2026-11-21"), _signed),
    "import markdown": Example(("import", "markdown", "{at}/handbook", "--client", "demo"), _handbook),
    "import netbox": Example(("import", "netbox", "{at}/netbox.json", "--client", "demo"), _netbox),
    "import bundle": Example(("import", "bundle", "{at}/bundle.zip"), _bundle),
    "export bundle": Example(
        ("export", "bundle", "demo", "--output", "{at}/out.zip", "--audience", "management"),
    ),
    "export hosting": Example(
        ("export", "hosting", "demo", "--server", "nginx", "--host", "x.example", "--output", "{at}/hosting")
    ),
    "publish": Example(("publish", "demo", "--to", "here"), _published, ("site", "target")),
}
READING = frozenset(("build", "check", "diff", "export mkdocs", "releases", "serve", "status"))
"""These write nothing, or what can be made again from the records."""


def leaves(group: click.Group = cli.kb, before: str = "") -> Iterator[str]:
    """The names of all commands, such as `import bundle`."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def trial(name: str, at: Path) -> tuple[Workspace, tuple[str, ...]]:
    """A workspace in which a writing command has something to do, and its arguments."""
    workspace = new_workspace(at / "ws")
    put(workspace, "client.yaml", CLIENT.replace("TARGET", str(at / "target")))
    put(workspace, "discovery/people.yaml", PEOPLE)
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\n")
    WRITING[name].prepare(workspace, at)
    return workspace, tuple(each.replace("{at}", str(at)) for each in WRITING[name].arguments)


def run(workspace: Workspace, *arguments: str) -> Result:
    """Run a command as a consultant does, in this process. What goes wrong is in the result."""
    return CliRunner().invoke(cli.kb, ["-C", str(workspace.root), *arguments], standalone_mode=False)
