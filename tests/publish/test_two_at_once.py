"""Two publish to one place at the same moment: a reader meets no dead link, no missing version, and one of the two sites."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.little_sites import dead, site
from support.places import SORTS, There
from support.proxy import slowly

from kb_builder.errors import KbError
from kb_builder.patience import Patience
from kb_builder.place import MANIFEST
from kb_builder.publish import How
from kb_builder.turn import Who

pytestmark = pytest.mark.xdist_group("servers")
ROUNDS = 2
SITES = ({"1.0": ["a"], "1.1": ["a", "b"]}, {"1.1": ["b"], "1.2": ["c"]}, {"1.2": ["a"]})


def broken(held: dict[str, bytes]) -> list[str]:
    """What a reader finds wrong: links that lead nowhere, and versions that are listed and not there."""
    missing = [
        each["version"]
        for each in json.loads(held["versions.json"])
        if f"{each['version']}/index.html" not in held
    ]
    return [*missing, *dead(held, lambda name: held[name].decode())]


@pytest.mark.parametrize("sort", [*SORTS, "s3-that-compares-nothing"])
def test_the_second_waits_for_the_first(sort: str, place: Callable[[str], There], tmp_path: Path) -> None:
    there = place(sort)
    kinds = [site(tmp_path / str(number), versions) for number, versions in enumerate(SITES)]
    contents = [{name: path.read_bytes() for name, path in files.items()} for files in kinds]
    if there.stand.proxy:
        there.proxy.rule = slowly(0.1, lambda asked: asked.writes(MANIFEST) or asked.writes("versions.json"))
    there.publish(kinds[0])
    failed: list[BaseException] = []
    waited: list[str] = []

    def one(number: int) -> None:
        how = How(who=Who(f"ada{number}@laptop"), patience=Patience(60, waited.append, silence=30))
        try:
            there.publish(kinds[number], how)
        except BaseException as error:
            failed.append(error)

    for number in range(1 if sort == "s3-that-compares-nothing" else ROUNDS):
        threads = [threading.Thread(target=one, args=((number + each) % 3,)) for each in (1, 2)]
        for each in threads:
            each.start()
            time.sleep(0.03 * number)
        for each in threads:
            each.join()
        assert not failed
        held = {name: data for name, data in there.look().items() if name not in (MANIFEST, ".nojekyll")}
        assert broken(held) == []
        assert held in contents
        assert "publishing" not in json.loads(there.look()[MANIFEST])
    assert there.publish(kinds[0]).busy == ""


@pytest.mark.parametrize("sort", ["s3", "gs", "az", "sftp"])
def test_the_second_is_told_who_publishes_where_it_does_not_wait(
    sort: str, place: Callable[[str], There], tmp_path: Path
) -> None:
    there, files = place(sort), site(tmp_path / "1", SITES[0])
    there.publish(files)
    told: list[str] = []

    def second(done: int, _: int) -> None:
        if not told:
            with pytest.raises(KbError) as refused:
                there.publish(files, How(patience=Patience(0)))
            told.append(refused.value.message)

    from kb_builder.publish import publish
    from kb_builder.targets import open_place

    how = How(who=Who("ada@laptop", "2026-03-31 12:03 UTC"))
    publish(open_place(there.to, there.root), "acme/staff", site(tmp_path / "2", SITES[1]), how, second)
    assert told == [f"ada@laptop publishes to {there.to} since 2026-03-31 12:03 UTC"] or sort == "sftp"
    assert "ada@laptop publishes to " in told[0]
