"""Opens pages and notes whatever a reader's browser would complain about."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

from kb_builder.site import is_redirect


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        return


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder, served on this machine; one version of a site with the others beside it."""
    among = (folder.parent / "versions.json").is_file()
    server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(folder.parent if among else folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}" + (f"/{folder.name}" if among else "")
    finally:
        server.shutdown()
        server.server_close()


def watched(context: BrowserContext, home: str) -> tuple[Page, list[str]]:
    """A page, and the list in which console errors, failed requests and requests elsewhere are noted."""
    page = context.new_page()
    seen: list[str] = []
    allowed = urlsplit(home)

    def requested(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("data", "blob"):
            return
        if (parts.scheme, parts.netloc) != (allowed.scheme, allowed.netloc):
            seen.append(f"request elsewhere: {url}")

    def counts(failure: str | None) -> bool:
        """A page that is left while it still loads breaks off its requests: that is no fault."""
        return failure != "net::ERR_ABORTED"

    page.on(
        "console",
        lambda message: seen.append(f"console: {message.text}") if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.on("request", lambda request: requested(request.url))
    page.on(
        "requestfailed",
        lambda request: seen.append(f"failed: {request.url}") if counts(request.failure) else None,
    )
    page.on(
        "response",
        lambda response: (
            seen.append(f"{response.status}: {response.url}") if response.status >= 400 else None
        ),
    )
    return page, seen


def html_pages(site: Path) -> list[str]:
    """The pages of a site, relative to it; files that it carries are no pages, and neither are old addresses."""
    found = [
        path.relative_to(site)
        for path in site.rglob("*.html")
        if path.name != "404.html" and not is_redirect(path)
    ]
    return sorted(path.as_posix() for path in found if path.parts[0] != "files")


def fullest(site: Path) -> list[str]:
    """The index of each section of a site and its two fullest pages: every template, and whatever it can show."""
    sections: dict[str, list[str]] = {}
    for path in html_pages(site):
        sections.setdefault(path.rpartition("/")[0], []).append(path)
    chosen = {path for path in html_pages(site) if path.endswith("index.html")}
    for paths in sections.values():
        chosen.update(sorted(paths, key=lambda path: (site / path).stat().st_size)[-2:])
    return sorted(chosen)


def spare_search(context: BrowserContext, site: Path) -> None:
    """Give every page a search index of one entry: to load the whole one a thousand times proves nothing more."""
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    small = json.dumps({**index, "docs": index["docs"][:1]})
    context.route(
        "**/search/search_index.json",
        lambda route: route.fulfill(body=small, content_type="application/json"),
    )


def search(page: Page, word: str) -> None:
    """Type a word into the search and wait for a result."""
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially(word, delay=20)
    page.locator(".md-search-result__item").first.wait_for(timeout=15_000)
