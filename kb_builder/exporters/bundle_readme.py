"""The README of a bundle: for whoever looks after the client's systems next, and has never heard of kb."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kb_builder.exporters.bundle_csv import PLACE
from kb_builder.exporters.bundle_zip import COVER, SUMS, Cover
from kb_builder.records.base import Audience
from kb_builder.text import one_line
from kb_builder.versions import DRAFT

_READERS = {
    Audience.STAFF: "what the client's staff may see",
    Audience.MANAGEMENT: "what the client's management may see",
    Audience.CONSULTANT: "everything, also what only the consultants see",
}
_PEOPLE = {
    Audience.STAFF: "staff",
    Audience.MANAGEMENT: "management",
    Audience.CONSULTANT: "consultants",
}
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|!&]")


def readme_text(cover: Cover, audiences: Iterable[Audience], tables: Mapping[str, int], signed: bool) -> str:
    """The text of `README.md`.

    `audiences` are those that there are sites for, `tables` how many records of each kind there are, `signed` whether
    a release has signatures.
    """
    sites = list(audiences)
    title = _MARKUP.sub(r"\\\g<0>", one_line(cover.title))
    parts = [
        f"# {title}: documentation, records and sites",
        f"Made on {cover.date} with kb {cover.made_with}. It holds {_READERS[cover.audience]}.",
        _what(cover, sites),
        _sites(cover, sites),
        _projects(cover, sites),
        _tables(tables),
        _records(cover, signed),
        _left_out(cover),
        _whole(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what(cover: Cover, sites: list[Audience]) -> str:
    rows = [
        ("`sites/`", "the documentation as web pages, ready to read", bool(sites)),
        ("`projects/`", "the same as MkDocs projects, to build and go on with", bool(sites)),
        ("`csv/`", "the records as tables, for a spreadsheet or another system", True),
        ("`records/`", "the records themselves, as YAML and Markdown files", True),
        ("`mkdocs.yml`", "the settings that all sites were built with", True),
        (f"`{COVER}`, `{SUMS}`", "what this bundle is, and the SHA-256 of every file", True),
    ]
    lines = [f"| {name} | {words} |" for name, words, there in rows if there]
    return "\n".join(["| | |", "| --- | --- |", *lines])


def _sites(cover: Cover, sites: list[Audience]) -> str:
    if not sites:
        return ""
    versions = ", ".join(cover.versions)
    leads = (
        "There is no release yet, so each is the draft."
        if cover.versions == [DRAFT]
        else f"Each leads to its newest release and has a picker for the others. The versions are: {versions}."
    )
    ways = "\n".join(f"- for {_PEOPLE[each]}: `sites/{each.value}/index.html`" for each in sites)
    return f"""## The sites

Unpack the zip, and open one of these files in a browser. No server and no connection is needed:

{ways}

{leads}

To put a site on the web, copy one of the folders in `sites/` to any web server. Who may read it is for that server to say."""


def _projects(cover: Cover, sites: list[Audience]) -> str:
    if not sites:
        return ""
    example = f"projects/{sites[-1].value}/{cover.versions[-1]}"
    return f"""## The MkDocs projects

`projects/<audience>/<version>/` is a plain MkDocs project (https://www.mkdocs.org/): Markdown pages in `docs/` and their
settings in `mkdocs.yml`. With Python 3.9 or later:

    cd {example}
    python -m pip install -r requirements.txt
    mkdocs build

writes the pages to `site/`. From there you can go on in Markdown, without kb."""


def _tables(tables: Mapping[str, int]) -> str:
    kinds = ", ".join(f"`{kind}.csv` ({number:,})" for kind, number in tables.items())
    return f"""## The tables

One file for each kind of record, one row a record, in UTF-8 with commas: {kinds or "there are no records"}.

- `fields.csv` says what each column of each table means.
- `relations.csv` says which record names which: `from_kind` and `from_id` name the one, `field` the column, `to_kind` and
  `to_id` the other. `kind` is the name of the table, `id` the column `id` in it.
- A column such as `support.ends` is the field `ends` within `support`. In a column that holds a list, a cell that
  begins with `[` is JSON (RFC 8259); any other has `; ` between its items. Files are named by their path from `records/`, and
  `{PLACE}` is the file that the record is written in.
- A cell that begins with `=`, `+`, `-` or `@` could run as a formula in a spreadsheet. It has an apostrophe before it, and
  so has one that begins with an apostrophe. To have the text as it was, take one apostrophe away from the beginning."""


def _records(cover: Cover, signed: bool) -> str:
    said = "`records/` is the client's folder as kb keeps it: a file a record, in a folder for each kind."
    if cover.versions != [DRAFT]:
        said += (
            " `records/releases/<version>/` are the sealed releases: each `release.yaml` gives its day, its notes and the "
            "SHA-256 of its files."
        )
        if cover.audience is not Audience.CONSULTANT:
            said += (
                " They hold what this bundle's readers may see; `original` in `release.yaml` is the SHA-256 of the "
                "`release.yaml` of the whole records"
                + (
                    ", which is what the people in `signatures.yaml` signed. Somebody whom these readers may not know has "
                    "a number there for a name."
                    if signed
                    else "."
                )
            )
    return f"""## The records

{said}

They are plain text and can be read without kb. To go on with them in kb, in a workspace that has no client
`{cover.client}`:

    kb import bundle THIS.zip
    kb check {cover.client}

What is exported there again, with the same kb, for the same day and the same readers, is this bundle to the byte."""


def _left_out(cover: Cover) -> str:
    if cover.audience is Audience.CONSULTANT:
        return """## What is left out

Files whose names begin with a dot, such as `.imports/`, in which an import remembers what it wrote; and the draft's
site where there is a release."""
    above = [_PEOPLE[each] for each in Audience if not cover.audience.sees(each)]
    return f"""## What is left out

This is the edition for {_PEOPLE[cover.audience]}. Records and fields that are for {" and ".join(above)} are not here, nor any
file that only they name, nor where sites were published to. Comments that somebody wrote into a file are gone, too: they
were for whoever edited it. The draft's site is left out where there is a release, and so are candidates: releases that
somebody has yet to sign."""


def _whole() -> str:
    return f"""## Is it whole?

    sha256sum --check {SUMS}

says whether a file was altered or lost."""
