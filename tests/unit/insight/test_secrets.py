"""Secrets in records: what must be found, what must not be, and where it is said to stand.

The tokens are put together from pieces, so that no scanner of repositories takes this file for a leak.
"""

from __future__ import annotations

import string
import subprocess
import sys
import textwrap
import time
import timeit
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from support.sites import TODAY, new_workspace

from kb_builder import pipeline
from kb_builder.checks import secret_in_record
from kb_builder.history import Commit, History
from kb_builder.insight.secrets import Found, find, fingerprint, hits
from kb_builder.problem import Location, Problem
from kb_builder.records.base import Audience
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
    ("The password password: hunter2", "hunter2"),
    ("The password (of the Wi-Fi, the password): hunter2", "hunter2"),
    ("Ask for the login: user / password: sales / Trial2026", "Trial2026"),
    ("password: changeme1", "changeme1"),
    ("kb --password Sw0rdf1sh run", "Sw0rdf1sh"),
    ("curl \\\n-u kb:Sw0rdf1sh \\\nhttps://example.com/api", "Sw0rdf1sh"),
    ("sshpass -p 'Sw0rdf1sh' ssh kb@example.com", "Sw0rdf1sh"),
    ("runas /user:kb Sw0rdf1sh", "Sw0rdf1sh"),
    ("Log in with admin/admin.", "admin/admin"),
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
    ("https://hooks.slack.com/services/T024BE7LD/B024BE7LH/" + MIXED[:24], "hooks.slack.com"),
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
    "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
    "password: my-secret-password-1",
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
    "google-site-verification=" + LONG,
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


def test_a_mark_of_a_sentence_is_not_part_of_the_secret() -> None:
    assert found_in("It is (password: Herring42).") == ["Herring42"]


PASSWORDS = st.builds(
    lambda first, rest, digit, sign: first + rest + digit + sign,
    st.sampled_from(string.ascii_letters),
    st.text(string.ascii_letters + string.digits + "!$%+-_=?#", min_size=5, max_size=16),
    st.sampled_from(string.digits),
    st.sampled_from(["", "!", "x", "?"]),
)
PROSE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60
)
LABELS = (
    "password: ",
    "Password = ",
    "the password is ",
    "pw: ",
    "Passwort: ",
    "**Password:** ",
    "passphrase: ",
)


@given(PROSE, st.sampled_from(LABELS), PASSWORDS, PROSE)
@example("x" * 30, "password: ", "Herring42", "and so on")
@example("- see [the guide](../guides/x.md), ", "password: ", "a1!", "| x |")
def test_a_password_is_found_whatever_surrounds_it(
    before: str, label: str, password: str, after: str
) -> None:
    assume(len(password) >= 5)
    text = f"{before} {label}{password} {after}"
    assert any(password.rstrip("!?") in word or word in password for word in found_in(text)), text


@given(PROSE)
def test_any_text_is_looked_at_without_a_fault(text: str) -> None:
    for hit in hits(text):
        assert 0 <= hit.start < hit.end <= len(text)


def test_looking_for_tokens_starts_no_process_and_asks_no_server() -> None:
    code = """
import sys
seen = []
calls = {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.posix_spawn", "os.fork"}
sys.addaudithook(lambda event, arguments: seen.append(event) if event in calls else None)
from kb_builder.insight.secrets import hits
print(len(hits(sys.argv[1])), seen)
"""
    texts = [
        text for text, secret in SECRETS if secret in ("ghp_", "AKIA", "xoxb-", "hooks.slack.com", "sk_live_")
    ]
    done = subprocess.run(
        [sys.executable, "-c", code, "\n".join(texts)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(len(texts)), "[]"]


@pytest.mark.parametrize(
    "unit",
    [
        "pass",
        "token",
        "password for a ",
        "aA1_",
        "A1",
        "eyJ",
        "wifi:",
        "https://a:",
        f"{DASHES}BEGIN PRIVATE KEY{DASHES}",
    ],
)
def test_a_hostile_text_costs_no_more_than_its_length(unit: str) -> None:
    """What a pattern costs shows in no count of calls: a ratio of the best of several goes, 256 with the square."""

    def best(length: int) -> float:
        text = unit * (length // len(unit))
        return min(timeit.repeat(lambda: hits(text), timer=time.process_time, number=1, repeat=4))

    assert best(80_000) < 64 * max(best(5_000), 0.002)


def put(workspace: Workspace, name: str, text: str) -> Path:
    path = workspace.folder("demo") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return path


def found(workspace: Workspace, allowed: frozenset[str] = frozenset()) -> list[Found]:
    return list(find(pipeline.check(workspace, "demo", TODAY).catalog, allowed))


def problems(workspace: Workspace) -> list[Problem]:
    checked = pipeline.check(workspace, "demo", TODAY)
    return [problem for problem in checked.problems if problem.code == secret_in_record.CODE]


def places(workspace: Workspace) -> list[tuple[str, int, int]]:
    return [
        (Path(each.place.path).name, each.place.line, each.place.column)
        for each in find(pipeline.check(workspace, "demo", TODAY).catalog)
    ]


FORMS = (
    ("plain", "title: ERP\nsummary: 'The password is Herring42'\n", (2, 27)),
    ("list", "title: ERP\ndata:\n  - orders\n  - 'password: Herring42'\n", (4, 16)),
    ("part", "title: ERP\nlinks:\n  - {title: 'pw: Herring42', url: https://example.com}\n", (3, 18)),
    ("block", "title: ERP\ndescription: |\n  Good to know:\n\n  - password: Herring42\n", (5, 15)),
    ("folded", "title: ERP\ndescription: >\n  The\n  password is\n  Herring42\n", (5, 3)),
    ("wrapped", 'title: ERP\ndescription: "The password\n  is Herring42, of course."\n', (3, 6)),
    ("path", "title: ERP\nlinks: [{title: x, url: 'https://kb:Herring42@example.com/'}]\n", (2, 37)),
    ("reference", "title: ERP\nowner: 'password: Herring42'\n", (2, 19)),
    ("comment", "title: ERP\n# password: Herring42\nstatus: live\n", (2, 13)),
    ("after", "title: ERP\nstatus: live  # pw Herring42\n", (2, 20)),
)


@pytest.mark.parametrize(("text", "place"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
def test_it_is_found_where_it_stands(workspace: Workspace, text: str, place: tuple[int, int]) -> None:
    put(workspace, "discovery/systems/erp.yaml", text)
    assert places(workspace) == [("erp.yaml", *place)]


def test_it_is_found_though_yaml_writes_it_in_another_way(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/erp.yaml", 'title: ERP\nsummary: "p\\x61ssword: Herr\\x69ng42"\n')
    assert [each.place.line for each in found(workspace)] == [2]


def test_it_is_found_in_the_body_of_a_markdown_file_and_in_its_front_matter(workspace: Workspace) -> None:
    put(
        workspace,
        "documentation/guides/start.md",
        """
        ---
        title: Start
        summary: 'PIN 4711'
        # pw: Seaside77
        ---

        # Start

        | User | Password |
        | --- | --- |
        | kb | Herring42 |
        """,
    )
    assert sorted(places(workspace)) == [("start.md", 3, 15), ("start.md", 4, 7), ("start.md", 11, 8)]


@pytest.mark.parametrize(
    "field", ["credential: {where: Herring42}", "credentials: [{title: x, where: Herring42}]"]
)
def test_a_password_in_the_place_of_its_place_is_found(workspace: Workspace, field: str) -> None:
    put(workspace, "discovery/systems/erp.yaml", f"title: ERP\n{field}\n")
    assert [each.kind for each in found(workspace)] == ["the password itself"]


@pytest.mark.parametrize(
    "place",
    [
        "Bitwarden",
        "1Password",
        "KeePassXC",
        "Bitwarden / Harbour Dental / ERP admin",
        "Safe-12",
        "https://vault/x12",
    ],
)
def test_a_place_is_no_password(workspace: Workspace, place: str) -> None:
    put(workspace, "discovery/systems/erp.yaml", f"title: ERP\ncredential: {{where: '{place}'}}\n")
    assert found(workspace) == []


def test_every_text_of_every_record_of_a_list_is_looked_at(workspace: Workspace) -> None:
    put(
        workspace,
        "discovery/people.yaml",
        """
        - id: ann
          title: Ann
          internal_notes: "password: Herring42"
        - id: bob
          title: Bob
          stakeholder: "password: Seaside77"
        """,
    )
    assert [(each.record.id, each.pointer, each.place.line) for each in found(workspace)] == [
        ("ann", ("internal_notes",), 3),
        ("bob", ("stakeholder",), 6),
    ]


MARKED = (
    "title: ERP\nsummary: 'password: Herring42'  # pragma: allowlist secret\n",
    "title: ERP\ndata:\n  - orders\n  - 'password: Herring42'  # pragma: allowlist secret\n",
    "title: ERP\ndescription: |  # pragma: allowlist secret\n  Good to know:\n\n  password: Herring42\n",
    "title: ERP\ndescription: >-  # pragma: allowlist secret\n  password: Herring42\n",
    "title: ERP\ndescription: |\n  password: Herring42 <!-- pragma: allowlist secret -->\n",
    "title: ERP\ndescription: |\n  <!-- pragma: allowlist secret -->\n  ```\n  user: kb\n  password: Herring42\n  ```\n",
    "title: ERP\ndescription: |\n  ```\n  password: Herring42  # pragma: allowlist secret\n  ```\n",
    "title: ERP\n# password: Herring42  pragma  # pragma: allowlist secret\n",
    "title: ERP\ndescription: >\n  The password\n  is Herring42  <!-- pragma: allowlist secret -->\n",
)
NOT_MARKED = (
    "title: ERP\nsummary: 'password: Herring42'\n# pragma: allowlist secret\n",
    "title: ERP\nsummary: 'password: Herring42, pragma: allowlist secret'\n",
    "title: ERP  # pragma: allowlist secret\nsummary: 'password: Herring42'\n",
    "title: ERP\ndescription: |\n  <!-- pragma: allowlist secret -->\n  password: Herring42\n",
    "title: ERP\ndescription: |\n  <!-- pragma: allowlist secret -->\n  ```\n  x\n  ```\n  password: Herring42\n",
    "title: ERP\ndescription: |\n  x: 1 <!-- pragma: allowlist secret -->\n\n  password: Herring42\n",
)


@pytest.mark.parametrize("text", MARKED)
def test_a_mark_in_a_comment_silences_the_alarm(workspace: Workspace, text: str) -> None:
    put(workspace, "discovery/systems/erp.yaml", text)
    assert found(workspace) == []
    put(workspace, "discovery/systems/erp.yaml", text.replace("allowlist", "other"))
    assert found(workspace) != []


@pytest.mark.parametrize("text", NOT_MARKED)
def test_a_mark_elsewhere_silences_nothing(workspace: Workspace, text: str) -> None:
    put(workspace, "discovery/systems/erp.yaml", text)
    assert len(found(workspace)) == 1


def test_the_first_line_of_a_markdown_body_marks_that_line_only(workspace: Workspace) -> None:
    text = "---\ntitle: Start\n---\npw: Seaside77 <!-- pragma: allowlist secret -->\n\npw: Herring42\n"
    put(workspace, "documentation/guides/start.md", text)
    assert [each.place.line for each in found(workspace)] == [6]


def test_a_fingerprint_in_client_yaml_allows_a_value_and_no_other(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\ndata: ['pw: Herring42', 'pw: Seaside77']\n")
    names = [each.fingerprint for each in found(workspace)]
    assert names == [fingerprint("Herring42"), fingerprint("Seaside77")]
    assert [each.fingerprint for each in found(workspace, frozenset(names[:1]))] == names[1:]
    put(workspace, "client.yaml", f"title: Demo\nnot_secret: [{names[0].upper()}]\n")
    assert [names[1] in (problem.hint or "") for problem in problems(workspace)] == [True]


def test_a_fingerprint_is_the_beginning_of_the_sha_256() -> None:
    assert fingerprint("abc") == "ba7816bf8f01cfea"


@given(PASSWORDS)
def test_no_message_repeats_the_secret(tmp_path_factory: pytest.TempPathFactory, password: str) -> None:
    workspace = new_workspace(tmp_path_factory.mktemp("ws"))
    put(
        workspace,
        "discovery/systems/erp.yaml",
        write_text({"title": "ERP", "summary": f"password: {password}"}),
    )
    found = problems(workspace)
    assert len(found) == 1
    assert password.rstrip("!?") not in f"{found[0].message}{found[0].hint}"
    assert password[:2] in found[0].message or len(password) <= 8


FILES = (
    ("notes.txt", "one\ntwo\npassword: Herring42\n", 3),
    ("users.csv", "user,password\nkb,Herring42\n", 2),
    ("users.csv", 'user;"Password";note\nann;"";x\nkb;"Herring42";"y"\n', 3),
    ("api.json", '{\n "user": "kb",\n "password": "Herring42"\n}\n', 3),
    ("router.log", "snmp-server community harb0ur RO\n", 1),
    ("vpn.conf", "[Peer]\nPresharedKey = Zx81spectrum99\n", 2),
    ("app.ini", "[db]\npassword=Herring42\n", 2),
    ("app.xml", "<x>\n <password>Herring42</password>\n</x>\n", 2),
    ("app.yml", "db:\n  password: Herring42\n", 2),
)


@pytest.mark.parametrize(("name", "text", "line"), FILES)
def test_it_is_found_in_a_text_file_that_a_record_names(
    workspace: Workspace, name: str, text: str, line: int
) -> None:
    put(workspace, "discovery/systems/erp.yaml", f"title: ERP\nattachments:\n  - file: files/{name}\n")
    put(workspace, f"discovery/systems/files/{name}", text)
    (problem,) = problems(workspace)
    assert problem.message.startswith(f"attachments.0.file: line {line} of {name} ")
    assert (problem.location.line, problem.location.column) == (3, 11)


def test_a_file_that_markdown_links_to_is_looked_at_once(workspace: Workspace) -> None:
    text = "title: ERP\ndescription: '[x](notes.txt)'\nattachments: [{file: notes.txt}]\n"
    put(workspace, "discovery/systems/erp.yaml", text)
    path = put(workspace, "discovery/systems/notes.txt", "pw: Herring42\n")
    assert [each.line for each in found(workspace)] == [1]
    path.write_text("pw: Herring42  # pragma: allowlist secret\n")
    assert found(workspace) == []
    path.write_bytes("pw: Herring42\n".encode("utf-16"))
    assert [each.line for each in found(workspace)] == [1]
    path.write_text("x\n" * 600_000 + "pw: Herring42\n")
    assert found(workspace) == []


def test_no_file_outside_the_clients_folder_is_read(workspace: Workspace) -> None:
    (workspace.root / "engagements" / "notes.txt").write_text("pw: Herring42\n")
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\nattachments: [{file: ../../../notes.txt}]\n")
    (workspace.folder("demo") / "discovery/systems/link.txt").symlink_to(
        workspace.root / "engagements/notes.txt"
    )
    put(workspace, "discovery/systems/mail.yaml", "title: Mail\nattachments: [{file: link.txt}]\n")
    assert found(workspace) == []


def test_a_file_full_of_secrets_does_not_drown_everything_else(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\nattachments: [{file: users.csv}]\n")
    lines = [f"user{number},Herring{number}" for number in range(500)]
    put(workspace, "discovery/systems/users.csv", "user,password\n" + "\n".join(lines) + "\n")
    assert len(problems(workspace)) == secret_in_record.MOST


def test_what_is_marked_does_not_show_the_mark_on_a_page(workspace: Workspace, tmp_path: Path) -> None:
    mark = "<!-- pragma: allowlist secret -->"
    text = f"""
        ---
        title: Start
        summary: 'pw: Herring42'  # pragma: allowlist secret
        description: |  # pragma: allowlist secret
          # Heading pw Herring42 {mark}

          pw: Herring42 {mark}
        ---
        # The PIN 4711 {mark}

        | User | Password |
        | --- | --- |
        | kb | Herring42 {mark} |

        - pw: Herring42 {mark}

        {mark}

        ```
        pw: Herring42
        ```
        """
    put(workspace, "documentation/guides/start.md", text)
    assert found(workspace) == []
    checked = pipeline.check(workspace, "demo", TODAY)
    pipeline.export(pipeline.prepare(checked, Audience.CONSULTANT, TODAY), workspace, tmp_path / "out")
    pages = {path.name: path.read_text() for path in (tmp_path / "out" / "docs").rglob("*.md")}
    assert pages["start.md"].count("Herring42") == 6
    assert not [name for name, page in pages.items() if "pragma" in page]


def test_where_a_credential_is_kept_stands_on_the_page_for_those_who_may_know(workspace: Workspace) -> None:
    put(workspace, "discovery/people.yaml", "- {id: ann, title: Ann Lee}\n")
    folders = {"systems": "System", "assets": "Asset", "subscriptions": "Subscription", "vendors": "Vendor"}
    for folder in folders:
        text = "title: It\ncredential: {where: Bitwarden / Demo / It <b>, who: ann}\n"
        put(workspace, f"discovery/{folder}/it.yaml", text)
    checked = pipeline.check(workspace, "demo", TODAY)
    assert checked.sound
    for audience in Audience:
        pages = pipeline.prepare(checked, audience, TODAY).rendered.texts
        for folder in folders:
            shown = pages[f"{folder}/it.md"]
            assert ("Bitwarden / Demo / It &#60;b&#62;" in shown) is (audience is not Audience.STAFF)
            assert ("Ann Lee" in shown) is (audience is not Audience.STAFF)
        assert ("Credentials in their care" in pages["people/ann.md"]) is (audience is not Audience.STAFF)


def test_the_sample_client_gives_no_alarm(checked_sample: pipeline.Checked) -> None:
    assert list(find(checked_sample.catalog)) == []


def test_secrets_are_found_in_whatever_else_reaches_a_page(workspace: Workspace) -> None:
    """File and folder names, the notes of a release, the settings of all sites, what git says of a change."""
    secret = "password" + ": Herring-42!"
    folder = workspace.folder("demo") / "discovery/systems" / secret
    folder.mkdir(parents=True)
    (folder / "erp.yaml").write_text("title: ERP\n")
    (workspace.root / "mkdocs.yml").write_text(f"theme: {{name: material}}\ncopyright: 'The {secret}'\n")
    checked = pipeline.check(workspace, "demo", TODAY)
    found = [(each.location.path, each.location.line) for each in checked.problems if each.code == "KB701"]
    assert found == [(f"engagements/demo/discovery/systems/{secret}/erp.yaml", 1), ("mkdocs.yml", 2)]
    assert not any("Herring" in each.message for each in checked.problems if each.code == "KB701")
    told = {Audience.STAFF: "Fine.", Audience.MANAGEMENT: f"Fine.\n\nThe {secret}"}
    (noted,) = pipeline.in_notes(told, Location("notes.md"), checked.catalog)
    assert (noted.code, noted.location.line) == ("KB701", 3)
    known = pipeline.with_client(checked.catalog, not_secret=[(noted.hint or "").rpartition(", or ")[2][:16]])
    assert list(pipeline.in_notes(told, Location("notes.md"), known)) == []


def test_a_page_does_not_tell_a_commit_that_holds_a_secret(workspace: Workspace) -> None:
    secret = "password" + ": Herring-42!"
    (workspace.folder("demo") / "discovery").mkdir()
    (workspace.folder("demo") / "discovery" / "people.yaml").write_text("- {id: ann, title: Ann}\n")
    commits = tuple(Commit("1", "Ann", TODAY, subject) for subject in (f"Set the {secret}", "Mend a typo"))
    history = History("", {"discovery/people.yaml": commits})
    (workspace.folder("demo") / "client.yaml").write_text("title: Demo\nhistory: {show: true}\n")
    checked = pipeline.check(workspace, "demo", TODAY)
    among = pipeline.Among(history=history)
    pages = pipeline.prepare(checked, Audience.CONSULTANT, TODAY, among=among).rendered.texts
    assert "Mend a typo" in pages["people/ann.md"]
    assert not [path for path, text in pages.items() if "Herring" in text]
