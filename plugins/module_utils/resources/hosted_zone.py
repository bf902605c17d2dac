# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosted zones of Route 53, which are looked up and never made, and changes of their records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kernel import Cloud, CollectionError
from ..kernel.cloud import ROUTE53_REGION


def full_name(name: str) -> str:
    """A name as Route 53 tells it: in small letters, ending in a dot, with its asterisk as `\\052`."""
    return name.lower().rstrip(".").replace("*", "\\052") + "."


def find_zone(
    cloud: Cloud, names: list[str], wanted: str | None = None, *, limits: Mapping[str, Any] | None = None
) -> str:
    """The id of the public hosted zone that answers for all of `names`: `wanted`, an id or a name, or the nearest one.

    `limits` are the client's, such as SHORT.

    Raises:
        CollectionError: there is none, or more than one of the same name.
    """
    zones = _public_zones(cloud, limits)
    found = _nearest(zones, names, wanted)
    if found is None:
        told = ", ".join(sorted({name.rstrip(".") for name in zones.values()})) or "none"
        asked = "" if wanted is None else f" under {wanted!r}"
        raise CollectionError(
            f"No public hosted zone of this account{asked} holds {', '.join(names)}; the account has {told}. Make the "
            "zone, and delegate the domain to it, or give names inside one of these."
        )
    return found


def zone_if_any(cloud: Cloud, names: list[str], wanted: str | None = None) -> str | None:
    """The same for what is to go: None if there is none, and with it its records have gone.

    Raises:
        CollectionError: more than one of the same name; which of them holds the records is not guessed.
    """
    return _nearest(_public_zones(cloud), names, wanted)


def _public_zones(cloud: Cloud, limits: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Id → name."""
    return {
        each["Id"].rpartition("/")[2]: each["Name"]
        for each in cloud.paginate("route53", "list_hosted_zones", ROUTE53_REGION, limits=limits)
        if not each.get("Config", {}).get("PrivateZone")
    }


def _nearest(zones: dict[str, str], names: list[str], wanted: str | None) -> str | None:
    fitting = {
        key: name
        for key, name in zones.items()
        if (wanted is None or key == wanted or name == full_name(wanted)) and all(holds(name, each) for each in names)
    }
    nearest = max(fitting.values(), key=len, default="")
    found = sorted(key for key, name in fitting.items() if name == nearest)
    if len(found) > 1:
        raise CollectionError(
            f"{len(found)} public hosted zones are called {nearest.rstrip('.')}: {', '.join(found)}. Only one of them "
            "answers for the domain: give the id of the one whose name servers the domain is delegated to, as zone."
        )
    return found[0] if found else None


def holds(zone: str, domain: str) -> bool:
    """Whether a name is in a zone, or is the zone's own."""
    return f".{full_name(domain)}".endswith(f".{full_name(zone)}")


def records_named(cloud: Cloud, zone: str, name: str, limits: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The records of one name, as Route 53 tells them. `limits` are the client's, such as SHORT."""
    answer = cloud.client("route53", ROUTE53_REGION, **(limits or {})).list_resource_record_sets(
        HostedZoneId=zone, StartRecordName=name.rstrip(".") + "."
    )
    return [each for each in answer["ResourceRecordSets"] if each["Name"].lower() == full_name(name)]


def change_records(cloud: Cloud, zone: str, changes: list[tuple[str, dict[str, Any]]]) -> None:
    """Carry out `(action, record)`, all or none of them, and wait until every server of Route 53 knows."""
    client = cloud.client("route53", ROUTE53_REGION)
    batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
    change = client.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Comment": "multiregion.ecs", "Changes": batch}
    )["ChangeInfo"]
    if cloud.wait and change["Status"] != "INSYNC":
        cloud.wait_until(
            f"change {change['Id']} of zone {zone} to be INSYNC",
            lambda: client.get_change(Id=change["Id"])["ChangeInfo"]["Status"] == "INSYNC",
        )
