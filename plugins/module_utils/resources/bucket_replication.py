# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The replication of an S3 bucket to others, and the rights that its role needs.

Each bucket has rules and a role of its own. S3 does not copy replicas on, so a mesh is every bucket replicating to all
the others.

S3 copies what is written after a rule is there. Until what is older has been copied too, the rule says so in its name:
the two are written in one call, and go together, so that neither a killed run nor a rule made anew can part them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..aws.names import ROLE_NAME_LENGTH, shortened
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none, error_code
from ..kernel.cloud import ClientError
from .bucket import bucket_arn, head, holds_objects

VERSIONING_SECONDS = 120
"""S3 may take a while to notice everywhere that versioning was turned on."""

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
"""Who may be the role: S3."""


def replication_role_name(bucket: str) -> str:
    """A role name made of the bucket's, which is unique in the world."""
    return shortened(bucket, ROLE_NAME_LENGTH, "-replicate")


OWES = "-owes-older-objects"
"""How the name of a rule ends while its destination may lack objects that are older than the rule."""


def owes(rule: Mapping[str, Any]) -> bool:
    """Whether the destination of a rule may lack objects that are older than the rule, or that it kept from it."""
    return rule["Status"] != "Enabled" or rule["ID"].endswith(OWES)


def destination(rule: Mapping[str, Any]) -> str:
    """The name of the bucket that a rule copies to."""
    return str(rule["Destination"]["Bucket"]).rpartition(":")[2]


def read(cloud: Cloud, region: str, name: str) -> dict[str, Any] | None:
    """The replication of a bucket as S3 takes it, `Role` and `Rules`; None without one, or without the bucket."""
    with absent_is_none("ReplicationConfigurationNotFoundError", "NoSuchBucket"):
        answer = cloud.client("s3", region).get_bucket_replication(Bucket=name)["ReplicationConfiguration"]
        return {"Role": answer["Role"], "Rules": _normal(answer["Rules"])}
    return None


WITHIN_MINUTES = {"Minutes": 15}
"""What S3 Replication Time Control promises, and the only threshold that there is for it."""


def rules(
    region: str,
    destinations: list[str],
    *,
    delete_markers: bool,
    modifications: bool,
    kms_keys: dict[str, str] | None,
    metrics: bool = False,
    time_control: bool = False,
) -> list[dict[str, Any]]:
    """One rule for each destination bucket, in the form S3 takes and tells.

    `kms_keys` are the keys of the replicas by destination; None if the objects are not encrypted with KMS. With
    `metrics` CloudWatch is told how far the replication is behind. S3 takes `time_control` only with them.
    """
    made = []
    for priority, name in enumerate(sorted(destinations), start=1):
        rule: dict[str, Any] = {
            "ID": f"to-{name}",
            "Priority": priority,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Enabled" if delete_markers else "Disabled"},
            "Destination": {"Bucket": bucket_arn(name, region)},
        }
        if time_control:
            rule["Destination"]["ReplicationTime"] = {"Status": "Enabled", "Time": WITHIN_MINUTES}
            rule["Destination"]["Metrics"] = {"Status": "Enabled", "EventThreshold": WITHIN_MINUTES}
        elif metrics:
            rule["Destination"]["Metrics"] = {"Status": "Enabled"}
        criteria = {}
        if modifications:
            criteria["ReplicaModifications"] = {"Status": "Enabled"}
        if kms_keys is not None:
            criteria["SseKmsEncryptedObjects"] = {"Status": "Enabled"}
            rule["Destination"]["EncryptionConfiguration"] = {"ReplicaKmsKeyID": kms_keys[name]}
        if criteria:
            rule["SourceSelectionCriteria"] = criteria
        made.append(rule)
    return made


def role_policy(
    name: str, region: str, destinations: list[str], *, kms_key_id: str | None, replica_keys: list[str]
) -> dict[str, Any]:
    """What the role of bucket `name` may do: read its versions, write replicas to these destinations, nothing else."""
    source = bucket_arn(name, region)
    statements = [
        _allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], [source]),
        _allow(
            ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
            [f"{source}/*"],
        ),
        _allow(
            ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"],
            [f"{bucket_arn(there, region)}/*" for there in sorted(destinations)],
        ),
    ]
    if kms_key_id:
        statements.append(_allow(["kms:Decrypt"], [kms_key_id]))
    if replica_keys:
        statements.append(_allow(["kms:Encrypt"], sorted(set(replica_keys))))
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


class BucketReplication(Resource):
    """Wanted: `role_arn`, `rules`. Its name is the bucket's. `namesakes` are those of its destinations, by region,
    whose names were computed: anybody can guess them, so it is looked whose they are before anything is copied there.
    """

    kind = "s3_bucket_replication"
    owned: ClassVar[bool] = False

    def __init__(self, *args: Any, namesakes: dict[str, str], **others: Any) -> None:
        super().__init__(*args, **others)
        self.namesakes = namesakes

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[BucketReplication], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            there = read(cloud, region, resource.name)
            if there:
                actual[resource.name] = {"role_arn": there["Role"], "rules": there["Rules"]}
        return actual

    def _comparable(self, key: str, value: Any) -> Any:
        if key == "rules" and value:
            return [_plain(rule) for rule in value]
        return super()._comparable(key, value)

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        return self._put(cloud, [], wanted)

    def _put(self, cloud: Cloud, before: list[dict[str, Any]], wanted: Attributes) -> Attributes:
        """Put the rules. Those that were not there before owe what is older, unless nothing is."""
        for region, name in self.namesakes.items():
            head(cloud, region, name)
        whole = {destination(rule) for rule in before if not owes(rule) and rule["Filter"] == {"Prefix": ""}}
        owed = set(self.namesakes.values()) - whole
        rules = [{**r, "ID": r["ID"] + OWES} if destination(r) in owed else r for r in wanted["rules"]]
        configuration = {"Role": wanted["role_arn"], "Rules": rules}
        cloud.wait_until(
            f"S3 to see that bucket {self.name} and its destinations are versioned",
            lambda: self._try_put(cloud, configuration),
            timeout=min(cloud.wait_timeout, VERSIONING_SECONDS),
        )
        places = {**self.namesakes, self.region: self.name}
        # Asked after they were put, since nobody knows what was written before they were.
        if any(map(owes, rules)) and not any(holds_objects(cloud, region, name) for region, name in places.items()):
            rules = [_plain(rule) for rule in rules]
            cloud.client("s3", self.region).put_bucket_replication(
                Bucket=self.name, ReplicationConfiguration={**configuration, "Rules": rules}
            )
        return {**wanted, "rules": rules}

    def _try_put(self, cloud: Cloud, configuration: dict[str, Any]) -> bool:
        try:
            cloud.client("s3", self.region).put_bucket_replication(
                Bucket=self.name, ReplicationConfiguration=configuration
            )
        except ClientError as error:
            if error_code(error) == "InvalidRequest" and "ersioning" in str(error):
                return False
            raise
        return True

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self._put(cloud, actual["rules"], wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("ReplicationConfigurationNotFoundError", "NoSuchBucket"):
            cloud.client("s3", self.region).delete_bucket_replication(Bucket=self.name)


def _plain(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule whose name says nothing of what is owed."""
    return {**rule, "ID": rule["ID"].removesuffix(OWES)}


def settled(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule that owes nothing any more."""
    return {**_plain(rule), "Status": "Enabled"}


def _normal(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules in one form and order: a rule for all objects has an empty prefix, however S3 says it."""
    normal = [{**rule, "Filter": rule.get("Filter") or {"Prefix": ""}} for rule in told]
    return sorted(normal, key=lambda rule: rule.get("Priority", 0))
