"""A release that was taken back is gone from every site with the next build, from lists and from `latest`."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from support import story
from support.sites import TODAY, new_workspace
from support.story import CLIENT, put

from kb_builder import withdrawal
from kb_builder.withdrawal import Reason


def test_sites_follow(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "ws", CLIENT)
    put(workspace, "client.yaml", "title: Demo\nsites: [{audience: staff, url: https://docs.example.com/}]\n")
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\n")
    story.seal(workspace, "2026.3")
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\nsummary: Zebra.\n")
    release = story.seal(workspace, "2026.6")
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\n")
    story.build(workspace, tmp_path / "out")
    site = tmp_path / "out" / CLIENT / "staff"
    assert "Zebra" in (site / "latest/systems/erp.html").read_text()
    plan = withdrawal.take_back(
        workspace,
        CLIENT,
        release,
        Reason("x", "Tom", dt.date(2026, 11, 23)),
    )
    withdrawal.carry_out(workspace, CLIENT, plan)
    story.build(workspace, tmp_path / "out", TODAY)
    assert not (site / "2026.6").exists()
    listed = json.loads((site / "versions.json").read_text())
    assert [(each["version"], each["aliases"]) for each in listed] == [("draft", []), ("2026.3", ["latest"])]
    for path in site.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert b"2026.6" not in content and b"Zebra" not in content, path
