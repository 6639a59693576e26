"""Circles in a graph, such as a system that needs itself by way of others."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence


def cycles(graph: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """One circle for each knot of nodes that lead to each other, the shortest through its first node.

    `graph` gives each node's next ones; those that are no nodes of it are passed over. A circle is given
    as the nodes on it, beginning with the first in the alphabet of its knot.
    """
    found = []
    for knot in _knots(graph):
        members = set(knot)
        first = min(knot)
        if len(knot) > 1 or first in graph[first]:
            found.append(_shortest(graph, first, members))
    return sorted(found)


def _shortest(graph: Mapping[str, Sequence[str]], first: str, members: set[str]) -> tuple[str, ...]:
    before: dict[str, str] = {}
    todo = deque([first])
    while todo:
        node = todo.popleft()
        for other in graph[node]:
            if other == first:
                path = [node]
                while path[-1] != first:
                    path.append(before[path[-1]])
                return tuple(reversed(path))
            if other in members and other not in before:
                before[other] = node
                todo.append(other)
    raise AssertionError("a knot has a way back to each of its nodes")


def _knots(graph: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The strongly connected components of a graph (Tarjan), without recursion: chains may be long."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []
    is_open: set[str] = set()
    found: list[list[str]] = []
    for root in graph:
        if root in number:
            continue
        work = [(root, iter(graph[root]))]
        number[root] = lowest[root] = len(number)
        open_.append(root)
        is_open.add(root)
        while work:
            node, others = work[-1]
            for other in others:
                if other not in graph:
                    continue
                if other not in number:
                    number[other] = lowest[other] = len(number)
                    open_.append(other)
                    is_open.add(other)
                    work.append((other, iter(graph[other])))
                    break
                if other in is_open:
                    lowest[node] = min(lowest[node], number[other])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[node])
                if lowest[node] == number[node]:
                    knot: list[str] = []
                    while not knot or knot[-1] != node:
                        knot.append(open_.pop())
                        is_open.discard(knot[-1])
                    found.append(knot)
    return found
