"""`kb import bundle` killed at any point: there is the whole client, or none."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.kill import kills
from support.sites import TODAY, new_workspace
from support.story import put

from kb_builder import pipeline, releases
from kb_builder.bundle import write_bundle
from kb_builder.bundle_import import read_bundle
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace


def test_an_import_that_was_killed_gives_the_whole_client_or_none(tmp_path: Path) -> None:
    source = new_workspace(tmp_path / "from")
    put(source, "client.yaml", "title: Demo\nsites: []\n")
    for number in range(20):
        put(source, f"discovery/systems/s{number}.yaml", f"title: System {number}\n")
    releases.seal(source, "demo", "1.0", TODAY)
    zipped = tmp_path / "demo.zip"
    write_bundle(source, pipeline.check(source, "demo", TODAY), Audience.MANAGEMENT, TODAY, zipped)
    workspace = Workspace(tmp_path / "to")
    home = workspace.engagements / "demo"
    workspace.engagements.mkdir(parents=True)
    shutil.copyfile(source.root / "mkdocs.yml", workspace.root / "mkdocs.yml")
    read_bundle(zipped, workspace, TODAY)
    wanted = tree(home)
    outcomes = set()

    def prepare() -> None:
        shutil.rmtree(home, ignore_errors=True)

    for where in kills(200, lambda: read_bundle(zipped, workspace, TODAY), prepare, seed=37):
        assert workspace.clients() in ([], ["demo"]), where
        if home.exists():
            assert tree(home) == wanted, where
        outcomes.add(home.exists())
    assert outcomes == {True, False}
    prepare()
    read_bundle(zipped, workspace, TODAY)
    assert sorted(path.name for path in workspace.engagements.iterdir()) == ["demo"]
    assert pipeline.check(workspace, "demo", TODAY).sound


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
