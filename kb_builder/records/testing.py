"""Stage 5, testing: does it do what it should, and who saw it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from kb_builder.records.base import (
    Audience,
    Date,
    File,
    Markdown,
    Part,
    Period,
    PersonRef,
    Plain,
    Record,
    Ref,
)

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Test(Record):
    """A way to find out whether a change, a system, an objective or a control is as it should be."""

    kind = "test"
    plural = "tests"
    label = ("test", "tests")
    stage = "testing"
    section = "engagement"
    default_audience = Audience.MANAGEMENT
    facts: ClassVar[tuple[str, ...]] = ("verifies", "every", "owner", "status")
    expected: ClassVar[tuple[str, ...]] = ("summary", "owner", "verifies", "method", "expected_result")

    verifies: list[Annotated[str, Ref("change", "system", "objective", "gap", "risk")]] = Field(
        [], description="The changes, systems, objectives, gaps or risks it is about."
    )
    control: Plain | None = Field(None, description="The control it verifies, such as `A.8.13`.")
    method: Markdown | None = Field(None, description="How it is done, so that somebody else can.")
    expected_result: Markdown | None = Field(None, description="What is seen when all is well.")
    every: Period | None = Field(None, description="How often it is run, such as `6 months`.")
    created: Date | None = Field(None, description="When the test was first written.")
    status: Literal["active", "retired"] = Field("active", description="Whether it is still run.")


class Evidence(Part):
    """What was kept to show the result."""

    title: Plain = Field(description="What it is, such as `Screenshot of the restore log`.")
    date: Date | None = Field(None, description="When it was taken.")
    file: File | None = Field(None, description="The file, relative to this record's folder.")
    sha256: Sha256 | None = Field(None, description="The file's SHA-256, to show that it is unaltered.")
    url: Plain | None = Field(None, description="Where it is kept, if not in a file.")


class TestRun(Record):
    """One run of a test: when, by whom, what came out."""

    kind = "test_run"
    plural = "test_runs"
    label = ("test run", "test runs")
    stage = "testing"
    section = "engagement"
    default_audience = Audience.MANAGEMENT
    on_page = False
    facts: ClassVar[tuple[str, ...]] = ("test", "date", "by", "result")
    expected: ClassVar[tuple[str, ...]] = ("by", "observed", "evidence")

    test: Annotated[str, Ref("test")] = Field(description="The test that was run.")
    date: Date = Field(description="When it was run.")
    by: PersonRef | None = Field(None, description="Who ran it.")
    result: Literal["pass", "fail", "blocked"] = Field(description="What came out.")
    observed: Markdown | None = Field(None, description="What was seen.")
    evidence: list[Evidence] = Field([], description="What was kept to show it.")
