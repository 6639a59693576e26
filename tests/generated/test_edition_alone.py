"""What is written for a reader is the same to the byte with and without what that reader may not see.

Made from the kinds: every kind, each of its references, every status and every field, hidden or not there at all.
"""

from __future__ import annotations

import difflib
import zipfile
from pathlib import Path

import pytest
from support.generate import every_kind
from support.hidden import CLIENT, Pair
from support.sites import TODAY

from kb_builder import pipeline
from kb_builder.assembly import Assembly
from kb_builder.bundle import write_bundle
from kb_builder.exporters.bundle_zip import COVER, SUMS
from kb_builder.records.base import STAGES, Audience
from kb_builder.workspace import Workspace

READERS = [Audience.STAFF, Audience.MANAGEMENT]


def project(workspace: Workspace, reader: Audience, version: str | None, folder: Path) -> dict[str, bytes]:
    """The MkDocs project of a version, as `kb build` and `kb export mkdocs` write it."""
    checked = pipeline.check(workspace, CLIENT, TODAY)
    assembly = Assembly(workspace, checked, folder / "sites", TODAY)
    release = checked.releases.get(version) if version else None
    day = release.seal.date if release else TODAY
    among = assembly.among(reader, release, alone=True)
    prepared = pipeline.prepare(assembly.records(release), reader, day, among=among)
    pipeline.export(prepared, workspace, folder)
    return tree(folder)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """What differs between two folders, in the lines of each file."""
    found = [f"only with: {name}" for name in sorted(one.keys() - other.keys())]
    found += [f"only without: {name}" for name in sorted(other.keys() - one.keys())]
    for name in sorted(one.keys() & other.keys()):
        if one[name] != other[name]:
            texts = [each[name].decode("utf-8", "replace").splitlines() for each in (other, one)]
            found += list(difflib.unified_diff(*texts, f"without/{name}", f"with/{name}", n=0, lineterm=""))
    return found


def same(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    found = differences(one, other)
    assert not found, "\n".join(line[:300] for line in found[:60])


@pytest.fixture(scope="module", params=READERS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Two releases and a draft of both clients."""
    made = Pair(tmp_path_factory.mktemp("pair"), request.param)
    made.write()
    made.seal("1.0")
    made.write(later=True)
    made.seal("2.0")
    made.write()
    return made


@pytest.mark.parametrize("version", [None, "1.0", "2.0"])
def test_a_project_is_the_same(pair: Pair, version: str | None, tmp_path: Path) -> None:
    full, bare = (
        project(workspace, pair.reader, version, tmp_path / name)
        for name, workspace in (("full", pair.full), ("bare", pair.bare))
    )
    assert len(bare) > 200
    same(full, bare)
    assert not [name for name in full if "/was-" in name], "an address that these readers never had"
    everything = b"\n".join(full.values()).decode("utf-8", "replace")
    assert [word for word in pair.canaries if word in everything] == []
    assert "was-" not in everything.replace("was-validated", "")


@pytest.mark.parametrize("reader", READERS)
def test_a_draft_is_the_same_whatever_of_a_stage_is_hidden(reader: Audience, tmp_path: Path) -> None:
    """What is hidden together could make up for one another."""
    bare: dict[str, bytes] = {}
    for stage in STAGES:
        kinds = frozenset(kind.kind for kind in every_kind() if kind.stage == stage)
        made = Pair(tmp_path / stage, reader, kinds)
        made.write()
        bare = bare or project(made.bare, reader, None, tmp_path / stage / "bare")
        same(project(made.full, reader, None, tmp_path / stage / "full"), bare)


def test_a_bundle_is_the_same(pair: Pair, tmp_path: Path) -> None:
    """But for what names the seal that was signed, and what is counted from the files."""
    full, bare = (
        bundled(workspace, pair.reader, tmp_path / f"{name}.zip")
        for name, workspace in (("full", pair.full), ("bare", pair.bare))
    )
    assert len([name for name in bare if name.startswith("records/releases/2.0/")]) > 100
    same(full, bare)
    everything = b"\n".join([*full.values(), "\n".join(full).encode()]).decode("utf-8", "replace")
    assert [word for word in pair.canaries if word in everything] == []
    assert "was-" not in everything
    assert "signer" not in everything.lower()


def bundled(workspace: Workspace, reader: Audience, target: Path) -> dict[str, bytes]:
    """The files of a client's bundle for a reader; the seals of the whole releases are put alike."""
    checked = pipeline.check(workspace, CLIENT, TODAY)
    write_bundle(workspace, checked, reader, TODAY, target)
    with zipfile.ZipFile(target) as file:
        found = {name: file.read(name) for name in file.namelist() if name not in (SUMS, COVER)}
    for number, release in enumerate(checked.releases.all):
        alike = f"{number:064}".encode()
        found = {name: each.replace(release.digest.encode(), alike) for name, each in found.items()}
    return found
