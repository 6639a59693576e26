"""The checks: what is wrong across records. Each is a module; `CHECKS` lists them in the order of their codes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Protocol, cast

from kb_builder.catalog import Catalog
from kb_builder.checks import (
    advice_not_taken_up,
    advice_without_reason,
    ambiguous_reference,
    before_its_cause,
    change_not_tested,
    dependency_cycle,
    duplicate_part,
    end_before_start,
    file_altered,
    file_missing,
    former_id,
    heading_missing,
    hidden_answer,
    image_elsewhere,
    image_missing,
    image_without_words,
    in_the_future,
    link_in_folder,
    link_nowhere,
    macro_audience,
    macro_elsewhere,
    macro_form,
    macro_name,
    name_unkept,
    names_alike,
    no_backup,
    no_owner,
    nothing_advised,
    objective_apart,
    objective_missed,
    picture_damaged,
    picture_tells,
    project_without_reason,
    quiz_answer,
    renewal,
    replacement_cycle,
    retired_system,
    review_overdue,
    run_failed,
    run_overdue,
    schedule_overdue,
    schedule_rule,
    secret_in_record,
    support_ended,
    system_left_alone,
    target_unusable,
    target_without_site,
    targets_overlap,
    task_order,
    task_outside,
    training_outdated,
    unknown_choice,
    unknown_reference,
    unsafe_url,
    wrong_kind,
)
from kb_builder.problem import Problem, Severity, in_order


class Check(Protocol):
    """What a module in this folder holds. Its docstring is its page in the manual: why, bad, good.

    It may have `NEEDS`, kinds of record: where one of them could not be read whole, it is held back, since it says
    that something is not there.
    """

    __name__: str
    CODE: str
    SEVERITY: Severity
    TITLE: str

    def check(self, catalog: Catalog, today: dt.date) -> Iterator[Problem]:
        """Every problem of this sort in an engagement, as it stands today."""


THREAD = "KB4"
"""How the codes of what hangs loose begin."""
CHECKS: tuple[Check, ...] = cast(
    tuple[Check, ...],
    (
        unknown_reference,
        ambiguous_reference,
        wrong_kind,
        former_id,
        dependency_cycle,
        task_order,
        replacement_cycle,
        unknown_choice,
        end_before_start,
        before_its_cause,
        task_outside,
        in_the_future,
        heading_missing,
        name_unkept,
        names_alike,
        link_in_folder,
        advice_not_taken_up,
        change_not_tested,
        nothing_advised,
        objective_apart,
        system_left_alone,
        objective_missed,
        run_overdue,
        run_failed,
        advice_without_reason,
        project_without_reason,
        no_owner,
        review_overdue,
        retired_system,
        support_ended,
        renewal,
        schedule_overdue,
        schedule_rule,
        training_outdated,
        no_backup,
        quiz_answer,
        unsafe_url,
        file_missing,
        file_altered,
        duplicate_part,
        image_without_words,
        macro_form,
        macro_name,
        macro_audience,
        macro_elsewhere,
        link_nowhere,
        image_missing,
        image_elsewhere,
        secret_in_record,
        hidden_answer,
        picture_tells,
        picture_damaged,
        targets_overlap,
        target_without_site,
        target_unusable,
    ),
)


def run(catalog: Catalog, today: dt.date) -> list[Problem]:
    """Every problem that any check finds, in the order of where they are; what hangs loose as `loose` has it."""
    found = (
        problem
        for each in CHECKS
        if not _is_thread(each) and _may_speak(each, catalog)
        for problem in each.check(catalog, today)
    )
    return in_order([*found, *loose(catalog, today)])


def _may_speak(check: Check, catalog: Catalog) -> bool:
    """Whether what a check says is missing cannot stand in a file that was not read."""
    needs = catalog.unread if _is_thread(check) else getattr(check, "NEEDS", ())
    return not catalog.unread.intersection(needs)


def loose(catalog: Catalog, today: dt.date) -> list[Problem]:
    """What hangs loose in an engagement or an edition of it, which pages tell, too.

    Of an edition only that is said which its readers can know: that nothing follows where they would not see what
    follows is not.
    """
    asked = (
        each
        for each in CHECKS
        if _is_thread(each) and _may_speak(each, catalog) and catalog.knows(*_needs(each))
    )
    return in_order(problem for each in asked for problem in each.check(catalog, today))


def _is_thread(check: Check) -> bool:
    return check.CODE.startswith(THREAD)


def _needs(check: Check) -> tuple[str, ...]:
    """The kinds whose records could answer what a check of the thread asks: it says `NEEDS`."""
    return cast(tuple[str, ...], check.NEEDS)  # type: ignore[attr-defined]
