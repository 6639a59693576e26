"""How secrets are written down: the patterns of `password: …`, of PINs, of configuration and of command lines.

Data only; `secret_rules` applies it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Sort = Literal["any", "code", "random", "word", "key", "community", "password"]
"""What counts where the secret stands: anything that is no placeholder, anything at all, what looks random, a single word, or what
`secret_rules` asks of a password, a key or a community that a label names."""


@dataclass(frozen=True)
class Rule:
    """One pattern: what it finds, the lower-case texts of which it needs one, and what counts in its group `it`.

    A rule with a label (`password: …`) has the groups of `_VALUE` and `_GAP` instead.
    """

    kind: str
    needs: tuple[str, ...]
    sort: Sort
    pattern: re.Pattern[str]
    label: bool = False


PASS = r"""
    pass[ _-]?(?:wor[dt]|wörter|phrase|code)s? | passwd | kennw(?:ort|örter) | wachtwoord | mot[ ]de[ ]passe
    | contraseñas? | (?<![a-z])senhas? | lösenord | hasło | (?<![a-z])pass(?![a-z]) | pwd | (?<![a-z])pw(?![a-z])
    | (?<![a-z])psk(?![a-z]) | pre[ -]?shared[ _-]key | presharedkey | wpa_passphrase
    | (?:wi-?fi|wlan|wpa[23]?|wireless|network[ ]security|hotspot)[ _-](?:key|schlüssel)
"""  # noqa: S105
"""Labels of passwords, not one of them."""
KEY = r"""
    (?:api|access|secret|account|encryption|signing|storage|subscription|shared[ _-]?access|private|master|auth|stream
       |integration|registration|join|agent|service)[ _-]?(?:access[ _-]?)?(?:key|token|secret)s?
    | (?:client|shared|radius|app|webhook|consumer|bind)[ _-]?secrets? | (?<![a-z])secret | (?<![a-z])token
    | [_-]token | (?:recovery|backup|rescue|emergency)[ _-](?:key|code|phrase)s?
    | (?:licen[cs]e|product|activation|serial)[ _-]key | bearer | (?:totp|otp)[ _-](?:secret|seed)
"""
"""Labels of keys and tokens."""
COMMUNITY = r"""
    snmp[ ](?:v?[123]c?[ ])?(?:ro[ ]|rw[ ]|read[ ]|write[ ])?community(?:[ ](?:string|name))?s? | community[ _-](?:string|name)s?
"""
CODE = r"(?:alarm|door|gate|safe|lock|entry|access|keypad|voicemail|unlock|security|disarm|key[ -]?(?:box|safe)|tür|zugangs|tresor)"
"""What opens with a code."""
_CLOSE = r"""["'`*_)\]]{0,4}"""
_OPEN = r"""[*`"'“]{0,3}"""
_FOR = r"[ ](?:for|of|to|on|at|für|von|vom|zum|used[ ]by)[ ][^\n.:;=|?!]{1,40}?"
_IS = r"(?:\s*[:=#|–]\s*|\s+(?:is|was|ist|lautet)\s+(?:now\s+|still\s+)?|\s+)"
_NEAR = r"|(?P<near>\s+)"
"""A password may merely stand beside its label."""
_GAP = r"""(?:
    [^\S\n]*(?:\n[^\S\n]*)?(?P<sign>:=|=>|==|->|→|:|=|\||–)(?P<gap>\s*)
    | \s+(?P<verb>is|was|are|ist|war|lautet|were|has[ ]been[ ](?:set|changed|reset)[ ]to|(?:re)?set[ ]to|changed[ ]to|now)
      (?:\s+(?:now|still|currently|set[ ]to|changed[ ]to|jetzt|aktuell|always|simply|just|again|noch))*:?\s+
    )"""
_VALUE = r"""(?:\*{1,2}[ ]*)?(?:
    "(?P<q1>[^"\n]{2,90})" | '(?P<q2>[^'\n]{2,90})' | `{1,2}(?P<q3>[^`\n]{2,90})` | [“„](?P<q4>[^“”\n]{2,90})[“”]
    | «(?P<q5>[^»\n]{2,90})» | ‘(?P<q6>[^’\n]{2,90})’ | \*\*(?P<q7>[^*\n]{2,90})\*\* | <code>(?P<q8>[^<\n]{2,90})</code>
    | (?P<bare>[^\s|<"`“„«][^\s|<]{0,120}))"""
QUOTED = tuple(f"q{number}" for number in range(1, 9))


def _labelled(kind: str, needs: str, sort: Sort, label: str, near: str) -> Rule:
    about = rf"(?:(?:[ ]\([^()\n]{{0,40}}\)|{_FOR})?{_CLOSE}{_GAP}{near})"
    pattern = rf"(?:{label}){_CLOSE}[ _-]?\d{{0,2}}{_CLOSE}{about}{_VALUE}"
    return Rule(kind, tuple(needs.split(",")), sort, re.compile(pattern, re.I | re.X), label=True)


def _exact(kind: str, needs: str, sort: Sort, *pattern: str, flags: re.RegexFlag = re.I) -> Rule:
    return Rule(kind, tuple(needs.split(",")), sort, re.compile("".join(pattern), flags | re.X))


_COMMAND = "a password on a command line"
RULES = (
    _exact(
        "a password in an address",
        "://",
        "any",
        r"[a-z][a-z0-9+.-]*://[^\s/:@<>\"'`]*:(?P<it>[^\s/@<>\"'`]+)@[\w\[]",
    ),
    _exact(
        "a PIN",
        "pin",
        "code",
        r"(?<![A-Za-z])(?:PIN|Pin|pin(?=\s*[:=]|[ ](?:code|number)|[ ]is))(?:[ -]?(?:code|number|nummer|Code))?s?[*`\")]{0,3}",
        rf"(?:{_FOR})?{_IS}{_OPEN}(?P<it>\d{{4,8}})(?![\w-]|[.,]\d)",
        flags=re.NOFLAG,
    ),
    _exact(
        "a code",
        "code,pin,combination,kombination",
        "code",
        rf"(?<![a-z]){CODE}[ -]?(?:pin|code|combination|kombination)s?[*`\")]{{0,3}}(?:{_FOR}|[ ]\([^()\n]{{0,40}}\))?",
        rf"{_IS}{_OPEN}(?P<it>[A-Z*\#]?\d{{4,10}}[A-Z*\#]?|\d{{1,3}}(?:[-–/ ]\d{{1,3}}){{2,3}})(?![\w-]|[.,]\d)",
    ),
    _exact(
        "a password",
        "pass,secret,token,key",
        "word",
        r"<(?:[\w.-]+:)?[\w.-]*(?:password|passwd|passwort|secret|token|apikey|passphrase|sharedkey|keymaterial)(?:\s[^<>]*)?>",
        r"\s*(?P<it>[^<>\s]{4,90})\s*</",
    ),
    _exact(
        "a password",
        "secret,password,key",
        "any",
        r"(?:secret|password|key|key-string)[ ](?:level[ ]\d+[ ])?[056789][ ](?P<it>\$?(?=\S*\d)\S{6,})",
    ),
    _exact(
        "an SNMP community",
        "community",
        "community",
        r"(?:snmp-server[ ]community|r[ow]community6?)[ ]\"?(?P<it>[^\s\"]+)",
    ),
    _exact("a Wi-Fi password", "wifi:", "any", r"WIFI:[^\n]{0,200}?;P:(?P<it>[^;\n]{4,})"),
    _exact(
        "a token in a header",
        "authorization",
        "any",
        r"authorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|token|negotiate)\s+(?P<it>[\w.~+/=-]{8,})",
    ),
    _exact(
        _COMMAND,
        " -u,\n-u, --user,\n--user",
        "word",
        r"\b(?:curl|wget|http|https)\b[^\n]{0,300}?\s(?:-u|--user)[ =]?['\"]?[^\s:'\"<$]+:(?P<it>[^\s'\"]+)",
    ),
    _exact(
        _COMMAND,
        " -p,\n-p, -w,\n-w, /p:",
        "random",
        r"\b(?:mysql|mysqldump|mysqladmin|mariadb|sshpass|7za?|plink|pscp|psexec|smbclient|ldapsearch|unzip|xfreerdp)\b",
        r"[^\n]{0,300}?\s(?:-p[ ]?|-P[ ]|-pw[ ]|-w[ ]|/p:)['\"]?(?P<it>[^\s'\"]{4,90})",
    ),
    _exact(
        _COMMAND,
        "/user:,/u:, -u ,\n-u ",
        "random",
        r"(?:/user:|/u:|(?<!\S)-U[ ])[^\s:]+[ ](?:/p(?:ass(?:word)?)?:)?['\"]?(?P<it>[^\s'\"/-][^\s'\"]{4,90})",
    ),
    _exact(
        _COMMAND, "/user:", "random", r"\bnet[ ]use[ ](?:\S+[ ])?\\\\\S+[ ](?P<it>[^\s/][^\s]{4,90})[ ]/user:"
    ),
    _exact(
        _COMMAND,
        "pass,pwd,token,api-key,secret",
        "random",
        r"(?<!\S)(?:--?|/)(?:password|passwd|pass|pwd|token|api-key|secret)[ =:](?P<it>[^\s'\"-][^\s'\"]{3,90})",
    ),
    _exact(
        "a sign-in",
        "admin,root,guest,ubnt,user,login,logon,sign,account,cred,anmeldung,zugang,benutzer,sa:,sa/,sa /",
        "random",
        r"(?<![\w/.&;?%=-])(?:admin|administrator|root|sa|guest|ubnt|user(?:name)?|log[io]n|sign-?in|account|cred(?:ential)?s?",
        rf"|anmeldung|zugangsdaten|benutzer){_CLOSE}(?:\s*[:=/]\s*|[ ]is[ ]|[ ]as[ ]){_OPEN}",
        rf"(?:[\w.@\\-]{{2,40}}{_CLOSE}\s*[/|,:+][ ]?\s*)?{_OPEN}(?!\S{{0,90}}/)(?P<it>[^\s|<>`\"']{{5,90}})",
    ),
    _exact(
        "a sign-in",
        "pass,pw,kennw",
        "word",
        rf"(?:/|\bund\b|\band\b)\s*(?:{PASS}){_CLOSE}\s*[:=]\s*{_OPEN}[^\s/|]{{2,40}}{_CLOSE}\s*/\s*{_OPEN}(?P<it>[^\s|<>`\"']{{4,90}})",
    ),
    _exact(
        "a sign-in",
        "admin,root,user,guest,ubnt,cisco",
        "code",
        r"(?:log[ -]?[io]n|sign[ -]?in|credentials?|password|creds|defaults?)[^\n:;.]{0,24}?[ :(]",
        rf"{_OPEN}(?P<it>(?P<same>admin|root|user|guest|ubnt|cisco){_CLOSE}[ ]?[/:][ ]?{_OPEN}(?P=same)|root[ ]?[/:][ ]?toor",
        r"|admin[ ]?[/:][ ]?(?:1234\d*|password))(?![\w-])",
    ),
    _labelled(
        "a password",
        "pass,pwd,pw,kennw,wachtwoord,contrase,senha,lösenord,hasło,psk,key,schlüssel",
        "password",
        PASS,
        _NEAR,
    ),
    _labelled("a key or token", "key,token,secret,bearer,code,phrase,seed", "key", KEY, ""),
    _labelled("an SNMP community", "community", "community", COMMUNITY, _NEAR),
)
