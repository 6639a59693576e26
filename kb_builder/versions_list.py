"""What stands beside the versions of a site: the lists that its version picker reads, and the way in.

`versions.json` is as mike (https://github.com/jimporter/mike) writes it: a list of objects with `version`, `title`
and `aliases`. `versions.js` says the same to pages that are opened from disk, where a script may not read a file but
may load another script; `pages.js` in each version lists its pages in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape as xml_escape

from kb_builder.folders import walk
from kb_builder.records.client import Site
from kb_builder.releases import Release
from kb_builder.versions import DRAFT, LATEST

PAGES = "pages.js"


def pages_of(site: Path) -> list[str]:
    """The pages of a built site, relative to it: what a reader can open. Files that it carries are no pages."""
    found = (
        (base / name).relative_to(site).as_posix()
        for base, _, names in walk(site)
        for name in names
        if name.endswith(".html")
    )
    return sorted(name for name in found if name != "404.html" and not name.startswith("files/"))


def pages_js(version: str, pages: Iterable[str]) -> str:
    """The script that tells which pages a version has."""
    return f"kbPages({json.dumps(version)}, {json.dumps(sorted(pages), separators=(',', ':'))});\n"


def entries(releases: Iterable[Release], latest: Release | None, *, draft: bool) -> list[dict[str, object]]:
    """The versions as `versions.json` lists them, the newest first, the draft before all."""
    found: list[dict[str, object]] = []
    if draft:
        found.append({"version": DRAFT, "title": "Draft", "aliases": []})
    for release in reversed(list(releases)):
        is_latest = latest is not None and release.version == latest.version
        title = f"{release.version} (candidate)" if release.candidate else release.version
        found.append({"version": release.version, "title": title, "aliases": [LATEST] if is_latest else []})
    return found


def front_files(
    releases: Iterable[Release],
    latest: Release | None,
    site: Site | None,
    pages: Iterable[str],
    *,
    draft: bool,
) -> dict[str, str]:
    """The files beside the versions of a site, by name. `pages` are those of the latest release."""
    listed = entries(releases, latest, draft=draft)
    first = LATEST if latest else str(listed[0]["version"])
    files = {
        "versions.json": json.dumps(listed, indent=2) + "\n",
        "versions.js": f"kbVersions({json.dumps(listed)});\n",
        "index.html": _way_in(first),
        "robots.txt": _robots(site if latest else None),
    }
    if latest and site and site.public and site.url:
        files["sitemap.xml"] = _sitemap(site.url, pages)
    return files


def _way_in(version: str) -> str:
    target = escape(f"{version}/index.html")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Documentation</title>\n'
        '<meta name="robots" content="noindex">\n<link rel="icon" href="data:,">\n'
        f'<meta http-equiv="refresh" content="0; url={target}">\n</head>\n<body>\n'
        f'<p><a href="{target}">Go to the documentation</a></p>\n</body>\n</html>\n'
    )


def _robots(site: Site | None) -> str:
    """RFC 9309: the longest path that fits a page decides."""
    if site is None or not site.public:
        return "User-agent: *\nDisallow: /\n"
    path = urlsplit(site.url or "/").path
    text = f"User-agent: *\nDisallow: {path}\nAllow: {path}{LATEST}/\n"
    return f"{text}Allow: {path}sitemap.xml\nSitemap: {site.url}sitemap.xml\n" if site.url else text


def _sitemap(url: str, pages: Iterable[str]) -> str:
    """The pages of the latest release, as https://www.sitemaps.org/protocol.html has it."""
    lines = [f"  <url><loc>{xml_escape(f'{url}{LATEST}/{quote(page)}')}</loc></url>" for page in pages]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n' + "\n".join(lines) + "\n</urlset>\n"
    )
