"""The configuration of Caddy (2.6 or newer) for a client's sites.

Directives are those of caddyserver.com/docs/caddyfile. Nothing that comes from a record is written here but names
that `hosting_places` has checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kb_builder.exporters.hosting_headers import (
    CHANGING,
    FOREVER,
    GONE,
    HASHED,
    HEADERS,
    HELPERS,
    NO_ROBOTS,
    TRANSPORT,
    VERSION,
    sharing,
)
from kb_builder.exporters.hosting_places import LOOPBACK, Origin, Place, Setup


def files(setup: Setup) -> Mapping[str, str]:
    """`Caddyfile`, to be imported by the main one, and the headers that it imports."""
    found = {"Caddyfile": "\n".join(_configuration(setup)) + "\n", "headers": _headers(())}
    if any(scheme == "https" for scheme, _, _ in setup.hosts):
        found["headers-https"] = _headers((TRANSPORT,))
    return found


def _headers(more: Sequence[tuple[str, str]]) -> str:
    lines = "".join(f'\t{name} "{value}"\n' for name, value in (*HEADERS, *more))
    return f"header {{\n{lines}\t-Server\n}}\n"


def _configuration(setup: Setup) -> Iterator[str]:
    yield f"# The sites of {setup.client}. To be imported by the main Caddyfile; README.md says how."
    for origin, places in setup.hosts.items():
        yield ""
        yield from _host(setup, origin, places)


def _host(setup: Setup, origin: Origin, places: Sequence[Place]) -> Iterator[str]:
    scheme, host, port = origin
    headers = "headers-https" if scheme == "https" else "headers"
    yield f"{scheme}://{host}{f':{port}' if port else ''} {{"
    if host in LOOPBACK:
        yield "\tbind 127.0.0.1"
    yield "\tencode zstd gzip"
    yield "\troute {"
    if setup.proxy and not all(place.public for place in places):
        yield from _within(_proxy(setup.proxy), 2)
    yield f"\t\timport {headers}"
    yield "\t\t@other not method GET HEAD"
    yield "\t\trespond @other 405"
    for place in places:
        yield from _within(_place(setup, place), 2)
    yield "\t\trespond 404"
    yield "\t}"
    yield "\thandle_errors {"
    yield f"\t\timport {headers}"
    for place in places:
        yield from _within(_missing(place), 2)
    yield "\t}"
    yield "}"


def _within(lines: Iterable[str], depth: int) -> Iterator[str]:
    tabs = "\t" * depth
    return (tabs + line for line in lines)


def _proxy(proxy: str) -> Iterator[str]:
    """The sign-in proxy's own pages, which come with headers of their own."""
    yield "@sign_in path_regexp ^/oauth2/"
    yield "handle @sign_in {"
    yield f"\treverse_proxy {proxy} {{"
    yield "\t\theader_up X-Real-IP {remote_host}"
    yield "\t\theader_up X-Forwarded-Uri {uri}"
    yield "\t}"
    yield "}"


def _place(setup: Setup, place: Place) -> Iterator[str]:
    """One site. A regular expression tells upper from lower case, which Caddy's matcher for paths does not."""
    name = place.audience
    if place.prefix:
        yield f"@{name}_bare path_regexp `^{re.escape(place.prefix)}$`"
        yield f"redir @{name}_bare {place.path} 302"
    yield f"@{name} path_regexp `^{re.escape(place.path)}`"
    yield f"handle @{name} {{"
    yield from _within(_below(place), 1)
    yield "\troute {"
    yield from _within(_sign_in(setup, place), 2)
    yield from _within(_pages(place), 2)
    yield "\t}"
    yield "}"


def _below(place: Place) -> Iterator[str]:
    """From an address on the host to a file of the place."""
    if place.prefix:
        yield f"uri strip_prefix {place.prefix}"
    yield f"root * {place.root}"


def _pages(place: Place) -> Iterator[str]:
    share = sharing(place.public)
    yield r"@odd path_regexp `/\.|[\x00-\x1f\x7f\\]`"
    yield "error @odd 404"
    yield "@released {"
    yield "\tpath_regexp ^/$"
    yield "\tfile /latest/index.html"
    yield "}"
    yield f"redir @released {place.path}latest/ 302"
    yield f'header Cache-Control "{share}, {CHANGING}"'
    yield f"@hashed path_regexp `{HASHED}`"
    yield f'header @hashed Cache-Control "{share}, {FOREVER}"'
    if place.public:
        yield "@closed not path_regexp ^/latest/"
        yield f'header @closed X-Robots-Tag "{NO_ROBOTS}"'
    else:
        yield f'header X-Robots-Tag "{NO_ROBOTS}"'
    yield "file_server {"
    yield "\thide .*"
    yield "}"


def _sign_in(setup: Setup, place: Place) -> Iterator[str]:
    if place.public:
        return
    if setup.proxy is None:
        yield f'basicauth bcrypt "{setup.client} {place.audience}" {{'
        yield f"\timport passwords/{place.audience}"
        yield "}"
        return
    yield f"forward_auth {setup.proxy} {{"
    yield f"\turi /oauth2/auth?allowed_groups={setup.group(place)}"
    yield "\theader_up X-Real-IP {remote_host}"
    yield "\theader_up X-Forwarded-Uri {http.request.orig_uri}"
    yield "\t@nobody status 401"
    yield "\thandle_response @nobody {"
    yield "\t\troute {"
    yield "\t\t\t# A rewrite escapes what it puts into a query; a redirect does not."
    yield "\t\t\trewrite * /oauth2/sign_in?rd={http.request.orig_uri}"
    yield "\t\t\tredir * {http.request.uri} 302"
    yield "\t\t}"
    yield "\t}"
    yield "}"


def _missing(place: Place) -> Iterator[str]:
    """The page for an address that is not there, which is said after the sign-in only."""
    name = f"{place.audience}_missing"
    yield f"@{name} {{"
    yield f"\tpath_regexp `^{re.escape(place.path)}`"
    yield "\texpression {http.error.status_code} == 404"
    yield "}"
    yield f"handle @{name} {{"
    yield from _within(_below(place), 1)
    yield "\troute {"
    yield from _within(_page_for_missing(place), 2)
    yield "\t}"
    yield "}"


def _page_for_missing(place: Place) -> Iterator[str]:
    yield f'header Cache-Control "{GONE}"'
    yield f'header X-Robots-Tag "{NO_ROBOTS}"'
    yield f"@helper path_regexp helper `^/assets/kb/({HELPERS})$`"
    yield f"redir @helper {place.path}latest/assets/kb/{{re.helper.1}} 302"
    yield f"@deep path_regexp deep `^/({VERSION})/.+/assets/kb/({HELPERS})$`"
    yield f"redir @deep {place.path}{{re.deep.1}}/assets/kb/{{re.deep.2}} 302"
    yield f"@version path_regexp version `^/({VERSION})/`"
    yield "route @version {"
    yield "\trewrite * /{re.version.1}/404.html"
    yield "\t@own file"
    yield "\tfile_server @own"
    yield "}"
    yield "rewrite * /latest/404.html"
    yield "@newest file"
    yield "file_server @newest"
