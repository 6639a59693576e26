"""Stage 3, recommendations: what to do about it, and what the client decided."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kb_builder.records.base import (
    Audience,
    Date,
    Flag,
    ManagementMoney,
    Markdown,
    Part,
    PersonRef,
    Plain,
    Record,
    Ref,
    SystemRef,
)


class Option(Part):
    """One way to do what is recommended."""

    title: Plain = Field(description="What this way is called.")
    description: Markdown | None = Field(None, description="What it means, for and against.")
    cost_once: ManagementMoney | None = Field(None, description="What it costs to do.")
    cost_yearly: ManagementMoney | None = Field(None, description="What it costs a year after that.")
    effort_days: float | None = Field(None, ge=0, allow_inf_nan=False, description="Working days it takes.")
    recommended: Flag = Field(False, description="Whether this is the way we advise.")


class Decision(Part):
    """What the client decided."""

    outcome: Literal["accepted", "rejected", "deferred"] = Field(description="What was decided.")
    by: PersonRef | None = Field(None, description="Who decided.")
    date: Date | None = Field(None, description="When it was decided.")
    option: Plain | None = Field(None, description="The title of the option that was chosen.")
    why: Markdown | None = Field(None, description="The reasons that were given.")
    until: Date | None = Field(None, description="When a deferred decision is looked at again.")


class Recommendation(Record):
    """Advice: an upgrade, a replacement, a better process, a security measure."""

    kind = "recommendation"
    plural = "recommendations"
    label = ("recommendation", "recommendations")
    stage = "recommendations"
    section = "engagement"
    default_audience = Audience.MANAGEMENT
    facts: ClassVar[tuple[str, ...]] = ("type", "priority", "cost_once", "decision", "owner")
    expected: ClassVar[tuple[str, ...]] = (
        "summary",
        "owner",
        "type",
        "priority",
        "benefit",
        "addresses",
        "decision",
    )
    starter = True

    type: Literal["upgrade", "replacement", "process", "security", "training", "other"] | None = Field(
        None, description="What sort of advice it is."
    )
    addresses: list[Annotated[str, Ref("gap", "risk")]] = Field(
        [], description="The gaps and risks it answers."
    )
    systems: list[SystemRef] = Field([], description="The systems that would change.")
    priority: Literal["now", "next", "later"] | None = Field(None, description="How soon.")
    cost_once: ManagementMoney | None = Field(None, description="What it costs to do.")
    cost_yearly: ManagementMoney | None = Field(None, description="What it costs a year after that.")
    effort_days: float | None = Field(None, ge=0, allow_inf_nan=False, description="Working days it takes.")
    benefit: Markdown | None = Field(None, description="What the client gains.")
    options: list[Option] = Field([], description="The ways to do it that were looked at.")
    decision: Decision | None = Field(None, description="What the client decided.")
    status: Literal["draft", "proposed", "decided", "done", "withdrawn"] = Field(
        "proposed", description="Where it stands."
    )

    @property
    def accepted(self) -> bool:
        """Whether the client said yes."""
        return self.decision is not None and self.decision.outcome == "accepted"
