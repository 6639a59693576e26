"""The files that a web server needs to serve a client's sites: each audience its own, and nobody else's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kb_builder.errors import UsageError
from kb_builder.exporters import hosting_caddy, hosting_nginx
from kb_builder.exporters.hosting_places import setup
from kb_builder.exporters.hosting_readme import passwords, readme
from kb_builder.records.client import Client

SERVERS = ("caddy", "nginx")
SIGN_INS = ("basic", "oidc")
SITES = "/srv/sites"
CERTIFICATES = "/etc/letsencrypt/live"
_BUILT = ".kb"
"""The folder by which one knows where `kb build` writes."""


def refuse_folder(sites: Path, client: str, server: str) -> None:
    """Raise UsageError if a folder of sites that is on this machine must not be served.

    Either `kb build` writes there, so that drafts and candidates would be served, or it holds a symbolic link, which
    Caddy would follow wherever it leads.
    """
    if (sites / client / _BUILT).is_dir():
        raise UsageError(
            f"{sites} is where kb build writes: drafts, candidates and every audience's site",
            "serve the folders that kb publish fills; they are named in client.yaml under `targets:`",
        )
    if server == "caddy" and (sites / client).is_dir():
        links = (
            Path(base) / name for base, names, files in os.walk(sites / client) for name in (*names, *files)
        )
        if link := next((each for each in links if each.is_symlink()), None):
            raise UsageError(
                f"{link} is a symbolic link, and Caddy would serve what it leads to",
                "take it away, and put the file itself there",
            )


def hosting_files(
    client: Client,
    server: str,
    sites: str = SITES,
    *,
    auth: str = "basic",
    proxy: str | None = None,
    host: str | None = None,
    certificates: str = CERTIFICATES,
) -> Mapping[str, str]:
    """The text of each file by its path: the server's configuration, password files and how to install them.

    `server` is one of SERVERS, `auth` one of SIGN_INS; `sites` is the folder on the server in which the folder of
    each client lies, as `kb build` makes it; `proxy` the address of oauth2-proxy, for `oidc`; `host` where sites
    are served that have no `url`; `certificates` the folder that has one for each host, for nginx.
    Raises UsageError for what a server cannot be given.
    """
    if server not in SERVERS:
        raise UsageError(f'there are no files for "{server}"', f"one of {', '.join(SERVERS)}")
    if auth not in SIGN_INS:
        raise UsageError(f'there is no sign-in "{auth}"', f"one of {', '.join(SIGN_INS)}")
    if (auth == "oidc") != (proxy is not None):
        raise UsageError("--auth oidc and --proxy go together", "the proxy is where oauth2-proxy listens")
    made = setup(client, sites, host, proxy, certificates)
    written = hosting_caddy.files(made) if server == "caddy" else hosting_nginx.files(made)
    return {**written, **passwords(made, server), "README.md": readme(made, server)}
