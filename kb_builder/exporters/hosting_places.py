"""Where each of a client's sites is served: checked so strictly that nothing can break out of a configuration file.

Host names follow RFC 1123 and are written in ASCII; a path is a plain one, without percent-encoding.
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

from kb_builder.errors import UsageError
from kb_builder.records.client import Client

Origin = tuple[str, str, int | None]
"""Scheme, host and port, the last only where it was written."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
_PLAIN = re.compile(r"[!-~]+")
LOOPBACK = ("localhost", "127.0.0.1")
"""The hosts that are this machine: served to it alone, and with http where that is asked for."""
_RESERVED = "oauth2"
"""The first part of a path that the sign-in proxy answers itself."""


@dataclass(frozen=True)
class Place:
    """One site: its audience, where it is served, the folder it is served from, whether all may read it.

    `path` starts and ends with a slash; `root` is absolute and does not end with one.
    """

    audience: str
    origin: Origin
    path: str
    root: str
    public: bool

    @property
    def prefix(self) -> str:
        """The path without the slash at its end: empty where the site is the whole host."""
        return self.path.removesuffix("/")


@dataclass(frozen=True)
class Setup:
    """What the files of one client are made from: who may read is asked of a password file or of `proxy`."""

    client: str
    places: tuple[Place, ...]
    proxy: str | None
    certificates: str

    @property
    def hosts(self) -> Mapping[Origin, Sequence[Place]]:
        """The places by origin, on each the deepest path first."""
        ordered = sorted(
            self.places, key=lambda place: (_sortable(place.origin), -place.path.count("/"), place.path)
        )
        return {origin: list(each) for origin, each in groupby(ordered, key=lambda place: place.origin)}

    def group(self, place: Place) -> str:
        """The group that a place's readers are in, as the sign-in proxy is asked for it."""
        return f"{self.client}-{place.audience}"


def setup(
    client: Client,
    sites: str,
    host: str | None,
    proxy: str | None,
    certificates: str,
) -> Setup:
    """The places of a client's sites, each with its own folder below `sites`. Raises UsageError for what is unsafe.

    A site without a `url` is served on `host`, at a path named like its audience.
    """
    if not _SLUG.fullmatch(client.id):
        raise UsageError(f'"{client.id}" cannot be the name of a folder on a server', "use a-z, 0-9 and -")
    above = safe_folder(sites, "--sites")
    found: list[Place] = []
    for site in client.sites:
        name = site.audience.value
        if site.url is None and host is None:
            raise UsageError(
                f"the {name} site has no address", "write its url under sites in client.yaml, or use --host"
            )
        where = f"the url of the {name} site" if site.url else "--host"
        origin, path = safe_address(site.url or f"{_with_scheme(host or '')}/{name}/", where)
        found.append(Place(name, origin, path, posixpath.join(above, client.id, name), bool(site.public)))
    made = Setup(
        client.id,
        tuple(found),
        safe_proxy(proxy) if proxy else None,
        safe_folder(certificates, "--certificates"),
    )
    _refuse_clashes(made)
    return made


def safe_address(address: str, where: str) -> tuple[Origin, str]:
    """The origin and path of a site's address. Raises UsageError, which names `where`, unless it is a plain one."""
    scheme, host, port, path = _split(address, where, "such as https://docs.example.com/staff/")
    if scheme == "http" and host not in LOOPBACK:
        raise UsageError(
            f"{where} starts with http: what is read there could be read by others", "use https://"
        )
    segments = path.split("/")[1:-1]
    plain = path == "/" + "".join(f"{segment}/" for segment in segments)
    if not plain or not all(_SEGMENT.fullmatch(each) for each in segments):
        raise UsageError(
            f"{where} has a path that a server cannot be given: {address!r}",
            "letters, digits, - _ ~ and ., between slashes, with one at the end",
        )
    return (scheme, host, port), path


def _split(address: str, where: str, hint: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and path of an address that has no more than those."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{where} is not an address: {error}", hint) from error
    host = (parts.netloc if port is None else parts.netloc.rpartition(":")[0]).lower()
    known = parts.scheme in ("http", "https") and _is_host(host) and port != 0
    if not known or not _PLAIN.fullmatch(address) or "?" in address or "#" in address:
        raise UsageError(f"{where} is not one that a server can be given: {address!r}", hint)
    return parts.scheme, host, port, parts.path


def safe_folder(folder: str, option: str) -> str:
    """A folder on the server, without the slash at its end. Raises UsageError unless it is an absolute, plain path."""
    parts = folder.removesuffix("/").split("/")
    if parts[0] != "" or len(parts) < 2 or not all(_SEGMENT.fullmatch(part) for part in parts[1:]):
        raise UsageError(
            f"{option} {folder!r} is not a folder on the server",
            "an absolute path of letters, digits, - _ ~ and ., such as /srv/sites",
        )
    return "/".join(parts)


def safe_proxy(address: str) -> str:
    """The address of the sign-in proxy, without a slash at its end. Raises UsageError unless it is a plain one."""
    hint = "scheme, host and port alone, such as http://127.0.0.1:4180"
    scheme, host, port, path = _split(address, "--proxy", hint)
    if path not in ("", "/"):
        raise UsageError(f"--proxy {address!r} has a path", hint)
    return f"{scheme}://{host}" + (f":{port}" if port is not None else "")


def _with_scheme(host: str) -> str:
    return (host if "://" in host else f"https://{host}").removesuffix("/")


def _is_host(host: str) -> bool:
    if re.fullmatch(r"[0-9.]+", host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            return False
        return True
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))


def _sortable(origin: Origin) -> tuple[str, str, int]:
    return (origin[0], origin[1], origin[2] or 0)


def _refuse_clashes(made: Setup) -> None:
    seen: dict[tuple[Origin, str], str] = {}
    for place in made.places:
        key = (place.origin, place.path.lower())
        if key in seen:
            raise UsageError(
                f"the {seen[key]} and the {place.audience} site have the same address",
                "give each a host or a path of its own under sites in client.yaml",
            )
        seen[key] = place.audience
        if made.proxy and place.path.lower().startswith(f"/{_RESERVED}/"):
            raise UsageError(
                f"the {place.audience} site is at /{_RESERVED}/, which the sign-in proxy answers",
                "give it another path",
            )
    ends: dict[tuple[str, int], str] = {}
    for scheme, host, port in made.hosts:
        number = port or (443 if scheme == "https" else 80)
        if ends.setdefault((host, number), scheme) != scheme:
            raise UsageError(f"{host}:{number} is asked for both with http and with https", "use one of them")
