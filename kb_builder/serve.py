"""Preview: a site on this machine that follows the records as they are edited.

A change is checked first. With errors the last good page stays and the browser shows the problems over
it; without, only the pages that changed are built again and the browser reloads, and the whole
site follows in the background, so that navigation and search are right as well.
"""

from __future__ import annotations

import datetime as dt
import json
import mimetypes
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from kb_builder import pipeline, report
from kb_builder.errors import KbError, MachineError, refused
from kb_builder.pages.page import Past
from kb_builder.pipeline import Among
from kb_builder.problem import Problem, errors
from kb_builder.records.base import Audience
from kb_builder.site import build_html
from kb_builder.workspace import Workspace

QUIET_SECONDS = 0.15
POLL_SECONDS = 20.0
NOTHING_YET = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Preview</title></head>
<body><h1>Nothing could be built yet</h1><p>The page appears by itself once the records have no error.</p></body></html>"""
LIVE_SCRIPT = """(function () {
  var seen = Number(document.currentScript.getAttribute("data-generation"));
  function overlay(problems) {
    var old = document.getElementById("kb-problems");
    if (old) { old.remove(); }
    if (!problems.length) { return; }
    var box = document.createElement("div");
    box.id = "kb-problems";
    box.setAttribute("role", "alert");
    box.style.cssText = "position:fixed;inset:auto 0 0 0;max-height:60vh;overflow:auto;z-index:99;background:#2b1111;" +
      "color:#fff;font:14px/1.5 monospace;padding:1rem 1.5rem;border-top:4px solid #ff6b5e";
    var head = document.createElement("strong");
    head.textContent = problems.length + (problems.length === 1 ? " error" : " errors") + ": this is the last good page";
    box.appendChild(head);
    problems.forEach(function (text) {
      var line = document.createElement("div");
      line.style.whiteSpace = "pre-wrap";
      line.textContent = text;
      box.appendChild(line);
    });
    document.body.appendChild(box);
  }
  function ask(known) {
    fetch("/__kb/events?seen=" + known).then(function (answer) { return answer.json(); }).then(function (state) {
      if (state.built > seen) { location.reload(); return; }
      overlay(state.problems);
      ask(state.generation);
    }).catch(function () { window.setTimeout(function () { ask(-1); }, 1000); });
  }
  ask(-1);
})();
"""


@dataclass
class State:
    """What the browser is told: how often something changed, which change was last built, what is wrong."""

    generation: int = 0
    built: int = 0
    problems: list[str] = field(default_factory=list)
    folder: Path | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, *, built: bool, problems: list[str]) -> None:
        """Note a change and wake every browser that waits."""
        with self.changed:
            self.generation += 1
            if built:
                self.built = self.generation
            self.problems = problems
            self.changed.notify_all()

    def wait(self, seen: int, seconds: float) -> Mapping[str, object]:
        """The state as soon as it is not the one that was seen."""
        with self.changed:
            self.changed.wait_for(lambda: self.generation != seen, timeout=seconds)
            return {"generation": self.generation, "built": self.built, "problems": self.problems}


class Preview:
    """The preview of one client and audience: its working folder, and what the browser is told."""

    def __init__(
        self,
        workspace: Workspace,
        client: str,
        audience: Audience,
        today: dt.date,
        work: Path,
        say: Callable[[str], None],
    ) -> None:
        self.workspace = workspace
        self.client = client
        self.audience = audience
        self.today = today
        self.project = work / "project"
        self.sites = (work / "one", work / "two")
        self.state = State()
        self.say = say
        self._shape: object = None
        self._past: dict[str, Past] = {}

    def update(self) -> None:
        """Read, check and build again. Never raises for what is in the records."""
        began = time.monotonic()
        try:
            checked = pipeline.check(self.workspace, self.client, self.today, seals=False)
            if not checked.sound:
                self._failed(errors(checked.problems))
                return
            prepared = pipeline.prepare(checked, self.audience, self.today, among=self._among(checked))
            self._write(prepared)
            shape = (sorted(prepared.rendered.texts), prepared.nav)
            quick = self._shape == shape
            if quick:
                assert self.state.folder is not None
                build_html(self.project, self.state.folder, self.today, dirty=True, written=prepared.written)
                self.state.tell(built=True, problems=[])
                self.say(f"updated in {time.monotonic() - began:.1f} s")
            self._whole(prepared, quick)
            self._shape = shape
            if not quick:
                self.say(f"built {len(prepared.rendered.texts)} pages in {time.monotonic() - began:.1f} s")
        except OSError as error:
            self._refused(refused(error, self.project.parent))
        except KbError as error:
            self._refused(error)

    def _refused(self, error: KbError) -> None:
        """Say what stopped us, and go on: the next change may come through."""
        words = error.message + (f"\n  hint: {error.hint}" if error.hint else "")
        self.state.tell(built=False, problems=[words])
        self.say(error.message)

    def _among(self, checked: pipeline.Checked) -> Among:
        """The draft after its releases. A release never changes, so each is read once."""
        past: list[Past] = []
        for release in checked.releases.all:
            if release.candidate:
                continue
            if release.digest not in self._past:
                opened = pipeline.open_release(self.workspace, self.client, release)
                self._past[release.digest] = pipeline.as_past(opened, release, self.audience, past)
            past.append(self._past[release.digest])
        return Among(past=tuple(past), site=checked.catalog.client.site(self.audience))

    def _failed(self, problems: list[Problem]) -> None:
        lines = [report.as_text([problem]) for problem in problems]
        self.state.tell(built=False, problems=lines)
        for line in lines:
            self.say(line)

    def _write(self, prepared: pipeline.Prepared) -> None:
        """Bring the project up to date, touching only files whose content changed."""
        fresh = self.project.with_name("fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        pipeline.export(prepared, self.workspace, fresh)
        wanted = {path.relative_to(fresh): path for path in fresh.rglob("*") if path.is_file()}
        for path in list(self.project.rglob("*")):
            if path.is_file() and path.relative_to(self.project) not in wanted:
                path.unlink()
        for name, path in wanted.items():
            target = self.project / name
            if not target.is_file() or target.read_bytes() != path.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        shutil.rmtree(fresh)

    def _whole(self, prepared: pipeline.Prepared, quietly: bool) -> None:
        """Build the whole site beside the one that is served, then serve that."""
        spare = next(folder for folder in self.sites if folder != self.state.folder)
        shutil.rmtree(spare, ignore_errors=True)
        build_html(self.project, spare, self.today, written=prepared.written)
        self.state.folder = spare
        if not quietly:
            self.state.tell(built=True, problems=[])


def _with_script(page: bytes, built: int) -> bytes:
    script = f'<script src="/__kb/live.js" data-generation="{built}"></script></body>'
    return page.replace(b"</body>", script.encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, state: State, *arguments: object) -> None:
        self.state = state
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if (self.headers.get("Host") or "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            self._answer(HTTPStatus.FORBIDDEN, b"only this machine may look here", "text/plain")
            return
        parts = urlsplit(self.path)
        if parts.path == "/__kb/events":
            seen = parse_qs(parts.query).get("seen", ["-1"])[0]
            number = int(seen) if seen.lstrip("-").isdigit() else -1
            self._answer(
                HTTPStatus.OK, json.dumps(self.state.wait(number, POLL_SECONDS)).encode(), "application/json"
            )
        elif parts.path == "/__kb/live.js":
            self._answer(HTTPStatus.OK, LIVE_SCRIPT.encode(), "text/javascript")
        else:
            self._file(unquote(parts.path))

    def _file(self, path: str) -> None:
        folder = self.state.folder
        if folder is None:
            self._answer(HTTPStatus.OK, _with_script(NOTHING_YET, self.state.built), "text/html")
            return
        wanted = folder / path.lstrip("/")
        if wanted.is_dir():
            wanted = wanted / "index.html"
        status = HTTPStatus.OK
        try:
            if "\0" in path or not wanted.resolve().is_relative_to(folder.resolve()):
                raise FileNotFoundError
            content = wanted.read_bytes()
        except (OSError, ValueError):
            status, wanted = HTTPStatus.NOT_FOUND, folder / "404.html"
            content = wanted.read_bytes() if wanted.is_file() else b"not found"
        kind = mimetypes.guess_type(wanted.name)[0] or "application/octet-stream"
        if kind == "text/html":
            content = _with_script(content, self.state.built)
        self._answer(status, content, kind)

    def _answer(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        return


class _Changes(FileSystemEventHandler):
    def __init__(self, changed: threading.Event) -> None:
        self.changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("modified", "created", "deleted", "moved"):
            self.changed.set()


def open_server(preview: Preview, port: int = 0) -> ThreadingHTTPServer:
    """A server for the preview on 127.0.0.1, on `port` or one that the system picks. Raises KbError if it is taken."""
    try:
        return _Server(("127.0.0.1", port), partial(_Handler, preview.state))
    except OSError as error:
        raise MachineError(
            f"port {port} cannot be used: {error.strerror}", "leave --port out: a free one is picked"
        ) from error


def run(preview: Preview, server: ThreadingHTTPServer, stop: threading.Event) -> None:
    """Serve, and update the preview after every change, until `stop` is set."""
    changed = threading.Event()
    observer = Observer()
    observer.schedule(_Changes(changed), str(preview.workspace.folder(preview.client)), recursive=True)
    observer.schedule(_Changes(changed), str(preview.workspace.root), recursive=False)
    observer.start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        while not stop.is_set():
            if changed.wait(0.2):
                time.sleep(QUIET_SECONDS)
                changed.clear()
                preview.update()
    finally:
        observer.stop()
        observer.join()
        server.shutdown()
        server.server_close()
