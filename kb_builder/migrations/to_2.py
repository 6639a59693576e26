"""Format 2: a client's sites.

Until now `client.yaml` listed the audiences that sites were built for, and there was nowhere to say where a site is
served or whether search engines may list it. Now it lists the sites, each with its audience.

Before:
    title: Acme
    audiences: [staff, management]

Now:
    title: Acme
    sites:
      - audience: staff
      - audience: management
    format: 2
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from kb_builder.yaml_edit import as_parts, rename

FORMAT = 2
RENAMED: Mapping[tuple[str, str], str] = {("client", "sites"): "audiences"}


def migrate(kind: str, record: MutableMapping[str, Any]) -> bool:
    """`audiences` of the client become its `sites`. Beside `sites`, or as anything but a list of names, they stay."""
    if kind != "client" or "audiences" not in record or "sites" in record:
        return False
    audiences = record["audiences"]
    if audiences is None:
        rename(record, "audiences", "sites")
        return True
    if not isinstance(audiences, list) or any(
        each is None or isinstance(each, list | Mapping) for each in audiences
    ):
        return False
    rename(record, "audiences", "sites")
    record["sites"] = as_parts(audiences, "audience")
    return True
