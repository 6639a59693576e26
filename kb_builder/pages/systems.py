"""The section Systems: what there is, a page per system as the hub of all that touches it, and the map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from kb_builder.catalog import Catalog
from kb_builder.insight.lifecycle import state_of
from kb_builder.pages.diagram import Node, graph
from kb_builder.pages.indexes import index_page, nav_items
from kb_builder.pages.page import NavItem, Page, Scene
from kb_builder.pages.records import Group, record_page, related
from kb_builder.pages.steps import history, steps
from kb_builder.records.discovery import System

OWN_PAGES = frozenset({"system"})
OWN_INDEXES = frozenset({"system"})
MAP_PATH = "map/index.md"
MAP_LIMIT = 70
HUB: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What is wrong or at risk", ("known_issue", "advisory", "gap", "risk")),
    ("What was advised, changed and tested", ("recommendation", "project", "change", "test", "assessment")),
    ("How to use it", ("guide", "manual", "training")),
    ("Maintenance", ("schedule", "log_entry", "subscription")),
    ("What it is for", ("objective", "process", "interview")),
)
_AS_DEPENDENCY = ("Systems that need it", "Replaces", "Systems that it backs up")


@dataclass(frozen=True)
class HubSection:
    """One heading of a system's page, with the groups of records under it."""

    title: str
    groups: tuple[Group, ...]


def pages(scene: Scene) -> Iterator[Page]:
    """The index, the map and a page per system."""
    systems = scene.catalog.all(System)
    yield index_page(
        System,
        list(systems),
        "systems.md",
        has_map=_has_map(scene.catalog),
        support={system.id: state_of(system, scene.today) for system in systems},
    )
    if _has_map(scene.catalog):
        yield Page(
            MAP_PATH,
            "map.md",
            "Map of systems",
            {"diagram": system_map(scene), "shown": len(_mapped(scene.catalog)), "systems": systems},
            {"hide": ["navigation", "toc"]},
        )
    told = steps(scene, {System.kind})
    for system in systems:
        yield record_page(
            scene,
            system,
            "system.md",
            without=("depends_on", "replaced_by", *(kind for _, kinds in HUB for kind in kinds)),
            hub=hub(scene.catalog, system),
            neighbours=neighbourhood(scene, system),
            support=state_of(system, scene.today),
            history=history(system, told),
        )


def nav(scene: Scene) -> NavItem:
    """Its entry in the navigation."""
    items = [NavItem("All systems", "systems/index.md")]
    if _has_map(scene.catalog):
        items.append(NavItem("Map", MAP_PATH))
    return NavItem("Systems", items=(*items, *nav_items(scene, "systems", OWN_INDEXES)))


def hub(catalog: Catalog, system: System) -> tuple[HubSection, ...]:
    """All that touches a system, under the headings that a reader looks for."""
    groups = related(system, catalog)
    found = []
    for title, kinds in HUB:
        own = tuple(_latest_first(group) for group in groups if group.records[0].kind in kinds)
        if own:
            found.append(HubSection(title, own))
    return tuple(found)


def _latest_first(group: Group) -> Group:
    if all(hasattr(record, "date") for record in group.records):
        ordered = sorted(
            group.records, key=lambda record: (str(getattr(record, "date", "")), record.id), reverse=True
        )
        return Group(group.label, tuple(ordered))
    return group


def neighbourhood(scene: Scene, system: System) -> Markup:
    """What a system needs, what needs it, and itself in the middle; nothing if it stands alone."""
    catalog = scene.catalog
    needs = [each for each in (catalog.get(System, name) for name in system.depends_on) if each]
    needed_by = catalog.sources(system, System, "depends_on")
    around = {each.id: each for each in (*needs, *needed_by) if each.id != system.id}
    if not around or len(around) > 40:
        return Markup("")
    nodes = [_node(scene, system, "here"), *(_node(scene, each) for _, each in sorted(around.items()))]
    edges = [*((system.id, each.id) for each in needs), *((each.id, system.id) for each in needed_by)]
    return graph(f"What {system.title} needs and what needs it", nodes, edges)


def _node(scene: Scene, system: System, tone: str = "") -> Node:
    state = state_of(system, scene.today)
    tone = tone or {"ended": "bad", "soon": "warn"}.get(state, "")
    words = (system.type or "").replace("-", " ")
    return Node(system.id, system.title, f"../{system.page}", tone, words)


def _mapped(catalog: Catalog) -> list[System]:
    linked = {
        name
        for system in catalog.all(System)
        for name in (*system.depends_on, *([system.id] if system.depends_on else []))
    }
    return [system for system in catalog.all(System) if system.id in linked]


def _has_map(catalog: Catalog) -> bool:
    return 2 <= len(_mapped(catalog)) <= MAP_LIMIT


def system_map(scene: Scene) -> Markup:
    """All systems that need another or are needed."""
    systems = _mapped(scene.catalog)
    edges = [(system.id, name) for system in systems for name in system.depends_on]
    return graph("Systems and what they need", [_node(scene, system) for system in systems], edges)
