"""A name is one that Windows or macOS cannot keep, or that no site can publish: of a file, a record or the client.

What was sealed under such a name could not be copied, unpacked or published everywhere. No name may hold `\\`, `/`, `:`,
`*`, `?`, `"`, `<`, `>`, `|` or a character that cannot be seen, begin or end with a space, end with a dot, or be `con`,
`nul`, `aux`, `prn`, `com1` to `com9` or `lpt1` to `lpt9`, whatever its ending.

Bad:
    # discovery/systems.yaml
    - id: aux
      title: Auxiliary server

Good:
    # discovery/systems.yaml
    - id: auxiliary
      title: Auxiliary server
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.checks.base import short
from kb_builder.insight.files import files_of, told
from kb_builder.names import fault, path_fault
from kb_builder.problem import Problem, Severity

CODE = "KB311"
SEVERITY = Severity.ERROR
TITLE = "A name that not every computer can keep"
_HINT = "rename it, and what names it: letters, digits, spaces, - and _ are always good"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Names of files, of records, of those that records had before, and of the client."""
    if (wrong := fault(catalog.slug)) and catalog.client.key in catalog.origins:
        place = catalog.locate(catalog.client)
        message = f'the client\'s folder "{short(catalog.slug)}" {wrong}'
        yield Problem(CODE, SEVERITY, place, message, "rename the folder", catalog.client.key)
    for record in catalog.records.values():
        written = (("id", record.id), *(("formerly", each.rpartition("/")[2]) for each in record.formerly))
        for field, name in written:
            if record.kind != "client" and (wrong := fault(f"{name}.html")):
                place = catalog.locate(record, (field,))
                message = f'{field}: "{short(name)}" {wrong}'
                yield Problem(CODE, SEVERITY, place, message, "call it otherwise", record.key)
    faults = ((file, wrong) for file in files_of(catalog) if (wrong := path_fault(file.name)))
    yield from told(catalog, faults, CODE, SEVERITY, _HINT)
