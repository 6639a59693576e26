"""What a built site would fetch from elsewhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from kb_builder.links import parse_site


def loads_from_elsewhere(site: Path) -> list[str]:
    """What a site's pages and style sheets would fetch from another host."""
    found = [
        f"{path.name}: {address}"
        for path, page in parse_site(site).items()
        for address in page.loads
        if urlsplit(address).netloc or address.startswith("//")
    ]
    for path in sorted(site.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        found.extend(
            f"{path.name}: {word}" for word in ("url(http", 'url("http', "url(//", "@import") if word in text
        )
    return found
