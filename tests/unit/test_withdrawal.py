"""Taking releases back, and sealing them anew, as a consultant does."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import story
from support.sites import TODAY, new_workspace
from support.story import CLIENT, put
from support.trees import tree

from kb_builder import pipeline, releases
from kb_builder.bundle import write_bundle
from kb_builder.cli import kb as command
from kb_builder.errors import Changed, KbError, UsageError
from kb_builder.person_names import NAMELESS, Who, forms, replaced
from kb_builder.records.base import Audience
from kb_builder.redaction import take_out
from kb_builder.withdrawal import Reason, carry_out, seal_anew, take_back
from kb_builder.withdrawn import read_notes
from kb_builder.workspace import Workspace


def kb(workspace: Workspace, *arguments: str) -> str:
    """Run kb; what it says. Raises what it raises."""
    result = CliRunner().invoke(
        command, ["-C", str(workspace.root), *arguments], catch_exceptions=False, standalone_mode=False
    )
    if result.exception:
        raise result.exception
    return result.output


def codes(workspace: Workspace) -> list[str]:
    return [each.code for each in pipeline.check(workspace, CLIENT, TODAY).problems if each.code >= "KB7"]


PEOPLE = """# Ann Berg is first
- id: ann-berg
  title: Ann Berg
  email: ann@example.com
- id: bob-low
  title: Bob Low
"""
ERP = """title: The old ERP
owner: ann-berg
summary: Kept by Ann Berg.
attachments: [{file: plan.pdf}, {file: both.pdf}]
"""
MAIL = """title: Mail # about the old ERP
depends_on: [erp]
description: |
  After [it](erp.yaml), and after the old ERP.
attachments: [{file: both.pdf}]
"""


@pytest.fixture
def told(tmp_path: Path) -> Workspace:
    """A client with two releases, of which one has two signatures, and both were published."""
    workspace = new_workspace(tmp_path / "ws", CLIENT)
    put(workspace, "client.yaml", "title: Demo\nsites: [{audience: staff}]\n")
    put(workspace, "discovery/people.yaml", PEOPLE)
    put(workspace, "discovery/systems/erp.yaml", ERP)
    put(workspace, "discovery/systems/mail.yaml", MAIL)
    for name in ("plan.pdf", "both.pdf"):
        put(workspace, f"discovery/systems/{name}", "%PDF")
    story.seal(workspace, "2026.3")
    release = story.seal(workspace, "2026.6", sign_off=2)
    for person, name in (("ann-berg", "Ann Berg"), ("bob-low", "Bob Low")):
        release = releases.sign(release, workspace.root, person, name, dt.date(2026, 6, 27))
    releases.note_published(workspace, CLIENT, "intranet", ["2026.3", "2026.6"], dt.date(2026, 7, 1))
    return workspace


def test_a_release_that_was_taken_back_is_gone_and_noted(told: Workspace) -> None:
    was = releases.load(told, CLIENT).get("2026.6")
    assert was is not None
    said = kb(
        told, "withdraw", CLIENT, "2026.6", "--why", "Too early.", "--by", "Tom", "--date", "2026-11-23"
    )
    assert "demo 2026.6 is taken back" in said
    assert "Git's history, backups and bundles that were handed out still hold what was there." in said
    assert "kb publish demo --to intranet" in said
    found = releases.load(told, CLIENT)
    assert [each.version for each in found.all] == ["2026.3"]
    assert not was.folder.exists()
    (note,) = found.withdrawn
    assert (note.version, note.what, note.by, note.why, note.seal) == (
        "2026.6",
        "withdrawn",
        "Tom",
        "Too early.",
        was.digest,
    )
    assert (note.date, note.now, note.signed_by) == (dt.date(2026, 11, 23), None, ["Ann Berg", "Bob Low"])
    assert "2026.6 was withdrawn on 2026-11-23 by Tom: Too early." in kb(told, "releases", CLIENT)


@pytest.mark.parametrize("version", ["2026.6", "2026.06", "2026.6.0"])
def test_a_version_is_never_given_again(told: Workspace, version: str) -> None:
    kb(told, "withdraw", CLIENT, "2026.6", "--why", "x")
    with pytest.raises(UsageError, match=r"2026\.6 was withdrawn on"):
        kb(told, "release", CLIENT, version)
    kb(told, "release", CLIENT, "2026.6.1", "--date", "2026-11-20")


def test_what_is_still_published_is_told_until_it_is_published_to(told: Workspace) -> None:
    kb(told, "withdraw", CLIENT, "2026.6", "--why", "x")
    kb(told, "withdraw", CLIENT, "2026.3", "--redact", "system/erp", "--why", "x")
    assert codes(told) == ["KB734", "KB734"]
    releases.note_published(told, CLIENT, "intranet", ["2026.3"], TODAY)
    assert codes(told) == []


def test_what_was_taken_back_may_not_come_back(told: Workspace) -> None:
    old = tree(told.folder(CLIENT) / "releases" / "2026.6"), tree(told.folder(CLIENT) / "releases" / "2026.3")
    kb(told, "withdraw", CLIENT, "2026.6", "--why", "x")
    kb(told, "withdraw", CLIENT, "2026.3", "--redact", "erp", "--why", "x")
    for version, content in zip(("2026.6", "2026.3"), old, strict=True):
        for name, data in content.items():
            if data is not None:
                _bytes(told, f"releases/{version}/{name}", data)
    assert codes(told).count("KB735") == 2


def _bytes(workspace: Workspace, name: str, content: bytes) -> None:
    path = workspace.folder(CLIENT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_record_is_taken_out_and_what_speaks_of_it_is_listed(told: Workspace) -> None:
    was = releases.load(told, CLIENT).get("2026.6")
    assert was is not None
    said = kb(told, "withdraw", CLIENT, "2026.6", "--redact", "system/erp", "--why", "x")
    assert "taken out: system/erp" in said
    assert "releases/2026.6/discovery/systems/mail.yaml:3: After it, and after the old ERP." in said
    assert "kb sign demo 2026.6 --as PERSON; it is a candidate until then" in said
    now = releases.load(told, CLIENT).get("2026.6")
    assert now is not None
    assert (now.seal.before, now.candidate, now.signed_by) == (was.digest, True, ())
    assert releases.load(told, CLIENT).withdrawn[0].now == now.digest
    assert sorted(now.seal.files) == [
        "client.yaml",
        "discovery/people.yaml",
        "discovery/systems/both.pdf",
        "discovery/systems/mail.yaml",
    ]
    assert (now.folder / "discovery/people.yaml").read_bytes() == (
        told.folder(CLIENT) / "discovery/people.yaml"
    ).read_bytes()
    assert "about" not in (now.folder / "discovery/systems/mail.yaml").read_text()
    assert releases.verify(now, told.root) == []
    assert (releases.load(told, CLIENT).get("2026.3") or now).seal.before is None


def test_what_was_said_can_be_read_again_whatever_it_holds(told: Workspace) -> None:
    kb(told, "withdraw", CLIENT, "2026.3", "--why", "- a: [b\u2028\x00c]\n# d", "--by", "\ud800: {x}")
    (note,) = releases.load(told, CLIENT).withdrawn
    assert (note.why, note.by) == ("- a: [b c] # d", "?: {x}")


def test_records_are_taken_out_of_every_form_of_file(told: Workspace) -> None:
    """A list, a place in client.yaml, a page with front matter and a body, a history; and a short id is looked for."""
    put(
        told,
        "client.yaml",
        "title: Demo\nsites: []\nlocations:\n  - {id: hq, title: HQ}\n  - {id: shed, title: Shed}\n",
    )
    put(told, "discovery/systems/erp.yaml", "title: ERP\nlocation: hq\n")
    body = '# Start\n\nRead [the system](../../discovery/systems/erp.yaml),  \nthen {{ system("erp") }}.\n'
    put(told, "documentation/guides/go.md", f"---\ntitle: Go\nsystems: [erp, mail]\n---\n\n{body}")
    put(
        told,
        "maintenance/log_entries.yaml",
        "- {id: a, title: A, date: 2026-01-01, systems: [erp]}\n- {id: b, title: B, date: 2026-01-01}\n",
    )
    put(told, "maintenance/log_entries/x.md", "---\ntitle: X\ndate: 2026-01-01\n---\nThe erp was slow.\n")
    told_of = "prefix: x/\nfiles:\n  discovery/systems/erp.yaml:\n    - {id: a1, author: Tom, date: 2026-01-01, subject: s}\n"
    releases.seal(told, CLIENT, "2026.11", dt.date(2026, 11, 1), extra={"history.yaml": told_of})
    said = kb(
        told,
        "withdraw",
        CLIENT,
        "2026.11",
        "--redact",
        "system/erp",
        "--redact",
        "location/hq",
        "--redact",
        "log_entry/b",
        "--why",
        "x",
    )
    home = told.folder(CLIENT) / "releases/2026.11"
    assert (home / "documentation/guides/go.md").read_text() == (
        "---\ntitle: Go\nsystems:\n  - mail\n---\n\n# Start\n\nRead the system,  \nthen (taken out).\n"
    )
    assert "2026.11/maintenance/log_entries/x.md:5: The erp was slow." in said
    assert "erp" not in (home / "history.yaml").read_text()
    assert "hq" not in (home / "client.yaml").read_text() and "shed" in (home / "client.yaml").read_text()
    catalog = pipeline.open_release(told, CLIENT, releases.load(told, CLIENT).all[-1]).catalog
    assert sorted(key for key in catalog.records if key[0] in ("system", "location", "log_entry")) == [
        ("location", "shed"),
        ("log_entry", "a"),
        ("log_entry", "x"),
        ("system", "mail"),
    ]


def test_a_place_of_the_client_may_be_for_fewer_readers_too(told: Workspace) -> None:
    put(told, "client.yaml", "title: Demo\nsites: []\nlocations: [{id: hq, title: HQ}]\n")
    story.seal(told, "2026.11")
    put(
        told,
        "client.yaml",
        "title: Demo\nsites: []\nlocations: [{id: hq, title: HQ, audience: consultant}]\n",
    )
    found = [each.record for each in pipeline.check(told, CLIENT, TODAY).problems if each.code == "KB733"]
    assert found == [("location", "hq")]


@pytest.mark.parametrize("what", ["signed", "noted", "added"])
@pytest.mark.parametrize("redact", [False, True])
def test_what_changed_since_it_was_planned_is_not_overwritten(
    told: Workspace, what: str, redact: bool
) -> None:
    release = releases.load(told, CLIENT).all[0]
    reason = Reason("x", "Tom", TODAY)
    work = partial(take_out, wanted={("system", "erp")})
    plan = (
        seal_anew(told, CLIENT, [release], reason, work)
        if redact
        else take_back(told, CLIENT, release, reason)
    )
    if what == "signed":
        releases.sign(release, told.root, "bob-low", "Bob Low", TODAY)
    elif what == "noted":
        kb(told, "withdraw", CLIENT, "2026.6", "--why", "x")
    elif redact:
        return
    else:
        put(told, "releases/2026.3/new.txt", "x")
    before = tree(told.root)
    with pytest.raises(Changed):
        carry_out(told, CLIENT, plan)
    assert tree(told.root) == before


def test_old_signatures_that_are_brought_back_do_not_count(told: Workspace) -> None:
    signatures = told.folder(CLIENT) / "releases/2026.6/signatures.yaml"
    old = signatures.read_bytes()
    kb(told, "withdraw", CLIENT, "2026.6", "--redact", "system/erp", "--why", "x")
    assert not signatures.exists()
    signatures.write_bytes(old)
    now = releases.load(told, CLIENT).get("2026.6")
    assert now is not None and now.signed_by == () and now.candidate
    assert codes(told).count("KB714") == 2


def test_the_notes_of_a_release_are_looked_at_too(told: Workspace) -> None:
    releases.seal(told, CLIENT, "2026.7", dt.date(2026, 7, 1), "Good bye to\nthe old ERP.")
    said = kb(told, "withdraw", CLIENT, "2026.7", "--redact", "erp", "--why", "x")
    assert "engagements/demo/releases/2026.7/release.yaml:5: the old ERP." in said


def test_every_release_that_holds_it_is_meant_if_none_is_named(told: Workspace) -> None:
    put(told, "discovery/systems/erp.yaml", None)
    put(told, "discovery/systems/mail.yaml", "title: Mail\n")
    put(told, "discovery/systems/new-erp.yaml", "title: New\nformerly: [erp]\n")
    story.seal(told, "2026.11")
    said = kb(told, "withdraw", CLIENT, "--redact", "new-erp", "--why", "x")
    assert said.count("is sealed anew") == 3
    assert "taken out: system/erp" in said and "taken out: system/new-erp" in said


def test_a_dry_run_says_all_and_does_nothing(told: Workspace) -> None:
    before = tree(told.root)
    said = kb(told, "withdraw", CLIENT, "--redact-person", "ann-berg", "--why", "x", "--dry-run")
    assert "would be sealed anew" in said and "Nothing was done." in said
    assert "write  engagements/demo/releases/2026.3/discovery/people.yaml" in said
    assert tree(told.root) == before


def test_a_person_is_taken_out_of_all_releases_notes_and_signatures(told: Workspace) -> None:
    kb(told, "withdraw", CLIENT, "2026.3", "--redact", "mail", "--why", "Ann Berg asked.", "--by", "Ann Berg")
    said = kb(told, "withdraw", CLIENT, "--redact-person", "ann-berg", "--why", "Ann Berg asked.")
    home = told.folder(CLIENT) / "releases"
    for path in home.rglob("*"):
        content = path.read_text().lower() if path.is_file() else ""
        assert not any(word in content for word in ("ann", "berg")), path
    assert (
        (home / "2026.6/discovery/people.yaml")
        .read_text()
        .startswith("# A person whose name was removed is first\n")
    )
    assert "engagements/demo/discovery/people.yaml:1: # Ann Berg is first" in said
    assert "2026.6/discovery/systems/plan.pdf:1: not looked into" in said
    note = (read_notes(home) or ())[-1]
    assert note.signed_by == ["A person whose name was removed", "Bob Low"]
    kb(told, "sign", CLIENT, "2026.6", "--as", "bob-low")


def test_what_else_somebody_is_called_may_be_named_afterwards(told: Workspace) -> None:
    put(told, "discovery/systems/erp.yaml", "title: ERP\nsummary: Ask Annie, or Mrs Berg.\n")
    story.seal(told, "2026.11")
    first = kb(told, "withdraw", CLIENT, "--redact-person", "ann-berg", "--why", "x")
    assert "2026.11/discovery/systems/erp.yaml:2: summary: Ask Annie, or Mrs Berg." in first
    kb(
        told,
        "withdraw",
        CLIENT,
        "2026.11",
        "--redact-person",
        "removed-person-1",
        "--also",
        "Annie",
        "--also",
        "Mrs Berg",
        "--why",
        "x",
    )
    text = (told.folder(CLIENT) / "releases/2026.11/discovery/systems/erp.yaml").read_text()
    assert text == f"title: ERP\nsummary: Ask {NAMELESS}, or {NAMELESS}.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--why", "x"], "no version is named"),
        (["2026.3", "--why", " \x01"], "--why says nothing"),
        (["1.0", "--why", "x"], "no release 1.0"),
        (["2026.3", "--why", "x", "--redact", "system/nope"], 'no record "system/nope"'),
        (["2026.3", "--why", "x", "--redact", "client/demo"], "itself cannot be taken out"),
        (["2026.3", "--why", "x", "--redact-person", "cat"], 'no person "cat"'),
        (["2026.3", "--why", "x", "--redact", "erp", "--redact-person", "ann-berg"], "both"),
        (["2026.3", "--why", "x", "--redact", "erp", "--also", "Ann"], "--also goes with"),
    ],
)
def test_what_cannot_be_meant_is_said(told: Workspace, arguments: list[str], words: str) -> None:
    before = tree(told.root)
    with pytest.raises(KbError, match=words):
        kb(told, "withdraw", CLIENT, *arguments)
    assert tree(told.root) == before


def test_an_altered_release_is_not_sealed_anew(told: Workspace) -> None:
    put(told, "releases/2026.3/discovery/systems/erp.yaml", "title: Other\n")
    with pytest.raises(KbError, match="was altered"):
        kb(told, "withdraw", CLIENT, "--redact", "erp", "--why", "x")


def test_damaged_notes_stop_what_would_overwrite_them(told: Workspace) -> None:
    put(told, "releases/withdrawn.yaml", "- version: '1.0'\n")
    with pytest.raises(KbError, match="cannot be read"):
        kb(told, "withdraw", CLIENT, "2026.3", "--why", "x")
    assert codes(told) == ["KB736"]


def test_notes_travel_with_all_there_is_and_with_nothing_less(
    told: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb(told, "withdraw", CLIENT, "2026.6", "--why", "x")
    put(told, "client.yaml", "title: Demo\nsites: []\n")
    found: list[bool] = []
    monkeypatch.setattr(
        "kb_builder.bundle.pack",
        lambda folder, to: (
            found.append((folder / "records/releases/withdrawn.yaml").is_file()),
            to.write_bytes(b""),
        ),
    )
    for audience in (Audience.CONSULTANT, Audience.MANAGEMENT):
        write_bundle(told, pipeline.check(told, CLIENT, TODAY), audience, TODAY, tmp_path / "x.zip")
    assert found == [True, False]


ZOE = Who("zoe", "removed-person-1", ("Dr Zoë Quux",), ("zoe@example.com",), ("01632 960555",))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Zoë Quux came.", "A person whose name was removed came."),
        ("Then dr zoë quux came.", f"Then {NAMELESS} came."),
        ("It is Zoe\n  Quux's.", f"It is {NAMELESS}'s."),
        ("By **Zoë** Quux", f"By **{NAMELESS}"),
        ("Z. Quux, or Quux, Zoë", f"A person whose name was removed, or {NAMELESS}"),
        ("Call +44 (0)1632 960 555 now", "Call number removed now"),
        ("Call 016329605551 now", "Call 016329605551 now"),
        ("[m](mailto:zoe@example.com?subject=x)", "[m](#)"),
        ("xzoe@example.com", "xzoe@example.com"),
        ("Ask zoe, zoes.", "Ask zoe, zoes."),
        (
            "[z](../people/zoe.yaml) and person/zoe",
            "[z](../people/removed-person-1.yaml) and person/removed-person-1",
        ),
        ('{{ contact("zoe").phone }}', '{{ contact("removed-person-1").phone }}'),
        ("Quuxley and Zoë alone", "Quuxley and Zoë alone"),
    ],
)
def test_names_and_contacts_are_replaced_as_people_write_them(text: str, wanted: str) -> None:
    assert replaced(text, ZOE) == wanted


def test_a_single_name_is_never_taken_for_a_full_one() -> None:
    assert forms(["Sam"]) == []
    assert "Sam Low" in forms(["Mr Sam Low"])


def test_a_record_that_is_for_fewer_readers_now_is_told_with_every_release_that_shows_it(
    told: Workspace,
) -> None:
    put(told, "discovery/systems/mail.yaml", None)
    put(told, "discovery/systems/post.yaml", "title: Mail\nformerly: [mail]\naudience: management\n")
    (problem,) = [each for each in pipeline.check(told, CLIENT, TODAY).problems if each.code == "KB733"]
    assert (
        problem.message == "audience: is management now, and 2026.3 and 2026.6 still show it to staff readers"
    )
    assert (problem.location.line, problem.location.column) == (3, 11)
    assert "kb withdraw demo VERSION --redact system/post" in (problem.hint or "")
    kb(told, "withdraw", CLIENT, "--redact", "system/post", "--why", "x")
    assert "KB733" not in codes(told)


def test_a_list_and_its_lowest_readers_are_told(told: Workspace) -> None:
    put(
        told,
        "discovery/people.yaml",
        "- id: ann-berg\n  title: Ann Berg\n  audience: consultant\n- id: bob-low\n  title: Bob Low\n",
    )
    assert [each.record for each in pipeline.check(told, CLIENT, TODAY).problems if each.code == "KB733"] == [
        ("person", "ann-berg")
    ]
