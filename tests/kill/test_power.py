"""No command says that it is done, and none replaces anything, before what a power cut would take is on the disk."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.commands import READING, WRITING, leaves, run, trial
from support.power import watched
from support.quick import quick

from kb_builder import assembly

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="what a descriptor is open on is read from /proc"
)


def test_every_command_is_listed() -> None:
    """A new command says, in `support/commands.py`, whether it writes what must not be lost."""
    assert {*WRITING, *READING} == {*leaves()}
    assert not {*WRITING} & READING


@pytest.mark.parametrize("name", WRITING)
def test_what_is_told_is_on_the_disk(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "build_html", quick)
    workspace, arguments = trial(name, tmp_path)
    caches = tuple(f"{tmp_path}/{'ws/site' if each == 'site' else each}" for each in WRITING[name].caches)

    def durable(path: str) -> bool:
        inside = path.startswith(f"{tmp_path}/") or path == str(tmp_path)
        return (
            inside
            and "/.kb-" not in path.removeprefix(str(tmp_path))
            and not path.startswith(caches or ("\0",))
        )

    def work() -> None:
        result = run(workspace, *arguments)
        assert result.exception is None, result.exception

    events, faults = watched(work, durable)
    assert events > 4
    assert faults == []
