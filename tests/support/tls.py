"""A certificate for this machine, and a question over TLS."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import time
from pathlib import Path

from support.hosting import Answer, credentials


def certificate(folder: Path) -> Path:
    """Make a certificate for `localhost` as certbot lays it out, and give back the one to trust."""
    folder.mkdir(parents=True)
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ),
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")),
        ],
        check=True,
        capture_output=True,
    )
    return folder / "fullchain.pem"


def asked_over_tls(port: int, path: str, trusted: Path, audience: str | None) -> Answer:
    """What a server says over TLS; its certificate is checked. One that is still being made is waited for."""
    for _ in range(100):
        try:
            return _asked(port, path, trusted, audience)
        except ssl.SSLError as error:
            if "INTERNAL_ERROR" not in str(error):
                raise
            time.sleep(0.1)
    return _asked(port, path, trusted, audience)


def _asked(port: int, path: str, trusted: Path, audience: str | None) -> Answer:
    link = http.client.HTTPSConnection(
        "localhost", port, timeout=10, context=ssl.create_default_context(cafile=str(trusted))
    )
    try:
        link.request("GET", path, headers={"Authorization": credentials(audience)} if audience else {})
        response = link.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())
    finally:
        link.close()
