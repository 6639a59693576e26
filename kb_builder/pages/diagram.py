"""Diagrams as SVG, drawn when building: who needs whom, and the plan of a project.

Each is HTML for a page: inline SVG whose boxes are links, coloured by the theme's classes, with
a label for screen readers. Positions are computed here so that the same records give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kb_builder.text import escape

WIDTH, HEIGHT, GAP_X, GAP_Y = 168, 40, 64, 14
_FIT = 24
_WIDE = 1000
_LONGEST, _LINES = 12_000, 600
"""How wide a plan grows, and how many lines it gets: a task may end in the year 9999."""


@dataclass(frozen=True)
class Node:
    """A box: its text, its address from the page, and its tone (`here`, `bad`, `warn` or nothing)."""

    id: str
    title: str
    address: str
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar of a plan, from a day to a day inclusive."""

    title: str
    start: dt.date
    end: dt.date
    tone: str
    heading: bool = False
    note: str = ""


def graph(label: str, nodes: Sequence[Node], edges: Iterable[tuple[str, str]]) -> Markup:
    """Boxes in columns: each stands to the left of what it needs. `edges` lead from one to what it needs.

    Layers are longest paths (cycles are cut where they close), and each column is sorted by where its
    neighbours are, which keeps most edges from crossing.
    """
    known = {node.id: node for node in nodes}
    pairs = sorted({(one, two) for one, two in edges if one in known and two in known and one != two})
    layers = _layers(list(known), pairs)
    columns = _ordered(layers, pairs)
    place: dict[str, tuple[int, int]] = {}
    tallest = max((len(column) for column in columns), default=1)
    for number, column in enumerate(columns):
        top = (tallest - len(column)) * (HEIGHT + GAP_Y) // 2
        for row, name in enumerate(column):
            place[name] = (8 + number * (WIDTH + GAP_X), 8 + top + row * (HEIGHT + GAP_Y))
    lines = [_edge(place[one], place[two]) for one, two in pairs]
    boxes = [_box(known[name], place[name]) for column in columns for name in column]
    width = 16 + len(columns) * (WIDTH + GAP_X) - GAP_X
    height = 16 + tallest * (HEIGHT + GAP_Y) - GAP_Y
    return _svg(label, width, height, [*lines, *boxes])


def _layers(names: list[str], pairs: list[tuple[str, str]]) -> dict[str, int]:
    needs: dict[str, list[str]] = {}
    for one, two in pairs:
        needs.setdefault(one, []).append(two)
    depth: dict[str, int] = {}
    for root in names:
        stack: list[tuple[str, int]] = [(root, 0)]
        path: set[str] = set()
        while stack:
            name, position = stack.pop()
            path.add(name)
            children = needs.get(name, [])
            while position < len(children) and (children[position] in depth or children[position] in path):
                position += 1
            if name not in depth and position < len(children):
                stack.extend([(name, position + 1), (children[position], 0)])
                continue
            depth.setdefault(name, max((depth[child] + 1 for child in children if child in depth), default=0))
            path.discard(name)
    deepest = max(depth.values(), default=0)
    return {name: deepest - depth[name] for name in names}


def _ordered(layers: Mapping[str, int], pairs: list[tuple[str, str]]) -> list[list[str]]:
    columns: list[list[str]] = [[] for _ in range(max(layers.values(), default=0) + 1)]
    for name in sorted(layers):
        columns[layers[name]].append(name)
    near: dict[str, list[str]] = {}
    for one, two in pairs:
        near.setdefault(one, []).append(two)
        near.setdefault(two, []).append(one)
    for _ in range(4):
        rank = {name: row / max(1, len(column)) for column in columns for row, name in enumerate(column)}
        for column in columns:
            column.sort(
                key=lambda name: (
                    sum(rank[other] for other in near.get(name, [])) / len(near[name])
                    if near.get(name)
                    else rank[name],
                    name,
                )
            )
            rank.update({name: row / max(1, len(column)) for row, name in enumerate(column)})
    return columns


def _edge(one: tuple[int, int], two: tuple[int, int]) -> str:
    x1, y1 = one[0] + WIDTH, one[1] + HEIGHT // 2
    x2, y2 = two[0] - 7, two[1] + HEIGHT // 2
    if x2 < x1:
        x1, x2 = one[0] + WIDTH // 2, two[0] + WIDTH // 2
        y1, y2 = one[1] + HEIGHT, two[1] + HEIGHT + 2
        path = f"M{x1} {y1} C{x1} {y1 + 30} {x2} {y2 + 30} {x2} {y2}"
    else:
        bend = max(20, (x2 - x1) // 2)
        path = f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    arrow = f'<path class="kb-arrow" d="M{x2} {y2 - 4} L{x2 + 7} {y2} L{x2} {y2 + 4} Z"/>'
    return f'<path class="kb-edge" d="{path}"/>{arrow}'


def _box(node: Node, at: tuple[int, int]) -> str:
    x, y = at
    name = node.title if len(node.title) <= _FIT else node.title[: _FIT - 1] + "…"
    tone = f" kb-node--{node.tone}" if node.tone else ""
    middle = y + (17 if node.note else 24)
    note = (
        f'<text class="kb-small" x="{x + 10}" y="{y + 31}">{escape(node.note[:30])}</text>'
        if node.note
        else ""
    )
    inner = (
        f"<title>{escape(node.title)}{': ' + escape(node.note) if node.note else ''}</title>"
        f'<rect class="kb-node{tone}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>'
        f'<text x="{x + 10}" y="{middle}">{escape(name)}</text>{note}'
    )
    return f'<a href="{node.address}">{inner}</a>' if node.address else f"<g>{inner}</g>"


def plan(label: str, bars: Sequence[Bar], today: dt.date) -> Markup:
    """A plan: one row a bar, months across, a line for today. Nothing for no bars."""
    if not bars:
        return Markup("")
    first = min(bar.start for bar in bars).replace(day=1)
    last = max(bar.end for bar in bars)
    days = max(28, (last - first).days + 1)
    left, row, top = 230, 26, 34
    scale = min(12.0, max(1.2, 640 / days), _LONGEST / days)
    width, height = int(left + days * scale + 16), top + row * len(bars) + 8
    parts: list[str] = []
    previous = -100.0
    for month in _months(first, last):
        x = left + (month - first).days * scale
        parts.append(f'<path class="kb-grid" d="M{x:.1f} {top - 8} V{height - 4}"/>')
        if x - previous > 52:
            parts.append(f'<text class="kb-small" x="{x + 3:.1f}" y="20">{month:%b %Y}</text>')
            previous = x
    for number, bar in enumerate(bars):
        parts.append(_bar(bar, first, scale, left, top + number * row))
    if first <= today <= last:
        x = left + ((today - first).days + 0.5) * scale
        parts.append(
            f'<path class="kb-today" d="M{x:.1f} {top - 8} V{height - 4}"><title>Today</title></path>'
        )
    return _svg(label, width, height, parts)


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The months that get a line: all of them, or the first of so many that there are no more lines than a page bears."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    for number in months[:: len(months) // _LINES + 1]:
        yield dt.date(number // 12, number % 12 + 1, 1)


def _bar(bar: Bar, first: dt.date, scale: float, left: int, y: int) -> str:
    x = left + (bar.start - first).days * scale
    width = max(3.0, ((bar.end - bar.start).days + 1) * scale)
    name = bar.title if len(bar.title) <= 36 else bar.title[:35] + "…"
    weight = ' font-weight="650"' if bar.heading else ""
    words = f"{bar.title}: {bar.start.isoformat()} to {bar.end.isoformat()}" + (
        f", {bar.note}" if bar.note else ""
    )
    thickness = 6 if bar.heading else 14
    top = y + (20 - thickness) // 2
    return (
        f'<g><title>{escape(words)}</title><text x="{0 if bar.heading else 10}" y="{y + 15}"{weight}>{escape(name)}</text>'
        f'<rect class="kb-bar--{bar.tone}" x="{x:.1f}" y="{top}" width="{width:.1f}" height="{thickness}" rx="3"/></g>'
    )


def _svg(label: str, width: int, height: int, parts: Iterable[str]) -> Markup:
    wide = ' class="kb-wide"' if width > _WIDE else ""
    return Markup(
        f'<figure class="kb-diagram" tabindex="0" role="group" aria-label="{escape(label)}">\n'
        f'<svg{wide} xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="group" aria-label="{escape(label)}">\n' + "\n".join(parts) + "\n</svg>\n</figure>"
    )
