"""A proxy of our own before a server: it delays, refuses and fails as a rule says, and counts what passes."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

Answer = tuple[int, bytes]


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    body: bytes

    def writes(self, name: str) -> bool:
        """Whether it writes a file of that name."""
        return self.method in ("PUT", "POST") and (
            name in self.path or f'"{name}"'.encode() in self.body[:2000]
        )


@dataclass
class Proxy:
    """What stands before a server. `rule` gives an answer in place of the server's, or None; it may take its time.

    An answer with status 0 cuts the connection.
    """

    upstream: int
    port: int = 0
    rule: Callable[[Asked], Answer | None] = lambda _: None
    passed: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask the server."""
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


def generations(proxy: Proxy, asked: Asked) -> Answer | None:
    """What Google's storage does and its emulator does not: write only over the generation that was named."""
    query = parse_qs(urlsplit(asked.path).query)
    if "ifGenerationMatch" not in query:
        return None
    start = asked.body.index(b"{")
    name = json.JSONDecoder().raw_decode(asked.body[start:].decode("utf-8", "replace"))[0]["name"]
    bucket = urlsplit(asked.path).path.split("/b/")[1].split("/")[0]
    status, _, found = proxy.ask("GET", f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}", {}, b"")
    there = str(json.loads(found)["generation"]) if status == 200 else "0"
    if there == query["ifGenerationMatch"][0]:
        return None
    return 412, json.dumps({"error": {"code": 412, "message": "conditionNotMet"}}).encode()


@contextmanager
def before(upstream: int, *, google: bool = False) -> Iterator[Proxy]:
    """A proxy before a server that listens on a port of this machine, until the block ends."""
    proxy = Proxy(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            return

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                found = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    found += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return found
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _serve(self) -> None:
            asked = Asked(self.command, self.path, self._body())
            proxy.passed.append(asked)
            answer = proxy.rule(asked)
            if answer is None:
                with proxy.lock if google else nullcontext():
                    answer = generations(proxy, asked) if google else None
                    if answer is None:
                        self._forward(asked)
                        return
            self._answer(answer[0], [("Content-Type", "application/xml")], answer[1])

        def _forward(self, asked: Asked) -> None:
            drop = ("expect", "connection", "transfer-encoding", "content-length", "accept-encoding")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in drop}
            headers["Content-Length"] = str(len(asked.body))
            try:
                self._answer(*proxy.ask(asked.method, asked.path, headers, asked.body))
            except OSError:
                self._answer(0, [], b"")

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.close_connection = status == 0
            if status == 0:
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response_only(status)
            length = str(len(body))
            for name, value in headers:
                if name.lower() == "content-length" and self.command == "HEAD":
                    length = value
                elif name.lower() not in ("content-length", "transfer-encoding", "connection", "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(OSError):
                    self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = _serve

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: object) -> None:
            return

    server = Server(("127.0.0.1", 0), Handler)
    proxy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


class Wire:
    """A wire to a server of whatever sort: it can be cut, and be dead for a while."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.ends: list[socket.socket] = []
        self.passed = 0
        self.cut_after: int | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self.listener.accept()
                there = socket.create_connection(("127.0.0.1", self.upstream))
                for end in (here, there):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.ends += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                self.passed += len(data)
                limit = self.cut_after
                if limit is not None and self.passed > limit:
                    self.cut_after = None
                    self.cut()
                    return
                other.sendall(data)
        except OSError:
            return
        finally:
            for end in (one, other):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Cut every connection that there is."""
        ends, self.ends = self.ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """No more connections."""
        self.listener.close()
        self.cut()


def slowly(seconds: float, when: Callable[[Asked], bool]) -> Callable[[Asked], Answer | None]:
    """A rule: what is meant takes so long."""

    def rule(asked: Asked) -> None:
        if when(asked):
            time.sleep(seconds)

    return rule
