"""What was read is known by its digest, and a command starts again when it has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb_builder.errors import Changed
from kb_builder.seen import TRIES, Seen, again, digest, digest_of, refuse_changed


def test_a_file_is_known_as_it_was_first_read(tmp_path: Path) -> None:
    seen, path = Seen(), tmp_path / "a"
    assert seen.read(path) is None
    assert seen.look(tmp_path / "a" / "below") is None
    path.write_bytes(b"later")
    assert seen.read(path) == b"later"
    assert seen.digests[path] is None
    with pytest.raises(Changed) as refused:
        refuse_changed(seen.digests)
    assert refused.value.path == path


def test_a_folder_is_known_by_the_names_in_it(tmp_path: Path) -> None:
    seen = Seen()
    seen.look(tmp_path)
    for passing in (".hidden", ".a.swp", "a.yaml~"):
        (tmp_path / passing).touch()
    refuse_changed(seen.digests)
    (tmp_path / "b.yaml").touch()
    with pytest.raises(Changed):
        refuse_changed(seen.digests)


def test_what_is_neither_file_nor_folder_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert digest_of(tmp_path / "pipe") not in (None, digest(b""))


@pytest.mark.parametrize("changes", [0, 1, TRIES - 1, TRIES])
def test_work_starts_again_but_not_for_ever(changes: int) -> None:
    left = list(range(changes))

    def work() -> str:
        if left:
            left.pop()
            raise Changed(Path("x"))
        return "done"

    if changes < TRIES:
        assert again(work) == "done"
    else:
        with pytest.raises(Changed):
            again(work)
