"""The kinds of record. `KINDS` lists them in the order in which readers meet them."""

from __future__ import annotations

from kb_builder.records.analysis import Assessment, Gap, Risk
from kb_builder.records.base import Record
from kb_builder.records.client import Client, Location
from kb_builder.records.discovery import (
    Asset,
    Interview,
    Objective,
    Person,
    Process,
    Role,
    Subscription,
    System,
    Vendor,
)
from kb_builder.records.documentation import Guide, Manual, Training, TrainingRecord
from kb_builder.records.implementation import Change, Project
from kb_builder.records.maintenance import Advisory, KnownIssue, LogEntry, Schedule
from kb_builder.records.recommendations import Recommendation
from kb_builder.records.testing import Test, TestRun

KINDS: tuple[type[Record], ...] = (
    Client,
    Location,
    Objective,
    Process,
    System,
    Asset,
    Subscription,
    Vendor,
    Person,
    Role,
    Interview,
    Assessment,
    Gap,
    Risk,
    Recommendation,
    Project,
    Change,
    Test,
    TestRun,
    Guide,
    Manual,
    Training,
    TrainingRecord,
    Schedule,
    LogEntry,
    KnownIssue,
    Advisory,
)
