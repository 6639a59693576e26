"""Real servers on this machine to publish to: buckets of four sorts, a server by SFTP. A git repository needs none.

Those that `install_tools` installs lie in an environment of their own (`TOOLS`), so that what they need is not mixed with
what we need.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SSHD = "/usr/sbin/sshd"
TOOLS = Path(__file__).parents[2] / ".venv" / "servers"
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The key that Azurite's documentation gives everybody."""


def tool(name: str) -> str | None:
    """A server that `install_tools` installed, or one on the path."""
    for folder in (TOOLS / "bin", TOOLS / "node_modules" / ".bin"):
        if (folder / name).is_file():
            return str(folder / name)
    return shutil.which(name)


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, **options: Mapping[str, str] | None) -> Iterator[None]:
    """A server, until the block ends; it listens when the block begins.

    What it says goes to a file: a pipe that nobody reads is full one day, and the server waits for ever.
    """
    said = tempfile.TemporaryFile()  # noqa: SIM115
    server = subprocess.Popen(command, stdout=said, stderr=said, env=options.get("env"))
    try:
        for _ in range(200):
            if server.poll() is not None:
                said.seek(0)
                raise RuntimeError(f"{command[0]} ended: {said.read().decode('utf-8', 'replace')}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait(10)
        said.close()


def rclone() -> str | None:
    """The program rclone, which a package of Python's brings."""
    beside = Path(sys.executable).parent / "rclone"
    return str(beside) if beside.is_file() else shutil.which("rclone")


@contextmanager
def bucket(folder: Path) -> Iterator[dict[str, str]]:
    """An S3 server whose buckets are the folders in `folder`; gives the environment that finds it."""
    program = rclone()
    assert program
    port = free_port()
    keys = ("testkey", "testsecret")
    command = [
        program,
        "serve",
        "s3",
        str(folder),
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        ",".join(keys),
    ]
    quiet = {**os.environ, "RCLONE_CONFIG": os.devnull}
    with running([*command, "--vfs-cache-mode", "off"], port, env=quiet):
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": keys[0],
            "AWS_SECRET_ACCESS_KEY": keys[1],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def moto() -> Iterator[int]:
    """An S3 server that compares before it writes, as Amazon's does; gives its port. It takes any key."""
    program, port = tool("moto_server"), free_port()
    assert program
    with running([program, "-H", "127.0.0.1", "-p", str(port)], port):
        yield port


def moto_environment(port: int) -> dict[str, str]:
    """The environment that finds an S3 server at a port, or a proxy before it."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "testkey",
        "AWS_SECRET_ACCESS_KEY": "testsecret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def azurite(folder: Path) -> Iterator[int]:
    """A server of Azure's blobs; gives its port."""
    program, port = tool("azurite-blob"), free_port()
    assert program
    command = [program, "--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder)]
    with running([*command, "--silent", "--skipApiVersionCheck", "--disableTelemetry"], port):
        yield port


def azure_environment(port: int, key: str = AZURE_KEY) -> dict[str, str]:
    """The environment that finds a server of Azure's blobs at a port, or a proxy before it."""
    parts = {
        "DefaultEndpointsProtocol": "http",
        "AccountName": "devstoreaccount1",
        "AccountKey": key,
        "BlobEndpoint": f"http://127.0.0.1:{port}/devstoreaccount1",
    }
    return {"AZURE_STORAGE_CONNECTION_STRING": ";".join(f"{name}={value}" for name, value in parts.items())}


@contextmanager
def google() -> Iterator[int]:
    """A server of Google's storage; gives its port. It looks at no generation: `proxy.generations` does it for it."""
    program, port = tool("gcp-storage-emulator"), free_port()
    assert program
    command = [program, "start", "--host", "127.0.0.1", "--port", str(port), "--in-memory"]
    with running(command, port):
        yield port


@contextmanager
def sftp(
    folder: Path, *, known: bool = True, read_only: bool = False
) -> Iterator[tuple[str, dict[str, str]]]:
    """OpenSSH's server for the user who runs the tests; gives its address and the environment with the keys.

    With `known` the client knows the server's key.
    """
    home = folder / "home" / ".ssh"
    home.mkdir(parents=True)
    home.chmod(0o700)
    for path in (folder / "host_key", home / "id_ed25519"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    (home / "authorized_keys").write_text((home / "id_ed25519.pub").read_text())
    port = free_port()
    key = (folder / "host_key.pub").read_text().rsplit(" ", 1)[0]
    (home / "known_hosts").write_text(f"[127.0.0.1]:{port} {key}\n" if known else "")
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host_key'}\nPidFile {folder / 'pid'}\n"
        f"AuthorizedKeysFile {home / 'authorized_keys'}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        f"Subsystem sftp internal-sftp{' -R' if read_only else ''}\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    with running([SSHD, "-D", "-e", "-f", str(folder / "sshd_config")], port):
        yield f"sftp://{user}@127.0.0.1:{port}", {"HOME": str(folder / "home"), "SSH_AUTH_SOCK": ""}
