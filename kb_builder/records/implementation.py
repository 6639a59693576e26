"""Stage 4, implementation: what is being done, and what was changed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kb_builder.records.base import (
    Audience,
    Date,
    Id,
    ManagementMoney,
    Markdown,
    Part,
    PersonRef,
    Plain,
    Record,
    Ref,
    SystemRef,
)

Progress = Literal["planned", "in-progress", "done", "on-hold", "cancelled"]


class Task(Part):
    """A piece of work within a project."""

    id: Id = Field(description="A short name, unique within the project.")
    title: Plain = Field(description="What is done.")
    phase: Plain | None = Field(None, description="The phase it belongs to, by the phase's title.")
    start: Date | None = Field(None, description="When it starts.")
    end: Date | None = Field(None, description="When it is finished.")
    after: list[Id] = Field([], description="The tasks of this project that must be finished first.")
    who: list[PersonRef] = Field([], description="Who does it.")
    equipment: list[Annotated[str, Ref("asset")]] = Field([], description="The equipment that is needed.")
    status: Progress = Field("planned", description="Where it stands.")


class Phase(Part):
    """A stretch of a project."""

    title: Plain = Field(description="What the phase is called.")
    start: Date | None = Field(None, description="When it starts.")
    end: Date | None = Field(None, description="When it is finished.")
    outcome: Plain | None = Field(None, description="What is there at its end.")


class Project(Record):
    """The work that puts recommendations into practice."""

    kind = "project"
    plural = "projects"
    label = ("project", "projects")
    stage = "implementation"
    section = "engagement"
    default_audience = Audience.MANAGEMENT
    facts: ClassVar[tuple[str, ...]] = ("owner", "start", "end", "budget", "status")
    expected: ClassVar[tuple[str, ...]] = (
        "summary",
        "owner",
        "implements",
        "start",
        "end",
        "budget",
        "tasks",
    )

    implements: list[Annotated[str, Ref("recommendation")]] = Field(
        [], description="The recommendations it puts into practice."
    )
    systems: list[SystemRef] = Field([], description="The systems that change.")
    start: Date | None = Field(None, description="When it starts.")
    end: Date | None = Field(None, description="When it is finished.")
    phases: list[Phase] = Field([], description="Its stretches, in order.")
    tasks: list[Task] = Field([], description="The work, piece by piece.")
    people: list[PersonRef] = Field([], description="Who works on it.")
    budget: ManagementMoney | None = Field(None, description="What may be spent.")
    spent: ManagementMoney | None = Field(None, description="What was spent so far.")
    status: Progress = Field("planned", description="Where it stands.")


class Change(Record):
    """What was changed on which system, when, by whom, and the way back."""

    kind = "change"
    plural = "changes"
    label = ("change", "changes")
    stage = "implementation"
    section = "engagement"
    facts: ClassVar[tuple[str, ...]] = ("date", "systems", "by", "status")
    expected: ClassVar[tuple[str, ...]] = ("summary", "date", "by", "systems", "rollback")

    project: Annotated[str, Ref("project")] | None = Field(None, description="The project it is part of.")
    systems: list[SystemRef] = Field([], description="The systems that were changed.")
    date: Date | None = Field(None, description="When it was or will be made.")
    by: PersonRef | None = Field(None, description="Who made it.")
    approved_by: PersonRef | None = Field(None, description="Who said yes to it.")
    rollback: Markdown | None = Field(None, description="The way back, if it goes wrong.")
    status: Literal["planned", "done", "rolled-back", "cancelled"] = Field(
        "done", description="Where it stands."
    )
