"""Which Chromium the tests drive, and how it is started."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def installed() -> str | None:
    """The path of an installed Chromium or Chrome; KB_BROWSER names another."""
    wanted = os.environ.get("KB_BROWSER")
    if wanted:
        return wanted
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def playwrights_own() -> bool:
    """Whether Playwright has downloaded its own browser."""
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


@contextmanager
def launch() -> Iterator[Browser]:
    """A running browser: the installed one, else Playwright's own."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)
        except Error as error:
            raise RuntimeError("no browser; `python tests/support/install_tools.py` installs one") from error
        yield browser
        browser.close()
