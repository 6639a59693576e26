"""A container of Azure Blob Storage.

Name the account in `AZURE_STORAGE_ACCOUNT_NAME` and sign in by `az login`, or by the managed identity of the machine; or
give `AZURE_STORAGE_SAS_TOKEN` (permissions `rwdl` on the container), `AZURE_STORAGE_ACCOUNT_KEY`, or the whole
`AZURE_STORAGE_CONNECTION_STRING`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fsspec
from fsspec.asyn import sync

from kb_builder.place import Print

TITLE = "Azure Blob Storage"
ADDRESSES = ("az://container/acme",)
SCHEME, PACKAGE, EXTRA = "az", "adlfs", "publish-az"
SIGN_IN = "name AZURE_STORAGE_ACCOUNT_NAME and sign in with az login, or set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_SAS_TOKEN"
_ROLE = "(the role Storage Blob Data Contributor on the container has all that is needed)"
RIGHTS: Mapping[str, str] = {
    "list": f"the permission to list blobs {_ROLE}",
    "read": f"the permission to read blobs {_ROLE}",
    "write": f"the permission to write blobs {_ROLE}",
    "remove": f"the permission to delete blobs {_ROLE}",
}
SAFE = False
CONDITIONS_MAY_BE_IGNORED = False


def connect(to: str, seconds: int) -> tuple[Any, str]:
    """The container, and the path in it. Tries are counted by us: the library's own are taken out."""
    system, root = fsspec.url_to_fs(to, skip_instance_cache=True, connection_timeout=10, read_timeout=seconds)
    pipeline = system.service_client._pipeline
    for policy in getattr(pipeline, "_impl_policies", ()):
        if hasattr(policy, "total_retries"):
            policy.total_retries = 0
    limits = getattr(getattr(pipeline, "_transport", None), "connection_config", None)
    if limits is not None:
        limits.timeout, limits.read_timeout = 10, seconds
    return system, root


def reach(system: Any, root: str) -> None:
    """Look whether the container is there. Raises what the library raises."""

    async def look() -> None:
        container, _, folder = root.partition("/")
        async with system.service_client.get_container_client(container) as client:
            async for _ in client.list_blobs(
                name_starts_with=f"{folder}/" if folder else None, results_per_page=1
            ):
                return

    sync(system.loop, look)


def headers(kind: str, cache: str, md5: bytes) -> dict[str, Any]:
    """What is told of a file: its type for browsers, how long it may be kept, and its MD5."""
    return {"content_settings": {"content_type": kind, "cache_control": cache, "content_md5": bytearray(md5)}}


def tag(info: Mapping[str, Any]) -> str:
    """The tag of what a file holds now."""
    return str(info["etag"])


def print_of(info: Mapping[str, Any]) -> Print:
    """What the container's list tells of a file."""
    settings = info.get("content_settings") or {}
    md5 = settings.get("content_md5") if isinstance(settings, Mapping) else settings.content_md5
    return Print(md5=bytes(md5).hex() if md5 else None, size=info.get("size"))


def swap(system: Any, path: str, data: bytes, told: dict[str, Any], tag_: str | None) -> str:
    """Write a file if its tag is still that one, or if it is still not there. Raises what the library raises."""
    from azure.core import MatchConditions

    if tag_ is None:
        done = system.pipe_file(path, data, overwrite=False, **told)
    else:
        done = system.pipe_file(
            path, data, overwrite=True, etag=tag_, match_condition=MatchConditions.IfNotModified, **told
        )
    return str(done["etag"])
