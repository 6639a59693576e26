"""A canary in every field that readers may not see is in no file that they get: sites, releases, exports, bundles, targets."""

from __future__ import annotations

import gzip
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.generate import every_kind, fields, write
from support.sites import TODAY, new_workspace

from kb_builder import pipeline, publish, publishing, releases
from kb_builder.assembly import Assembly
from kb_builder.bundle import write_bundle
from kb_builder.records.base import Audience, Record
from kb_builder.records.client import Client, Target
from kb_builder.records.fields import field_of
from kb_builder.targets import open_place
from kb_builder.workspace import Workspace

CANARY = "zanzibarcanary"


def plant(folder: Path) -> set[str]:
    """Write, for every kind, a record for each audience, with a canary in each text that names who may see it."""
    planted: set[str] = set()

    def canary(level: Audience) -> str:
        if level is Audience.STAFF:
            return "plain words"
        word = f"{CANARY}{level.value}{len(planted)}x"
        planted.add(word)
        return word

    def filled(kind: type[Record], record: Audience, ref: Any) -> dict[str, Any]:
        """All fields: plain words where staff may read them, elsewhere a canary of who may."""
        values: dict[str, Any] = {}
        for audience in Audience:
            level = max(audience, record, key=list(Audience).index)
            made = fields(kind, lambda spec, at=level: canary(at), ref)
            values |= {name: made[name] for name in made if field_of(kind, name).audience is audience}
        return values

    def ref(audience: Audience) -> Any:
        return lambda spec: f"{spec.refs[0]}/{audience.value}-{spec.refs[0].replace('_', '-')}"

    for kind in every_kind():
        for audience in Audience:
            name = f"{audience.value}-{kind.kind.replace('_', '-')}"
            values = {**filled(kind, audience, ref(audience)), "audience": audience.value}
            if audience is Audience.STAFF:
                values["title"] = f"Open {kind.label[0]}"
            else:
                values |= {"title": canary(audience), "tags": [canary(audience)]}
            write(folder, kind, name, values)
    client = {**filled(Client, Audience.STAFF, ref(Audience.STAFF)), "title": "Demo", "currency": "GBP"}
    client.pop("edition", None)
    client["sites"] = [{"audience": each.value} for each in Audience]
    (folder / "client.yaml").write_text(yaml.safe_dump(client))
    written = "".join(path.read_text() for path in sorted(folder.rglob("*.yaml")))
    return {word for word in planted if word in written}


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8", "replace")


def all_text(folder: Path) -> str:
    """All that a reader could find in a folder, unpacked."""
    return "\n".join(text_of(path) for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, set[str]]:
    """A client with canaries wherever there is text, in a release with notes for each audience, and in the draft."""
    workspace = new_workspace(tmp_path_factory.mktemp("planted"))
    words = plant(workspace.folder("demo"))
    told = {
        Audience.STAFF: "For everybody.",
        Audience.MANAGEMENT: f"{CANARY}management in notes",
        Audience.CONSULTANT: f"{CANARY}consultant in notes",
    }
    releases.seal(workspace, "demo", "1.0", TODAY, told)
    return workspace, words


@pytest.fixture(scope="module")
def targets(
    planted: tuple[Workspace, set[str]], tmp_path_factory: pytest.TempPathFactory
) -> dict[Audience, str]:
    """All that stands in the folder that each audience's site is published to, draft and release."""
    workspace, _ = planted
    checked = pipeline.check(workspace, "demo", TODAY)
    assert checked.sound, [each for each in checked.problems if each.severity == "error"][:3]
    home = tmp_path_factory.mktemp("targets")
    assembly = Assembly(workspace, checked, home / "site", TODAY)
    assembly.build(Audience)
    found = {}
    for audience in Audience:
        target = Target(id=audience.value, to=str(home / audience.value), audience=audience, draft=True)
        with publishing.shipment(checked, target, audience, assembly) as shipment:
            place = open_place(target.to, workspace.root)
            publish.publish(place, f"demo/{audience.value}", shipment.files())
        assert (home / audience.value / "1.0" / "index.html").is_file()
        assert (home / audience.value / "draft" / "index.html").is_file()
        found[audience] = all_text(home / audience.value)
    return found


def above(audience: Audience, text: str) -> list[str]:
    """What stands in a text of those above an audience: their canaries, and the ids of their records."""
    hidden = [each.value for each in Audience if not audience.sees(each)]
    ids = "|".join(kind.kind.replace("_", "-") for kind in every_kind())
    patterns = [each for name in hidden for each in (rf"{CANARY}{name}\w*", rf"\b{name}-(?:{ids})\b")]
    return [found for pattern in patterns for found in re.findall(pattern, text)][:10]


@pytest.mark.parametrize("audience", list(Audience))
def test_a_target_holds_no_canary(
    planted: tuple[Workspace, set[str]], targets: dict[Audience, str], audience: Audience
) -> None:
    _, words = planted
    assert above(audience, targets[audience]) == []
    if audience is Audience.CONSULTANT:
        seen = [word for word in words if word in targets[audience]]
        assert len(seen) > len(words) * 0.9, (
            "the canaries must be where they belong, or this test proves nothing"
        )


@pytest.mark.parametrize("version", [None, "1.0"])
@pytest.mark.parametrize("audience", [Audience.STAFF, Audience.MANAGEMENT])
def test_an_exported_project_holds_no_canary(
    planted: tuple[Workspace, set[str]], audience: Audience, version: str | None, tmp_path: Path
) -> None:
    workspace, _ = planted
    checked = pipeline.check(workspace, "demo", TODAY)
    assembly = Assembly(workspace, checked, tmp_path / "site", TODAY)
    release = checked.releases.get(version) if version else None
    among = assembly.among(audience, release, alone=True)
    prepared = pipeline.prepare(assembly.records(release), audience, TODAY, among=among)
    pipeline.export(prepared, workspace, tmp_path / "project")
    found = all_text(tmp_path / "project")
    assert "Open system" in found
    assert above(audience, found) == []


@pytest.mark.parametrize("audience", [Audience.STAFF, Audience.MANAGEMENT])
def test_a_bundle_holds_no_canary(
    planted: tuple[Workspace, set[str]], audience: Audience, tmp_path: Path
) -> None:
    """Its records, releases, tables and README; its sites are made from those records alone."""
    workspace, _ = planted
    checked = pipeline.check(workspace, "demo", TODAY)
    without = replace(checked, catalog=pipeline.with_client(checked.catalog, sites=[]))
    write_bundle(workspace, without, audience, TODAY, tmp_path / "demo.zip")
    with zipfile.ZipFile(tmp_path / "demo.zip") as file:
        file.extractall(tmp_path / "bundle")
        names = "\n".join(file.namelist())
    found = all_text(tmp_path / "bundle")
    assert "records/releases/1.0/release.yaml" in names
    assert "Open system" in found
    assert above(audience, found + names) == []
