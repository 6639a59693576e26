"""The MkDocs project on disk, and from it the site: the only caller of MkDocs.

The project is complete: `mkdocs build` in its folder, with mkdocs, mkdocs-material and
mkdocs-macros-plugin installed, gives the site without `kb`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from kb_builder import feed, macros, pictures, present
from kb_builder.addresses import ToFile, ground, target_of
from kb_builder.catalog import Catalog
from kb_builder.errors import Changed, KbError, MachineError, refused, told_in
from kb_builder.pages.page import NavItem, Standing
from kb_builder.records.base import Audience
from kb_builder.records.client import Site
from kb_builder.render import Rendered
from kb_builder.seen import digest_of
from kb_builder.stated import stated_files
from kb_builder.text import one_line

ASSETS = "assets/kb"
NO_ROBOTS = '<meta name="robots" content="noindex, nofollow">'
ROBOTS = '<meta name="robots" content="index, follow">'
"""What a page says to search engines; a test holds the theme to it."""
_NOISE = re.compile(r"INFO|Traceback|```|\s")
"""What MkDocs says that is not what is wrong: its progress, and the frames of a traceback."""


@dataclass(frozen=True)
class Cover:
    """What a site says of itself: for whom it is, its version, and how that stands among the others.

    `date` is the release's, or the draft's; `signed` how many people of how many have signed; `released` whether
    there is a newest release; `alone` whether the site stands without the other versions beside it.
    """

    audience: Audience
    version: str
    standing: Standing
    date: dt.date
    signed: tuple[int, int] = (0, 0)
    site: Site | None = None
    released: bool = False
    alone: bool = True


def write_project(
    folder: Path,
    rendered: Rendered,
    nav: Iterable[NavItem],
    edition: Catalog,
    cover: Cover,
    shared: Path,
    theme: Path,
    read: Mapping[str, str] | None = None,
) -> None:
    """Write a complete MkDocs project into the empty folder `folder`.

    `shared` is the workspace's `mkdocs.yml`, `theme` our folder `theme`; `read` are the client's files as they were
    read, by their path from its folder, each with its SHA-256. Raises KbError if `shared` is not a MkDocs
    configuration, and Changed for a file that is not as it was read.
    """
    docs = folder / "docs"
    for path, text in rendered.texts.items():
        _put(docs / path, text)
    stated = stated_files(edition)
    for path, source in rendered.files.items():
        _copy(source, docs / path, edition, read or {}, as_it_is=source in stated)
    for old, new in rendered.redirects.items():
        _put(docs / old, redirect_page(old, new))
    _put(docs / feed.FILE, rendered.feed)
    shutil.copytree(theme / "assets", docs / ASSETS)
    shutil.copytree(theme / "overrides", folder / "overrides")
    logo = _logo(edition, docs, read or {})
    _put(docs / ASSETS / "brand.css", brand_css(edition))
    _put(
        folder / "facts.json", json.dumps(rendered.facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    )
    shutil.copyfile(macros.__file__, folder / "main.py")
    _put(folder / "mkdocs.yml", config_text(shared, nav, edition, cover, logo))
    _put(
        folder / "requirements.txt",
        "mkdocs>=1.6,<2\nmkdocs-material>=9.5.40,<10\nmkdocs-macros-plugin>=1.3\n",
    )


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _copy(
    source: Path, target: Path, edition: Catalog, read: Mapping[str, str], *, as_it_is: bool = False
) -> None:
    """Copy a file of the client's, whose bytes must be those that were read, where it is known which they were."""
    target.parent.mkdir(parents=True, exist_ok=True)
    home = edition.origins[edition.client.key].folder
    known = read.get(posixpath.relpath(posixpath.normpath(source.as_posix()), home.as_posix()))
    try:
        pictures.copy(source, target, as_it_is=as_it_is)
    except FileNotFoundError as error:
        raise Changed(source) from error
    if known is not None and digest_of(source) != known:
        raise Changed(source)


def _logo(edition: Catalog, docs: Path, read: Mapping[str, str]) -> str | None:
    branding = edition.client.branding
    origin = edition.origins.get(edition.client.key)
    if branding is None or branding.logo is None or origin is None:
        return None
    found = target_of(branding.logo, edition.client, edition, ground(edition))
    if not isinstance(found, ToFile) or found.path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        return None
    name = f"{ASSETS}/logo{found.path.suffix.lower()}"
    _copy(found.path, docs / name, edition, read)
    return name


def brand_css(edition: Catalog) -> str:
    """The client's colour as the theme's variables; ours if the client has none."""
    branding = edition.client.branding
    colour = branding.colour if branding and branding.colour else "#1f4e5f"
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    dark = 0.299 * red + 0.587 * green + 0.114 * blue < 150
    on = "#ffffff" if dark else "#1b1b1b"
    return f":root {{\n  --kb-brand: {colour};\n  --kb-on-brand: {on};\n}}\n"


def config_text(
    shared: Path, nav: Iterable[NavItem], edition: Catalog, cover: Cover, logo: str | None
) -> str:
    """The project's own `mkdocs.yml`: what all sites share, and what is this site's."""
    try:
        settings: Any = yaml.safe_load(shared.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise KbError(f"{shared} cannot be used: {error}", "`kb init` writes one that can") from error
    if not isinstance(settings, dict) or not isinstance(settings.get("theme", {}), dict):
        raise KbError(f"{shared} is not a MkDocs configuration", "`kb init` writes one that is")
    client = edition.client
    own = dict(settings)
    theme = dict(own.get("theme") or {"name": "material"})
    theme["custom_dir"] = "overrides"
    if logo:
        theme["logo"] = logo
        theme["favicon"] = logo
    own["theme"] = theme
    extra = dict(own.get("extra") or {})
    extra.pop("version", None)
    extra.update(
        {
            "polyfills": [f"{ASSETS}/iframe-worker.js"],
            "generator": False,
            "kb": _words_for_theme(edition, cover),
        }
    )
    own["extra"] = extra
    own["plugins"] = _plugins(own.get("plugins"))
    own["markdown_extensions"] = _with_ids(own.get("markdown_extensions"))
    own["extra_css"] = [*own.get("extra_css", []), f"{ASSETS}/kb.css", f"{ASSETS}/brand.css"]
    own["extra_javascript"] = [*own.get("extra_javascript", []), f"{ASSETS}/kb.js"]
    result = {
        "site_name": escape(one_line(client.title)),
        "site_description": escape(one_line(client.summary or f"Documentation for {client.title}")),
        **own,
        "nav": [_nav(item) for item in nav],
    }
    return yaml.safe_dump(result, sort_keys=False, allow_unicode=True, width=110)


def _plugins(shared: Any) -> list[Any]:
    """The workspace's plugins, with the macros plugin as our pages need it: asked for page by page, marked by our own signs."""
    ours = {
        "module_name": "main",
        "render_by_default": False,
        "on_undefined": "strict",
        "on_error_fail": True,
        **macros.DELIMITERS,
    }
    listed: list[Any] = (
        [{name: options} for name, options in shared.items()]
        if isinstance(shared, dict)
        else [*(shared or [])]
    )
    theirs: dict[str, Any] = {}
    for each in listed:
        if isinstance(each, dict):
            theirs.update(each.get("macros") or {})
    others = [
        each for each in listed if each != "macros" and not (isinstance(each, dict) and "macros" in each)
    ]
    return [*others, {"macros": {**theirs, **ours}}]


def _with_ids(extensions: Any) -> list[Any]:
    """The Markdown extensions, with the one that reads the ids that we write beside headings."""
    given = (
        [{name: options} for name, options in extensions.items()]
        if isinstance(extensions, dict)
        else extensions
    )
    found = list(given or [])
    return found if "attr_list" in found else ["attr_list", *found]


def _words_for_theme(edition: Catalog, cover: Cover) -> dict[str, Any]:
    """What the theme is told of the version. The keys are documented in CONTRIBUTING.md."""
    signed, needed = cover.signed
    return {
        "client": edition.slug,
        "audience": cover.audience.value,
        "version": cover.version,
        "standing": cover.standing.value,
        "date": present.date(cover.date),
        "signed": f"{signed} of {needed}" if needed else "",
        "url": cover.site.url or "" if cover.site else "",
        "released": cover.released,
        "alone": cover.alone,
    }


def redirect_page(old: str, new: str) -> str:
    """The page at an old address, which leads to the new one; both are relative to the site."""
    depth = old.count("/")
    path, hash_, anchor = new.partition("#")
    target = escape(
        quote(posixpath.relpath(path, posixpath.dirname(old) or "."), safe="/-._~") + hash_ + anchor
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>This page has moved</title>\n'
        f'<meta name="robots" content="noindex">\n<link rel="icon" href="data:,">\n<meta http-equiv="refresh" content="1; url={target}">\n'
        f'<script src="{"../" * depth}{ASSETS}/moved.js" defer></script>\n</head>\n<body>\n'
        f'<p>This page has moved: <a id="kb-moved" href="{target}">go on</a>.</p>\n</body>\n</html>\n'
    )


def is_redirect(path: Path) -> bool:
    """Whether a file of a site is the page at an old address."""
    return 'id="kb-moved"' in path.read_text(encoding="utf-8")


def _nav(item: NavItem) -> dict[str, Any]:
    if item.items:
        return {escape(item.title): [_nav(each) for each in item.items]}
    return {escape(item.title): item.path}


def build_html(
    project: Path,
    output: Path,
    today: dt.date,
    *,
    dirty: bool = False,
    written: Callable[[str], str | None] = lambda _: None,
) -> None:
    """Build the project in `project` into the folder `output`. Raises KbError with what MkDocs said.

    `dirty` builds only the pages whose source is newer than their HTML; search then knows only those. `written`
    tells of a page's path where its record is written; a message names both.
    """
    epoch = int(dt.datetime(today.year, today.month, today.day, tzinfo=dt.UTC).timestamp())
    # Gzip, which packs the list of pages, knows the years from 1970 to 2106; no page shows this day.
    epoch = min(max(epoch, 0), 0xFFFFFFFF)
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(epoch),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
        "NO_MKDOCS_2_WARNING": "1",
    }
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--config-file",
        str(project.absolute() / "mkdocs.yml"),
        "--site-dir",
        str(output.absolute()),
        *(["--dirty"] if dirty else []),
    ]
    done = subprocess.run(
        command,
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        _refuse_machine(done, output)
        raise _refused(f"{done.stdout}\n{done.stderr}", project / "docs", written)


def _refused(said: str, docs: Path, written: Callable[[str], str | None]) -> KbError:
    """What MkDocs said when it stopped: the page it was at, where its record is written, and its own words."""
    lines = [line for line in said.strip().splitlines() if line.strip() and not _NOISE.match(line)]
    named = (found for line in lines for found in re.findall(r"[\w./-]+\.md\b", line))
    page = next((name for name in named if (docs / name).is_file()), None)
    record = written(page) if page else None
    at = f" at {page}" + (f", which {record} makes" if record else "") if page else ""
    words = "\n".join(lines[-20:]) or "it said nothing"
    hint = f"look at {record}" if record else "look at mkdocs.yml first"
    return KbError(f"MkDocs could not build the site, and stopped{at}:\n{words}", hint)


def _refuse_machine(done: subprocess.CompletedProcess[str], output: Path) -> None:
    """Raise MachineError if MkDocs stopped for want of room, rights or memory rather than for what it was given."""
    if done.returncode < 0:
        raise MachineError(
            f"{output}: MkDocs was ended by signal {-done.returncode}, as systems do when memory is short",
            "close other programs, then run it again",
        )
    last = (done.stderr.strip().splitlines() or [""])[-1]
    if error := told_in(last):
        raise refused(error, output)
