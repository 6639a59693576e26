"""Whether a record is still in play: what is retired, closed or cancelled asks for nothing any more."""

from __future__ import annotations

from kb_builder.records.base import Record

_OVER = frozenset(
    {
        ("gap", "closed"),
        ("risk", "closed"),
        ("objective", "met"),
        ("objective", "missed"),
        ("objective", "dropped"),
        ("person", "left"),
        ("system", "retired"),
        ("asset", "disposed"),
        ("subscription", "cancelled"),
        ("subscription", "expired"),
        ("recommendation", "done"),
        ("recommendation", "withdrawn"),
        ("project", "done"),
        ("project", "cancelled"),
        ("change", "rolled-back"),
        ("change", "cancelled"),
        ("test", "retired"),
        ("guide", "retired"),
        ("manual", "retired"),
        ("training", "retired"),
        ("schedule", "ended"),
        ("known_issue", "fixed"),
        ("advisory", "done"),
        ("advisory", "declined"),
    }
)
"""Kinds and the statuses that end them."""


def over(record: Record) -> bool:
    """Whether a record's status says that nothing more comes of it."""
    return (record.kind, record.status) in _OVER
