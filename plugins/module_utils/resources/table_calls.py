# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a DynamoDB table and its replicas have in common: being described, being changed one thing at a time, and the
settings that each region has of its own (backups, deletion protection, tags)."""

from __future__ import annotations

from typing import Any

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, Difference, absent_is_none, error_code
from ..kernel.cloud import ClientError

GONE = "ResourceNotFoundException"
BUSY = "ResourceInUseException"


def describe(cloud: Cloud, region: str, name: str) -> dict[str, Any] | None:
    """A table as `DescribeTable` tells it, or None."""
    with absent_is_none(GONE):
        return cloud.client("dynamodb", region).describe_table(TableName=name)["Table"]
    return None


def members(description: dict[str, Any] | None) -> dict[str, str]:
    """The other regions that hold a replica and the status of each. Those on their way out do not count."""
    if description is None:
        return {}
    own = description["TableArn"].split(":")[3]
    return {
        replica["RegionName"]: replica.get("ReplicaStatus", "ACTIVE")
        for replica in description.get("Replicas") or []
        if replica["RegionName"] != own and replica.get("ReplicaStatus") != "DELETING"
    }


def settled_status(status: str) -> str:
    """A status as far as a plan cares: a table that something else is just changing is as good as ACTIVE."""
    return "ACTIVE" if status == "UPDATING" else status


def wait_until_settled(cloud: Cloud, region: str, name: str) -> dict[str, Any]:
    """Wait until a table, its indexes and all its replicas are ACTIVE, and return its description."""

    def settled() -> dict[str, Any] | None:
        description = describe(cloud, region, name)
        if description is None:
            return None
        parts = [
            description.get("TableStatus"),
            *(index.get("IndexStatus", "ACTIVE") for index in description.get("GlobalSecondaryIndexes") or []),
            *(replica.get("ReplicaStatus", "ACTIVE") for replica in description.get("Replicas") or []),
            *(witness.get("WitnessStatus", "ACTIVE") for witness in description.get("GlobalTableWitnesses") or []),
        ]
        return description if set(parts) == {"ACTIVE"} else None

    return cloud.wait_until(f"table {name} in {region}, its indexes and its replicas to be ACTIVE", settled)


def change(cloud: Cloud, region: str, name: str, **arguments: Any) -> None:
    """One `UpdateTable`, as soon as the table takes it, and wait until it is done.

    DynamoDB takes one change at a time, and none while a replica is being made or removed.
    """
    client = cloud.client("dynamodb", region)

    def accepted() -> bool:
        try:
            client.update_table(TableName=name, **arguments)
        except ClientError as error:
            if error_code(error) in (BUSY, "LimitExceededException"):
                return False
            raise
        return True

    cloud.wait_until(f"table {name} in {region} to accept a change", accepted)
    wait_until_settled(cloud, region, name)


def read_regional(cloud: Cloud, region: str, description: dict[str, Any]) -> Attributes:
    """The settings that the table has in this region of its own, and its identifiers there."""
    arn, name = description["TableArn"], description["TableName"]
    actual: Attributes = {
        "arn": arn,
        "stream_arn": _stream_arn(description),
        "status": settled_status(description["TableStatus"]),
        "deletion_protection": bool(description.get("DeletionProtectionEnabled")),
        "tags": tags_of(cloud, region, arn),
    }
    if description["TableStatus"] == "CREATING":
        return actual  # it has no settings yet
    client = cloud.client("dynamodb", region)
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    actual["point_in_time_recovery"] = recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
    return actual


def tags_of(cloud: Cloud, region: str, arn: str) -> dict[str, str]:
    """The tags of a table in one region. It has them from the moment it is made."""
    return from_tag_list(cloud.paginate("dynamodb", "list_tags_of_resource", region, ResourceArn=arn))


def _stream_arn(description: dict[str, Any]) -> str | None:
    enabled = description.get("StreamSpecification", {}).get("StreamEnabled")
    return description.get("LatestStreamArn") if enabled else None


def set_regional(
    cloud: Cloud, region: str, name: str, arn: str, wanted: Attributes, differences: dict[str, Difference]
) -> None:
    """Change those settings in `differences` that a region has of its own."""
    client = cloud.client("dynamodb", region)
    if "tags" in differences:
        before, after = differences["tags"]
        to_set, to_remove = tag_changes(before or {}, after)
        if to_remove:
            client.untag_resource(ResourceArn=arn, TagKeys=to_remove)
        if to_set:
            client.tag_resource(ResourceArn=arn, Tags=to_tag_list(to_set))
    if "deletion_protection" in differences:
        change(cloud, region, name, DeletionProtectionEnabled=wanted["deletion_protection"])
    if "point_in_time_recovery" in differences:
        _set_recovery(cloud, region, name, wanted["point_in_time_recovery"])


def _set_recovery(cloud: Cloud, region: str, name: str, enabled: bool) -> None:
    client = cloud.client("dynamodb", region)

    def accepted() -> bool:
        try:
            client.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
            )
        except ClientError as error:
            # Backups of a new table are being enabled for a moment.
            if error_code(error) in ("ContinuousBackupsUnavailableException", BUSY):
                return False
            raise
        return True

    cloud.wait_until(f"table {name} in {region} to accept a change of its backups", accepted)


def lift_protection(cloud: Cloud, region: str, name: str, actual: Attributes) -> None:
    """Turn deletion protection off if it is on."""
    if actual.get("deletion_protection"):
        change(cloud, region, name, DeletionProtectionEnabled=False)


def wait_until_gone(cloud: Cloud, region: str, name: str) -> None:
    """Wait until a table or replica exists no more."""
    cloud.wait_until(f"table {name} in {region} to be deleted", lambda: describe(cloud, region, name) is None)
