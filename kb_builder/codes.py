"""What the problems of reading mean: one entry a code, in the form in which checks document theirs."""

from __future__ import annotations

from dataclasses import dataclass

from kb_builder.problem import Severity


@dataclass(frozen=True)
class Code:
    """One code: how bad it is, its title, and its page in the manual (why; `Bad:`; `Good:`)."""

    code: str
    severity: Severity
    title: str
    doc: str


CODES: tuple[Code, ...] = (
    Code(
        "KB001",
        Severity.ERROR,
        "Cannot be read",
        """\
The file is not YAML, or the machine does not give it out. Nothing of it is used; the other files are still checked,
and what would only follow from this one is held back: that a record is not there which may stand in it. The line is where
the parser could not go on; the mistake may be on the line above.

Bad:
    title: Mail: the new one

Good:
    title: "Mail: the new one"
""",
    ),
    Code(
        "KB002",
        Severity.ERROR,
        "Too large",
        """\
A file of records is larger than 2 MB. Nobody writes that much by hand, and reading it would stop everything else.

Bad:
    # discovery/systems.yaml holds the export of a whole network, 20 MB
    - id: host-1
      title: Host 1

Good:
    # discovery/systems/host-1.yaml, one file a system; the export is an attachment
    title: Host 1
""",
    ),
    Code(
        "KB003",
        Severity.ERROR,
        "Not UTF-8",
        """\
The file is written in another encoding, such as UTF-16 or Latin-1. Guessing would garble names.

Bad:
    # saved as Latin-1
    title: Café Müller

Good:
    # saved as UTF-8
    title: Café Müller
""",
    ),
    Code(
        "KB004",
        Severity.WARNING,
        "Byte-order mark",
        """\
The file begins with an invisible mark that some Windows editors write. It is read all the same; other tools trip
over it.

Bad:
    # saved as "UTF-8 with BOM"
    title: Mail

Good:
    # saved as "UTF-8"
    title: Mail
""",
    ),
    Code(
        "KB005",
        Severity.ERROR,
        "Control character",
        """\
The file holds a character that cannot be seen or typed, such as NUL. It is damaged, or it is no text at all.

Bad:
    # a NUL stands after the l
    title: Mail

Good:
    title: Mail
""",
    ),
    Code(
        "KB006",
        Severity.ERROR,
        "YAML that records do not use",
        """\
Tags, merge keys, several documents in one file, names that are not plain text, aliases without an anchor, and
anything nested so deep or repeated so often that it would grow without bounds are not read. Records need none of it.

Bad:
    title: Mail
    owner: !!python/name:os.system

Good:
    title: Mail
    owner: ann-lee
""",
    ),
    Code(
        "KB007",
        Severity.ERROR,
        "Empty file",
        """\
The file holds nothing, or nothing but comments.

Bad:
    # to be written

Good:
    title: Mail
""",
    ),
    Code(
        "KB008",
        Severity.ERROR,
        "No front matter",
        """\
A Markdown file is a record, so it begins with the record's fields between two lines of three hyphens.

Bad:
    Press the button twice.

Good:
    ---
    title: Start the compressor
    ---
    Press the button twice.
""",
    ),
    Code(
        "KB009",
        Severity.ERROR,
        "Written twice",
        """\
A field is written twice. Only the first is read, and the other was written for a reason.

Bad:
    title: Mail
    owner: ann-lee
    owner: bob-ray

Good:
    title: Mail
    owner: ann-lee
""",
    ),
    Code(
        "KB010",
        Severity.ERROR,
        "No client.yaml",
        """\
A client's folder has no `client.yaml`, which says what the client is called.

Bad:
    # engagements/acme/ holds discovery/ and nothing else

Good:
    # engagements/acme/client.yaml
    title: Acme
""",
    ),
    Code(
        "KB011",
        Severity.ERROR,
        "A link to elsewhere",
        """\
A symbolic link leads out of the workspace, or stands for a folder. What it leads to is not read: records must not
come from anywhere on the machine.

Bad:
    # discovery/systems is a link to /home/ann/systems

Good:
    # discovery/systems is a folder, and its files lie in it
""",
    ),
    Code(
        "KB012",
        Severity.WARNING,
        "Not read",
        """\
A file lies where no kind of record lives, or ends in `.yml`, so it is not read.

Bad:
    # discovery/sytems/mail.yaml
    title: Mail

Good:
    # discovery/systems/mail.yaml
    title: Mail
""",
    ),
    Code(
        "KB013",
        Severity.WARNING,
        "An older format",
        """\
The records are written as an older kb wanted them. They are read all the same, release for release; `kb migrate`
rewrites the working records, comments kept, so that what is written there is what the reference describes.

Bad:
    # client.yaml, in format 1
    title: Acme
    audiences: [staff]

Good:
    # client.yaml, in format 2
    title: Acme
    sites:
      - audience: staff
    format: 2
""",
    ),
    Code(
        "KB014",
        Severity.ERROR,
        "A newer format",
        """\
The records were written for a newer kb, so this one cannot know what they mean, and reads none of them. Upgrade it:
guessing would leave something out, or show it to the wrong reader.

Bad:
    # client.yaml
    title: Acme
    format: 99

Good:
    # client.yaml
    title: Acme
    format: 2
""",
    ),
    Code(
        "KB015",
        Severity.ERROR,
        "Not a file",
        """\
A pipe, a socket or a device lies among the records. It is not read: that could wait for ever, or read what is no
record. Take it away; programs that need one find a place for it in a folder of their own.

Bad:
    # discovery/systems/mail.yaml is a pipe, made by mkfifo

Good:
    # discovery/systems/mail.yaml is a file
    title: Mail
""",
    ),
    Code(
        "KB016",
        Severity.ERROR,
        "A note that kb keeps was broken",
        """\
`releases/published.yaml`, in which `kb publish` notes what stands where since when, is not as it was written: a merge in
git left its marks, perhaps. It is never written over while it cannot be read, since nobody else knows what it said.

Bad:
    # releases/published.yaml
    intranet: 2026.11

Good:
    # releases/published.yaml
    intranet:
      '2026.11': 2026-11-20
""",
    ),
    Code(
        "KB101",
        Severity.ERROR,
        "A value of the wrong type",
        """\
A field takes another sort of value: a number, a list, a length of time, fields of its own. The field is left out and
the rest of the record is used.

Bad:
    title: Restore a file
    minutes: ten
    systems: file-server

Good:
    title: Restore a file
    minutes: 10
    systems: [file-server]
""",
    ),
    Code(
        "KB102",
        Severity.ERROR,
        "Unknown field",
        """\
The kind has no field of that name, so what is written there would be on no page.

Bad:
    title: Mail
    vendr: acme-mail

Good:
    title: Mail
    vendor: acme-mail
""",
    ),
    Code(
        "KB103",
        Severity.ERROR,
        "A field that must be there",
        """\
The record lacks a field without which it says nothing. Of most kinds that is only `title`.

Bad:
    summary: Where all mail arrives

Good:
    title: Mail
    summary: Where all mail arrives
""",
    ),
    Code(
        "KB104",
        Severity.ERROR,
        "Text in two places",
        """\
A Markdown file has the text of a field both in its front matter and below it.

Bad:
    ---
    title: Start the compressor
    body: Press the button twice.
    ---
    Press the button once.

Good:
    ---
    title: Start the compressor
    ---
    Press the button twice.
""",
    ),
    Code(
        "KB105",
        Severity.ERROR,
        "Not an id",
        """\
An id is made of lower-case letters, digits, `-`, `_` and `.`, and begins with a letter or a digit. It is the file's
name without its ending, so that it can be part of an address; a path is no id.

Bad:
    # discovery/systems.yaml
    - id: ../Mail server
      title: Mail

Good:
    # discovery/systems.yaml
    - id: mail-server
      title: Mail
""",
    ),
    Code(
        "KB106",
        Severity.ERROR,
        "Not one of the choices",
        """\
The field takes one of a few words, and this is none of them.

Bad:
    title: Mail
    status: alive

Good:
    title: Mail
    status: live
""",
    ),
    Code(
        "KB107",
        Severity.ERROR,
        "Not a date",
        """\
Dates are written as 2026-03-31, and there must be such a day.

Bad:
    title: Mail
    support_until: 31/02/2026

Good:
    title: Mail
    support_until: 2026-02-28
""",
    ),
    Code(
        "KB204",
        Severity.ERROR,
        "The same id twice",
        """\
Two records of a kind have the same id, so a reference could mean either. The first one is used.

Bad:
    # discovery/systems.yaml; there is discovery/systems/mail.yaml, too
    - id: mail
      title: Mail

Good:
    # discovery/systems.yaml
    - id: old-mail
      title: The old mail server
""",
    ),
    Code(
        "KB205",
        Severity.ERROR,
        "Ids that differ only in case",
        """\
Two files differ only in capital letters. Windows and macOS keep one of them and lose the other.

Bad:
    # discovery/systems/ERP.yaml; there is discovery/systems/erp.yaml, too
    title: ERP

Good:
    # discovery/systems/old-erp.yaml
    title: The old ERP
""",
    ),
    Code(
        "KB710",
        Severity.ERROR,
        "Not a release",
        """\
What stands under `releases/` is not a release as `kb release` wrote it: its `release.yaml` is missing or was
altered, its folder was renamed, or something else lies there. A release that anybody can alter proves nothing.

Bad:
    # releases/2026.11/release.yaml, with the date changed by hand after it was sealed, and the file put in a new order
    date: 2026-11-21
    version: '2026.11'

Good:
    # releases/2026.11/release.yaml, as it was sealed; for another date, seal another release
    version: '2026.11'
    date: 2026-11-20
""",
    ),
    Code(
        "KB711",
        Severity.ERROR,
        "An altered file in a release",
        """\
A file of a release is not what it was when it was sealed: its SHA-256 differs from the one in `release.yaml`. Bring it
back from a backup or with git; to change what readers see, change the records and seal another release.

Bad:
    # releases/2026.11/discovery/systems/erp.yaml, edited after it was sealed
    title: The new ERP

Good:
    # discovery/systems/erp.yaml, edited where records are edited; then `kb release` seals a new version
    title: The new ERP
""",
    ),
    Code(
        "KB712",
        Severity.ERROR,
        "A missing file in a release",
        """\
A file that was sealed is gone. Bring it back from a backup or with git.

Bad:
    # releases/2026.11/release.yaml lists a file that is not there
    files:
      discovery/systems/erp.yaml: 3f1d…

Good:
    # releases/2026.11/discovery/systems/erp.yaml is there, as it was sealed
    title: ERP
""",
    ),
    Code(
        "KB713",
        Severity.ERROR,
        "An extra file in a release",
        """\
A file lies in a release that was not there when it was sealed. It may be a copy that an editor or a file manager left.

Bad:
    # releases/2026.11/discovery/systems/erp (copy).yaml
    title: ERP

Good:
    # nothing but what release.yaml lists, release.yaml itself and signatures.yaml
    version: '2026.11'
""",
    ),
    Code(
        "KB714",
        Severity.ERROR,
        "A signature that does not hold",
        """\
A signature in `signatures.yaml` names another `release.yaml` than the one beside it, or is not in the form that `kb sign`
writes. Somebody signed something else than what stands here, so it counts for nothing.

Bad:
    - person: helen-marsh
      name: Dr Helen Marsh
      date: 2026-11-20
      release: 0000000000000000000000000000000000000000000000000000000000000000

Good:
    # as `kb sign harbour-dental 2026.11 --as helen-marsh` writes it
    - person: helen-marsh
      name: Dr Helen Marsh
      date: 2026-11-20
      release: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
""",
    ),
    Code(
        "KB733",
        Severity.WARNING,
        "For fewer readers than a release shows it to",
        """\
A record is for fewer readers now than it was when a release was sealed, and that release still stands: on the site,
under its version, those readers go on reading it. `kb withdraw CLIENT VERSION --redact KIND/ID --why …` seals the
release anew without the record; `kb withdraw CLIENT VERSION --why …` takes all of it back. Then build and publish.

Bad:
    # release 2026.11 was sealed with `audience: staff`
    title: Enforce two-step sign-in
    audience: consultant

Good:
    # release 2026.11 was sealed with `audience: consultant`, too, or anew without the record
    title: Enforce two-step sign-in
    audience: consultant
""",
    ),
    Code(
        "KB734",
        Severity.WARNING,
        "Taken back, and still published",
        """\
A release was taken back, or sealed anew without something, and a target has not been published to since, so that
its readers still find there what was. Publish to it.

Bad:
    # releases/published.yaml; releases/withdrawn.yaml says that 2026.11 was taken back
    intranet:
      '2026.11': 2026-11-20

Good:
    # after `kb publish CLIENT --to intranet`
    intranet:
      '2026.11.1': 2026-11-25
""",
    ),
    Code(
        "KB735",
        Severity.ERROR,
        "A release that was taken back and stands again",
        """\
A release stands in the folder of releases as it was before it was taken back or sealed anew: it was brought back
from a backup, or by git. Take the folder away, or bring back the release that was sealed since.

Bad:
    # releases/withdrawn.yaml; releases/2026.11/ is there, too
    - version: '2026.11'
      what: withdrawn

Good:
    # releases/2026.11/ is gone; what may be read again is sealed as 2026.11.1
    - version: '2026.11'
      what: withdrawn
""",
    ),
    Code(
        "KB736",
        Severity.ERROR,
        "Notes of what was taken back that cannot be read",
        """\
`releases/withdrawn.yaml` is not as `kb withdraw` writes it. It says which versions must not be given again and what
became of their seals, so nothing is released or taken back until it can be read.

Bad:
    # releases/withdrawn.yaml, cut off
    - version: '2026.11'
      what: withdrawn

Good:
    # releases/withdrawn.yaml, as it was written
    - version: '2026.11'
      what: withdrawn
      date: '2026-11-22'
      by: Ann Lee
      why: It named a supplier too early.
      seal: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
""",
    ),
)
"""Every code that reading gives, in order."""
