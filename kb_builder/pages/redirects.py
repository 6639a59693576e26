"""Old addresses: where a record that was renamed or moved is now."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from kb_builder.catalog import Catalog, Key, former_key
from kb_builder.records import KINDS

_KINDS = {kind.kind: kind for kind in KINDS}


def redirects(catalog: Catalog, pages: Iterable[str], held: Container[Key]) -> dict[str, str]:
    """The old addresses in a site and the page each leads to now: `systems/old.html` to `systems/new.html`.

    `pages` are the paths of the site's pages, such as `systems/new.md`, `held` the keys of the records that earlier
    releases held for the same readers: at any other address they never found anything. An old address at which there
    is a page again is left out; of two records that claim one address, the first by kind and id has it.
    """
    there = {address(path) for path in pages}
    found: dict[str, str] = {}
    for key in sorted(catalog.records):
        record = catalog.records[key]
        for former in record.formerly:
            old = _old_address(former_key(record, former)) if former_key(record, former) in held else None
            if old and old not in there:
                found.setdefault(old, record.page)
    return found


def _old_address(key: Key) -> str | None:
    """Where a record's page was under a key that it had before; None if it had none."""
    kind_name, name = key
    kind = _KINDS.get(kind_name)
    if kind is None or not kind.on_page or kind.kind == "client":
        return None
    return f"{kind.plural}/{name}.html"


def address(path: str) -> str:
    """The address of a page's HTML: `systems/erp.md` is at `systems/erp.html`."""
    return path.removesuffix(".md") + ".html"


def nearest(page: str, there: Mapping[str, object] | set[str]) -> str:
    """The page nearest to one that is not there: the index of its folder, or of one above it."""
    folder = page.rpartition("/")[0]
    while folder:
        if f"{folder}/index.html" in there:
            return f"{folder}/index.html"
        folder = folder.rpartition("/")[0]
    return "index.html"
