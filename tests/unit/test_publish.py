"""What is published is what was asked for, in an order in which nothing is ever missing."""

from __future__ import annotations

import errno
import hashlib
import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.little_sites import dead, site

from kb_builder.errors import KbError, UsageError
from kb_builder.patience import Patience
from kb_builder.place import DOOR, MANIFEST, STAGED, Content, Overtaken, Place, Print
from kb_builder.publish import How, publish, remove
from kb_builder.publish_plan import plan
from kb_builder.target_words import cache_of, type_of, without_secrets
from kb_builder.targets import open_place
from kb_builder.turn import Who

OLD = {"1.0": ["a", "b"], "1.1": ["a", "b", "c"]}
NEW = {"1.1": ["a", "b", "c"], "1.2": ["a", "c", "d"]}


class Shelf:
    """A place in memory that calls `after` with its content after every single change."""

    shown = "shelf"

    def __init__(self, after: Callable[[dict[str, bytes]], None] = lambda _: None) -> None:
        self.files: dict[str, bytes] = {}
        self.after = after
        self.log: list[str] = []
        self.fetched: list[str] = []

    def begin(self, *, writing: bool) -> bool | None:
        return None

    def read(self, name: str) -> Content | None:
        found = self.files.get(name)
        return None if found is None else Content(found, str(hash(found)))

    def swap(self, name: str, data: bytes, tag: str | None) -> str:
        found = self.read(name)
        if (found.tag if found else None) != tag:
            raise Overtaken("somebody else publishes to shelf")
        self.put({name: data}, lambda _: None)
        return str(hash(data))

    def holds(self, known: Collection[str]) -> Mapping[str, Print]:
        return {name: Print(size=len(data)) for name, data in self.files.items()}

    def digests(self, names: Collection[str]) -> Mapping[str, str]:
        self.fetched += sorted(names)
        return {name: hashlib.sha256(self.files[name]).hexdigest() for name in names if name in self.files}

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        for name, content in files.items():
            self.files[name] = content if isinstance(content, bytes) else content.read_bytes()
            self.log.append(name)
            self.after(self.files)
            done(name)

    def remove(self, names: list[str], done: Callable[[str], None]) -> None:
        for name in names:
            self.files.pop(name, None)
            self.log.append(f"-{name}")
            self.after(self.files)
            done(name)

    def close(self, *, finished: bool) -> None:
        self.log.append("done" if finished else "left")


def content(files: Mapping[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files.items()}


def without_manifest(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name != MANIFEST}


def test_a_reader_never_meets_a_missing_file(tmp_path: Path) -> None:
    def look(files: dict[str, bytes]) -> None:
        assert dead(files, lambda name: files[name].decode()) == []

    shelf = Shelf(look)
    first, second = site(tmp_path / "1", OLD), site(tmp_path / "2", NEW)
    publish(shelf, "acme/staff", first)
    assert without_manifest(shelf.files) == content(first)
    publish(shelf, "acme/staff", second)
    assert without_manifest(shelf.files) == content(second)


def test_only_what_changed_is_copied(tmp_path: Path) -> None:
    shelf = Shelf()
    files = site(tmp_path, OLD)
    publish(shelf, "acme/staff", files)
    shelf.log.clear()
    assert publish(shelf, "acme/staff", files).idle
    assert shelf.log == ["left"]
    files["1.0/a.html"].write_text("other")
    done = publish(shelf, "acme/staff", files)
    assert (done.new, done.changed, done.removals) == ((), ("1.0/a.html",), ())
    assert shelf.log == ["left", MANIFEST, "1.0/a.html", MANIFEST, "done"]


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    shelf = Shelf()
    done = publish(shelf, "acme/staff", site(tmp_path, OLD), How(dry_run=True))
    assert len(done.new) == len(site(tmp_path, OLD))
    assert (shelf.files, shelf.log) == ({}, ["left"])


def test_versions_come_first_then_latest_then_what_leads_in_and_removals_last(tmp_path: Path) -> None:
    shelf = Shelf()
    publish(shelf, "acme/staff", site(tmp_path / "1", OLD))
    shelf.log.clear()
    publish(shelf, "acme/staff", site(tmp_path / "2", NEW))
    log = [name for name in shelf.log if name not in (MANIFEST, "done")]
    last_of_version = max(at for at, name in enumerate(log) if name.startswith("1."))
    changed_latest = log.index("latest/a.html")
    assert last_of_version < changed_latest < log.index("versions.json")
    first_removal = next(at for at, name in enumerate(log) if name.startswith("-"))
    assert log.index("versions.json") < first_removal
    assert all(name.startswith("-") for name in log[first_removal:])
    assert log.index("-1.0/a.html") < log.index("-1.0/assets/1.0.css")


class Cut(Exception):
    """The cable is pulled."""


def at_once() -> How:
    """Pass over whoever was cut off, without waiting for a sign of life."""
    return How(patience=Patience(silence=0))


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_publish_that_was_cut_off_can_be_run_again_with_whatever(at: int, again: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        sites = [
            site(Path(folder) / "1", OLD),
            site(Path(folder) / "2", NEW),
            site(Path(folder) / "3", OLD, "x"),
        ]
        shelf = Shelf()
        publish(shelf, "acme/staff", sites[0], at_once())
        for number, (steps, files) in enumerate(((at, sites[1]), (again, sites[2]))):
            left = [steps]

            def cut(_: dict[str, bytes], left: list[int] = left) -> None:
                left[0] -= 1
                if left[0] < 0:
                    raise Cut

            shelf.after = cut
            try:
                publish(shelf, "acme/staff", files, at_once())
            except Cut:
                assert number < 2
        shelf.after = lambda _: None
        publish(shelf, "acme/staff", sites[0], at_once())
        assert without_manifest(shelf.files) == content(sites[0])


def test_a_place_that_holds_other_files_is_refused_and_can_be_adopted(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.files["photos/cat.jpg"] = b"cat"
    with pytest.raises(KbError, match="holds files, and nothing of kb"):
        publish(shelf, "acme/staff", site(tmp_path, OLD))
    assert shelf.files == {"photos/cat.jpg": b"cat"}
    publish(shelf, "acme/staff", site(tmp_path, OLD), How(adopt=True))
    publish(shelf, "acme/staff", {"index.html": tmp_path / "index.html"})
    assert set(shelf.files) == {"photos/cat.jpg", "index.html", MANIFEST}


def test_a_place_of_another_site_is_refused(tmp_path: Path) -> None:
    shelf = Shelf()
    publish(shelf, "acme/staff", site(tmp_path, OLD))
    before = dict(shelf.files)
    for owner in ("acme/management", "other/staff"):
        with pytest.raises(KbError, match="holds the site of acme/staff"):
            publish(shelf, owner, site(tmp_path, OLD))
    assert shelf.files == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"site": "acme/staff", "files": [1]}', "\x00"])
def test_a_manifest_that_is_broken_is_said_and_nothing_is_done(tmp_path: Path, text: str) -> None:
    shelf = Shelf()
    shelf.files[MANIFEST] = text.encode()
    with pytest.raises(KbError, match="cannot be read"):
        publish(shelf, "acme/staff", site(tmp_path, OLD))
    assert set(shelf.files) == {MANIFEST}


def test_a_manifest_does_not_lead_out_of_its_place(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("kept")
    home = tmp_path / "home"
    home.mkdir()
    hostile = {"../outside.txt": "", "/etc/hostname": "", "a/../../outside.txt": "", "..\\outside.txt": ""}
    (home / MANIFEST).write_text(json.dumps({"site": "acme/staff", "files": hostile}))
    place = open_place(str(home), tmp_path)
    done = publish(place, "acme/staff", site(tmp_path / "site", OLD))
    assert done.removals == ()
    assert outside.exists()


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\x", MANIFEST, f"1.0/{MANIFEST}"])
def test_a_path_that_leads_out_is_not_published(tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_text("x")
    shelf = Shelf()
    with pytest.raises(KbError, match="is not a path"):
        publish(shelf, "acme/staff", {name: tmp_path / "x"})
    assert shelf.files == {}


NAMES = st.sampled_from(
    ["1/a.html", "1/a.css", "latest/a.html", "latest/b.html", "index.html", "versions.json"]
)
STATE = st.dictionaries(NAMES, st.sampled_from(["1", "2"]))


@given(STATE, STATE)
def test_a_plan_names_each_file_once(wanted: dict[str, str], there: dict[str, str]) -> None:
    made = plan(wanted, there)
    put = [name for step in made.steps for name in step]
    assert sorted(put) == sorted({*made.new, *made.changed})
    assert {name for name in wanted if there.get(name) != wanted[name]} == set(put)
    assert set(made.removals) == set(there) - set(wanted)
    assert made.unchanged + len(put) == len(wanted)


def test_what_is_shown_has_no_password() -> None:
    assert without_secrets("sftp://me:pw@host/x") == "sftp://host/x"
    assert without_secrets("s3://bucket/x") == "s3://bucket/x"


@pytest.mark.parametrize("to", ["ftp://host/x", "https://host/x", "s4://x"])
def test_an_address_of_another_sort_is_refused(tmp_path: Path, to: str) -> None:
    with pytest.raises(UsageError, match="cannot be published to"):
        open_place(to, tmp_path)


@pytest.mark.parametrize(
    "to", ["git+https://host/x.git", "git+https://host/x.git#-b", "git+ext://sh -c x#b", "git:none#b"]
)
def test_an_address_of_git_that_is_none_is_refused(tmp_path: Path, to: str) -> None:
    with pytest.raises(UsageError):
        open_place(to, tmp_path)


def test_browsers_are_told_what_a_file_is() -> None:
    assert (type_of("1/a.html"), cache_of("1/a.html")) == ("text/html; charset=utf-8", "no-cache")
    hashed = "1/assets/javascripts/bundle.a5f9d56c.min.js"
    assert type_of(hashed) == "text/javascript; charset=utf-8"
    assert "immutable" in cache_of(hashed)


@pytest.mark.parametrize(
    "third",
    [("2", NEW, ""), ("3", {"1.2": ["a", "e"], "1.3": ["a", "d", "f"]}, "x"), ("1", OLD, "")],
    ids=["the same", "another", "the old"],
)
def test_after_a_cut_the_next_publish_shows_no_dead_link_either(
    tmp_path: Path, third: tuple[str, dict[str, list[str]], str]
) -> None:
    first, second = site(tmp_path / "1", OLD), site(tmp_path / "2", NEW)
    last = site(tmp_path / "last", *third[1:])
    for at in range(200):
        shelf, left = Shelf(), [at]
        publish(shelf, "acme/staff", first)

        def cut(_: dict[str, bytes], left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Cut

        def look(files: dict[str, bytes], at: int = at) -> None:
            assert dead(files, lambda name: files[name].decode()) == [], f"cut after {at}"

        shelf.after = cut
        try:
            publish(shelf, "acme/staff", second, at_once())
        except Cut:
            shelf.after = look
            publish(shelf, "acme/staff", last, at_once())
            assert without_manifest(shelf.files) == content(last)
        else:
            assert at > 20
            return
    raise AssertionError("it never came to an end")


def test_a_file_that_is_new_and_not_there_yet_is_new_again() -> None:
    made = plan({"1/a.html": "1", "1/b.html": "1"}, {"1/a.html": None, "1/b.html": None}, {"1/b.html"})
    assert (made.new, made.changed) == (("1/b.html",), ("1/a.html",))


def test_a_folder_is_mended_where_somebody_changed_it(tmp_path: Path) -> None:
    files, out = site(tmp_path / "1", OLD), tmp_path / "out"
    publish(open_place("out", tmp_path), "acme/staff", files)
    (out / "1.0/a.html").unlink()
    (out / "1.0/b.html").write_text("other")
    done = publish(open_place("out", tmp_path), "acme/staff", files)
    assert (done.new, done.changed) == (("1.0/a.html",), ("1.0/b.html",))
    assert {name: (out / name).read_bytes() for name in files} == content(files)


def test_a_file_that_somebody_took_away_is_sent_again(tmp_path: Path) -> None:
    shelf, files = Shelf(), site(tmp_path, OLD)
    publish(shelf, "acme/staff", files)
    del shelf.files["1.0/a.html"]
    assert publish(shelf, "acme/staff", files).new == ("1.0/a.html",)


@pytest.mark.parametrize("link", ["latest", "1.0"])
def test_nothing_is_written_or_removed_through_a_link(tmp_path: Path, link: str) -> None:
    files, out, other = site(tmp_path / "1", OLD), tmp_path / "out", tmp_path / "other"
    publish(open_place("out", tmp_path), "acme/staff", files)
    (out / link).rename(other)
    (out / link).symlink_to(other)
    before = {path: path.read_bytes() for path in other.rglob("*") if path.is_file()}
    with pytest.raises(KbError, match="a link or a file"):
        publish(open_place("out", tmp_path), "acme/staff", site(tmp_path / "2", OLD, "other"))
    rest = {name: path for name, path in files.items() if not name.startswith(f"{link}/")}
    publish(open_place("out", tmp_path), "acme/staff", rest)
    assert {path: path.read_bytes() for path in other.rglob("*") if path.is_file()} == before


def test_what_a_killed_publish_left_half_written_is_not_taken_for_somebody_elses_and_goes(
    tmp_path: Path,
) -> None:
    half = [tmp_path / "out" / f"{STAGED}{MANIFEST}", tmp_path / "out/1.0" / f"{STAGED}gone.html"]
    for path in half:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ha")
    publish(open_place("out", tmp_path), "acme/staff", site(tmp_path / "1", OLD))
    assert not [path for path in half if path.exists()]


@pytest.mark.parametrize("sort", ["folder", "shelf"])
def test_who_comes_second_is_told_who_publishes_and_changes_nothing(tmp_path: Path, sort: str) -> None:
    first, second = site(tmp_path / "1", OLD), site(tmp_path / "2", NEW)
    third = site(tmp_path / "3", OLD, "other")
    shelf = Shelf()

    def place() -> Place:
        return shelf if sort == "shelf" else open_place("out", tmp_path)

    publish(place(), "acme/staff", first)
    told: list[str] = []

    def other(done: int, _: int) -> None:
        if done == 3:
            with pytest.raises(KbError) as refused:
                publish(place(), "acme/staff", third, How(patience=Patience(0)))
            told.append(f"{refused.value.message}; {refused.value.hint}")
            told.append(publish(place(), "acme/staff", third, How(dry_run=True)).busy)

    ada = Who("ada@laptop", "2026-03-31 12:03 UTC")
    publish(place(), "acme/staff", second, How(who=ada), other)
    assert "ada@laptop publishes to" in told[0]
    assert "since 2026-03-31 12:03 UTC" in told[0]
    assert "wait until that is done" in told[0]
    assert "ada@laptop" in told[1]
    assert publish(place(), "acme/staff", second).idle


def cut_off(shelf: Shelf, files: dict[str, Path]) -> None:
    """A publish that is killed after its first file: it can tell nobody."""

    def killed(files: dict[str, bytes]) -> None:
        shelf.after = silent
        raise Cut

    def silent(files: dict[str, bytes]) -> None:
        files[MANIFEST] = held[0]
        raise Cut

    held = [b""]

    def first(files: dict[str, bytes]) -> None:
        held[0], shelf.after = files[MANIFEST], killed

    shelf.after = first
    with pytest.raises(Cut):
        publish(shelf, "acme/staff", files, How(who=Who("ada@laptop", "yesterday")))
    shelf.after = lambda _: None


def test_somebody_who_was_cut_off_is_passed_over_after_a_silence_and_not_before(tmp_path: Path) -> None:
    shelf, files = Shelf(), site(tmp_path / "1", OLD)
    cut_off(shelf, files)
    waited: list[str] = []
    with pytest.raises(KbError, match="ada@laptop publishes to shelf since yesterday") as refused:
        publish(shelf, "acme/staff", files, How(patience=Patience(0.3, waited.append, silence=3600)))
    assert "passed over after 3600 s" in (refused.value.hint or "")
    publish(shelf, "acme/staff", files, How(patience=Patience(60, waited.append, silence=0.3)))
    assert without_manifest(shelf.files) == content(files)
    assert waited and all("ada@laptop" in words for words in waited)
    assert "publishing" not in json.loads(shelf.files[MANIFEST])


def test_somebody_who_says_that_they_are_still_there_is_not_passed_over(tmp_path: Path) -> None:
    shelf, files = Shelf(), site(tmp_path / "1", OLD)
    cut_off(shelf, files)
    beats = iter(range(1000))

    def says_so(_: str) -> None:
        found = json.loads(shelf.files[MANIFEST])
        found["publishing"]["beats"] = next(beats)
        shelf.files[MANIFEST] = json.dumps(found).encode()

    with pytest.raises(KbError, match="ada@laptop publishes"):
        publish(shelf, "acme/staff", files, How(patience=Patience(1, says_so, silence=0.6)))
    assert next(beats) > 1


def test_who_publishes_for_long_says_that_they_are_still_there(tmp_path: Path) -> None:
    shelf, seen = Shelf(), set()

    def long(_done: int, _all: int) -> None:
        for _ in range(200):
            seen.add(json.loads(shelf.files[MANIFEST])["publishing"]["beats"])
            if len(seen) > 2:
                return
            time.sleep(0.01)

    publish(shelf, "acme/staff", site(tmp_path, OLD), How(patience=Patience(beat=0.01)), long)
    assert len(seen) > 2


def test_who_was_passed_over_writes_nothing_more_and_begins_anew(tmp_path: Path) -> None:
    shelf, files = Shelf(), site(tmp_path / "1", OLD)
    other = site(tmp_path / "2", NEW)
    once = [True]

    def passed_over(done: int, _: int) -> None:
        if done == 3 and once:
            once.clear()
            found = json.loads(shelf.files[MANIFEST])
            del found["publishing"]
            shelf.files[MANIFEST] = json.dumps(found).encode()
            publish(shelf, "acme/staff", other)
            for _ in range(500):
                if how.patience.stopped:
                    break
                time.sleep(0.01)

    how = How(patience=Patience(beat=0.01))
    publish(shelf, "acme/staff", files, how, passed_over)
    assert without_manifest(shelf.files) == content(files)
    assert dead(shelf.files, lambda name: shelf.files[name].decode()) == []


def test_a_file_that_was_altered_is_found_as_far_as_the_place_can_tell(tmp_path: Path) -> None:
    """The size is told; the content of what links depend on is fetched; that of all others only to verify."""
    shelf, files = Shelf(), site(tmp_path, OLD)
    publish(shelf, "acme/staff", files)

    def altered(name: str, how: How, *, longer: bool = False) -> tuple[str, ...]:
        kept = shelf.files[name]
        shelf.files[name] = kept + b"x" if longer else kept[:-1] + b"~"
        before = dict(shelf.files)
        dry = publish(shelf, "acme/staff", files, replace(how, dry_run=True))
        assert shelf.files == before
        done = publish(shelf, "acme/staff", files, how)
        assert (dry.new, dry.changed) == (done.new, done.changed)
        assert done.idle or shelf.files[name] == kept
        shelf.files[name] = kept
        return done.changed

    for name in ("versions.json", "index.html", "latest/index.html", "latest/a.html"):
        assert altered(name, How()) == (name,)
    assert altered("1.0/a.html", How()) == ()
    assert altered("1.0/a.html", How(), longer=True) == ("1.0/a.html",)
    for how in (How(verify=True), How(adopt=True)):
        for name in files:
            assert altered(name, how) == (name,)


def test_a_place_that_is_adopted_keeps_what_is_right_there(tmp_path: Path) -> None:
    shelf, files = Shelf(), site(tmp_path, OLD)
    publish(shelf, "acme/staff", files)
    del shelf.files[MANIFEST]
    shelf.files["1.0/a.html"] = b"x" + shelf.files["1.0/a.html"][1:]
    assert publish(shelf, "acme/staff", files, How(adopt=True)).changed == ("1.0/a.html",)
    assert publish(shelf, "acme/staff", files).idle


@pytest.mark.parametrize("sort", ["folder", "shelf"])
def test_a_list_that_says_something_else_is_mended(tmp_path: Path, sort: str) -> None:
    shelf, files = Shelf(), site(tmp_path / "1", OLD)
    place = shelf if sort == "shelf" else open_place("out", tmp_path)
    publish(place, "acme/staff", files)
    right = place.read(MANIFEST)
    assert right
    found = json.loads(right.data)
    del found["files"]["1.0/b.html"]
    place.put({MANIFEST: json.dumps(found).encode()}, lambda _: None)
    assert not publish(place, "acme/staff", files, How(dry_run=True)).listed
    assert not publish(place, "acme/staff", files).idle
    mended = place.read(MANIFEST)
    assert mended and mended.data == right.data


def test_a_site_that_is_taken_down_shows_no_dead_link_while_it_goes(tmp_path: Path) -> None:
    shelf, files = Shelf(), site(tmp_path, OLD)
    publish(shelf, "acme/staff", files)
    shelf.files["photos/cat.jpg"] = b"cat"
    shelf.log.clear()
    shelf.after = lambda files: [].append(dead(files, lambda name: files[name].decode()) == [] or 1 / 0)
    owner, gone = remove(shelf, ["acme/staff", "acme/management"])
    assert (owner, sorted(gone)) == ("acme/staff", sorted(files))
    assert shelf.files == {"photos/cat.jpg": b"cat"}
    went = [name for name in shelf.log if name.startswith("-")]
    assert went[0] == "-versions.json"
    assert went[-1] == f"-{MANIFEST}"


def test_a_site_of_somebody_else_or_none_is_not_taken_down(tmp_path: Path) -> None:
    shelf, files = Shelf(), site(tmp_path, OLD)
    with pytest.raises(KbError, match="there is no site of kb"):
        remove(shelf, ["acme/staff"])
    publish(shelf, "acme/staff", files)
    before = dict(shelf.files)
    with pytest.raises(KbError, match="holds the site of acme/staff"):
        remove(shelf, ["acme/management", "other/staff"])
    remove(shelf, ["acme/staff"], How(dry_run=True))
    assert shelf.files == before


def test_taking_down_goes_on_where_it_was_cut_off(tmp_path: Path) -> None:
    files = site(tmp_path, OLD)
    for at in range(100):
        shelf, left = Shelf(), [at]
        publish(shelf, "acme/staff", files)

        def cut(_: dict[str, bytes], left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Cut

        shelf.after = cut
        try:
            remove(shelf, ["acme/staff"], at_once())
        except Cut:
            shelf.after = lambda _: None
            if shelf.files:
                remove(shelf, ["acme/staff"], at_once())
            assert shelf.files == {}
        else:
            assert at > 10
            return
    raise AssertionError("it never came to an end")


def test_a_folder_that_cannot_be_locked_has_a_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that is mounted: the door is left behind by the dead, and they are put out."""

    def cannot(_handle: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", cannot)
    out = tmp_path / "out"
    out.mkdir()
    (out / DOOR).write_text("ada@laptop since yesterday")
    files = site(tmp_path / "1", OLD)
    with pytest.raises(KbError, match="ada@laptop since yesterday writes the list"):
        publish(*_with(Patience(0.3, silence=3600), tmp_path, files))
    waited: list[str] = []
    publish(*_with(Patience(60, waited.append, silence=0.3), tmp_path, files))
    assert {name: (out / name).read_bytes() for name in files} == content(files)
    assert not (out / DOOR).exists()
    assert waited


def _with(patience: Patience, root: Path, files: dict[str, Path]) -> tuple[Place, str, dict[str, Path], How]:
    return open_place("out", root, patience), "acme/staff", files, How(patience=patience)


def test_a_place_is_closed_even_if_it_is_refused(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.files["photos/cat.jpg"] = b"cat"
    with pytest.raises(KbError):
        publish(shelf, "acme/staff", site(tmp_path, OLD))
    assert shelf.log == ["left"]


@pytest.mark.parametrize(
    "to",
    [
        "sftp://me:TOKEN@host/x",
        "git+https://TOKEN@host/x.git#b",
        "git+https://TOKEN@host/x.git",
        "git+ssh://git:TOKEN@host/x.git#b",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_shown(tmp_path: Path, to: str) -> None:
    with pytest.raises(UsageError, match="holds a password or a token") as refused:
        open_place(to, tmp_path)
    assert "TOKEN" not in f"{refused.value.message} {refused.value.hint}"


def test_an_address_of_scp_is_not_taken_for_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        open_place("me@host:www", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["1.0/\n.html", ".git/config", "1.0/.GIT/x", "C:/x", "1.0//a.html", "./a.html", ""]
)
def test_a_path_that_is_more_than_a_name_somewhere_is_not_published(tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(KbError, match="is not a path"):
        publish(Shelf(), "acme/staff", {name: tmp_path / "x"})


def test_a_name_that_is_only_odd_is_published(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    shelf = Shelf()
    publish(shelf, "acme/staff", {"1.0/files/Plan: who? (v2) – ä.pdf": tmp_path / "x"})
    assert "1.0/files/Plan: who? (v2) – ä.pdf" in shelf.files
