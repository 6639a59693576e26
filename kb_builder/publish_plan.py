"""What has to be done at a place, in an order in which no reader ever meets a missing file. No place is touched here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kb_builder.names import unseen
from kb_builder.place import DOOR, MANIFEST, STAGED
from kb_builder.versions import LATEST


@dataclass(frozen=True)
class Plan:
    """What has to be done at a target: files that are new to put, step by step, then changed ones, then removals."""

    first: tuple[tuple[str, ...], ...]
    then: tuple[tuple[str, ...], ...]
    removals: tuple[str, ...]
    unchanged: int
    listed: bool = True
    """Whether the list of files there says what is wanted, and names nobody who publishes."""
    busy: str = ""
    """Who publishes there at this moment, in words; only a dry run goes on then."""

    @property
    def steps(self) -> tuple[tuple[str, ...], ...]:
        """The files to put, in the order of the steps."""
        return self.first + self.then

    @property
    def new(self) -> tuple[str, ...]:
        """The files that are not there, or that nothing leads to yet."""
        return tuple(sorted(name for step in self.first for name in step))

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that hold something else, or nobody knows what."""
        return tuple(sorted(name for step in self.then for name in step))

    @property
    def idle(self) -> bool:
        """Whether the target holds all of it already, and its list says so."""
        return self.listed and not (self.removals or self.first or self.then)


def plan(
    wanted: Mapping[str, str], there: Mapping[str, str | None], unlinked: Collection[str] = frozenset()
) -> Plan:
    """What turns a target that holds `there` into one that holds `wanted`; both SHA-256 by path, None if not known.

    All new files come before all changed ones: until the last of them has arrived, no page that a reader comes to leads
    to one, and from then on the links of old pages and of new ones are good. In both, the versions come before
    `latest`, then what stands beside the versions; what a page shows comes before the page, a version's first page last.
    Files in `unlinked` are new even if they are there. Pages are removed before what they show.
    """
    same = {name for name, digest in wanted.items() if there.get(name) == digest}
    new = {name for name in wanted if name not in same and (name not in there or name in unlinked)}
    gone = sorted((name for name in there if name not in wanted), key=lambda name: (-_sort(name), name))
    return Plan(_steps(new), _steps(wanted.keys() - new - same), tuple(gone), len(same))


def taken_down(names: Collection[str]) -> list[list[str]]:
    """The steps in which a site goes: first the list of versions, then every way in, then pages, then what they show."""
    steps: dict[tuple[int, int], list[str]] = {}
    for name in sorted(names):
        order = (0, int(name != "versions.json")) if _part(name) == _FRONT else (1, -_sort(name))
        steps.setdefault(order, []).append(name)
    return [steps[key] for key in sorted(steps)]


def links_depend_on(name: str) -> bool:
    """Whether readers come to a site through a file: what stands beside the versions, and the pages of `latest`."""
    return _part(name) == _FRONT or (_part(name) == _LATEST and _sort(name) != _SHOWN)


def is_inside(name: str) -> bool:
    """Whether a path stays within a place, on whatever system that is, and is not one of our own files."""
    parts = name.split("/")
    return (
        not unseen(name)
        and "\\" not in name
        and ":" not in parts[0]
        and not any(part in ("", ".", "..", MANIFEST, DOOR) or part.lower() == ".git" for part in parts)
        and not any(part.startswith(STAGED) for part in parts)
    )


def _steps(names: Collection[str]) -> tuple[tuple[str, ...], ...]:
    steps: dict[tuple[int, int], list[str]] = {}
    for name in sorted(names):
        steps.setdefault((_part(name), _sort(name)), []).append(name)
    return tuple(tuple(steps[key]) for key in sorted(steps))


_VERSIONS, _LATEST, _FRONT = range(3)
_SHOWN, _PAGE, _FIRST_PAGE = range(3)


def _part(name: str) -> int:
    if "/" not in name:
        return _FRONT
    return _LATEST if name.startswith(f"{LATEST}/") else _VERSIONS


def _sort(name: str) -> int:
    if not name.endswith(".html"):
        return _SHOWN
    return _FIRST_PAGE if name.count("/") == 1 and name.endswith("/index.html") else _PAGE
