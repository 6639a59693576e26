"""Make sure of what the tests drive: a browser, and where that is wanted the servers that sites are published to.

The browser is an installed one, else Playwright's own, else the system's package. Servers (OpenSSH, Caddy, nginx; moto,
gcp-storage-emulator and Azurite in an environment of their own) are installed only with KB_INSTALL=1, as on a machine
that is there for tests alone; elsewhere their tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from browser import installed, playwrights_own

SERVERS = {"openssh-server": "/usr/sbin/sshd", "caddy": "/usr/bin/caddy", "nginx": "/usr/sbin/nginx"}
"""The system's packages, each with the program that it brings."""
TOOLS = Path(__file__).parents[2] / ".venv" / "servers"
BUCKETS = ("moto[s3]", "flask", "flask-cors", "gcp-storage-emulator")
"""Packages of Python's that bring servers of buckets; with moto's own extra `server` all of Amazon would come."""
AZURITE = "azurite"
"""The package of npm's that brings a server of Azure's blobs."""


def main() -> int:
    """Install what is missing and may be installed; 1 if there is no browser then."""
    found = browser()
    servers()
    if not found:
        print(
            "No browser could be installed. Install Chromium or Chrome, or set KB_BROWSER to one.",
            file=sys.stderr,
        )
    return 0 if found else 1


def browser() -> bool:
    """Make sure of a browser; whether there is one."""
    if path := installed():
        print(f"browser: {path}")
        return True
    if playwrights_own():
        print("browser: Playwright's own")
        return True
    print("no browser here; trying Playwright's download", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, check=False, timeout=300, stdin=subprocess.DEVNULL)
        if done.returncode == 0 and playwrights_own():
            return True
    except subprocess.TimeoutExpired:
        pass
    print("that failed; trying the system's package", flush=True)
    packages(["chromium"])
    return installed() is not None


def servers() -> None:
    """Make sure of the servers, or say which are missing."""
    missing = [name for name, program in SERVERS.items() if not Path(program).is_file()]
    if missing and os.environ.get("KB_INSTALL") == "1":
        packages(missing)
        missing = [name for name in missing if not Path(SERVERS[name]).is_file()]
    if missing:
        print(f"not here, their tests are skipped: {', '.join(missing)}")
    buckets()


def buckets() -> None:
    """Make sure of the servers of buckets, in an environment of their own, or say which are missing."""
    programs = {
        "moto": TOOLS / "bin/moto_server",
        "gcp-storage-emulator": TOOLS / "bin/gcp-storage-emulator",
        AZURITE: TOOLS / "node_modules/.bin/azurite-blob",
    }
    if os.environ.get("KB_INSTALL") == "1":
        if not (programs["moto"].is_file() and programs["gcp-storage-emulator"].is_file()):
            ran([sys.executable, "-m", "venv", str(TOOLS)])
            pip = [str(TOOLS / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
            ran([*pip, "install", "--quiet", *BUCKETS])
        if not programs[AZURITE].is_file() and shutil.which("npm"):
            ran(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(TOOLS), AZURITE])
    missing = [name for name, path in programs.items() if not path.is_file()]
    if missing:
        print(f"not here, their tests are skipped: {', '.join(missing)}")


def ran(command: list[str]) -> None:
    """Run an installer; what it could not install is seen afterwards."""
    try:
        subprocess.run(command, check=False, timeout=600, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{command[0]}: {error}")


def packages(names: list[str]) -> None:
    """Install packages of the system, without starting what they bring."""
    if not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *names]):
        subprocess.run([*sudo, "apt-get", *arguments], check=False, env=environment, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
