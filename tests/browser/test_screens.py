"""The main pages as they look: desktop and phone, light and dark. `make golden` renews the pictures.

Pictures are compared coarsely, so that another machine's fonts do not fail them but a lost style sheet,
an empty page or a column out of place does.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat
from playwright.sync_api import Browser

from kb_builder.records.base import Audience

pytestmark = pytest.mark.xdist_group("sample")
SCREENS = Path(__file__).parent / "screens"
SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
PAGES = {
    "home": "latest/index.html",
    "systems": "latest/systems/index.html",
    "system": "latest/systems/dentafile.html",
    "guide": "latest/guides/sign-in-with-mfa.html",
    "training": "latest/training/index.html",
    "maintenance": "latest/maintenance/index.html",
    "thread": "latest/engagement/traceability.html",
    "analysis": "latest/engagement/analysis.html",
    "changed": "latest/what-changed/2026.09.html",
    "draft": "draft/what-changed/draft.html",
    "older": "2026.03/index.html",
}
CELL = 24
MEAN = 9.0


def coarse(picture: Image.Image) -> Image.Image:
    """A picture as its cells: what is where, not which letter."""
    small = picture.convert("L").filter(ImageFilter.GaussianBlur(8))
    return small.resize((max(1, picture.width // CELL), max(1, picture.height // CELL)))


def distance(one: Image.Image, two: Image.Image) -> float:
    """How far two pictures are apart, 0 to 255, averaged over their cells."""
    return float(ImageStat.Stat(ImageChops.difference(coarse(one), coarse(two))).mean[0])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_pages_look_as_they_did(
    size: str,
    scheme: str,
    sample_sites: dict[Audience, Path],
    browser: Browser,
    request: pytest.FixtureRequest,
) -> None:
    site = sample_sites[Audience.MANAGEMENT].parent
    wrong = []
    with browser.new_context(viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce") as context:  # type: ignore[arg-type]
        page = context.new_page()
        for name, path in PAGES.items():
            page.goto((site / path).as_uri())
            picture = Image.open(io.BytesIO(page.screenshot()))
            kept = SCREENS / f"{name}-{size}-{scheme}.png"
            if request.config.getoption("--renew"):
                SCREENS.mkdir(exist_ok=True)
                picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=96).save(kept, optimize=True)
                continue
            apart = distance(picture, Image.open(kept).convert("RGB"))
            if apart > MEAN:
                wrong.append(f"{kept.name}: {apart:.1f}")
    assert wrong == []


def test_the_comparison_sees_a_difference() -> None:
    """Light is not dark, and one page is not another."""

    def kept(name: str) -> Image.Image:
        return Image.open(SCREENS / name).convert("RGB")

    assert distance(kept("home-desktop-light.png"), kept("home-desktop-dark.png")) > MEAN
    assert distance(kept("home-desktop-light.png"), kept("system-desktop-light.png")) > MEAN / 3
