"""A bucket of Google Cloud Storage.

Sign in by `gcloud auth application-default login`; or name the key file of a service account in
`GOOGLE_APPLICATION_CREDENTIALS`; or use the service account of the machine.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from types import MethodType
from typing import Any

from kb_builder.place import Print

TITLE = "Google Cloud Storage"
ADDRESSES = ("gs://bucket/acme",)
SCHEME, PACKAGE, EXTRA = "gs", "gcsfs", "publish-gs"
SIGN_IN = (
    "sign in with gcloud auth application-default login, or name a key file in GOOGLE_APPLICATION_CREDENTIALS"
)
_ROLE = "(the role Storage Object User on the bucket has all that is needed)"
RIGHTS: Mapping[str, str] = {
    "list": f"storage.objects.list {_ROLE}",
    "read": f"storage.objects.get {_ROLE}",
    "write": f"storage.objects.create, and storage.objects.delete to write over a file {_ROLE}",
    "remove": f"storage.objects.delete {_ROLE}",
}
SAFE = False
CONDITIONS_MAY_BE_IGNORED = False
_BREAK = "==kb=="


def connect(to: str, seconds: int) -> tuple[Any, str]:
    """The bucket, and the path in it. Tries are counted by us: the library's own are taken out."""
    import aiohttp
    from gcsfs.core import GCSFileSystem

    limits = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=seconds)
    system = GCSFileSystem(skip_instance_cache=True, requests_timeout=limits)
    once = getattr(GCSFileSystem._request, "__wrapped__", None)
    if once is not None:
        system._request = MethodType(once, system)
    return system, str(GCSFileSystem._strip_protocol(to))


def reach(system: Any, root: str) -> None:
    """Look whether the bucket is there. Raises what the library raises."""
    bucket, _, folder = root.partition("/")
    system.call("GET", "b/{}/o", bucket, prefix=f"{folder}/" if folder else "", maxResults=1, json_out=True)


def headers(kind: str, cache: str, md5: bytes) -> dict[str, Any]:
    """What is told of a file: its type for browsers and how long it may be kept. The library compares the MD5."""
    return {"content_type": kind, "fixed_key_metadata": {"cache_control": cache}, "consistency": "md5"}


def tag(info: Mapping[str, Any]) -> str:
    """The tag of what a file holds now."""
    return str(info["generation"])


def print_of(info: Mapping[str, Any]) -> Print:
    """What the bucket's list tells of a file."""
    md5 = info.get("md5Hash")
    return Print(md5=base64.b64decode(md5).hex() if md5 else None, size=info.get("size"))


def swap(system: Any, path: str, data: bytes, told: dict[str, Any], tag_: str | None) -> str:
    """Write a file if its generation is still that one, or if it is still not there. Raises what the library raises."""
    bucket, _, name = path.partition("/")
    known = {"name": name, "cacheControl": told["fixed_key_metadata"]["cache_control"]}
    head = f"--{_BREAK}\nContent-Type: application/json; charset=UTF-8\n\n{json.dumps(known)}\n"
    body = (
        f"--{_BREAK}\nContent-Type: {told['content_type']}\n\n".encode() + data + f"\n--{_BREAK}--".encode()
    )
    done = system.call(
        "POST",
        f"{system._location}/upload/storage/v1/b/{bucket}/o",
        uploadType="multipart",
        ifGenerationMatch=tag_ or "0",
        headers={"Content-Type": f'multipart/related; boundary="{_BREAK}"'},
        data=head.encode() + body,
        json_out=True,
    )
    return str(done["generation"])
