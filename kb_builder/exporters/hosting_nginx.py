"""The configuration of nginx (1.22 or newer) for a client's sites.

Directives are those of nginx.org/en/docs/http/. Nothing that comes from a record is written here but names that
`hosting_places` has checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

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

_COMPRESSED = "text/css text/plain text/xml application/javascript application/json application/xml application/atom+xml image/svg+xml"


def folder(client: str) -> str:
    """Where the files lie, from the folder that `nginx.conf` is in."""
    return f"kb/{client}"


def files(setup: Setup) -> Mapping[str, str]:
    """`nginx.conf`, to be included within `http`, and the headers that it includes."""
    found = {"nginx.conf": "\n".join(_configuration(setup)) + "\n", "headers": _headers(())}
    if any(scheme == "https" for scheme, _, _ in setup.hosts):
        found["headers-https"] = _headers((TRANSPORT,))
    return found


def _headers(more: Sequence[tuple[str, str]]) -> str:
    return "".join(f'add_header {name} "{value}" always;\n' for name, value in (*HEADERS, *more))


def _configuration(setup: Setup) -> Iterator[str]:
    yield f"# The sites of {setup.client}. To be included within http {{ }}; README.md says how."
    for place in setup.places:
        yield ""
        yield from _maps(setup, place)
    for origin, places in setup.hosts.items():
        yield ""
        yield from _server(setup, origin, places)


def _name(setup: Setup, place: Place, what: str) -> str:
    return f"kb_{setup.client.replace('-', '_')}_{place.audience}_{what}"


def _maps(setup: Setup, place: Place) -> Iterator[str]:
    """What depends on the path: a variable for each, because a location with `if` in it would not inherit."""
    path, share = re.escape(place.path), sharing(place.public)
    yield from _map(
        _name(setup, place, "cache"),
        f"{share}, {CHANGING}",
        {f"{HASHED}": f"{share}, {FOREVER}"},
    )
    open_to_robots = {f"^{path}latest/": ""} if place.public else {}
    yield from _map(_name(setup, place, "robots"), NO_ROBOTS, open_to_robots)
    yield from _map(_name(setup, place, "version"), "latest", {f"^{path}({VERSION})/": "$1"})
    yield from _map(
        _name(setup, place, "helper"),
        "",
        {
            f"^{path}assets/kb/({HELPERS})$": f"{place.path}latest/assets/kb/$1",
            f"^{path}({VERSION})/.+/assets/kb/({HELPERS})$": f"{place.path}$1/assets/kb/$2",
        },
    )


def _map(variable: str, default: str, cases: Mapping[str, str]) -> Iterator[str]:
    yield f"map $uri ${variable} {{"
    yield f'    default "{default}";'
    for pattern, value in cases.items():
        yield f'    "~{pattern}" "{value}";'
    yield "}"


def _server(setup: Setup, origin: Origin, places: Sequence[Place]) -> Iterator[str]:
    scheme, host, port = origin
    secure = scheme == "https"
    if secure and port is None:
        yield from _redirect_to_https(host)
    number = port or (443 if secure else 80)
    address = "127.0.0.1:" if host in LOOPBACK else ""
    yield "server {"
    yield f"    listen {address}{number}{' ssl http2' if secure else ''};"
    if not address:
        yield f"    listen [::]:{number}{' ssl http2' if secure else ''};"
    yield f"    server_name {host};"
    if secure:
        yield f"    ssl_certificate {setup.certificates}/{host}/fullchain.pem;"
        yield f"    ssl_certificate_key {setup.certificates}/{host}/privkey.pem;"
        yield "    ssl_protocols TLSv1.2 TLSv1.3;"
    yield f"    include {folder(setup.client)}/{'headers-https' if secure else 'headers'};"
    yield "    server_tokens off;"
    yield "    absolute_redirect off;"
    yield "    etag on;"
    yield "    charset utf-8;"
    yield f"    charset_types {_COMPRESSED};"
    yield "    gzip on;"
    yield "    gzip_vary on;"
    yield f"    gzip_types {_COMPRESSED};"
    yield "    # Where nginx has no other server for a port, this one is asked for every name."
    yield f'    if ($host != "{host}") {{ return 421; }}'
    yield ""
    yield from _proxy(setup, origin, places)
    for place in places:
        yield from _place(setup, place, secure)
    if all(place.path != "/" for place in places):
        yield "    location / { return 404; }"
    yield "}"


def _redirect_to_https(host: str) -> Iterator[str]:
    yield "server {"
    yield "    listen 80;"
    yield "    listen [::]:80;"
    yield f"    server_name {host};"
    yield "    server_tokens off;"
    yield f'    if ($host != "{host}") {{ return 421; }}'
    yield f"    location / {{ return 301 https://{host}$request_uri; }}"
    yield "}"


def _proxy(setup: Setup, origin: Origin, places: Sequence[Place]) -> Iterator[str]:
    """The sign-in proxy: its own pages, and the question that is asked of it for each place."""
    private = [place for place in places if not place.public]
    if setup.proxy is None or not private:
        return
    scheme, host, port = origin
    known = [
        f"proxy_set_header Host {host}{f':{port}' if port else ''};",
        "proxy_set_header X-Real-IP $remote_addr;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        f"proxy_set_header X-Forwarded-Proto {scheme};",
        f"proxy_set_header X-Forwarded-Host {host}{f':{port}' if port else ''};",
        "proxy_set_header X-Forwarded-Uri $request_uri;",
    ]
    yield "    location ^~ /oauth2/ {"
    yield "        # The proxy's pages come with headers of their own; one here keeps ours away from them."
    yield "        add_header X-Content-Type-Options nosniff always;"
    yield f"        proxy_pass {setup.proxy};"
    yield from (f"        {each}" for each in known)
    yield "    }"
    for place in private:
        yield f"    location = /_kb/{place.audience} {{"
        yield "        internal;"
        yield f"        proxy_pass {setup.proxy}/oauth2/auth?allowed_groups={setup.group(place)};"
        yield "        proxy_pass_request_body off;"
        yield '        proxy_set_header Content-Length "";'
        yield from (f"        {each}" for each in known)
        yield "    }"
    yield "    location @kb_sign_in {"
    yield "        # nginx escapes nothing that it puts into an address: where to go back to is told in a header."
    yield "        add_header X-Content-Type-Options nosniff always;"
    yield "        rewrite ^ /oauth2/sign_in? break;"
    yield f"        proxy_pass {setup.proxy};"
    yield from (f"        {each}" for each in known)
    yield "        proxy_set_header X-Auth-Request-Redirect $request_uri;"
    yield "    }"
    yield ""


def _place(setup: Setup, place: Place, secure: bool) -> Iterator[str]:
    missing = f"@{_name(setup, place, 'missing')}"
    always = [
        f"include {folder(setup.client)}/{'headers-https' if secure else 'headers'};",
        f"add_header X-Robots-Tag ${_name(setup, place, 'robots')} always;",
    ]
    guard = [
        'if ($request_method !~ "^(?:GET|HEAD)$") { return 405; }',
        f"disable_symlinks on from={place.root};",
        *_sign_in(setup, place),
    ]
    if place.prefix:
        yield f"    location = {place.prefix} {{ return 302 {place.path}; }}"
    yield f"    location = {place.path} {{"
    yield f"        if (-f {place.root}/latest/index.html) {{ return 302 {place.path}latest/; }}"
    yield f"        rewrite ^ {place.path}index.html last;"
    yield "    }"
    yield f"    location ^~ {place.path} {{"
    yield f"        alias {place.root}/;"
    yield "        index index.html;"
    yield from (f"        {each}" for each in guard)
    yield r'        if ($uri ~ "/\.") { return 404; }'
    yield f"        error_page 404 {missing};"
    yield from (f"        {each}" for each in always)
    yield f"        add_header Cache-Control ${_name(setup, place, 'cache')};"
    yield "    }"
    yield f"    location {missing} {{"
    yield f"        root {place.root};"
    yield f"        if (${_name(setup, place, 'helper')}) {{ return 302 ${_name(setup, place, 'helper')}; }}"
    yield from (f"        {each}" for each in guard)
    yield f"        try_files /${_name(setup, place, 'version')}/404.html /latest/404.html =404;"
    yield from (f"        {each}" for each in always)
    yield f'        add_header Cache-Control "{GONE}" always;'
    yield "    }"


def _sign_in(setup: Setup, place: Place) -> list[str]:
    if place.public:
        return []
    if setup.proxy:
        return [f"auth_request /_kb/{place.audience};", "error_page 401 = @kb_sign_in;"]
    return [
        f'auth_basic "{setup.client} {place.audience}";',
        f"auth_basic_user_file {folder(setup.client)}/passwords/{place.audience};",
    ]
