"""Whether a word that stands where a secret would is one: pure functions of the word alone.

What is written there is more often a placeholder, a place ("see Bitwarden") or a rule ("12 characters").
"""

from __future__ import annotations

import re

_MASK = re.compile(r"^[*•●·xX._\-–—…#?=~ ]*$")
_TEMPLATE = re.compile(
    r"^(?:[<\[{(]|\$[({]|\$[A-Za-z_]+$|%[A-Za-z_]+%$|[@!][A-Za-z]+$|\w{0,2}[*•●]{3,}\w{0,2}$)"
    r"|\$\{|\{\{|<[a-z _-]+>|&lt;|…$|\.{3}$"
)
_STANDS_FOR = re.compile(
    r"(?:^|[-_ ])(?:change[-_ ]?me|placeholder|redacted|example|dummy)(?:$|[-_ ])|example(?:key)?$"
    r"|(?:^|[-_ ])(?:(?:your|some|insert|enter)[-_ ]?|my[-_ ])(?:\w+[-_ ])*(?:pass|secret|token|key|api|pw|pin|code|psk|value|here)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"""^(?:
        (?:var|data|local|module|secrets?|env|self|this|os|process|config|settings|params?|inputs?|github|steps
          |request|response|args|options|resource|each|context|user|form|random_\w+|aws_\w+|azurerm_\w+|google_\w+
          |kubernetes_\w+|vault)\.[\w.\[\]"'*-]+
      | [\w.]+\(.*                              # a call
      | \$?env:\w+
      | (?:[A-Z0-9]+_)*(?:PASS[A-Z]*|PWD|PW|PSK|PIN|SECRET|TOKEN|KEY|CREDENTIALS?)(?:_[A-Z0-9]+)*  # a variable
      | [a-z][a-z0-9+.-]*://.* | www\..*
      | [\w.+-]+@[\w-]+(?:\.[\w-]+)+            # an e-mail address
      | (?:\.{0,2}/|~|\\\\|[A-Za-z]:\\).*       # a path
      | [a-z][a-z0-9_.-]*(?:/[a-z0-9_.-]+)+/?
      | [\w.-]+\.(?:txt|pdf|docx?|xlsx?|ya?ml|json|md|html?|conf|ini|log|xml|csv|kdbx|pem|png|jpe?g|exe|msi|ps1|sh|py|zip)
    )$""",
    re.VERBOSE,
)
_FIGURE = re.compile(
    r"""^(?:
        v?\d+(?:\.\d+)+\w? | \d{1,4}[-./]\d{1,2}[-./]\d{1,4} | \d{1,2}:\d{2}(?::\d{2})? | [\d.,]+[%+]? | [~≥≤<>]?\d{1,3}\+?
      | \d+(?:th|st|nd|rd|s|x|d|h|m|min|days?|chars?|characters|zeichen|years?|months?|bit|ms|kb|mb|gb)
      | \d+[-–/]\d+ | \d+[-–](?:bit|char|day|digit|character|month|year|step|factor|hour|week)s?
      | [0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_TECHNICAL = re.compile(
    r"""^(?:
        (?:aes|rsa|ecdsa|ed|sha|md|wpa|tls|ssl|oauth|fido|ike|ikev|pbkdf|argon|ntlm|ntlmv|utf|base|tpm|ipv|rfc|http|gcm
          |curve|chacha|totp|hotp|dh|ecdh|kdf|scrypt|bcrypt|ec|x\.?)[-_]?v?\d{1,5}(?:[.x]\d+)?(?:[-_/](?:\d{1,4}|[A-Za-z]{1,8}))*
      | (?:oauth|fido|saml|ntlmv|pkcs)\d[A-Za-z]*
      | 1password | keepass\w* | 2fa | 3des | 802\.1x | s/mime | b2[bc] | microsoft\s?365 | office\s?365 | m365
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_UUID = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
_NAME = re.compile(r"^[A-Za-z][a-z]*(?:[._/-][A-Za-z]?[a-z]*)*[._-]?v?\d{0,4}$")
_SYMBOL = re.compile(r"[!@#$%^&*?+=~§€£]")
_ORDINARY = frozenset(
    """
    a about above absent accepted access account active added admin administrator after again age agreed all allowed
    always and any app applies ask assigned at attached auth authentication auto automatic automatically available bad
    bearer before below best bitwarden blank blocked bool boolean both but by call can card cell certificate change
    changeable changed changes char characters check clear client code codes common complex complexity confidential
    confirm confirmed configured control count created credential credentials current custom daily dashlane date
    default defaults delegated delete deleted denied deprecated depends description details device different digits
    directory disabled discontinued done each either email embedded empty enabled encrypted enforced enpass enter entra
    entry envelope every exists expired expires expiry external failed false field file fine fixed folder for forbidden
    forgot forgotten form format found from full generated generator generic given good group guest guidance hardware
    has hashed hashing held here hidden history hers his hour how id ids if in inactive incorrect individual inherited
    initial input int integer internal invalid irrelevant is issued it its keeper keepass keepassxc kept key keychain
    keys known laps last lastpass later length letters link local location locked lockout login logon long lost managed
    management manager mandatory manual manually many masked me mfa minimum missing mixed monthly must name needed never
    new no nobody none nordpass not nothing notes null number object off ok old on once one only open optional or other
    others owner page paper part pass passed passkey passkeys passphrase password passwordless passwords passwort pending
    per person personal phone pin place plain policy position private prompt prompted protected provided proton public
    quarterly random randomised randomized read reception recommended recorded recovery redacted rejected removed
    replaced required requires reset resets restricted retired reused revoked rotated rotation rules safe same saved sealed
    secret secrets secure secured see self server service session set setting shared short shown sign signed simple
    single sms sso staff standard status step stored str string strong strength submit sufficient sync synced system tba
    tbc tbd temporary test text that the their them then there this to token tokens too true two txt type unchanged
    undefined under unique unknown unlimited unset unused update updated use used user username users value varchar
    varies vault verified via weak weekly when where which who why will with within written wrong yearly yes you your yours
    zoho fehlt geheim kein keine leer neu nein siehe unbekannt ja vorhanden geändert
    """.split()
)
"""What stands after `Password:` and is none."""
_WELL_KNOWN = frozenset(
    "letmein qwerty qwertz iloveyou dragon monkey sunshine princess football swordfish trustno hunter".split()
)
_JOINING = _ORDINARY | frozenset(
    "of by our my your was were are be been has have than so as must may least at".split()
)


def is_placeholder(text: str) -> bool:
    """Whether a text is masked, a template, an example, or the name of a secret rather than one."""
    return bool(
        _MASK.match(text)
        or _TEMPLATE.search(text)
        or _STANDS_FOR.search(text)
        or _REFERENCE.match(text)
        or _FIGURE.match(text)
        or _TECHNICAL.match(text)
    )


def is_random(word: str) -> bool:
    """Whether a word looks like a password: letters with digits or signs in it, and no placeholder."""
    if len(word) < 5 or is_placeholder(word) or _UUID.match(word):
        return False
    if not any(char.isalpha() for char in word):
        return False
    inner = word.rstrip("!?")
    return any(char.isdigit() for char in word) or bool(_SYMBOL.search(inner))


def is_word(word: str) -> bool:
    """Whether a word that is all there is after `Password:` is likely one, though it is only letters or only digits."""
    plain = word.rstrip("!?")
    if len(plain) < 4 or is_placeholder(word):
        return word.isdigit() and len(word) >= 4
    if _UUID.match(word):
        return True
    if plain.isupper() and len(plain) <= 5:
        return False
    if "-" in plain or "_" in plain or "/" in plain:
        parts = re.split(r"[-_/]", plain)
        return not any(part.lower() in _JOINING for part in parts) and all(parts)
    return plain.lower() not in _ORDINARY


def is_well_known(word: str) -> bool:
    """Whether a word is one of the passwords that everybody tries first."""
    return word.rstrip("!?").lower() in _WELL_KNOWN


def is_phrase(text: str) -> bool:
    """Whether words in quotation marks are a passphrase, not a sentence about one."""
    words = text.split()
    return 3 <= len(words) <= 10 and all(
        len(word) > 2 and word.isalpha() and word.lower() not in _JOINING for word in words
    )


def is_token(word: str) -> bool:
    """Whether a word looks like a key or a token that a machine made."""
    if len(word) < 8 or is_placeholder(word) or not any(char.isalpha() for char in word):
        return False
    if _UUID.match(word):
        return True
    if _NAME.match(word):
        return False
    digits = sum(char.isdigit() for char in word)
    return digits >= 2 or (digits == 1 and len(word) < 12) or bool(_SYMBOL.search(word.rstrip("!?=")))


def is_no_place(text: str) -> bool:
    """Whether what should say where a password is kept is more likely the password: one word of mixed characters."""
    sorts = (str.islower, str.isupper, str.isdigit, _SYMBOL.search)
    mixed = sum(any(sort(char) for char in text) for sort in sorts) >= 3
    return mixed and len(text) >= 8 and not re.search(r"[\s/_.,:-]", text) and is_random(text)
