"""What the tests share: the sample client, real public data, one build of the sample, a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from support.browser import launch
from support.sites import ROOT, SAMPLE, TODAY, build_sites, new_workspace
from xdist.scheduler import LoadScopeScheduling

from kb_builder import pipeline
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace

settings.register_profile(
    "calm", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("calm")


@cache
def group_of(path: str) -> str:
    """The group of tests that a module belongs to, as its mark says; nothing if it has none."""
    found = re.search(r'xdist_group\("([^"]+)"\)', (ROOT / path).read_text(encoding="utf-8"))
    return found[1] if found else ""


class ByGroup(LoadScopeScheduling):
    """Gives tests of one group to one worker, so that what they share is built once.

    xdist's own way, `--dist loadgroup`, renames tests while they are collected, which newer pytest does not let it do.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0]) or nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    """How tests are shared out among the workers."""
    return ByGroup(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write golden files and screenshots anew")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real public data beside the project; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the public data is not beside the project")
    return folder


@pytest.fixture(scope="session")
def sample() -> Workspace:
    """The workspace with the sample client."""
    return Workspace(ROOT)


@pytest.fixture(scope="session")
def checked_sample(sample: Workspace) -> pipeline.Checked:
    """The sample client, read and checked."""
    return pipeline.check(sample, SAMPLE, TODAY)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with the client `demo`, which has only a title."""
    return new_workspace(tmp_path)


@pytest.fixture(scope="session")
def sample_sites(sample: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[Audience, Path]:
    """The sites of the sample client, built once."""
    return build_sites(sample, SAMPLE, tmp_path_factory.mktemp("sites"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as the machine has it."""
    with launch() as running:
        yield running
