"""Secrets in records: what must be found, what must not be, and where it is said to stand.

The tokens are put together from pieces, so that no scanner of repositories takes this file for a leak.
"""

from __future__ import annotations

import string
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from support.sites import ROOT, TODAY

from kb_builder import pipeline
from kb_builder.checks import secret_in_record
from kb_builder.insight.secrets import Found, find, fingerprint, hits
from kb_builder.problem import Problem
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import write_text

HEX = "0123456789abcdef"
MIXED = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
LONG = MIXED + "Z9yX7wV5uT3sR1qP"
DASHES = "-" * 5
SECRETS: tuple[tuple[str, str], ...] = (
    ("password: hunter2", "hunter2"),
    ("Password: Herring-42!", "Herring-42!"),
    ("Sign in as admin, password: sunshine", "sunshine"),
    ("Passwort = Sommer2024", "Sommer2024"),
    ("Kennwort: Blumenkohl", "Blumenkohl"),
    ("Mot de passe : Soleil1789", "Soleil1789"),
    ("Contraseña: Girasol77", "Girasol77"),
    ("Wachtwoord: Fiets1234", "Fiets1234"),
    ("pw is Gr33nTea now", "Gr33nTea"),
    ("The pw for the NAS is still Gr33nTea, ask Tom.", "Gr33nTea"),
    ('the admin password is "swordfish"', "swordfish"),
    ("The admin password is “correct horse battery staple”.", "correct horse battery staple"),
    ("The password is letmein.", "letmein"),
    ("**Password:** `hunter2`", "hunter2"),
    ("- **Password**: Tr0ub4dor&3", "Tr0ub4dor&3"),
    ("Password (all sites): Tr0ub4dor&3", "Tr0ub4dor&3"),
    ("the password\nis hunter2", "hunter2"),
    ("Password:\n\n    Tr0ub4dor&3\n", "Tr0ub4dor&3"),
    ("Sign in with the password Winter24! at the till.", "Winter24!"),
    ("password: 12345678", "12345678"),
    ("pwd=Secr3tPwd;Server=db", "Secr3tPwd"),
    ("Server=db;User Id=sa;Password=Yx7!kk2;Encrypt=yes", "Yx7!kk2"),
    ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + MIXED * 2 + "aB3dE5fG7hJ9kL==", MIXED),
    ("Endpoint=sb://x.example/;SharedAccessKey=" + MIXED + "=", MIXED),
    ("https://user:pass@host/path", "pass"),
    ("postgres://kb:Xk29dmw@db.example.com:5432/kb", "Xk29dmw"),
    ("PIN 4711", "4711"),
    ("The PIN of the card is 4711.", "4711"),
    ("The alarm code is 2580#, and nobody changed it.", "2580#"),
    ("Key safe code: 1793", "1793"),
    ("Safe combination: 12-34-56", "12-34-56"),
    ("Login: jsmith / Fr3dly!9", "Fr3dly!9"),
    ("admin / Camera2020!", "Camera2020!"),
    ("It still has its default login, admin / admin.", "admin / admin"),
    ("root:T00rT00r", "T00rT00r"),
    ("Wi-Fi key: sunnyside", "sunnyside"),
    ("WLAN-Schlüssel: Qu4ys1de", "Qu4ys1de"),
    ("WPA2 PSK = Quays1de-Guest", "Quays1de-Guest"),
    ("WIFI:S:Guests;T:WPA;P:Qu4ys1de;;", "Qu4ys1de"),
    ("SNMP community string: harb0ur", "harb0ur"),
    ("snmp-server community harb0ur RO", "harb0ur"),
    ("rocommunity quayside 10.0.0.0/8", "quayside"),
    ("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0"),
    ("username admin password 7 0822455D0A16", "0822455D0A16"),
    ("tunnel-group x\n pre-shared-key Zx81spectrum", "Zx81spectrum"),
    ("root:$6$saltsalt$" + MIXED * 2 + ":19000::", "$6$saltsalt$" + MIXED * 2),
    ("```yaml\nuser: kb\npassword: hunter2\n```", "hunter2"),
    ("```sh\nexport DB_PASSWORD='hunter2'\n```", "hunter2"),
    ('{"user": "kb", "password": "hunter2"}', "hunter2"),
    ("<user>kb</user><password>hunter2</password>", "hunter2"),
    ("mysql -u root -pSw0rdf1sh kb", "Sw0rdf1sh"),
    ("curl -u kb:Sw0rdf1sh https://example.com/api", "Sw0rdf1sh"),
    ("net use Z: \\\\srv\\share Sw0rdf1sh /user:kb", "Sw0rdf1sh"),
    ("kb --password Sw0rdf1sh run", "Sw0rdf1sh"),
    ('curl -H "Authorization: Bearer ' + MIXED + '" https://example.com', MIXED),
    ("Authorization: Basic a2I6aHVudGVyMg==", "a2I6aHVudGVyMg"),
    ("X-Api-Key: 9f8a7d6c5b4a3928", "9f8a7d6c5b4a3928"),
    ("api_key = 'd41d8cd98f00b204'", "d41d8cd98f00b204"),
    ("Client secret: 3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
    ("The token is tk29dm4wq8", "tk29dm4wq8"),
    ("https://s.example/x?sv=2024&sig=" + MIXED + "%3D", MIXED),
    ("otpauth://totp/kb?secret=JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP"),
    ("| User | Password |\n| --- | --- |\n| admin | hunter2 |\n| sam | seaside |", "hunter2"),
    ("| User | Password |\n| --- | --- |\n| admin | hunter2 |\n| sam | seaside |", "seaside"),
    ("| Door code | Where |\n|---|---|\n| 4711 | back |", "4711"),
    ("| Password | Qu4ys1de |", "Qu4ys1de"),
    (f"{DASHES}BEGIN RSA PRIVATE KEY{DASHES}\nMIIE{MIXED}\n{DASHES}END RSA PRIVATE KEY{DASHES}", "MIIE"),
    (f"{DASHES}BEGIN OPENSSH PRIVATE KEY{DASHES}", "OPENSSH"),
    (f'"key": "{DASHES}BEGIN PRIVATE KEY{DASHES}\\nMIIE{MIXED}\\n"', "MIIE"),
    ("104709-225280-449823-128051-619784-061754-312147-205194", "104709-"),
    ("Windows: VK7JG-NPHTM-C97JM-9MPGT-3V66T", "VK7JG-"),
    ("Licence key: 4H8K-22QX-91PL", "4H8K-22QX-91PL"),
    ("Recovery codes: 8f3a-22cd", "8f3a-22cd"),
    ("ghp_" + MIXED, "ghp_"),
    ("github_pat_" + MIXED, "github_pat_"),
    ("glpat-" + MIXED[:20], "glpat-"),
    ("AKIA" + "QX7BT2M4N6P8R1S3", "AKIA"),
    ("xoxb-123456789012-" + MIXED[:24].lower(), "xoxb-"),
    ("https://hooks.slack.com/services/T024BE7LD/B" + MIXED[:10], "hooks.slack.com"),
    ("eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiJrYiJ9." + MIXED, "eyJhbGciOiJIUzI1NiJ9"),
    ("SG." + MIXED[:22] + "." + LONG[:43], "SG."),
    ("sk_live_" + MIXED[:24], "sk_live_"),
    ("AIza" + MIXED[:35], "AIza"),
    ("The API answers to " + LONG, LONG),
)
HARMLESS: tuple[str, ...] = (
    "Change your password every year.",
    "Password: see Bitwarden",
    "Password: Bitwarden",
    "Password: in the safe",
    "password: ********",
    "Password: xxxxxxxx",
    "Password: …",
    "password policy: 12 characters",
    "Password: 12 characters",
    "Passwords: at least 14 characters, MFA",
    "Password length: 14",
    "Minimum password age: 90 days",
    "password: <your password>",
    "password: ${DB_PASSWORD}",
    "password: {{ vault_password }}",
    "password = var.db_password",
    'password = data.aws_secretsmanager_secret_version.db["kb"]',
    "password: DB_PASSWORD",
    "password: your-password-here",
    "password: changeme",
    "api_key: YOUR_API_KEY",
    "The password is kept in Bitwarden.",
    "The password is required.",
    "The password was changed on 2026-03-31.",
    "The password expires after 90 days.",
    "Whoever knows the password can read everything.",
    "You will need a password: your\nown is best.",
    "Use a password manager, such as 1Password.",
    "Passwords: LAPS",
    "Password: n/a",
    "Password reset: 15 minutes",
    "One password, on a card in the waiting rooms.",
    "Their password is on a card under the keyboard.",
    "Add the card and PIN for DentaFile.",
    "The PIN is four digits.",
    "PIN: 4 digits",
    "Pin 13 of the connector is ground.",
    "Ring 01632 960123 and ask for a code.",
    "The area code is 01632.",
    "It asks for a code and for the token on your phone.",
    "Authentication: WPA2-PSK, AES-256",
    "Encryption key: AES-256",
    "Security key: FIDO2",
    "Token: OAuth2",
    "Secrets: AWS Secrets Manager",
    "secret: harbour-dental-tls",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "Authorization: Bearer <token>",
    "Authorization: Bearer $TOKEN",
    "SNMP community: public",
    "The community of practice meets monthly: welcome.",
    "Login: see the vendor's page",
    "Sign in: https://portal.example.com/login?user=kb",
    "admin / management / consultant",
    "user/password",
    "User: Administrator",
    "Account: 4471-2290",
    "Owner: admin@example.com",
    "Serial: CZC1234XYZ, 5CG9301H7K",
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "b5413d8a65a2ae03a8d05cc561ad3120535f15b4b0f4907ec89741998902ffd5",
    "Commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "AA:BB:CC:DD:EE:FF and 00-1a-2b-3c-4d-5e",
    "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
    "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl kb",
    f"{DASHES}BEGIN CERTIFICATE{DASHES}\nMIID{LONG}\n{DASHES}END CERTIFICATE{DASHES}",
    f"Look for a line with {DASHES}BEGIN PRIVATE KEY{DASHES} in it.",
    "FREQ=MONTHLY;BYDAY=1MO;BYHOUR=9",
    "Windows 11 Pro, retail key; Office 2024 LTSC key",
    "../guides/use-the-password-manager.md",
    "[Use the password manager](../guides/use-the-password-manager.md#1-master-password)",
    "https://example.com/reset-password?lang=en&step=2",
    "https://docs.example.com/d/1" + MIXED + "/edit",
    "s3://bucket/2026/11/backup-harbour-dental-2026-11-23.tar.gz",
    "C:\\Program Files\\Vendor\\password-filter-2.dll",
    "Where its credentials are kept; never the credentials.",
    "credential: Bitwarden / Harbour Dental / ERP admin",
    "Key: blue tag, hook 4 in the key cabinet",
    "Licence key: kept by the vendor",
    "| System | Password |\n| --- | --- |\n| ERP | Bitwarden |\n| NAS | see the safe |\n| VPN | ***** |",
    "| Setting | Value |\n| --- | --- |\n| Password length | 14 |\n| Lockout | 5 tries |",
    "| Password | Notes |\n| --- | --- |\n| kept | none |",
)


def found_in(text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in hits(text)]


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[text[:40] for text, _ in SECRETS])
def test_a_secret_is_found(text: str, secret: str) -> None:
    assert [word for word in found_in(text) if secret in word], found_in(text)


@pytest.mark.parametrize("text", HARMLESS, ids=[text[:40] for text in HARMLESS])
def test_a_harmless_text_is_left_alone(text: str) -> None:
    assert found_in(text) == []


def test_the_tables_are_as_long_as_they_should_be() -> None:
    assert len(set(SECRETS)) >= 40
    assert len(set(HARMLESS)) >= 60
