"""What the tests share: the sample client, real public data, one build of the sample, a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from support.browser import launch
from support.sites import ROOT, SAMPLE, TODAY, build_sites, new_workspace

from kb_builder import pipeline
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace


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
