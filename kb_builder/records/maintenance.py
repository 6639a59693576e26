"""Stage 7, maintenance: what is done again and again, what happened, what is known."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kb_builder.records.base import (
    Audience,
    Date,
    KeeperRef,
    ManagementMoney,
    Markdown,
    Plain,
    Record,
    Ref,
    SystemRef,
)


class Schedule(Record):
    """A recurring check: what is done, on what, how often, by whom."""

    kind = "schedule"
    plural = "schedules"
    label = ("scheduled check", "scheduled checks")
    stage = "maintenance"
    section = "maintenance"
    facts: ClassVar[tuple[str, ...]] = ("rule", "who", "systems", "status")
    expected: ClassVar[tuple[str, ...]] = ("summary", "rule", "start", "who", "method")

    rule: Plain | None = Field(
        None, description="How often, as an RRULE of RFC 5545, such as `FREQ=MONTHLY;BYDAY=1MO`."
    )
    start: Date | None = Field(None, description="The first day it is due.")
    who: KeeperRef | None = Field(None, description="Who does it.")
    systems: list[SystemRef] = Field([], description="The systems it looks after.")
    test: Annotated[str, Ref("test")] | None = Field(None, description="The test that is run, if it is one.")
    guide: Annotated[str, Ref("guide")] | None = Field(None, description="The guide that says how.")
    method: Markdown | None = Field(None, description="What is done, if no guide says it.")
    status: Literal["active", "paused", "ended"] = Field("active", description="Whether it is still done.")


class LogEntry(Record):
    """Something that was done or that happened: the maintenance log."""

    kind = "log_entry"
    plural = "log_entries"
    label = ("log entry", "log entries")
    stage = "maintenance"
    section = "maintenance"
    on_page = False
    facts: ClassVar[tuple[str, ...]] = ("date", "type", "systems", "by")
    expected: ClassVar[tuple[str, ...]] = ("by", "systems", "summary")

    date: Date = Field(description="When it was done or happened.")
    type: Literal["check", "update", "incident", "repair", "request", "note"] = Field(
        "note", description="What sort of entry it is."
    )
    by: KeeperRef | None = Field(None, description="Who did it.")
    systems: list[SystemRef] = Field([], description="The systems it was about.")
    schedule: Annotated[str, Ref("schedule")] | None = Field(
        None, description="The scheduled check it fulfils."
    )
    change: Annotated[str, Ref("change")] | None = Field(None, description="The change it belongs to.")
    known_issue: Annotated[str, Ref("known_issue")] | None = Field(
        None, description="The known issue it is about."
    )
    result: Literal["ok", "attention", "failed"] | None = Field(None, description="How it went.")
    minutes: int | None = Field(None, ge=0, description="How long it took.")


class KnownIssue(Record):
    """Something that goes wrong now and then: how it shows, why, and what helps."""

    kind = "known_issue"
    plural = "known_issues"
    label = ("known issue", "known issues")
    stage = "maintenance"
    section = "maintenance"
    facts: ClassVar[tuple[str, ...]] = ("symptom", "systems", "status")
    expected: ClassVar[tuple[str, ...]] = ("symptom", "cause", "fix", "systems")

    symptom: Plain | None = Field(None, description="What people notice.")
    cause: Markdown | None = Field(None, description="Why it happens.")
    fix: Markdown | None = Field(None, description="What to do.")
    systems: list[SystemRef] = Field([], description="The systems it happens on.")
    guides: list[Annotated[str, Ref("guide")]] = Field([], description="The guides that help.")
    since: Date | None = Field(None, description="When it was first seen.")
    status: Literal["open", "workaround", "fixed"] = Field("open", description="Where it stands.")


class Advisory(Record):
    """Advice on an upgrade or a security measure, given while looking after things."""

    kind = "advisory"
    plural = "advisories"
    label = ("advisory", "advisories")
    stage = "maintenance"
    section = "maintenance"
    default_audience = Audience.MANAGEMENT
    facts: ClassVar[tuple[str, ...]] = ("type", "severity", "systems", "act_by", "status")
    expected: ClassVar[tuple[str, ...]] = ("summary", "type", "severity", "systems", "advice", "act_by")

    type: Literal["upgrade", "security", "end-of-life", "capacity", "other"] | None = Field(
        None, description="What sort of advice it is."
    )
    severity: Literal["low", "medium", "high", "critical"] | None = Field(
        None, description="How much it matters."
    )
    systems: list[SystemRef] = Field([], description="The systems it is about.")
    advice: Markdown | None = Field(None, description="What to do.")
    issued: Date | None = Field(None, description="When it was given.")
    act_by: Date | None = Field(None, description="When it should be done by.")
    cost: ManagementMoney | None = Field(None, description="What it would cost.")
    recommendation: Annotated[str, Ref("recommendation")] | None = Field(
        None, description="The recommendation that it became."
    )
    status: Literal["open", "planned", "done", "declined"] = Field("open", description="Where it stands.")
