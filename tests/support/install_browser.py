"""Make sure that there is a browser: an installed one, else Playwright's own, else the system's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from browser import installed, playwrights_own


def main() -> int:
    if path := installed():
        print(f"browser: {path}")
        return 0
    if playwrights_own():
        print("browser: Playwright's own")
        return 0
    print("no browser here; trying Playwright's download", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, check=False, timeout=300, stdin=subprocess.DEVNULL)
        if done.returncode == 0 and playwrights_own():
            return 0
    except subprocess.TimeoutExpired:
        pass
    print("that failed; trying the system's package", flush=True)
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            subprocess.run(
                [*sudo, "apt-get", *arguments], check=False, env=environment, stdin=subprocess.DEVNULL
            )
    if installed():
        return 0
    print(
        "No browser could be installed. Install Chromium or Chrome, or set KB_BROWSER to one.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
