"""Stage 2, analysis: where things fall short and what could go wrong."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kb_builder.records.base import (
    Audience,
    Date,
    File,
    KeeperRef,
    Markdown,
    Part,
    PersonRef,
    Plain,
    Record,
    Ref,
    Score,
    SystemRef,
)

Severity = Literal["low", "medium", "high", "critical"]


class Control(Part):
    """One control of a framework, as the client meets it."""

    control: Plain = Field(description="The control's number in the framework, such as `A.8.13`.")
    title: Plain | None = Field(None, description="What the control asks for.")
    rating: Literal["not-applicable", "none", "partial", "largely", "full"] = Field(
        description="How far it is met."
    )
    evidence: Markdown | None = Field(None, description="What was seen that says so.")
    files: list[File] = Field([], description="Files that show it.")
    gaps: list[Annotated[str, Ref("gap")]] = Field([], description="The gaps that were found here.")


class Assessment(Record):
    """A comparison with a framework, control by control."""

    kind = "assessment"
    plural = "assessments"
    label = ("assessment", "assessments")
    stage = "analysis"
    section = "engagement"
    default_audience = Audience.MANAGEMENT
    facts: ClassVar[tuple[str, ...]] = ("framework", "date", "by", "status")
    expected: ClassVar[tuple[str, ...]] = ("summary", "framework", "date", "by", "controls")

    framework: Plain | None = Field(None, description="What is compared with, such as `Cyber Essentials`.")
    date: Date | None = Field(None, description="When it was done.")
    by: PersonRef | None = Field(None, description="Who did it.")
    systems: list[SystemRef] = Field([], description="The systems that were looked at.")
    controls: list[Control] = Field([], description="The controls and how far each is met.")
    status: Literal["planned", "in-progress", "complete"] = Field("complete", description="Where it stands.")


class Gap(Record):
    """A difference between what is and what an objective or a control asks for."""

    kind = "gap"
    plural = "gaps"
    label = ("gap", "gaps")
    stage = "analysis"
    section = "engagement"
    default_audience = Audience.MANAGEMENT
    facts: ClassVar[tuple[str, ...]] = ("severity", "owner", "objectives", "systems", "status")
    expected: ClassVar[tuple[str, ...]] = ("summary", "owner", "severity", "objectives", "now", "wanted")
    starter = True

    objectives: list[Annotated[str, Ref("objective")]] = Field(
        [], description="The objectives it stands in the way of."
    )
    assessment: Annotated[str, Ref("assessment")] | None = Field(
        None, description="The assessment that found it."
    )
    control: Plain | None = Field(None, description="The control that it falls short of.")
    systems: list[SystemRef] = Field([], description="The systems it is about.")
    now: Markdown | None = Field(None, description="How things are.")
    wanted: Markdown | None = Field(None, description="How they should be.")
    severity: Severity | None = Field(None, description="How much it matters.")
    found: Date | None = Field(None, description="When it was found.")
    status: Literal["open", "accepted", "closed"] = Field("open", description="Where it stands.")
    closed: Date | None = Field(None, description="When it was closed.")


class Risk(Record):
    """Something that could go wrong: how likely, how bad, and what is done about it."""

    kind = "risk"
    plural = "risks"
    label = ("risk", "risks")
    stage = "analysis"
    section = "engagement"
    default_audience = Audience.MANAGEMENT
    facts: ClassVar[tuple[str, ...]] = ("likelihood", "impact", "treatment", "owner", "systems", "status")
    expected: ClassVar[tuple[str, ...]] = ("summary", "owner", "likelihood", "impact", "treatment")
    starter = True

    objectives: list[Annotated[str, Ref("objective")]] = Field([], description="The objectives it threatens.")
    gaps: list[Annotated[str, Ref("gap")]] = Field([], description="The gaps it comes from.")
    systems: list[SystemRef] = Field([], description="The systems it is about.")
    likelihood: Score | None = Field(None, description="1 (rare) to 5 (almost certain).")
    impact: Score | None = Field(None, description="1 (a nuisance) to 5 (the business stops).")
    target_likelihood: Score | None = Field(None, description="The likelihood once it is treated.")
    target_impact: Score | None = Field(None, description="The impact once it is treated.")
    treatment: Literal["avoid", "reduce", "transfer", "accept"] | None = Field(
        None, description="What is done about it."
    )
    accepted_by: KeeperRef | None = Field(None, description="Who accepted it, if it is accepted.")
    opened: Date | None = Field(None, description="When it was first written down.")
    status: Literal["open", "treated", "accepted", "closed"] = Field("open", description="Where it stands.")
    closed: Date | None = Field(None, description="When it was closed.")

    @property
    def score(self) -> int | None:
        """Likelihood times impact, 1 to 25; None while either is unknown."""
        if self.likelihood is None or self.impact is None:
            return None
        return self.likelihood * self.impact
