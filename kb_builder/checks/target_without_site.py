"""A target is for readers whose site is no longer built, so that what was published there stays as it was, and is read.

Bad:
    title: Acme
    sites:
      - audience: staff
    targets:
      - id: portal
        to: /srv/www/acme/management
        audience: management

Good:
    title: Acme
    sites:
      - audience: staff
      - audience: management
    targets:
      - id: portal
        to: /srv/www/acme/management
        audience: management
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity

CODE = "KB740"
SEVERITY = Severity.ERROR
TITLE = "A target for a site that is not there"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Targets whose audience is not among the sites."""
    client = catalog.client
    for number, target in enumerate(client.targets):
        if target.audience not in client.audiences:
            place = catalog.locate(client, ("targets", number, "audience"))
            message = f"targets.{number}.audience: there is no {target.audience.value} site under `sites:`"
            hint = (
                f"list it there; or take down what was published (kb publish {catalog.slug} --to {target.id} --remove) "
                "and take the target out"
            )
            yield Problem(CODE, SEVERITY, place, message, hint, client.key)
