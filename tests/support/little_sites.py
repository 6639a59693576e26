"""Little sites in the layout of published ones, in which every page links to others; and what a reader finds dead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

LINK = re.compile(r'(?:href|src)="([^"]+)"')


def site(folder: Path, versions: dict[str, list[str]], words: str = "") -> dict[str, Path]:
    """Write a site: the pages of each version, each linking to all of its version, to a style sheet and to `latest`.

    The last version is the latest. Gives the files by their path.
    """
    latest = list(versions)[-1]
    files: dict[str, str] = {
        "versions.json": json.dumps([{"version": each, "title": each, "aliases": []} for each in versions]),
        "index.html": '<a href="latest/index.html">in</a>',
    }
    for version, pages in [*versions.items(), ("latest", versions[latest])]:
        own = ["index", *pages]
        style = f"assets/{latest if version == 'latest' else version}.css"
        files[f"{version}/{style}"] = "body {}"
        for page in own:
            links = "".join(f'<a href="{each}.html">{each}</a>' for each in own)
            up = "" if version in (latest, "latest") else '<a href="../latest/index.html">latest</a>'
            files[f"{version}/{page}.html"] = f'<link href="{style}">{links}{up}{words}{latest}'
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return {name: folder / name for name in files}


def dead(names: Iterable[str], read: Callable[[str], str]) -> list[str]:
    """The links of the pages that a reader can come to from the first page and from the list of versions."""
    there = set(names)
    found: list[str] = []
    todo = ["index.html"] if "index.html" in there else []
    if "versions.json" in there:
        todo += [f"{each['version']}/index.html" for each in json.loads(read("versions.json"))]
    seen: set[str] = set()
    while todo:
        page = todo.pop()
        if page in seen:
            continue
        seen.add(page)
        if page not in there:
            found.append(page)
            continue
        for address in LINK.findall(read(page)) if page.endswith(".html") else ():
            parts = [*page.split("/")[:-1], *address.split("/")]
            whole: list[str] = []
            for part in parts:
                if part == "..":
                    whole.pop()
                else:
                    whole.append(part)
            todo.append("/".join(whole))
    return found
