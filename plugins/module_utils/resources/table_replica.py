# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The replicas of a global table (version 2019.11.21).

Eventually consistent replicas come and go one at a time. Strongly consistent ones come all in one call, witness
included, and go all in one call; `StrongGroup` is that call, and a `Replica` then only has its region's settings.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import arn as make_arn
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource
from ..kernel.cloud import ClientError
from ..protocol.service_errors import error_code
from .same_thing import key_as_wanted
from .table_calls import (
    change,
    describe,
    lift_protection,
    members,
    read_regional,
    set_regional,
    wait_until_gone,
    wait_until_settled,
)

HELD_A_DAY = "source region"
"""Part of DynamoDB's answer when a replica served as the source of another within the last 24 hours."""


class Replica(Resource):
    """Wanted: `point_in_time_recovery`, `deletion_protection`, `status`, `tags`, and `kms_key_id` (None unless the
    table is encrypted with keys of the user). Gives `arn` and `stream_arn`.

    `source` is the region that the table is managed from, `description` the table's there a moment ago.
    """

    kind = "dynamodb_replica"
    shown_late: ClassVar[bool | None] = False
    owned: ClassVar[bool] = False

    def __init__(
        self,
        name: str,
        region: str,
        *,
        source: str,
        description: dict[str, Any] | None,
        arn: str | None,
        strong: bool,
        streams: bool = False,
        **others: Any,
    ) -> None:
        super().__init__(name, region, **others)
        self.source = source
        self.description = description
        self.arn = arn
        self.strong = strong
        self.streams = streams

    def foretold(self) -> Attributes:
        return {"arn": self.arn} if self.streams else {"arn": self.arn, "stream_arn": None}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Replica], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for replica in resources:
            if region in members(replica.description):
                there = describe(cloud, region, replica.name)
                if there is not None:
                    actual[replica.name] = replica.read(cloud, there)
        return actual

    def read(self, cloud: Cloud, there: dict[str, Any]) -> Attributes:
        """The actual attributes, given a fresh description from the replica's own region."""
        if self.state == "absent":
            return {"arn": there["TableArn"], "deletion_protection": bool(there.get("DeletionProtectionEnabled"))}
        actual = read_regional(cloud, self.region, there)
        # The key matters only if one is asked for; otherwise the whole table's encryption decides.
        key = (there.get("SSEDescription") or {}).get("KMSMasterKeyArn")
        wanted = self.wanted.get("kms_key_id")
        actual["kms_key_id"] = key_as_wanted(cloud, self.region, key, wanted) if wanted else None
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        if self.region not in members(describe(cloud, self.source, self.name)):
            wait_until_gone_or_ours(cloud, self.source, self.region, self.name)
            action = replica_action(self.region, wanted["kms_key_id"])
            change(cloud, self.source, self.name, ReplicaUpdates=[{"Create": action}])
        return self._finish(cloud, wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self._finish(cloud, wanted)

    def _finish(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        wait_until_settled(cloud, self.source, self.name)
        actual = self.read(cloud, wait_until_settled(cloud, self.region, self.name))
        differences = self.differences(actual, wanted)
        if "kms_key_id" in differences:
            action = replica_action(self.region, wanted["kms_key_id"])
            change(cloud, self.source, self.name, ReplicaUpdates=[{"Update": action}])
        set_regional(cloud, self.region, self.name, actual["arn"], wanted, differences)
        return self.read(cloud, wait_until_settled(cloud, self.region, self.name))

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        # The module has refused before if a protected replica may not be removed.
        lift_protection(cloud, self.region, self.name, actual)
        if self.strong:
            return  # the group goes as one
        try:
            change(cloud, self.source, self.name, ReplicaUpdates=[{"Delete": {"RegionName": self.region}}])
        except ClientError as error:
            if HELD_A_DAY in str(error):
                if actual.get("deletion_protection"):
                    change(cloud, self.region, self.name, DeletionProtectionEnabled=True)
                raise CollectionError(
                    f"The replica of table {self.name} in {self.region} served as the source of another replica within "
                    "the last 24 hours, and DynamoDB keeps it for that long. Put that region first in regions, so that "
                    "the other replicas are removed from there, or try again tomorrow."
                ) from error
            if error_code(error) != "ValidationException" or self.region in members(
                describe(cloud, self.source, self.name)
            ):
                raise
        wait_until_gone(cloud, self.region, self.name)


class StrongGroup(Resource):
    """The replicas and the witness of a strongly consistent table, made in one call while the table is empty.

    Wanted: `replicas` (regions beside the table's own), `witness` (a region, or None), `status`. Its name is the
    table's. `kms_keys` are the users' keys by region, or empty.
    """

    kind = "dynamodb_strong_group"
    owned: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"replicas", "witness"})

    def __init__(
        self, name: str, region: str, *, description: dict[str, Any] | None, kms_keys: dict[str, str], **others: Any
    ) -> None:
        super().__init__(name, region, **others)
        self.description = description
        self.kms_keys = kms_keys

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[StrongGroup], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {group.name: _group(group.description) for group in resources if members(group.description)}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        if not members(describe(cloud, self.region, self.name)):
            optional = {}
            if wanted["witness"]:
                optional["GlobalTableWitnessUpdates"] = [{"Create": {"RegionName": wanted["witness"]}}]
            change(
                cloud,
                self.region,
                self.name,
                MultiRegionConsistency="STRONG",
                ReplicaUpdates=[
                    {"Create": replica_action(region, self.kms_keys.get(region))} for region in wanted["replicas"]
                ],
                **optional,
            )
        return _group(wait_until_settled(cloud, self.region, self.name))

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return _group(wait_until_settled(cloud, self.region, self.name))

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        optional = {}
        if actual["witness"]:
            optional["GlobalTableWitnessUpdates"] = [{"Delete": {"RegionName": actual["witness"]}}]
        change(
            cloud,
            self.region,
            self.name,
            ReplicaUpdates=[{"Delete": {"RegionName": region}} for region in actual["replicas"]],
            **optional,
        )
        for region in actual["replicas"]:
            wait_until_gone(cloud, region, self.name)


def replica_action(region: str, kms_key_id: str | None) -> dict[str, str]:
    """What to say of a replica that is to be made or changed."""
    return {"RegionName": region, **({"KMSMasterKeyId": kms_key_id} if kms_key_id else {})}


def wait_until_gone_or_ours(cloud: Cloud, source: str, region: str, name: str) -> None:
    """Wait while a former replica is on its way out.

    Raises:
        CollectionError: there is a table of this name in the region that is no replica of ours.
    """
    there = describe(cloud, region, name)
    if there is None:
        return
    if there.get("TableStatus") != "DELETING":
        raise CollectionError(
            f"There is a table {name} in {region} that is not a replica of the one in {source}. Remove it, or choose "
            "another name."
        )
    wait_until_gone(cloud, region, name)


def replica_arn(source_arn: str, region: str) -> str:
    """The ARN of the same table in another region."""
    _arn, _partition, service, _region, account, rest = source_arn.split(":", 5)
    return make_arn(service, region, account, rest)


def _group(description: dict[str, Any]) -> Attributes:
    witnesses = description.get("GlobalTableWitnesses") or []
    statuses = {*members(description).values(), *(w.get("WitnessStatus", "ACTIVE") for w in witnesses)}
    return {
        "replicas": sorted(members(description)),
        "witness": witnesses[0]["RegionName"] if witnesses else None,
        "status": "CREATING" if "CREATING" in statuses else "ACTIVE",
    }
