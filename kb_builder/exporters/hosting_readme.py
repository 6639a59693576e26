"""What goes with a server's configuration: the password files, and how all of it is installed and tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from kb_builder.exporters.hosting_places import Place, Setup

_COMMAND = {
    "caddy": ("name hash", "caddy hash-password"),
    "nginx": ("name:hash", "htpasswd -nB NAME"),
}


def passwords(setup: Setup, server: str) -> Mapping[str, str]:
    """A password file for each private site, with nobody in it: the server refuses all until somebody is."""
    if setup.proxy:
        return {}
    line, command = _COMMAND[server]
    return {
        f"passwords/{place.audience}": (
            f"# Who may read the {place.audience} site of {setup.client}: one person a line, as `{line}`.\n"
            f"# `{command}` makes the hash. While nobody is listed, nobody is let in.\n"
        )
        for place in setup.places
        if not place.public
    }


def readme(setup: Setup, server: str) -> str:
    """How the files are installed, who is let in and how, and how to see that it works; Markdown."""
    sections = [_sites(setup), _caddy(setup) if server == "caddy" else _nginx(setup)]
    if any(not place.public for place in setup.places):
        sections.append(_proxy(setup) if setup.proxy else _people(setup, server))
    sections += [_trial(setup), _notes(setup, server)]
    return "\n".join(line for section in sections for line in section)


def _address(place: Place) -> str:
    scheme, host, port = place.origin
    return f"{scheme}://{host}{f':{port}' if port else ''}{place.path}"


def _sites(setup: Setup) -> Iterator[str]:
    yield f"# Hosting the documentation of {setup.client}"
    yield ""
    yield "| site | address | folder on the server | who may read it |"
    yield "| --- | --- | --- | --- |"
    for place in setup.places:
        readers = "everybody" if place.public else _readers(setup, place)
        yield f"| {place.audience} | {_address(place)} | `{place.root}/` | {readers} |"
    yield ""
    yield "Each site is served from its own folder and from nothing above it. Let `kb publish` fill these folders, each as a"
    yield "target of its own; it sends what is signed, without drafts and candidates:"
    yield ""
    yield "```yaml"
    yield "# client.yaml; on this server itself, the folder alone"
    yield "targets:"
    for place in setup.places:
        yield f"  - {{id: {place.audience}, to: 'sftp://NAME@HOST{place.root}', audience: {place.audience}}}"
    yield "```"
    yield ""
    yield "Never serve or copy `site/`, where `kb build` writes: it holds drafts, candidates and every audience's site. The web"
    yield "server needs to read the folders, not to write them."
    yield ""


def _readers(setup: Setup, place: Place) -> str:
    if setup.proxy:
        return f"the group `{setup.group(place)}`"
    return f"those in `passwords/{place.audience}`"


def _caddy(setup: Setup) -> Iterator[str]:
    target = f"/etc/caddy/kb/{setup.client}"
    yield "## Install"
    yield ""
    yield "For Caddy 2.6 or newer. It fetches certificates by itself."
    yield ""
    yield "```sh"
    yield from _copy(setup, "Caddyfile", target)
    yield f"sudo chown -R root:caddy {target}"
    yield f"sudo chmod -R u=rwX,g=rX,o= {target}"
    yield f"{no_links(_folder(setup))} \\"
    yield f"  && echo 'import kb/{setup.client}/Caddyfile' | sudo tee -a /etc/caddy/Caddyfile \\"
    yield "  && sudo caddy validate --config /etc/caddy/Caddyfile && sudo systemctl reload caddy"
    yield "```"
    yield ""
    yield "Caddy follows symbolic links, and has no way to refuse them: one in a site would serve what it leads to. What"
    yield "`kb publish` sends has none. The first of the last three lines stops where there is one, and says which; ask it"
    yield "again whenever something else has written there."
    yield ""


def no_links(folder: str) -> str:
    """The command that fails, and says which, where a folder holds a symbolic link."""
    return f"(! sudo find {folder} -type l | grep .)"


def _nginx(setup: Setup) -> Iterator[str]:
    target = f"/etc/nginx/kb/{setup.client}"
    yield "## Install"
    yield ""
    yield "For nginx 1.22 or newer."
    if any(place.origin[0] == "https" for place in setup.places):
        hosts = sorted({place.origin[1] for place in setup.places if place.origin[0] == "https"})
        yield "First a certificate for each host, as `fullchain.pem` and `privkey.pem` in:"
        yield ""
        yield from (f"- `{setup.certificates}/{host}/`" for host in hosts)
    yield ""
    yield "```sh"
    yield from _copy(setup, "nginx.conf", target)
    yield f"sudo chown -R root:www-data {target}"
    yield f"sudo chmod -R u=rwX,g=rX,o= {target}"
    yield f"echo 'include kb/{setup.client}/nginx.conf;' | sudo tee /etc/nginx/conf.d/kb-{setup.client}.conf"
    yield "sudo nginx -t && sudo systemctl reload nginx"
    yield "```"
    yield ""


def _copy(setup: Setup, name: str, target: str) -> Iterator[str]:
    """Newer files replace older ones, but never a password file that somebody stands in."""
    yield f"sudo mkdir -p {target}"
    yield f"sudo cp {name} headers* {target}/"
    if not setup.proxy and not all(place.public for place in setup.places):
        yield f"sudo cp -rn passwords {target}/"


def _people(setup: Setup, server: str) -> Iterator[str]:
    place = next(each for each in setup.places if not each.public)
    line, command = _COMMAND[server]
    base = f"/etc/{server}/kb/{setup.client}"
    yield "## Who is let in"
    yield ""
    yield f"One person a line in `passwords/<site>`, as `{line}`. A password opens the sites in whose files it stands"
    yield "and no other: a manager who also reads the staff site stands in both. No file holds a password, only its hash."
    yield ""
    yield "```sh"
    if server == "caddy":
        yield f"{command}                       # asks for the password, prints the hash"
        yield f"sudoedit {base}/passwords/{place.audience}   # add: anna $2a$14$..."
        yield "sudo systemctl reload caddy"
    else:
        yield f"sudo htpasswd -B {base}/passwords/{place.audience} anna   # asks for the password"
    yield "```"
    yield ""
    yield "To change a password, replace that person's line; to shut somebody out, delete it."
    if server == "caddy":
        yield "Caddy reads the files when it is reloaded."
    else:
        yield "nginx reads the files at each request. `htpasswd` comes with the package `apache2-utils`."
    yield ""


def _proxy(setup: Setup) -> Iterator[str]:
    yield "## Who is let in"
    yield ""
    yield f"oauth2-proxy at {setup.proxy} asks the OpenID Connect provider. It has to be one whose"
    yield "`/oauth2/auth` takes `allowed_groups`, and needs at least:"
    yield ""
    yield "```ini"
    yield 'provider = "oidc"'
    yield "reverse_proxy = true"
    yield "set_xauthrequest = true"
    yield 'email_domains = ["*"]'
    yield 'oidc_groups_claim = "groups"'
    yield 'upstreams = ["static://202"]'
    yield "```"
    yield ""
    yield "and the provider's own: `oidc_issuer_url`, `client_id`, `client_secret`, `cookie_secret`, and as redirect"
    yield "address `/oauth2/callback` on each host. It has to be reachable from this server only."
    yield "A site is open to one group; whoever reads two sites is in two groups:"
    yield ""
    for place in setup.places:
        if not place.public:
            yield f"- {place.audience}: `{setup.group(place)}`"
    yield ""


def _trial(setup: Setup) -> Iterator[str]:
    yield "## See that it works"
    yield ""
    yield "```sh"
    for place in setup.places:
        address = _address(place)
        expected = "302, to latest/" if place.public else "302, to the sign-in" if setup.proxy else "401"
        yield f"curl -sI {address}latest/index.html   # {'200' if place.public else expected}"
        if not place.public and not setup.proxy:
            yield f"curl -sI -u NAME {address}latest/index.html   # 200, and 401 with the password of another site"
    for one, other in pairwise(place for place in setup.places if not place.public):
        if one.origin == other.origin:
            yield f"curl -sI --path-as-is {_address(one)}..{other.path}   # never 200"
    yield "```"
    yield ""


def _notes(setup: Setup, server: str) -> Iterator[str]:
    yield "## What it does"
    yield ""
    yield "- Every page comes with a strict Content-Security-Policy: scripts, styles, fonts and images from the site"
    yield "  itself and from nowhere else, nothing within the page. A site whose theme or `mkdocs.yml` loads something"
    yield "  from elsewhere needs another policy, in the files `headers*`."
    yield "- A file whose name carries a hash of its content is kept for a year; all else is asked for again each time,"
    yield "  and not sent again if it is the same."
    yield "- Names that start with a dot are never served, and nothing can be sent to the server."
    yield "- Search engines are told to stay away, but for the latest release of a site that is `public`."
    yield "- Give each client a host of its own: pages of one host can read each other's storage, and a browser sends"
    yield "  a password to the whole host."
    if server == "caddy":
        yield f"- Symbolic links are followed, so there must be none: `{no_links(_folder(setup))}`"
    else:
        yield "- Symbolic links in a site are refused."
    yield ""


def _folder(setup: Setup) -> str:
    return setup.places[0].root.rpartition("/")[0]
