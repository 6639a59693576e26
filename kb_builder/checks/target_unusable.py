"""The address of a target is none that a site can be published to, or holds what does not belong in a record.

Bad:
    title: Rivermill Bakery
    targets:
      - {id: intranet, to: ~/www/rivermill, audience: staff}

Good:
    title: Rivermill Bakery
    targets:
      - {id: intranet, to: /srv/www/rivermill, audience: staff}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.checks.base import short
from kb_builder.errors import UsageError
from kb_builder.problem import Problem, Severity
from kb_builder.target_address import refuse_address

CODE = "KB741"
SEVERITY = Severity.ERROR
TITLE = "An address that no site can be published to"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Targets whose address `kb publish` would refuse before it goes there."""
    for number, target in enumerate(catalog.client.targets):
        try:
            refuse_address(target.to)
        except UsageError as error:
            place = catalog.locate(catalog.client, ("targets", number, "to"))
            message = f"targets.{number}.to: {short(error.message, 160)}"
            yield Problem(CODE, SEVERITY, place, message, error.hint, catalog.client.key)
