"""Secrets that only a machine writes: private keys, tokens with a known beginning, recovery keys, random strings.

The forms of services' tokens are detect-secrets' (its plugins are used one by one: nothing is verified over the
network and no process is started), with the ones that it does not know yet beside them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from kb_builder.insight.secret_rules import Hit
from kb_builder.insight.secret_words import is_placeholder

if TYPE_CHECKING:
    from detect_secrets.plugins.base import RegexBasedDetector

_PLUGINS = (
    ("artifactory", "ArtifactoryDetector", "an Artifactory token"),
    ("aws", "AWSKeyDetector", "an AWS key"),
    ("azure_storage_key", "AzureStorageKeyDetector", "an Azure storage key"),
    ("cloudant", "CloudantDetector", "a Cloudant key"),
    ("discord", "DiscordBotTokenDetector", "a Discord token"),
    ("github_token", "GitHubTokenDetector", "a GitHub token"),
    ("gitlab_token", "GitLabTokenDetector", "a GitLab token"),
    ("ibm_cloud_iam", "IbmCloudIamDetector", "an IBM Cloud key"),
    ("ibm_cos_hmac", "IbmCosHmacDetector", "an IBM Cloud key"),
    ("jwt", "JwtTokenDetector", "a JSON web token"),
    ("mailchimp", "MailchimpDetector", "a Mailchimp key"),
    ("npm", "NpmDetector", "an npm token"),
    ("openai", "OpenAIDetector", "an OpenAI key"),
    ("pypi_token", "PypiTokenDetector", "a PyPI token"),
    ("sendgrid", "SendGridDetector", "a SendGrid key"),
    ("slack", "SlackDetector", "a Slack token"),
    ("softlayer", "SoftlayerDetector", "a SoftLayer key"),
    ("square_oauth", "SquareOAuthDetector", "a Square token"),
    ("stripe", "StripeDetector", "a Stripe key"),
    ("telegram_token", "TelegramBotTokenDetector", "a Telegram token"),
    ("twilio", "TwilioKeyDetector", "a Twilio key"),
)
"""detect-secrets' plugins: module, class, and what is found. Left out are those that our own rules cover
(basic auth, keywords, private keys) and public addresses, which are no secrets here."""
_HEAD = r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
_PRIVATE_KEY = re.compile(
    rf"{_HEAD}(?:(?!-----)[\s\S]){{0,20000}}-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    rf"|{_HEAD}(?:(?:\\n|\s)+[A-Za-z0-9+/=:,-]{{16,}})+|^[ \t>\"'`]*{_HEAD}"
    r"|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|PuTTY-User-Key-File-[23]:[^\n]*|AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    re.MULTILINE,
)
_FORMS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "a token",
            r"(?<![\w-])(?:github_pat_\w{22,}|sk-(?:proj|ant|svcacct|or)-[\w-]{20,}|AIza[\w-]{35}|GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,}"
            r"|hv[sb]\.[\w-]{20,}|do[opr]_v1_[0-9a-f]{40,}|dckr_pat_[\w-]{20,}|hf_[A-Za-z]{30,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"
            r"|xapp-\d-\w+-\d+-\w+|tskey-[a-z]+-[\w-]{16,}|ATATT3[\w=-]{30,}|ATCTT3[\w=-]{30,}|lin_api_\w{32,}|ntn_\w{40,}"
            r"|npm_\w{36}|nbt_\w{12}\.\w{20,}|sq0atp-[\w-]{22}|[\w~.-]{3}\dQ~[\w~.-]{31,34}|\w{14}\.atlasv1\.[\w=-]{60,}|rk_test_\w{24,}|sk_test_\w{24,})",
        ),
        (
            "a webhook's address",
            r"https://(?:[\w.-]+\.webhook\.office\.com/webhookb2/|discord(?:app)?\.com/api/webhooks/\d+/)[\w@/-]{30,}",
        ),
        ("a signed address", r"[?&](?:sig|X-Amz-Signature|X-Goog-Signature)=(?P<it>[\w%/+=-]{20,})"),
        ("the seed of one-time passwords", r"otpauth://[^\s\"'<>]*[?&]secret=(?P<it>[A-Za-z2-7=]{10,})"),
        (
            "a hashed password",
            r"\$(?:1|2[abxy]?|5|6|7|8|9|14|y|apr1|argon2(?:id?|d)|sha1|pbkdf2[\w-]*)\$[^\s\"'|<>]{20,}|\{(?:SSHA|SHA|SMD5)\d*\}[\w+/=]{20,}",
        ),
        ("a disk's recovery key", r"(?<![\d-])\d{6}(?:-\d{6}){7}(?![\d-])"),
        (
            "a recovery key",
            r"(?<![\w-])(?=[A-Z-]*\d)(?=[\d-]*[A-Z])[A-Z0-9]{4}(?:-[A-Z0-9]{4}){5}(?![\w-])|(?<![\w-])A3-[A-Z0-9]{6}-[A-Z0-9]{6,11}(?:-[A-Z0-9]{5}){3,4}(?![\w-])",
        ),
        ("a product key", r"(?<![\w-])(?=[A-Z-]*\d)(?=[\d-]*[A-Z])[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}(?![\w-])"),
    )
)
_NO_SECRET = re.compile(
    r"BEGIN (?:[A-Z0-9]+ )*(?:CERTIFICATE|PUBLIC KEY|REQUEST|CRL|SIGNATURE|MESSAGE|PARAMETERS)\b"
    r"(?:(?!BEGIN )[\s\S]){0,20000}?\bEND [A-Z]"
    r"|(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\w+|sk-ssh-\w+@openssh\.com)\s+AAAA[\w+/=]+"
    r"|data:[\w/+.-]+;base64,[\w+/=]+|\bsha(?:1|256|384|512)[-:=][\w+/=-]+"
    r"|\b[pk]=\s*MI[IG][\w+/=]+",
    re.IGNORECASE,
)
_NO_RANDOM = re.compile(r"AAAA[BCEG][0-9][A-Z]|AP/{6}|\w{6}(?:-\w{4}){5}-\w{6}$|MI[IG]\w{1,5}ANBgkqhkiG")
"""How a public key (SSH), the description of a screen (EDID), a logical volume's UUID and a public key (DER) read."""
_RANDOM = re.compile(r"(?<![\w+/=.:@~-])[A-Za-z0-9+/_-]{32,}={0,2}(?![\w+/.@~-])")
_LONG = r"(?<!\S)(?=\S{20})[^\sA-Z0-9]*[A-Z0-9]"
"""A word so long that it may be a key. Machines write no key of small letters alone, and most addresses are."""
_LONG_WORD, _LONG_LINE = re.compile(_LONG), re.compile(rf"^.*?{_LONG}.*$", re.MULTILINE)
_ENTROPY = 4.5
"""Bits a character from which detect-secrets calls a base64 string random."""


def may_be_token(text: str) -> bool:
    """Whether `tokens` can find anything in a text; quick."""
    return bool(_LONG_WORD.search(text)) or "PRIVATE KEY" in text or "PuTTY-User-Key" in text


def tokens(text: str) -> Iterator[Hit]:
    """Private keys, tokens and random strings in a text."""
    for match in _PRIVATE_KEY.finditer(text):
        yield Hit(*match.span(), "a private key")
    for long in _LONG_LINE.finditer(text):
        yield from _of_known_form(long.group(), long.start())
        yield from _of_services(long.group(), long.start())
    yield from _random(text)


def _of_known_form(line: str, offset: int) -> Iterator[Hit]:
    for kind, pattern in _FORMS:
        for match in pattern.finditer(line):
            start, end = match.span("it" if "it" in pattern.groupindex else 0)
            if kind == "a hashed password" or not is_placeholder(line[start:end]):
                yield Hit(offset + start, offset + end, kind)


def _of_services(line: str, offset: int) -> Iterator[Hit]:
    for kind, plugin in _plugins():
        for pattern in plugin.denylist:
            for match in pattern.finditer(line):
                word = match.group().strip(" \t\"':=")
                in_path = line[: match.start()].endswith("/")
                if any(plugin.analyze_string(match.group())) and _holds(kind, word, in_path):
                    start = offset + match.start() + match.group().index(word)
                    yield Hit(start, start + len(word), kind)


def _holds(kind: str, word: str, in_path: bool) -> bool:
    """Whether what a plugin matched is more than a word that begins alike, or a part of an address."""
    if "example" in word.lower() or (in_path and kind == "a JSON web token"):
        return False
    return kind != "an Artifactory token" or (len(word) >= 40 and any(char.isdigit() for char in word))


@cache
def _plugins() -> tuple[tuple[str, RegexBasedDetector], ...]:
    """The plugins, loaded when the first long word asks for them."""
    made: list[tuple[str, RegexBasedDetector]] = []
    for module, name, kind in _PLUGINS:
        made.append((kind, getattr(import_module(f"detect_secrets.plugins.{module}"), name)()))
    return tuple(made)


def _random(text: str) -> Iterator[Hit]:
    """Long strings of letters of both cases and digits, as random as detect-secrets asks of a base64 string."""
    candidates = list(_RANDOM.finditer(text))
    known = [match.span() for match in _NO_SECRET.finditer(text)] if candidates else []
    for match in candidates:
        word = match.group()
        start, end = match.span()
        if (
            any(first <= start and end <= last for first, last in known)
            or _NO_RANDOM.match(word)
            or is_placeholder(word)
        ):
            continue
        if "://" in text[:start].rpartition("\n")[2].rpartition(" ")[2]:
            continue
        mixed = (
            any(c.islower() for c in word)
            and any(c.isupper() for c in word)
            and any(c.isdigit() for c in word)
        )
        if mixed and _entropy(word) > _ENTROPY:
            yield Hit(start, end, "a random string")


def _entropy(word: str) -> float:
    """Shannon's entropy of a word's characters, in bits."""
    return -sum(many / len(word) * math.log2(many / len(word)) for many in Counter(word).values())
