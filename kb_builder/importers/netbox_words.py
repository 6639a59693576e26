"""NetBox's words to ours: types and statuses; and its texts to Markdown that a record may hold."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from kb_builder.text import SAFE_SCHEMES, escape, parse

SYSTEM_TYPES = {
    "telephony": "phone telephony voip pbx sip dect",
    "security": "firewall ids ips siem camera cctv nvr vpn alarm",
    "network": (
        "router switch gateway wireless wifi wlan wlc ap access core distribution spine leaf tor balancer lb "
        "wan sdwan modem bridge hub edge aggregation network"
    ),
    "data-store": "storage san nas array tape library backup",
    "server": "server hypervisor host blade esxi node hsm",
    "endpoint": "workstation desktop laptop thin kiosk printer tablet terminal",
}
"""What a device is, by the words of its role; the last word that is known counts, as in `storage server`."""
EQUIPMENT = frozenset(
    "pdu ups panel patch shelf blank organiser organizer kvm enclosure chassis sensor".split()
)
"""Words of roles of what is equipment only: it runs nothing."""
CLOUDS = frozenset(
    "cloud aws amazon azure google gcp digitalocean openstack linode hetzner ovh oracle".split()
)
SYSTEM_STATUS = {
    "planned": "planned",
    "staged": "planned",
    "staging": "planned",
    "decommissioning": "retiring",
    "offline": "retired",
}
ASSET_STATUS = {
    "planned": "ordered",
    "staged": "spare",
    "inventory": "spare",
    "available": "spare",
    "failed": "broken",
    "decommissioning": "spare",
    "offline": "spare",
}
CIRCUIT_STATUS = {
    "planned": "planned",
    "provisioning": "planned",
    "deprovisioning": "cancelled",
    "decommissioned": "cancelled",
}
LIVE = frozenset({"", "active"})
LEFT_OUT = {
    "accounts and rights of NetBox itself": (
        "auth.group auth.permission auth.user users.userconfig users.token users.objectpermission users.group users.user"
    ),
    "NetBox's own housekeeping": (
        "admin.logentry contenttypes.contenttype sessions.session extras.objectchange core.objectchange core.job "
        "core.datasource core.datafile extras.customlink extras.exporttemplate extras.savedfilter extras.webhook "
        "extras.configcontext extras.script extras.report extras.bookmark extras.customfieldchoiceset core.objecttype "
        "extras.cachedvalue extras.eventrule extras.notification extras.dashboard"
    ),
    "follows from the cables": "dcim.cablepath",
    "templates for new devices, not devices": (
        "dcim.consoleporttemplate dcim.consoleserverporttemplate dcim.devicebaytemplate dcim.frontporttemplate "
        "dcim.interfacetemplate dcim.inventoryitemtemplate dcim.modulebaytemplate dcim.poweroutlettemplate "
        "dcim.powerporttemplate dcim.rearporttemplate"
    ),
    "parts within a device are not records": (
        "dcim.inventoryitem dcim.inventoryitemrole dcim.module dcim.modulebay dcim.moduletype dcim.virtualdevicecontext"
    ),
    "address plans are not records": (
        "ipam.aggregate ipam.asn ipam.asnrange ipam.fhrpgroup ipam.fhrpgroupassignment ipam.iprange ipam.prefix ipam.rir "
        "ipam.role ipam.routetarget ipam.service ipam.servicetemplate ipam.vlan ipam.vlangroup ipam.vrf"
    ),
    "power supply and reserved space are not records": "dcim.powerfeed dcim.powerpanel dcim.rackreservation",
    "kept with what has them": "extras.tag extras.taggeditem",
}
"""Why tables are not imported."""
IN_PART = {
    "only names, addresses and what is plugged in are kept": (
        "dcim.interface dcim.frontport dcim.rearport dcim.powerport dcim.poweroutlet dcim.consoleport "
        "dcim.consoleserverport virtualization.vminterface"
    ),
    "only what they connect is kept, under Connections": "dcim.cable",
}
"""What is kept of tables that are imported in part."""
_WORD = re.compile(r"[a-z0-9]+")
_INLINE = re.compile(r"!?\[([^\[\]]*)\]\(\s*<?([^\s()<>]*)>?[^()\n]*\)")
_IN_WORD = re.compile(r"(?<=\w)&#95;(?=\w)")
_LONE_AND = re.compile(r"&#38;(?=\s)")


def why_left_out(model: str) -> str:
    """Why a table is not imported."""
    return next(
        (why for why, models in LEFT_OUT.items() if model in models.split()), "no kind of record is for it"
    )


def system_type(role: str) -> str | None:
    """What sort of system a device of that role is; None if it is none, as far as its role says."""
    words = _WORD.findall(role.lower())
    if EQUIPMENT & set(words):
        return None
    types = {word: type for type, known in SYSTEM_TYPES.items() for word in known.split()}
    found = (types.get(word) or types.get(word.removesuffix("s")) for word in reversed(words))
    return next((type for type in found if type), None)


def cluster_type(sort: str) -> str:
    """What sort of system a cluster of that type is."""
    return "cloud-service" if CLOUDS & set(_WORD.findall(sort.lower())) else "server"


def date(text: str) -> dt.date | None:
    """A date, or None for what is none."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def written(text: str) -> str:
    """A name as Markdown that shows it as it is."""
    return _LONE_AND.sub("&", _IN_WORD.sub("_", escape(text)).replace("&#39;", "'"))


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """What no field is for, as a list."""
    return "\n".join(f"- {written(name)}: {written(text)}" for name, text in pairs if text.strip())


def table(heading: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table under a heading; nothing if it has no rows."""
    lines = [f"| {' | '.join(written(cell) for cell in row)} |" for row in rows]
    head = [f"## {heading}", "", f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    return "\n".join([*head, *lines]) if lines else ""


def prose(text: str, base: str = "") -> tuple[str, bool]:
    """Comments as Markdown without links that lead nowhere from here, and whether some were taken out.

    With `base`, links within NetBox lead there; without, their words stay. What is linked in some other way is
    shown as it is written.
    """
    text = text.replace("\r\n", "\n").strip()
    if not _lost(text):
        return text, False

    def mended(link: re.Match[str]) -> str:
        if _is_good(link.group(2)):
            return link.group()
        target = urljoin(base, link.group(2)) if base else ""
        return f"[{link.group(1)}]({target})" if _is_good(target) else link.group(1)

    made = _INLINE.sub(mended, text)
    if not _lost(made):
        return made, True
    ticks = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}\n{text}\n{fence}", True


def _lost(text: str) -> bool:
    found = parse(text)
    return not all(_is_good(address) for address in (*found.links, *found.images))


def _is_good(address: str) -> bool:
    try:
        return urlsplit(address.strip()).scheme.lower() in SAFE_SCHEMES or address.strip().startswith("#")
    except ValueError:
        return False
