"""A small client with three releases and a draft, in which records were renamed, moved and retired."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from kb_builder import pipeline, releases
from kb_builder.assembly import Assembly, Built
from kb_builder.workspace import Workspace
from support.sites import TODAY, new_workspace

CLIENT = "demo"
DAYS = {
    "2026.3": dt.date(2026, 3, 27),
    "2026.6": dt.date(2026, 6, 26),
    "2026.11": dt.date(2026, 11, 20),
}
ONE_SITE = "title: Demo\nsites:\n  - audience: staff\n    url: https://docs.example.com/demo/\n"


def put(workspace: Workspace, path: str, text: str | None) -> None:
    """Write one of the client's files, or take it away."""
    target = workspace.folder(CLIENT) / path
    if text is None:
        target.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def told(folder: Path, client: str = ONE_SITE) -> Workspace:
    """The workspace: `old-erp` becomes `erp`, the till becomes a system, the fax goes, a lesson's module is renamed."""
    workspace = new_workspace(folder, CLIENT)
    put(workspace, "client.yaml", client)
    put(workspace, "discovery/systems/old-erp.yaml", "title: ERP\nversion: '1'\ninternal_notes: Quiet.\n")
    put(workspace, "discovery/systems/fax.yaml", "title: Fax\n")
    put(workspace, "discovery/systems/mail.yaml", "title: Mail\n")
    put(workspace, "discovery/assets/till.yaml", "title: Till\n")
    put(
        workspace,
        "documentation/training/safety.yaml",
        "title: Safety\nlessons:\n  - id: mail\n    title: Mail\n    body: Think first.\n",
    )
    seal(workspace, "2026.3")

    put(workspace, "discovery/systems/old-erp.yaml", None)
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\nversion: '2'\nformerly: [old-erp]\n")
    put(workspace, "discovery/assets/till.yaml", None)
    put(workspace, "discovery/systems/till.yaml", "title: Till\nformerly: [asset/till]\n")
    seal(workspace, "2026.6")

    put(workspace, "discovery/systems/fax.yaml", None)
    put(workspace, "documentation/training/safety.yaml", None)
    put(
        workspace,
        "documentation/training/safe-work.yaml",
        "title: Safe work\nformerly: [safety]\nlessons:\n  - id: mail\n    title: Mail\n    body: Think twice.\n",
    )
    put(workspace, "maintenance/log_entries.yaml", "- id: patch\n  title: Patched\n  date: 2026-11-02\n")
    seal(workspace, "2026.11")

    put(workspace, "discovery/systems/vpn.yaml", "title: VPN\n")
    return workspace


def seal(workspace: Workspace, version: str, sign_off: int = 0) -> releases.Release:
    """Seal the client's records as they are."""
    return releases.seal(workspace, CLIENT, version, DAYS[version], f"Notes of {version}.", sign_off)


def build(workspace: Workspace, output: Path, today: dt.date = TODAY) -> list[Built]:
    """Build all of the client's sites."""
    checked = pipeline.check(workspace, CLIENT, today)
    assert checked.sound, checked.problems
    return Assembly(workspace, checked, output, today).build(checked.catalog.client.audiences)
