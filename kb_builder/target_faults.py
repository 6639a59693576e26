"""What a server's answer means: a hiccup, which a second try may mend, or a refusal, which is said at once with what to do.

The libraries of buckets and servers each have errors of their own; what they have in common is an HTTP status, or the
system's number of an error, or a name. Whatever is not known as a hiccup is a refusal.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from kb_builder.errors import KbError, MachineError
from kb_builder.target_words import without_secrets


class Manual(Protocol):
    """What a sort of target says of itself: how one signs in, and the right that each thing needs."""

    SIGN_IN: str
    RIGHTS: Mapping[str, str]


_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses of HTTP that a server gives when it is busy or upset."""
_NETWORK = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.ETIMEDOUT, errno.EBUSY}
)
_CONNECTION = frozenset(
    {
        "gaierror",
        "HTTPClientError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "ResponseStreamingError",
        "ResponseParserError",
        "ServiceRequestError",
        "ServiceResponseError",
        "ClientConnectionError",
        "ClientPayloadError",
        "RequestException",
        "TransportError",
        "ChecksumError",
        "IncompleteReadError",
        "ConnectionLost",
        "ChannelOpenError",
        "SFTPConnectionLost",
        "SFTPNoConnection",
    }
)
"""The names of the libraries' errors of a connection that is not had or breaks."""
_SIGN_IN = frozenset(
    {
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "InvalidToken",
        "AuthenticationFailed",
        "InvalidAuthenticationInfo",
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
        "DefaultCredentialsError",
        "RefreshError",
        "CredentialUnavailableError",
        "ClientAuthenticationError",
        "PermissionDenied",
    }
)
"""Codes of servers and names of errors that mean: who signs in is not known, whatever they want to do."""
_NO_BUCKET = frozenset({"NoSuchBucket", "ContainerNotFound"})


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def status_of(error: BaseException) -> int | None:
    """The status of HTTP that a server answered with, if it is known."""
    for each in chain(error):
        response = getattr(each, "response", None)
        meta = response.get("ResponseMetadata", {}) if isinstance(response, Mapping) else {}
        for found in (meta.get("HTTPStatusCode"), getattr(each, "status_code", None), _code(each)):
            if str(found).isdigit() and 100 <= int(str(found)) < 600:
                return int(str(found))
        if isinstance(each, OSError) and str(each).startswith("Forbidden: "):
            return 403
    for kind, status in ((FileNotFoundError, 404), (PermissionError, 403), (FileExistsError, 412)):
        if any(isinstance(each, kind) for each in chain(error)):
            return status
    return 403 if any(type(each).__name__ == "SFTPPermissionDenied" for each in chain(error)) else None


def _code(error: BaseException) -> Any:
    return getattr(error, "code", None) if type(error).__name__ == "HttpError" else None


def is_hiccup(error: BaseException) -> bool:
    """Whether a second try may mend it."""
    status = status_of(error)
    if status is not None:
        return status in _PASSING
    return any(
        isinstance(each, ConnectionError | TimeoutError)
        or (isinstance(each, OSError) and each.errno in _NETWORK)
        or any(kind.__name__ in _CONNECTION for kind in type(each).__mro__)
        for each in chain(error)
    ) and not (names_of(error) & _SIGN_IN)


def names_of(error: BaseException) -> set[str]:
    """What an error is called: the names of its kinds, and the codes that servers gave."""
    found = {type(each).__name__ for each in chain(error)}
    for each in chain(error):
        response = getattr(each, "response", None)
        if isinstance(response, Mapping):
            found.add(str(response.get("Error", {}).get("Code", "")))
        found.add(str(getattr(getattr(each, "error_code", None), "value", getattr(each, "error_code", ""))))
    return found


def reason(error: BaseException) -> str:
    """What the server or the library said, in one line: no markup, no secrets, no traceback."""
    words = ""
    for each in chain(error):
        response = getattr(each, "response", None)
        said = response.get("Error", {}).get("Message") if isinstance(response, Mapping) else None
        words = str(said or getattr(each, "message", "") or getattr(each, "strerror", "") or each)
        if words.strip():
            break
    text = without_secrets(re.sub(r"<[^<>]*>", " ", words.split("\nRequestId:")[0]))
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return (text[:300] or type(error).__name__).rstrip(".")


def in_words(error: BaseException, where: str, doing: str, manual: Manual) -> KbError:
    """A refusal, or a hiccup that lasted too long, with what to do. `doing` is one of the keys of RIGHTS."""
    status, names, said = status_of(error), names_of(error), reason(error)
    if "host key" in said.lower():
        return MachineError(
            f"{where}: {said}", "sign in there with ssh once, and check its key; then it is known"
        )
    if names & _SIGN_IN or status == 401 or "unable to connect to account" in said:
        return MachineError(f"{where}: signing in was refused: {said}", manual.SIGN_IN)
    if status == 403:
        right = manual.RIGHTS.get(doing, "")
        hint = f"whoever signs in needs {right}; {manual.SIGN_IN}" if right else manual.SIGN_IN
        return MachineError(f"{where}: to {doing} there is refused: {said}", hint)
    if names & _NO_BUCKET or status == 404:
        return MachineError(f"{where} is not there: {said}", "make it first, or mend `to:` in client.yaml")
    if is_hiccup(error):
        return MachineError(
            f"{where} does not answer: {said}",
            "look at the address and the network; run it again: what has arrived is not sent twice",
        )
    return MachineError(f"{where}: to {doing} there failed: {said}", "mend that, then run it again")
