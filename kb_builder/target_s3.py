"""A bucket of Amazon S3, or of a server that speaks its language (MinIO, Ceph, R2 and others).

Sign in as with the AWS command line: a profile in `~/.aws/credentials` named by `AWS_PROFILE`; or `AWS_ACCESS_KEY_ID` and
`AWS_SECRET_ACCESS_KEY` (with `AWS_SESSION_TOKEN`); or `aws sso login`; or the role of the machine. The region comes from the
profile or `AWS_DEFAULT_REGION`; another server's address is `AWS_ENDPOINT_URL`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import fsspec

from kb_builder.place import Print

TITLE = "Amazon S3, and servers that speak its language"
ADDRESSES = ("s3://bucket/acme",)
SCHEME, PACKAGE, EXTRA = "s3", "s3fs", "publish-s3"
SIGN_IN = "sign in as with the AWS command line: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or aws sso login"
RIGHTS: Mapping[str, str] = {
    "list": "s3:ListBucket on the bucket, for the folder",
    "read": "s3:GetObject on what is in the folder",
    "write": "s3:PutObject on what is in the folder",
    "remove": "s3:DeleteObject on what is in the folder",
}
SAFE = False
"""Whether a file has to be written beside its place and moved there."""
CONDITIONS_MAY_BE_IGNORED = True
"""Some servers that speak the language write without looking at the condition."""


def connect(to: str, seconds: int) -> tuple[Any, str]:
    """The bucket, and the path in it. Tries are counted by us, not by the library's libraries."""
    tries = {"retries": {"total_max_attempts": 1}, "connect_timeout": 10, "read_timeout": seconds}
    system, root = fsspec.url_to_fs(to, skip_instance_cache=True, config_kwargs=tries)
    system.retries = 1
    return system, root


def reach(system: Any, root: str) -> None:
    """Look whether the bucket is there. Raises what the library raises."""
    bucket, _, folder = root.partition("/")
    system.call_s3("list_objects_v2", Bucket=bucket, Prefix=f"{folder}/" if folder else "", MaxKeys=1)


def headers(kind: str, cache: str, md5: bytes) -> dict[str, Any]:
    """What is told of a file: its type for browsers, how long it may be kept, and its MD5, so that none arrives broken."""
    return {"ContentType": kind, "CacheControl": cache, "ContentMD5": base64.b64encode(md5).decode()}


def tag(info: Mapping[str, Any]) -> str:
    """The tag of what a file holds now."""
    return str(info["ETag"])


def print_of(info: Mapping[str, Any]) -> Print:
    """What the bucket's list tells of a file. An ETag is an MD5 but for files in parts, and where a bucket encrypts by KMS."""
    md5 = str(info.get("ETag", "")).strip('"')
    return Print(md5=md5 if len(md5) == 32 and "-" not in md5 else None, size=info.get("size"))


def swap(system: Any, path: str, data: bytes, told: dict[str, Any], tag_: str | None) -> str:
    """Write a file if its tag is still that one, or if it is still not there. Raises what the library raises."""
    condition = {"IfNoneMatch": "*"} if tag_ is None else {"IfMatch": tag_}
    done = system.pipe_file(path, data, **told, **condition)
    return str(done["ETag"])
