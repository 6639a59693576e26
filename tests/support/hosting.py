"""Real web servers on this machine, with the files that kb exports for them, and sites to serve."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from kb_builder.exporters.hosting import hosting_files
from kb_builder.records.client import Client

CLIENT = "acme"
NEIGHBOUR = "beta"
WORDS = {"staff": "staff-word", "management": "management-word"}
HASHES = {
    "staff": "$2b$04$s8mKd2gQZIPU1L1D42czlOlWAugm5apdPc3/2DwmgjNft2V9KzXoG",
    "management": "$2b$04$.2fOUf9liTT/.DPqc8OH5OXPVmTbcNjN4zoGLx0y4hpNad0aN5jcm",
}
"""The words as bcrypt has them, at its lowest cost: a test asks a thousand times."""
HASHED = "assets/javascripts/bundle.0a1b2c3d.min.js"
_MAIN_NGINX = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path {folder}/tmp;
    proxy_temp_path {folder}/tmp;
    fastcgi_temp_path {folder}/tmp;
    uwsgi_temp_path {folder}/tmp;
    scgi_temp_path {folder}/tmp;
    include kb/{client}/nginx.conf;
}}
"""
_MAIN_CADDY = "{{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}}\nimport kb/{client}/Caddyfile\n"


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Running:
    """A server that runs: its name, port, and folders of sites and configuration."""

    server: str
    port: int
    sites: Path
    folder: Path

    def ask(
        self,
        path: str,
        audience: str | None = None,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a path exactly as it is written, with the password of `audience`."""
        sent = {"Host": f"localhost:{self.port}", "Connection": "close", **(headers or {})}
        if audience:
            sent["Authorization"] = credentials(audience)
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items() if value)]
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as link:
            link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
            response = HTTPResponse(link, method=method)
            response.begin()
            body = response.read()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, body)


def credentials(audience: str) -> str:
    """The header with an audience's password."""
    return "Basic " + base64.b64encode(f"{audience}:{WORDS[audience]}".encode()).decode()


def binary(server: str) -> str:
    """Where a server is installed; the test is skipped where it is not."""
    found = shutil.which(server, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{server} is not installed; apt-get install {server}")
    return found


def make_sites(folder: Path) -> Path:
    """Two clients with three sites each, in the layout that kb builds; every file says whose it is."""
    for client in (CLIENT, NEIGHBOUR):
        for audience in ("staff", "management", "consultant"):
            _make_site(folder / client / audience, f"of {client} {audience}")
    (folder / "notes.txt").write_text("of nobody")
    return folder


def _make_site(site: Path, whose: str) -> None:
    texts = {
        "index.html": "first",
        "versions.json": "[]",
        "robots.txt": "robots",
        ".kb/state.json": "hidden",
        ".kb-published.json": "hidden",
    }
    for version in ("2026.3", "latest", "draft"):
        texts[f"{version}/index.html"] = "page " * 400
        texts[f"{version}/404.html"] = "missing"
        texts[f"{version}/systems/index.html"] = "systems"
        texts[f"{version}/.hidden"] = "hidden"
        texts[f"{version}/assets/kb/not-found.css"] = "/* style */"
        texts[f"{version}/assets/kb/home.htm"] = "home"
        texts[f"{version}/{HASHED}"] = "var a; " * 400
        texts[f"{version}/feed.xml"] = "<feed/>"
    for name, text in texts.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text} {whose} {name}")


def write_files(server: str, client: Client, sites: Path, folder: Path, **options: str | None) -> Path:
    """Export the files of a client as its server wants them, with everybody in the password files. Gives the main one."""
    own = folder / "kb" / client.id
    for name, text in hosting_files(client, server, str(sites), **options).items():  # type: ignore[arg-type]
        path = own / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for audience, hashed in HASHES.items():
        path = own / "passwords" / audience
        if path.exists():
            path.write_text(f"{path.read_text()}{audience}{':' if server == 'nginx' else ' '}{hashed}\n")
    (folder / "tmp").mkdir(exist_ok=True)
    main = folder / ("nginx.conf" if server == "nginx" else "Caddyfile")
    text = _MAIN_NGINX if server == "nginx" else _MAIN_CADDY
    main.write_text(text.format(folder=folder, client=client.id))
    return main


@contextmanager
def started(server: str, main: Path, port: int) -> Iterator[None]:
    """Run a server with a configuration until the block ends."""
    command = (
        [binary(server), "-p", str(main.parent), "-e", str(main.parent / "start.log"), "-c", str(main)]
        if server == "nginx"
        else [binary(server), "run", "--config", str(main), "--adapter", "caddyfile"]
    )
    own = {"HOME": str(main.parent), "XDG_DATA_HOME": str(main.parent), "XDG_CONFIG_HOME": str(main.parent)}
    with (main.parent / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=main.parent, env={**os.environ, **own}
        )
        try:
            _wait(process, port, main.parent)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    logs = [path.read_text() for path in sorted(folder.glob("*.log"))]
    raise AssertionError("the server did not start:\n" + "\n".join(logs))


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class SignIn:
    """A stand-in for oauth2-proxy: the cookie `groups` says which groups a reader is in."""

    address: str
    asked: list[tuple[str, dict[str, str]]]


@contextmanager
def sign_in_proxy() -> Iterator[SignIn]:
    """Answers as oauth2-proxy does: 202 for a reader of an allowed group, 401 for nobody, 403 for another."""
    state = SignIn("", [])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            state.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            if parts.path != "/oauth2/auth":
                self._say(200, b"sign in here")
                return
            cookie = self.headers.get("cookie") or ""
            groups = set(cookie.removeprefix("groups=").split(",")) if cookie.startswith("groups=") else None
            allowed = set(parse_qs(parts.query).get("allowed_groups", [""])[0].split(","))
            self._say(401 if groups is None else 202 if groups & allowed else 403, b"")

        do_HEAD = do_GET

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
