"""Importers. `IMPORTERS` lists them; each is one module with `NAME` and `read(…) -> Import`."""

from __future__ import annotations

from types import ModuleType

from kb_builder.importers import markdown, netbox

IMPORTERS: tuple[ModuleType, ...] = (netbox, markdown)
