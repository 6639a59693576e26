"""Ratios, each measured side by side in one run: `make bench` writes them to the screen.

kb check     how time grows from 1,000 to 5,000 systems, and how much of it is parsing YAML
kb build     800 systems, against plain `mkdocs build` of the same pages with every page in the navigation
memory       the peak of building 800 and 3,200 systems
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from kb_builder import pipeline
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import parse_text

TODAY = dt.date(2026, 11, 23)
ROOT = Path(__file__).parent.parent.parent
SYSTEM = """\
title: System number {number}
summary: One of many systems, written to measure with.
type: virtual-machine
criticality: medium
owner: somebody
vendor: maker
product: Product {number}
version: {version}
support: Call 01632 960{short:03d}
depends_on: [{needs}]
data:
  - orders
  - invoices
backup:
  method: Nightly image
  where: The store in the cellar
  every: 1 day
  keep: 30 days
installed: 2024-02-29
support_until: 2029-10-09
description: |
  It does **one thing** for the people in room {number}, and does it well.

  - It starts by itself.
  - It is looked after by somebody.
"""


def workspace(folder: Path, systems: int) -> Workspace:
    """A workspace with one client of so many systems."""
    home = folder / "engagements" / "many"
    (home / "discovery" / "systems").mkdir(parents=True)
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    (home / "client.yaml").write_text("title: Many systems\nsites: [{audience: consultant}]\n")
    (home / "discovery" / "people.yaml").write_text("- {id: somebody, title: Some Body}\n")
    (home / "discovery" / "vendors.yaml").write_text("- {id: maker, title: The Maker}\n")
    (home / "maintenance").mkdir()
    names = ", ".join(f"system-{number}" for number in range(systems))
    (home / "maintenance" / "schedules.yaml").write_text(
        f"- {{id: patching, title: Patching, rule: FREQ=MONTHLY, start: 2026-12-01, who: somebody, systems: [{names}]}}\n"
    )
    for number in range(systems):
        needs = f"system-{number // 2}" if number else ""
        text = SYSTEM.format(number=number, version=number % 9 + 0.1, short=number % 1000, needs=needs)
        (home / "discovery" / "systems" / f"system-{number}.yaml").write_text(text)
    return Workspace(folder)


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def seconds_of_parsing(texts: list[str]) -> float:
    """How long it takes to parse so many files."""
    return min(seconds(lambda: [parse_text(text, "x.yaml") for text in texts]) for _ in range(3))


def check_rows() -> list[tuple[str, str]]:
    """How checking grows, and what share of it is parsing."""
    times: dict[int, float] = {}
    shares: dict[int, float] = {}
    for systems in (1_000, 5_000):
        with tempfile.TemporaryDirectory() as folder:
            ground = workspace(Path(folder), systems)
            files = sorted((Path(folder) / "engagements").rglob("*.yaml"))
            texts = [path.read_text() for path in files]
            parse = seconds_of_parsing(texts)
            times[systems] = min(
                seconds(lambda ground=ground: pipeline.check(ground, "many", TODAY)) for _ in range(3)
            )
            shares[systems] = parse / times[systems]
    return [
        ("kb check, 1,000 systems", f"{times[1_000]:.2f} s, parsing is {shares[1_000]:.0%}"),
        ("kb check, 5,000 systems", f"{times[5_000]:.2f} s, parsing is {shares[5_000]:.0%}"),
        ("  5,000 against 1,000", f"{times[5_000] / times[1_000]:.2f} times (5 is in proportion)"),
    ]


def every_page_in_nav(project: Path) -> None:
    """Put every page of a project into its navigation, as plain MkDocs does when it is given none."""
    path = project / "mkdocs.yml"
    settings = yaml.safe_load(path.read_text())
    del settings["nav"]
    path.write_text(yaml.safe_dump(settings, sort_keys=False))


def build_rows(systems: int) -> list[tuple[str, str]]:
    """Our build against the plain one of the same pages."""
    with tempfile.TemporaryDirectory() as folder:
        workspace(Path(folder), systems)
        kb = [sys.executable, "-c", "from kb_builder.cli import main; main()", "-C", folder]
        ours = seconds(lambda: subprocess.run([*kb, "build", "many"], check=True, stdout=subprocess.DEVNULL))
        project = Path(folder) / "plain"
        subprocess.run(
            [*kb, "export", "mkdocs", "many", "--audience", "consultant", "--output", str(project)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        every_page_in_nav(project)
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        plain = seconds(
            lambda: subprocess.run(
                [sys.executable, "-m", "mkdocs", "build", "-q"], cwd=project, check=True, env=environment
            )
        )
    return [
        (f"kb build, {systems:,} systems, all of it", f"{ours:.1f} s"),
        ("mkdocs build of the same pages, all in the navigation", f"{plain:.1f} s"),
        ("  ours against plain", f"{ours / plain:.2f} (0.5 or less is the aim)"),
    ]


def peak(systems: int) -> float:
    """The peak memory of a build in MB, of the larger of kb and MkDocs."""
    with tempfile.TemporaryDirectory() as folder:
        workspace(Path(folder), systems)
        code = (
            "import resource, sys\nfrom kb_builder.cli import kb\n"
            f"kb.main(['-C', {folder!r}, 'build', 'many'], standalone_mode=False)\n"
            "usage = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]\n"
            "print(max(usage), file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(done.stderr.strip().splitlines()[-1]) / 1024


def memory_rows() -> list[tuple[str, str]]:
    """How memory grows."""
    small, large = peak(800), peak(3_200)
    return [
        ("memory, 800 systems", f"{small:.0f} MB"),
        ("memory, 3,200 systems", f"{large:.0f} MB"),
        ("  3,200 against 800", f"{large / small:.2f} times"),
    ]


def main() -> None:
    """Measure and print."""
    gc.set_threshold(200_000, 50, 50)  # as the command does
    for rows in (check_rows, lambda: build_rows(800), memory_rows):
        for name, figure in rows():
            print(f"{name:<56}  {figure}", flush=True)


if __name__ == "__main__":
    main()
