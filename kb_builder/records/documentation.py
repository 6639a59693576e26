"""Stage 6, documentation: how to do things, and who has learned to."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kb_builder.records.base import (
    Audience,
    Body,
    Date,
    File,
    Flag,
    Id,
    Markdown,
    Part,
    Period,
    PersonRef,
    Plain,
    Record,
    Ref,
    RoleRef,
    SystemRef,
)

Published = Literal["draft", "published", "retired"]


class Step(Part):
    """One step of a guide."""

    do: Markdown = Field(description="What to do, beginning with a verb.")
    see: Markdown | None = Field(None, description="What you see when it worked.")
    image: File | None = Field(None, description="A picture of it.")
    alt: Plain | None = Field(None, description="What the picture shows, in words.")


class Guide(Record):
    """How to do one thing: what it is for, the steps, and what to do when it does not work."""

    kind = "guide"
    plural = "guides"
    label = ("guide", "guides")
    stage = "documentation"
    section = "guides"
    facts: ClassVar[tuple[str, ...]] = ("summary", "systems", "roles", "reviewed")
    expected: ClassVar[tuple[str, ...]] = ("summary", "owner", "systems", "reviewed", "review_every")
    starter = True

    systems: list[SystemRef] = Field([], description="The systems it is about.")
    roles: list[RoleRef] = Field([], description="The roles it is for; everybody if left out.")
    changes: list[Annotated[str, Ref("change", "project")]] = Field(
        [], description="The changes that made it necessary."
    )
    topic: Plain | None = Field(None, description="The heading it stands under in the list of guides.")
    before: Markdown | None = Field(None, description="What you need before you begin.")
    minutes: int | None = Field(None, ge=1, description="How long it takes.")
    steps: list[Step] = Field([], description="What to do, in order.")
    trouble: Markdown | None = Field(None, description="What to do when it does not work.")
    body: Body | None = Field(
        None, description="The text; in a `.md` file, all that follows the front matter."
    )
    status: Published = Field("published", description="Where it stands.")


class Manual(Record):
    """A longer text to look things up in: a policy, a plan, a runbook."""

    kind = "manual"
    plural = "manuals"
    label = ("manual", "manuals")
    stage = "documentation"
    section = "guides"
    facts: ClassVar[tuple[str, ...]] = ("summary", "systems", "owner", "reviewed")
    expected: ClassVar[tuple[str, ...]] = ("summary", "owner", "reviewed", "review_every", "body")

    systems: list[SystemRef] = Field([], description="The systems it is about.")
    body: Body | None = Field(
        None, description="The text; in a `.md` file, all that follows the front matter."
    )
    status: Published = Field("published", description="Where it stands.")


class Lesson(Part):
    """One lesson of a training module."""

    id: Id = Field(description="A short name, unique within the module.")
    title: Plain = Field(description="What the lesson is called.")
    minutes: int | None = Field(None, ge=1, description="How long it takes.")
    body: Body | None = Field(None, description="The text of the lesson.")
    guides: list[Annotated[str, Ref("guide")]] = Field([], description="The guides it teaches.")
    systems: list[SystemRef] = Field([], description="The systems it is about.")
    video: Plain | None = Field(None, description="The address of a video, if there is one.")


class Answer(Part):
    """One answer to a question."""

    text: Plain = Field(description="The answer.")
    correct: Flag = Field(False, description="Whether it is right.")
    why: Plain | None = Field(None, description="Why it is right or wrong; shown when it is chosen.")


class Question(Part):
    """One question of a quiz."""

    ask: Plain = Field(description="The question.")
    answers: list[Answer] = Field(min_length=2, description="The answers; at least one is right.")


class Training(Record):
    """A training module: lessons to work through and a quiz at the end."""

    kind = "training"
    plural = "training"
    label = ("training module", "training modules")
    stage = "documentation"
    section = "training"
    facts: ClassVar[tuple[str, ...]] = ("summary", "roles", "systems", "version")
    expected: ClassVar[tuple[str, ...]] = ("summary", "owner", "roles", "lessons", "quiz")

    version: Plain = Field("1", description="Raised when people should take it again.")
    roles: list[RoleRef] = Field([], description="The roles that should take it; everybody if left out.")
    systems: list[SystemRef] = Field([], description="The systems it is about.")
    changes: list[Annotated[str, Ref("change", "project")]] = Field(
        [], description="The changes that made it necessary."
    )
    lessons: list[Lesson] = Field([], description="The lessons, in order.")
    quiz: list[Question] = Field([], description="The questions at the end.")
    pass_mark: int = Field(
        80, ge=0, le=100, description="The share of right answers that passes, in per cent."
    )
    repeat_every: Period | None = Field(None, description="How often it is to be taken again.")
    status: Published = Field("published", description="Where it stands.")


class TrainingRecord(Record):
    """Who completed which module, when, and in which version."""

    kind = "training_record"
    plural = "training_records"
    label = ("training record", "training records")
    stage = "documentation"
    section = "training"
    default_audience = Audience.MANAGEMENT
    on_page = False
    facts: ClassVar[tuple[str, ...]] = ("person", "training", "version", "date", "score")
    expected: ClassVar[tuple[str, ...]] = ("version", "score")

    person: PersonRef = Field(description="Who took it.")
    training: Annotated[str, Ref("training")] = Field(description="The module that was taken.")
    version: Plain | None = Field(None, description="The version of the module.")
    date: Date = Field(description="When it was completed.")
    score: int | None = Field(None, ge=0, le=100, description="The share of right answers, in per cent.")
    passed: Flag = Field(True, description="Whether it was passed.")
