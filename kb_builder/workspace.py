"""The workspace: the consultancy's folder, with `mkdocs.yml` and `engagements/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kb_builder.errors import UsageError
from kb_builder.files import finish_writes
from kb_builder.problem import nearest

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class Workspace:
    """A folder that holds `engagements/`. All that `kb` reads and writes stays inside it."""

    root: Path

    @property
    def engagements(self) -> Path:
        """The folder with one folder per client."""
        return self.root / "engagements"

    def clients(self) -> list[str]:
        """The slugs of all clients, sorted."""
        if not self.engagements.is_dir():
            return []
        return sorted(
            path.name
            for path in self.engagements.iterdir()
            if path.is_dir() and not path.name.startswith((".", "_"))
        )

    def folder(self, client: str) -> Path:
        """The folder of one client. Raises UsageError if there is none."""
        known = self.clients()
        if client not in known:
            near = nearest(client, known)
            hint = (
                f"did you mean {near}?"
                if near
                else f"clients here: {', '.join(known) or 'none; kb new CLIENT makes one'}"
            )
            raise UsageError(f'no client "{client}" in {self.engagements}', hint)
        return self.engagements / client


def is_workspace(folder: Path) -> bool:
    """Whether a folder is a workspace; `kb init` makes one of any that is not."""
    return (folder / "engagements").is_dir() and (folder / "mkdocs.yml").is_file()


def find(start: Path) -> Workspace:
    """The workspace that `start` is in: the nearest folder upwards that has `engagements/`.

    What a killed command had begun to write there is finished or forgotten first.

    Raises UsageError if there is none, KbError if that cannot be finished.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if is_workspace(folder):
            for place in (
                folder,
                *(folder / "engagements").glob("*"),
                *(folder / "engagements").glob("*/releases"),
            ):
                if not place.is_symlink() or place.resolve().is_relative_to(folder):
                    finish_writes(place)
            return Workspace(folder)
    raise UsageError(f"no workspace in {start} or above it", "kb init DIR makes one")
