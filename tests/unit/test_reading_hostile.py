"""Files that git or an editor would not keep as they are: each gives one clear problem, and the rest is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb_builder.problem import Problem
from kb_builder.read import Reading, read
from kb_builder.workspace import Workspace


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """A client's folder with one sound record."""
    folder = tmp_path / "engagements" / "acme"
    (folder / "discovery" / "systems").mkdir(parents=True)
    (folder / "client.yaml").write_text("title: Acme\n")
    (folder / "discovery" / "systems" / "sound.yaml").write_text("title: Sound\n")
    return folder


def reading(client: Path) -> Reading:
    return read(Workspace(client.parent.parent), "acme")


def only(found: Reading, code: str, place: str) -> Problem:
    """The one problem of a reading, whose sound record was read all the same."""
    assert ("system", "sound") in found.catalog().records
    (problem,) = found.problems
    where = problem.location
    path = where.path.removeprefix("engagements/acme/")
    assert (problem.code, f"{path}:{where.line}:{where.column}") == (code, place)
    return problem


@pytest.mark.parametrize(
    ("content", "code", "line", "column", "words"),
    [
        (b"title: M\x00il\n", "KB005", 1, 9, "U+0000"),
        (b"title: Mail\nsummary: \x1b[31mred\n", "KB005", 2, 10, "U+001B"),
        ("title: Mail\nsummary: two\u2028lines\n".encode(), "KB005", 2, 13, "U+2028"),
        ("title: Mail\nsummary: \x85\n".encode(), "KB005", 2, 10, "U+0085"),
        ("title: Café\n".encode("latin-1"), "KB003", 1, 11, "0xe9"),
        ("title: Mail\n".encode("utf-16"), "KB003", 1, 1, "UTF-16"),
        (b"\xfe\xff\x00t\x00i", "KB003", 1, 1, "UTF-16"),
        (b"title: \xed\xa0\x80\n", "KB003", 1, 8, "not UTF-8"),
        (b"title: \xff\xff\n", "KB003", 1, 8, "not UTF-8"),
    ],
)
def test_a_file_that_is_no_text(
    client: Path, content: bytes, code: str, line: int, column: int, words: str
) -> None:
    (client / "discovery/systems/mail.yaml").write_bytes(content)
    problem = only(reading(client), code, f"discovery/systems/mail.yaml:{line}:{column}")
    assert words in problem.message
    assert problem.hint


def test_a_byte_order_mark_is_noted_and_the_record_read(client: Path) -> None:
    (client / "discovery/systems/mail.yaml").write_bytes(b"\xef\xbb\xbftitle: Mail\n")
    found = reading(client)
    only(found, "KB004", "discovery/systems/mail.yaml:1:1")
    assert found.catalog().records["system", "mail"].title == "Mail"


def test_a_byte_order_mark_in_markdown(client: Path) -> None:
    (client / "documentation/guides").mkdir(parents=True)
    (client / "documentation/guides/go.md").write_bytes(b"\xef\xbb\xbf---\ntitle: Go\n---\nGo.\n")
    found = reading(client)
    only(found, "KB004", "documentation/guides/go.md:1:1")
    assert found.catalog().records["guide", "go"].title == "Go"


def test_lines_that_end_as_on_windows(client: Path) -> None:
    (client / "discovery/systems/mail.yaml").write_bytes(
        b"title: Mail\r\nsummary: All mail\r\nstatus: nope\r\n"
    )
    only(reading(client), "KB106", "discovery/systems/mail.yaml:3:9")


def test_twenty_megabytes_are_refused_unread(client: Path) -> None:
    (client / "discovery/systems/mail.yaml").write_bytes(b"# " + b"x" * 20_000_000)
    problem = only(reading(client), "KB002", "discovery/systems/mail.yaml:1:1")
    assert "20.0 MB" in problem.message


def test_references_to_a_broken_file_are_left_alone(client: Path) -> None:
    (client / "discovery/systems/mail.yaml").write_bytes(b"title: \xff\n")
    (client / "discovery/systems/web.yaml").write_text("title: Web\ndepends_on: [mail]\n")
    assert not reading(client).catalog().bad_links


def test_ids_that_differ_only_in_case(client: Path) -> None:
    (client / "discovery/systems/Sound.yaml").write_text("title: Another\n")
    problem = only(reading(client), "KB205", "discovery/systems/Sound.yaml:1:1")
    assert '"Sound.yaml"' in problem.message
    assert '"sound.yaml"' in problem.message


def test_the_same_name_in_another_case_elsewhere_is_no_clash(client: Path) -> None:
    (client / "discovery/people").mkdir()
    (client / "discovery/people/Sound.yaml").write_text("title: Another\n")
    only(reading(client), "KB105", "discovery/people/Sound.yaml:1:1")


def test_a_link_to_a_folder_elsewhere_is_not_followed(
    client: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (client / "discovery/systems/linked").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    problem = only(reading(client), "KB011", "discovery/systems/linked:1:1")
    assert problem.message == "a link that leads out of the workspace"


def test_a_link_to_a_folder_inside_is_not_followed(client: Path) -> None:
    (client / "discovery/systems/again").symlink_to(client / "discovery")
    problem = only(reading(client), "KB011", "discovery/systems/again:1:1")
    assert problem.message == "a link to a folder"


def test_a_link_out_of_the_workspace_is_not_read(
    client: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    secret.write_text("title: Secret\n")
    (client / "discovery/systems/mail.yaml").symlink_to(secret)
    found = reading(client)
    only(found, "KB011", "discovery/systems/mail.yaml:1:1")
    assert ("system", "mail") not in found.catalog().records


def test_a_client_that_is_a_link_out_of_the_workspace(
    client: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("elsewhere")
    (other / "client.yaml").write_text("title: Other\n")
    (client.parent / "other").symlink_to(other)
    found = read(Workspace(client.parent.parent), "other")
    assert found.records == ()
    assert [problem.code for problem in found.problems] == ["KB011"]


def test_a_link_within_the_workspace_is_read(client: Path) -> None:
    (client / "discovery/systems/mail.yaml").symlink_to(client / "discovery/systems/sound.yaml")
    assert reading(client).problems == ()


@pytest.mark.parametrize("target", ["mail.yaml", "nowhere.yaml"])
def test_a_link_to_itself_or_to_nothing(client: Path, target: str) -> None:
    (client / "discovery/systems/mail.yaml").symlink_to(target)
    only(reading(client), "KB001", "discovery/systems/mail.yaml:1:1")


def test_a_pipe_is_not_waited_for(client: Path) -> None:
    os.mkfifo(client / "discovery/systems/mail.yaml")
    only(reading(client), "KB015", "discovery/systems/mail.yaml:1:1")


def test_a_folder_that_cannot_be_listed(client: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = client / "discovery" / "people"
    closed.mkdir()
    real = os.scandir

    def scandir(path: str) -> object:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    only(reading(client), "KB001", "discovery/people:1:1")


def test_a_name_that_is_not_utf_8(client: Path) -> None:
    name = os.fsencode(client / "discovery/systems") + b"/caf\xe9.yaml"
    with open(name, "wb") as file:
        file.write(b"title: Cafe\n")
    found = reading(client)
    assert [problem.code for problem in found.problems] == ["KB105"]


def test_a_folder_named_like_a_record(client: Path) -> None:
    (client / "discovery/systems/mail.yaml").mkdir()
    assert reading(client).problems == ()
