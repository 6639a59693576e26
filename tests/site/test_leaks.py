"""A canary in every field that staff may not see is in no file of the staff site."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.generate import every_kind, fields, write
from support.sites import build_sites, new_workspace

from kb_builder.records.base import Audience
from kb_builder.records.client import Client

CANARY = "zanzibarcanary"


def plant(folder: Path) -> set[str]:
    """Write, for every kind, an open record with a canary in each field above staff, and two closed ones full of them."""
    planted: set[str] = set()

    def canary(where: str) -> str:
        word = f"{CANARY}{len(planted)}x"
        planted.add(word)
        return word

    def ref(audience: str) -> Any:
        return lambda spec: f"{spec.refs[0]}/{audience}-{spec.refs[0].replace('_', '-')}"

    for kind in every_kind():
        for audience in ("management", "consultant"):
            name = f"{audience}-{kind.kind.replace('_', '-')}"
            values = fields(kind, lambda spec, name=name: canary(f"{name}.{spec.name}"), ref(audience))
            values.update(audience=audience, title=canary(f"{name}.title"), tags=[canary(f"{name}.tags")])
            write(folder, kind, name, values)
        name = f"staff-{kind.kind.replace('_', '-')}"
        secret = fields(kind, lambda spec: canary(spec.name), ref("management"))
        known = fields(kind, lambda spec: "plain words", ref("staff"), only=Audience.STAFF)
        values = {
            **_hidden_only(kind, secret),
            **known,
            "audience": "staff",
            "title": f"Open {kind.label[0]}",
        }
        write(folder, kind, name, values)
    client = {
        **fields(Client, lambda spec: canary("client"), ref("management")),
        **fields(Client, lambda spec: "plain words", ref("staff"), only=Audience.STAFF),
        "title": "Demo",
        "currency": "GBP",
    }
    (folder / "client.yaml").write_text(yaml.safe_dump(client))
    written = "".join(path.read_text() for path in sorted(folder.rglob("*.yaml")))
    return {word for word in planted if word in written}


def _hidden_only(kind: Any, values: dict[str, Any]) -> dict[str, Any]:
    from kb_builder.records.fields import field_of

    return {
        name: value
        for name, value in values.items()
        if not Audience.STAFF.sees(field_of(kind, name).audience)
    }


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8", "replace")


def all_text(folder: Path) -> str:
    """All that a reader could find in a folder, unpacked."""
    return "\n".join(text_of(path) for path in sorted(folder.rglob("*")) if path.is_file())


def test_staff_see_no_canary(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    planted = plant(tmp_path / "engagements" / "demo")
    sites = build_sites(workspace, "demo", tmp_path / "site")
    everything = {
        audience: "\n".join(text_of(path) for path in sorted(site.rglob("*")) if path.is_file())
        for audience, site in sites.items()
    }
    assert CANARY not in everything[Audience.STAFF]
    assert "management-" not in everything[Audience.STAFF]
    assert "consultant-" not in everything[Audience.STAFF].replace("consultant-only", "")
    seen = [word for word in planted if word in everything[Audience.CONSULTANT]]
    assert len(seen) > len(planted) * 0.9, (
        "the canaries must be where they belong, or this test proves nothing"
    )
    index = json.loads((sites[Audience.STAFF] / "search" / "search_index.json").read_text())
    assert CANARY not in json.dumps(index)


@pytest.mark.parametrize("audience", [Audience.STAFF, Audience.MANAGEMENT])
def test_the_project_holds_no_canary_either(tmp_path: Path, audience: Audience) -> None:
    from support.sites import TODAY

    from kb_builder import pipeline

    workspace = new_workspace(tmp_path)
    plant(tmp_path / "engagements" / "demo")
    checked = pipeline.check(workspace, "demo", TODAY)
    pipeline.export(pipeline.prepare(checked, audience, TODAY), workspace, tmp_path / "project")
    found = all_text(tmp_path / "project")
    assert "Open system" in found
    assert "consultant-system" not in found
    if audience is Audience.STAFF:
        assert CANARY not in found
