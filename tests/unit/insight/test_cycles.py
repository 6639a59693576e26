"""Circles in a graph."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb_builder.insight.cycles import cycles


def test_none() -> None:
    assert cycles({}) == []
    assert cycles({"a": ["b", "c"], "b": ["c"], "c": []}) == []


def test_one_that_leads_to_itself() -> None:
    assert cycles({"a": ["a"], "b": ["a"]}) == [("a",)]


def test_the_shortest_of_a_knot_beginning_with_its_first() -> None:
    assert cycles({"c": ["a"], "b": ["c"], "a": ["b", "c"]}) == [("a", "c")]


def test_two_knots() -> None:
    assert cycles({"a": ["b"], "b": ["a", "c"], "c": ["d"], "d": ["c"]}) == [("a", "b"), ("c", "d")]


def test_what_is_no_node_is_passed_over() -> None:
    assert cycles({"a": ["nowhere"]}) == []


def test_a_long_chain_that_closes() -> None:
    names = [f"{number:05}" for number in range(20_000)]
    graph = {name: [names[(number + 1) % len(names)]] for number, name in enumerate(names)}
    (circle,) = cycles(graph)
    assert list(circle) == names


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3)))
def test_every_circle_is_one_and_none_is_missed(graph: dict[str, list[str]]) -> None:
    found = cycles(graph)
    for circle in found:
        for node, other in zip(circle, (*circle[1:], circle[0]), strict=True):
            assert other in graph[node]
    on_one = {node for node in graph if _reaches(graph, node, node)}
    assert bool(found) == bool(on_one)
    assert {node for circle in found for node in circle} <= on_one


def _reaches(graph: dict[str, list[str]], start: str, end: str) -> bool:
    seen: set[str] = set()
    todo = list(graph[start])
    while todo:
        node = todo.pop()
        if node == end:
            return True
        if node in graph and node not in seen:
            seen.add(node)
            todo.extend(graph[node])
    return False
