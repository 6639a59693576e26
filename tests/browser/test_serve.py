"""The preview follows the records: a change shows, an error covers the last good page, and goes again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect
from support.sites import TODAY

from kb_builder.records.base import Audience
from kb_builder.serve import Preview, open_server, run
from kb_builder.workspace import Workspace


@pytest.fixture
def preview(workspace: Workspace, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A running preview: its address and the client's folder."""
    folder = workspace.engagements / "demo"
    (folder / "discovery" / "systems").mkdir(parents=True)
    (folder / "discovery" / "systems" / "erp.yaml").write_text("title: Stock control\n")
    running = Preview(workspace, "demo", Audience.STAFF, TODAY, tmp_path / "work", lambda words: None)
    server = open_server(running)
    running.update()
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(running, server, stop), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", folder
    stop.set()
    thread.join(timeout=20)


def test_it_follows_the_records(preview: tuple[str, Path], browser: Browser) -> None:
    home, folder = preview
    record = folder / "discovery" / "systems" / "erp.yaml"
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{home}/systems/erp.html")
        expect(page.locator("h1")).to_contain_text("Stock control")
        record.write_text("title: Ordering\n")
        expect(page.locator("h1")).to_contain_text("Ordering", timeout=15_000)
        record.write_text("title: Ordering\ncritcality: high\n")
        overlay = page.locator("#kb-problems")
        expect(overlay).to_contain_text("engagements/demo/discovery/systems/erp.yaml:2:1", timeout=15_000)
        expect(overlay).to_contain_text("did you mean criticality?")
        expect(page.locator("h1")).to_contain_text("Ordering")
        record.write_text("title: Ordering\ncriticality: high\n")
        expect(overlay).to_have_count(0, timeout=15_000)
        expect(page.locator(".kb-facts")).to_contain_text("high", timeout=15_000)
        (folder / "discovery" / "systems" / "web.yaml").write_text("title: Web shop\n")
        page.goto(f"{home}/systems/index.html")
        expect(page.get_by_role("link", name="Web shop")).to_be_visible(timeout=15_000)


def test_it_serves_its_own_folder_to_its_own_machine(preview: tuple[str, Path]) -> None:
    home, _ = preview
    for path in (
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/systems/..%2f..%2fmkdocs.yml",
        "/%00",
    ):
        with pytest.raises(HTTPError) as answer:
            urlopen(home + path, timeout=5)
        assert answer.value.code == 404
    with pytest.raises(HTTPError) as answer:
        urlopen(Request(home + "/index.html", headers={"Host": "evil.example:80"}), timeout=5)
    assert answer.value.code == 403


def test_a_start_with_an_error_shows_it_and_recovers(
    workspace: Workspace, tmp_path: Path, browser: Browser
) -> None:
    record = workspace.engagements / "demo" / "client.yaml"
    record.write_text("titel: Demo\n")
    running = Preview(workspace, "demo", Audience.STAFF, TODAY, tmp_path / "work", lambda words: None)
    server = open_server(running)
    running.update()
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(running, server, stop), daemon=True)
    thread.start()
    try:
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
            expect(page.locator("#kb-problems")).to_contain_text("did you mean title?", timeout=15_000)
            record.write_text("title: Demo\n")
            expect(page.locator("h1")).to_contain_text("Demo", timeout=15_000)
    finally:
        stop.set()
        thread.join(timeout=20)
