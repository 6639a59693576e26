"""Taking releases back, or sealing them anew without something that was in them.

A plan says all that would be written and removed, and what nobody but a person can decide; `carry_out` does all of it
or nothing. Of every release that goes a note stays in `releases/withdrawn.yaml`, with its seal. Signatures are for what
was signed: a release that is sealed anew waits for new ones.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kb_builder import pipeline, releases
from kb_builder.client_files import RELEASES
from kb_builder.errors import KbError
from kb_builder.files import replace_all
from kb_builder.person_names import Who, speaking
from kb_builder.problem import errors
from kb_builder.read import read
from kb_builder.redaction_outcome import Mention, Outcome
from kb_builder.redaction_person import TEXTS
from kb_builder.releases import PUBLISHED, SEAL, SIGNATURES, Release, Seal, seal_text
from kb_builder.seen import Seen
from kb_builder.staging import staging
from kb_builder.withdrawn import WITHDRAWN, Note, notes_text, read_notes
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import write_text

Work = Callable[[Workspace, str], Outcome | None]
"""What takes something out of a client's folder that is a copy."""
_SHOWN_OF_SEAL = 12


@dataclass(frozen=True)
class Reason:
    """Why something is taken back, by whom, and when."""

    why: str
    by: str
    date: dt.date


@dataclass
class Plan:
    """What would be done: notes that are added, files to write and to remove; and lines that a person has to judge.

    Lines in `today` stand in the records as they are now, which are not touched.
    """

    notes: list[Note] = field(default_factory=list)
    writes: dict[Path, bytes] = field(default_factory=dict)
    removals: list[Path] = field(default_factory=list)
    undecided: list[Mention] = field(default_factory=list)
    today: list[Mention] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)


def take_back(workspace: Workspace, client: str, release: Release, reason: Reason) -> Plan:
    """The plan to take a release back: all its files go, a note stays."""
    plan = Plan([_note(release, "withdrawn", reason)])
    plan.seen.digests[release.folder / SEAL] = release.digest
    for base, names, files in os.walk(release.folder):
        plan.removals += [Path(base) / name for name in _all(base, names, files)]
        plan.seen.look(Path(base))
    for path in plan.removals:
        plan.seen.look(path)
    _add_notes(plan, workspace, client, str)
    return plan


def _all(base: str, names: Sequence[str], files: Sequence[str]) -> Iterator[str]:
    yield from files
    yield from (name for name in names if (Path(base) / name).is_symlink())


def seal_anew(
    workspace: Workspace, client: str, chosen: Iterable[Release], reason: Reason, work: Work
) -> Plan:
    """The plan to seal releases anew after `work` has taken something out of each; those that hold nothing of it stay.

    Raises KbError for a release that was altered, or that does not stand without what is taken out.
    """
    plan, home = Plan(), workspace.folder(client) / RELEASES
    rewrite: Callable[[str], str] = str
    for release in chosen:
        if altered := releases.verify(release, workspace.root):
            raise KbError(f"{altered[0].location.path} {altered[0].message}", altered[0].hint)
        with staging(home) as stage:
            outcome = _one(workspace, client, release, reason, work, stage, plan)
        rewrite = outcome.rewrite if outcome else rewrite
    _add_notes(plan, workspace, client, rewrite)
    return plan


def _one(
    workspace: Workspace, client: str, release: Release, reason: Reason, work: Work, stage: Path, plan: Plan
) -> Outcome | None:
    """Plan for one release, in a copy of it that is changed."""
    copy = Workspace(stage)
    folder = copy.engagements / client
    for name in release.seal.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((release.folder / name).read_bytes())
    before = _errors(copy, client, release)
    outcome = work(copy, client)
    if outcome is None:
        return None
    if more := sorted(_errors(copy, client, release) - before):
        raise KbError(
            f"{release.version} does not stand without it: {more[0][1]}",
            f"kb withdraw {client} {release.version} --why … takes all of it back",
        )
    contents = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    _plan_files(release, contents, outcome, plan, read(copy, client).format)
    new = hashlib.sha256(plan.writes[release.folder / SEAL]).hexdigest()
    plan.notes.append(_note(release, "redacted", reason, new, outcome))
    shown = release.folder.relative_to(workspace.root).as_posix()
    texts = {**contents, SEAL: plan.writes[release.folder / SEAL].partition(b"\nfiles:")[0]}
    for name, content in sorted(texts.items()):
        if Path(name).suffix.lower() in TEXTS:
            plan.undecided += outcome.mentions(f"{shown}/{name}", content.decode("utf-8", "replace"))
    plan.undecided += [Mention(f"{shown}/{each.path}", each.line, each.words) for each in outcome.undecided]
    return outcome


def _errors(copy: Workspace, client: str, release: Release) -> set[tuple[str, str]]:
    found = pipeline.check(copy, client, release.seal.date, seals=False).problems
    return {(each.code, each.message) for each in errors(found)}


def _plan_files(
    release: Release, contents: dict[str, bytes], outcome: Outcome, plan: Plan, form: int
) -> None:
    """Plan the files of a release that is sealed anew; those that are as they were are left alone."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    was = {**release.seal.files, SEAL: release.digest}
    for name in {*digests, *was}:
        plan.seen.digests[release.folder / name] = was.get(name)
    plan.seen.look(release.folder / SIGNATURES)
    for name, digest in digests.items():
        if release.seal.files.get(name) != digest:
            plan.writes[release.folder / name] = contents[name]
    plan.removals += [release.folder / name for name in sorted({*release.seal.files} - {*digests})]
    plan.removals += [release.folder / SIGNATURES] if (release.folder / SIGNATURES).is_file() else []
    changes = {"files": digests, "before": release.digest, "original": None, "format": form}
    notes = _map(release.seal.notes, outcome.rewrite)
    sealed = Seal.model_validate({**release.seal.model_dump(), **changes, "notes": notes})
    plan.writes[release.folder / SEAL] = seal_text(sealed)


def _map(notes: object, rewrite: Callable[[str], str]) -> object:
    """Notes, in one text or in one for each audience, rewritten."""
    if isinstance(notes, dict):
        return {name: _map(each, rewrite) for name, each in notes.items()}
    return rewrite(notes) if isinstance(notes, str) else notes


def _note(
    release: Release, what: str, reason: Reason, now: str | None = None, outcome: Outcome | None = None
) -> Note:
    signed = {each.person: each.name for each in release.signatures if each.person in release.signed_by}
    return Note.model_validate(
        {
            "version": release.version,
            "what": what,
            "date": reason.date,
            "by": reason.by,
            "why": reason.why,
            "seal": release.digest,
            "now": now,
            "taken_out": list(outcome.taken) if outcome else [],
            "signed_by": list(signed.values()),
        }
    )


def _add_notes(plan: Plan, workspace: Workspace, client: str, rewrite: Callable[[str], str]) -> None:
    """Add the notes to those that are there, and remember in `published.yaml` which seal is still where it was sent."""
    if not plan.notes:
        return
    home = workspace.folder(client) / RELEASES
    for name in (WITHDRAWN, PUBLISHED):
        plan.seen.look(home / name)
    found_at, before = releases.published(workspace, client), read_notes(home) or ()
    every = [_rewritten(each, rewrite) for each in (*before, *plan.notes)]
    plan.notes = every[len(before) :]
    plan.writes[home / WITHDRAWN] = notes_text(every).encode()
    anew = {
        note.version: f"{note.version} as sealed in {note.seal[:_SHOWN_OF_SEAL]}"
        for note in plan.notes
        if note.now
    }
    if sent := _published(found_at, anew):
        plan.writes[home / PUBLISHED] = sent


def _rewritten(note: Note, rewrite: Callable[[str], str]) -> Note:
    words = {
        "why": rewrite(note.why),
        "by": rewrite(note.by),
        "signed_by": [rewrite(each) for each in note.signed_by],
    }
    return note.model_copy(update={**words, "taken_out": [rewrite(each) for each in note.taken_out]})


def _published(found_at: Mapping[str, Mapping[str, str]], anew: Mapping[str, str]) -> bytes | None:
    """The list of what was published where, in which a release that was sealed anew is called what it was."""
    if not anew.keys() & found_at.keys():
        return None
    by_target: dict[str, dict[str, object]] = {}
    for version, targets in found_at.items():
        for target, day in targets.items():
            by_target.setdefault(target, {})[anew.get(version, version)] = dt.date.fromisoformat(day)
    return write_text(dict(sorted(by_target.items()))).encode()


def carry_out(workspace: Workspace, client: str, plan: Plan) -> None:
    """Do all that a plan says, or nothing of it, whenever we are killed. Raises Changed for what it no longer fits."""
    home = workspace.folder(client) / RELEASES
    replace_all(plan.writes, home, plan.seen.digests, plan.removals)


def mentions_today(workspace: Workspace, client: str, person: Who) -> list[Mention]:
    """The lines of the records as they are now, and of what imports remember, that speak of a person."""
    folder, found = workspace.folder(client), speaking(person)
    outcome = Outcome((), found)
    lines: list[Mention] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(workspace.root).as_posix()
        inside = path.relative_to(folder).parts[0] not in (RELEASES, ".git")
        if inside and path.suffix.lower() in TEXTS and path.is_file() and not path.is_symlink():
            lines += outcome.mentions(name, path.read_text("utf-8", "replace"))
    return lines
