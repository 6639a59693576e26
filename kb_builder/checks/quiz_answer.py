"""A question of a quiz has no right answer, so nobody can pass it.

Bad:
    title: Phishing
    quiz:
      - ask: Your bank asks for your password by mail. What do you do?
        answers:
          - text: Send it.
          - text: Report the mail.

Good:
    title: Phishing
    quiz:
      - ask: Your bank asks for your password by mail. What do you do?
        answers:
          - text: Send it.
          - text: Report the mail.
            correct: true
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.documentation import Training

CODE = "KB601"
SEVERITY = Severity.ERROR
TITLE = "A question without a right answer"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Questions of which every answer is wrong."""
    for training in catalog.all(Training):
        for number, question in enumerate(training.quiz):
            if not any(answer.correct for answer in question.answers):
                place = catalog.locate(training, ("quiz", number, "answers"), key=True)
                message = f"quiz.{number}.answers: none of them is right"
                yield Problem(
                    CODE, SEVERITY, place, message, "write `correct: true` at the right one", training.key
                )
