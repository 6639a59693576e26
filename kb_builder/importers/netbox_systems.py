"""NetBox's devices, clusters and virtual machines as equipment and systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kb_builder.importers.base import Imported, Skipped
from kb_builder.importers.netbox_joins import DEVICE, MACHINE, Target, network
from kb_builder.importers.netbox_maker import Facts, Maker, changed, line, status_fact, title_of
from kb_builder.importers.netbox_source import Row
from kb_builder.importers.netbox_words import ASSET_STATUS, SYSTEM_STATUS, cluster_type, system_type
from kb_builder.records.client import Location
from kb_builder.records.discovery import Asset, System, Vendor

CLUSTER = "virtualization.cluster"


def devices(maker: Maker) -> Iterator[Imported]:
    """Devices: each a piece of equipment, and a system where its role or an address says that it is one."""
    bays = {
        row.ref["installed_device"]: row
        for row in maker.tables.all("dcim.devicebay")
        if "installed_device" in row.ref
    }
    rows = list(maker.tables.all(DEVICE))
    assets = [_asset(maker, row, bays.get(row.number)) for row in rows]
    for row, asset in zip(rows, assets, strict=True):
        bay = bays.get(row.number)
        holder = bay.ref.get("device") if bay else None
        yield changed(asset, part_of=maker.ref(Asset, DEVICE, holder)) if holder not in bays else asset
        if (type := _type(maker, row)) is not None:
            yield _device(maker, row, type, asset)


def _type(maker: Maker, row: Row) -> str | None:
    known = system_type(maker.tables.name("dcim.devicerole", row.ref.get("role")))
    return known or ("other" if (DEVICE, row.number) in maker.addresses else None)


def _model(maker: Maker, row: Row) -> dict[str, Any]:
    """A device's maker and model, as equipment and systems have them."""
    sort = maker.tables.find("dcim.devicetype", row.ref.get("device_type"))
    if sort is None:
        return {}
    vendor = maker.ref(Vendor, "dcim.manufacturer", sort.ref.get("manufacturer"))
    return {"vendor": vendor, "product": sort.text["model"]}


def _asset(maker: Maker, row: Row, bay: Row | None) -> Imported:
    text, target = row.text, (DEVICE, row.number)
    stack = maker.tables.name("dcim.virtualchassis", row.ref.get("virtual_chassis"))
    unit = [f"Unit {text['position'].removesuffix('.0')}", text["face"]] if text["position"] else []
    return maker.make(
        Asset,
        target,
        row,
        maker.device_name(row),
        extra=[
            (
                "Part number",
                maker.tables.name("dcim.devicetype", row.ref.get("device_type"), "part_number"),
            ),
            ("Stack", f"{stack}, member {text['vc_position']}" if stack and text["vc_position"] else stack),
            status_fact(row, ASSET_STATUS),
        ],
        parts=[] if _type(maker, row) else [maker.plugged_in(target)],
        type=maker.tables.name("dcim.devicerole", row.ref.get("role")).lower(),
        **_model(maker, row),
        serial=text["serial"],
        asset_tag=text["asset_tag"],
        location=maker.place(row),
        part_of=maker.ref(Asset, "dcim.rack", row.ref.get("rack")),
        place=line(bay.text["name"]) if bay else ", ".join(filter(None, unit)),
        status=ASSET_STATUS.get(text["status"]),
    )


def _device(maker: Maker, row: Row, type: str, asset: Imported) -> Imported:
    return _system(
        maker,
        (DEVICE, row.number),
        row,
        maker.device_name(row),
        maker.tables.name("dcim.devicerole", row.ref.get("role")),
        type=type,
        **_model(maker, row),
        version=maker.tables.name("dcim.platform", row.ref.get("platform")),
        location=maker.place(row),
        runs_on=[asset.id],
    )


def clusters(maker: Maker) -> Iterator[Imported]:
    """Clusters, as systems that virtual machines need; they run on the devices that are in them."""
    hosts: dict[int, list[str]] = {}
    for row in maker.tables.all(DEVICE):
        asset = maker.ref(Asset, DEVICE, row.number)
        if asset and "cluster" in row.ref:
            hosts.setdefault(row.ref["cluster"], []).append(asset)
    for row in maker.tables.all(CLUSTER):
        sort = maker.tables.name("virtualization.clustertype", row.ref.get("type"))
        scope = row.target("scope_type", "scope_id") or ("", 0)
        yield _system(
            maker,
            (CLUSTER, row.number),
            row,
            title_of(row, "cluster"),
            f"{sort} cluster" if sort else "Cluster",
            groups=[maker.tables.name("virtualization.clustergroup", row.ref.get("group"))],
            type=cluster_type(sort),
            product=sort,
            location=maker.place(row) or maker.ref(Location, *scope),
            runs_on=hosts.get(row.number),
        )


def machines(maker: Maker) -> Iterator[Imported]:
    """Virtual machines, each needing its cluster."""
    for row in maker.tables.all(MACHINE):
        text = row.text
        cluster = maker.ref(System, CLUSTER, row.ref.get("cluster"))
        host = maker.ref(Asset, DEVICE, row.ref.get("device"))
        yield _system(
            maker,
            (MACHINE, row.number),
            row,
            title_of(row, "virtual machine"),
            maker.tables.name("dcim.devicerole", row.ref.get("role")),
            extra=[
                ("Virtual CPUs", text["vcpus"].removesuffix(".00").removesuffix(".0")),
                ("Memory", f"{text['memory']} MB" if text["memory"] else ""),
            ],
            type="virtual-machine",
            product=maker.tables.name("dcim.platform", row.ref.get("platform")),
            depends_on=[cluster] if cluster else [],
            runs_on=[host] if host else [],
            location=maker.place(row),
        )
    if disks := sum(bool(row.text["disk"]) for row in maker.tables.all(MACHINE)):
        what = f"the disk size of {disks:,} virtual machines"
        maker.skipped.append(Skipped(what, "its unit differs between versions of NetBox"))


def _system(
    maker: Maker, target: Target, row: Row, title: str, role: str, extra: Facts = (), **fields: Any
) -> Imported:
    """A system; one that nobody described is described by its role."""
    return maker.make(
        System,
        target,
        row,
        title,
        summary=row.text["description"] or role,
        extra=[*extra, status_fact(row, SYSTEM_STATUS)],
        parts=[maker.plugged_in(target)],
        network=list(network(maker.addresses.get(target, []), row.ref)),
        status=SYSTEM_STATUS.get(row.text["status"]),
        **fields,
    )
