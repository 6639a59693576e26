"""NetBox's REST API, brought into the tables of `netbox_source.py`. Only reads; talks to one host only."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pynetbox
import requests
from requests.adapters import HTTPAdapter

from kb_builder.errors import KbError, MachineError
from kb_builder.importers.netbox_source import PORTS, TABLES, Row, Tables, custom_texts, make_row

PAGE = 500
TIMEOUT = 60
MAX_REQUESTS = 20_000
MAX_ROWS = 1_000_000
_FROM_OTHERS = {*PORTS, "virtualization.vminterface", "dcim.cabletermination"}
"""Tables that are not asked for: the rows of them that matter come with addresses and cables."""
_ORDER = tuple(model for model in TABLES if model not in _FROM_OTHERS)
_SLOW = {"dcim.device": "config_context", "virtualization.virtualmachine": "config_context"}
"""What NetBox takes long to work out, and we do not use."""


class _OneHost(HTTPAdapter):
    """Sends requests, so many and no more, and waits for an answer, so long and no longer."""

    left = MAX_REQUESTS

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.left -= 1
        if self.left < 0:
            raise requests.RequestException(f"no end after {MAX_REQUESTS:,} requests")
        options["timeout"] = options.get("timeout") or TIMEOUT
        return super().send(request, *args, **options)


def from_api(source: str, token: str | None, progress: Callable[[int, int], None]) -> Tables:
    """The tables as NetBox's REST API has them. Raises KbError if it does not answer as a NetBox does."""
    home = _home(source)
    api = pynetbox.api(home, token=_token(token))
    api.http_session = _session(home)
    rows: dict[str, dict[int, Row]] = {}
    for done, model in enumerate(_ORDER, 1):
        rows.setdefault(model, {})
        for given in _asked(api, model, home):
            try:
                _take(rows, model, given)
            except KbError as error:
                hint = "is it a NetBox, of version 3.3 or later?"
                raise KbError(f"{home} does not answer as a NetBox does: {error.message}", hint) from error
        progress(done, len(_ORDER))
    return Tables(rows, base=f"{home}/")


def _home(source: str) -> str:
    """The address without what does not belong to it. Raises KbError for one that must not be used."""
    try:
        parts = urlsplit(source)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise KbError(f"not an address: {error}", "write https://netbox.example.com") from error
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.query or parts.fragment:
        raise KbError("that is not the address of a NetBox", "write https://netbox.example.com")
    if parts.scheme == "http" and not _is_here(host):
        raise KbError("a token must not travel in the clear", f"write https://{host}")
    shown = f"[{host}]" if ":" in host else host
    place = parts.path.rstrip("/").removesuffix("/api").rstrip("/")
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{place}"


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _token(token: str | None) -> str | None:
    token = (token or "").strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise KbError("NETBOX_TOKEN holds what no token has", "copy it again, as NetBox shows it")
    return token or None


def _session(home: str) -> requests.Session:
    """A session that reaches no other host: a page's `next`, or a redirect, must not take the token elsewhere."""
    parts = urlsplit(home)
    session = requests.Session()
    session.adapters.clear()
    session.mount(f"{parts.scheme}://{parts.netloc}/", _OneHost())
    return session


def _asked(api: Any, model: str, home: str) -> Iterator[dict[str, Any]]:
    """The rows of a table as the API gives them, page after page."""
    app, _, endpoint = TABLES[model].path.partition("/")
    asked = getattr(getattr(api, app), endpoint)
    try:
        found = asked.filter(exclude=_SLOW[model], limit=PAGE) if model in _SLOW else asked.all(limit=PAGE)
        for count, row in enumerate(found.response):
            if not isinstance(row, dict) or not isinstance(row.get("id"), int) or count > MAX_ROWS:
                raise KbError(f"{home} does not answer as a NetBox does: {endpoint} has no rows")
            yield row
    except pynetbox.RequestError as error:
        status = error.req.status_code
        if status == 404 and TABLES[model].optional:
            return
        hint = "is that the address of a NetBox, without /api?" if status == 404 else None
        if status in (401, 403):
            hint = "set NETBOX_TOKEN to a token that may read everything"
        raise KbError(
            f"{home} refused to show {endpoint}: {status} {str(error.req.reason)[:80]}", hint
        ) from error
    except pynetbox.ContentError as error:
        raise KbError(f"{home} does not answer in JSON", "is that the address of a NetBox?") from error
    except requests.exceptions.InvalidSchema as error:
        raise KbError(
            f"{home} sends us to another address",
            "use the address that NetBox gives itself; behind a proxy it must know that it is https",
        ) from error
    except requests.RequestException as error:
        raise MachineError(f"{home} cannot be reached: {_reason(error)}", "is the address right?") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KbError(f"{home} does not answer as a NetBox does", "is that its address?") from error


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT} seconds"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return str(error)[:200]


def _take(rows: dict[str, dict[int, Row]], model: str, given: Mapping[str, Any]) -> None:
    """Add a row, and the rows that lie in it."""
    fields = {name: _flat(value) for name, value in given.items() if name not in ("tags", "custom_fields")}
    tags = given.get("tags")
    titles = tuple(
        str(tag["name"])
        for tag in (tags if isinstance(tags, list) else ())
        if isinstance(tag, dict) and tag.get("name")
    )
    custom = given.get("custom_fields")
    number = int(given["id"])
    texts = custom_texts(custom) if isinstance(custom, dict) else {}
    rows.setdefault(model, {})[number] = make_row(model, number, fields, titles, texts)
    if model == "ipam.ipaddress":
        _take_object(rows, given.get("assigned_object_type"), given.get("assigned_object"))
    if model == "dcim.cable":
        for end in ("A", "B"):
            ends = given.get(f"{end.lower()}_terminations")
            for each in ends if isinstance(ends, list) else ():
                if isinstance(each, dict):
                    _take_end(rows, number, end, each)


def _take_end(rows: dict[str, dict[int, Row]], cable: int, end: str, given: Mapping[str, Any]) -> None:
    known = rows.setdefault("dcim.cabletermination", {})
    fields = {
        "cable": cable,
        "cable_end": end,
        "termination_type": given.get("object_type"),
        "termination_id": given.get("object_id"),
    }
    known[len(known) + 1] = make_row("dcim.cabletermination", len(known) + 1, fields, (), {})
    _take_object(rows, given.get("object_type"), given.get("object"))


def _take_object(rows: dict[str, dict[int, Row]], model: object, given: object) -> None:
    """Add the interface or port that an address or a cable names, as far as it is told there."""
    if (
        isinstance(model, str)
        and model in _FROM_OTHERS
        and isinstance(given, dict)
        and isinstance(given.get("id"), int)
    ):
        fields = {name: _flat(value) for name, value in given.items()}
        rows.setdefault(model, {})[given["id"]] = make_row(model, given["id"], fields, (), {})


def _flat(value: Any) -> Any:
    """A choice as its value, an object as its number; all else as it is."""
    if isinstance(value, dict):
        return value["value"] if "value" in value else value.get("id", value)
    return value
