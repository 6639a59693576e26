"""What a new client begins with: one example of each kind that a consultant starts from.

The examples hang together, from an objective to a guide, so that the first site shows how one thing
leads to the next. People, numbers and addresses are made up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from kb_builder.records.client import FORMAT


@dataclass(frozen=True)
class Example:
    """An example record: its id, its fields in the order they are written, and its text if it has one."""

    id: str
    fields: Mapping[str, object]
    body: str | None = None


def client_example(title: str, today: dt.date, feed_id: str) -> dict[str, object]:
    """The fields that a new client's client.yaml starts with."""
    return {
        "title": title,
        "format": FORMAT,
        "feed_id": feed_id,
        "since": today,
        "locations": [
            {"id": "head-office", "title": "Head office", "address": "1 Example Street, Exampletown"}
        ],
        "support": [
            {
                "for_what": "Anything that does not work",
                "id": "service-desk",
                "person": "alex-example",
                "phone": "020 7946 0000",
                "email": "help@example.com",
                "hours": "Monday to Friday, 9:00 to 17:00",
            }
        ],
    }


def examples(today: dt.date) -> dict[str, Example]:
    """The examples by kind."""
    return {
        "person": Example(
            "alex-example",
            {
                "title": "Alex Example",
                "summary": "Runs the office; the first person to ask about anything.",
                "job": "Office manager",
                "email": "alex@example.com",
                "phone": "020 7946 0001",
                "location": "head-office",
            },
        ),
        "objective": Example(
            "back-at-work-in-a-day",
            {
                "title": "Back at work within a day of any failure",
                "summary": "Whatever breaks, everybody can work again the next morning.",
                "owner": "alex-example",
                "measure": "Working hours from a failure until people can open their files",
                "baseline": "Not known: nobody has tried a restore",
                "target": "8 hours or fewer",
                "by": today + dt.timedelta(days=180),
                "systems": ["file-server"],
            },
        ),
        "system": Example(
            "file-server",
            {
                "title": "File server",
                "summary": "Keeps everybody's documents.",
                "owner": "alex-example",
                "type": "server",
                "criticality": "high",
                "location": "head-office",
                "support": "Call the service desk",
                "data": ["contracts", "letters"],
                "personal_data": True,
                "backup": {
                    "method": "Nightly copy to a disk in the safe",
                    "every": "1 day",
                    "keep": "30 days",
                },
            },
        ),
        "gap": Example(
            "restore-never-tried",
            {
                "title": "A restore has never been tried",
                "summary": "There are copies, but nobody knows whether they can be read back.",
                "owner": "alex-example",
                "objectives": ["back-at-work-in-a-day"],
                "systems": ["file-server"],
                "severity": "high",
                "now": "The files are copied every night. No file was ever brought back.",
                "wanted": "A restore is tried twice a year, and it is written down how long it took.",
                "found": today,
            },
        ),
        "risk": Example(
            "files-lost-for-good",
            {
                "title": "The disk fails and the copies cannot be read",
                "summary": "Contracts and letters would be gone, and weeks of work with them.",
                "owner": "alex-example",
                "objectives": ["back-at-work-in-a-day"],
                "gaps": ["restore-never-tried"],
                "systems": ["file-server"],
                "likelihood": 2,
                "impact": 4,
                "target_likelihood": 1,
                "target_impact": 4,
                "treatment": "reduce",
                "opened": today,
            },
        ),
        "recommendation": Example(
            "try-a-restore",
            {
                "title": "Try a restore twice a year",
                "summary": "Bring a folder back from the nightly copy, and write down how long it took.",
                "owner": "alex-example",
                "type": "process",
                "addresses": ["restore-never-tried", "files-lost-for-good"],
                "systems": ["file-server"],
                "priority": "now",
                "effort_days": 1,
                "benefit": "It is known, not hoped, that the files come back.",
            },
        ),
        "guide": Example(
            "get-a-file-back",
            {
                "title": "Get a file back that was deleted",
                "summary": "Ask for yesterday's copy of a file that is gone.",
                "owner": "alex-example",
                "systems": ["file-server"],
                "minutes": 10,
                "reviewed": today,
                "review_every": "12 months",
                "steps": [
                    {"do": "Write down the name of the file and the folder it was in."},
                    {
                        "do": "Call the service desk and say when you last saw it.",
                        "see": "They tell you when it will be back.",
                    },
                ],
                "trouble": "Is the file older than 30 days? Then there is no copy any more.",
            },
            body="""\
Every night the {{ system("file-server") }} is copied. A file that is gone can be brought back from that copy.

{{ contact("service-desk") }}
""",
        ),
    }
