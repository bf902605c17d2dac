# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Route 53 demands of a batch of changes: it is carried out as a whole, or refused."""

from __future__ import annotations

from typing import Any

from moto.route53.exceptions import Route53ClientError


class InvalidChangeBatch(Route53ClientError):
    """One of the changes cannot be made."""

    def __init__(self, message: str):
        super().__init__("InvalidChangeBatch", message)


class NoSuchChange(Route53ClientError):
    """No change has this id."""

    def __init__(self, identifier: str):
        super().__init__("NoSuchChange", f"Could not find resource with ID: {identifier}")


def check_changes(zone: Any, changes: list[dict[str, Any]]) -> None:
    """Refuse a batch of which one change cannot be made.

    Raises:
        InvalidChangeBatch: with the messages of Route 53.
    """
    there = {_key(_told(each)): _told(each) for each in zone.rrsets}
    for change in changes:
        record, action = change["ResourceRecordSet"], change["Action"]
        key = _key(record)
        name, kind, identifier = key
        shown = f"name='{name}.', type='{kind}'" + (f", set identifier='{identifier}'" if identifier else "")
        if action == "DELETE":
            if key not in there:
                raise InvalidChangeBatch(f"Tried to delete resource record set [{shown}] but it was not found")
            if _content(there[key]) != _content(record):
                raise InvalidChangeBatch(
                    f"Tried to delete resource record set [{shown}] but the values provided do not match the current "
                    "values"
                )
            del there[key]
            continue
        if action == "CREATE" and key in there:
            raise InvalidChangeBatch(f"Tried to create resource record set [{shown}] but it already exists")
        _check_beside(record, shown, [each for other, each in there.items() if other != key and other[0] == name])
        there[key] = record


def _check_beside(record: dict[str, Any], shown: str, others: list[dict[str, Any]]) -> None:
    identifier, kind = record.get("SetIdentifier"), record["Type"]
    if (identifier is None) is not (record.get("Weight") is None and not record.get("Region")):
        raise InvalidChangeBatch(f"Invalid request: [{shown}] needs SetIdentifier, and Weight or Region, together")
    for other in others:
        if "CNAME" in (kind, other["Type"]) and kind != other["Type"]:
            raise InvalidChangeBatch(
                f"RRSet of type {kind} with DNS name {record['Name']} is not permitted because a conflicting RRSet of "
                f"type {other['Type']} with the same DNS name already exists"
            )
        if other["Type"] == kind and (
            (other.get("SetIdentifier") is None) is not (identifier is None)
            or bool(other.get("Region")) is not bool(record.get("Region"))
        ):
            raise InvalidChangeBatch(
                f"RRSet with DNS name {record['Name']}, type {kind} cannot be created as other RRSets exist with the "
                "same name and type"
            )
        if other["Type"] == kind and record.get("Region") and other.get("Region") == record["Region"]:
            raise InvalidChangeBatch(
                f"Invalid request: [{shown}] Resource record sets of one name and type have different regions"
            )


def _told(record: Any) -> dict[str, Any]:
    """A record set of moto's in the words of a change."""
    return {
        "Name": record.name,
        "Type": record.type,
        "TTL": record.ttl,
        "ResourceRecords": record.records,
        "SetIdentifier": record.set_identifier,
        "Weight": record.weight,
        "Region": record.region,
        "AliasTarget": record.alias_target,
        "HealthCheckId": record.health_check_id,
    }


def _key(record: dict[str, Any]) -> tuple[str, str, str | None]:
    return record["Name"].lower().rstrip("."), record["Type"], record.get("SetIdentifier") or None


def _content(record: dict[str, Any]) -> tuple[Any, ...]:
    """What a deletion has to repeat."""
    values = [each["Value"] if isinstance(each, dict) else each for each in record.get("ResourceRecords") or []]
    alias = {key: str(value).lower().rstrip(".") for key, value in (record.get("AliasTarget") or {}).items()}
    return (
        sorted(values),
        alias,
        int(record["TTL"]) if record.get("TTL") is not None else None,
        int(record["Weight"]) if record.get("Weight") is not None else None,
        record.get("Region") or None,
        record.get("HealthCheckId") or None,
    )
