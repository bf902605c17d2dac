# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets that replicate, and that are closed to the public until they are opened.

Every new version travels to the destination bucket of each rule that admits it. Replicas keep the version id of their
source and are never replicated again, so two one-way rules make a two-way replication and not a loop. Without a role
that may write there, S3 fails in silence; so does this.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from moto.core.utils import utcnow
from moto.s3.exceptions import S3AccessDeniedError, S3ClientError
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, PublicAccessBlock, s3_backends
from moto.s3.models import S3Backend as MotoBackend

from localcloud.policies import as_list, identity_may, json_object, role_of
from localcloud.s3.rules import check_rules, is_public
from localcloud.s3.website import block_of_account, check_website
from localcloud.world import WORLD

FACTS = {"aws:securetransport": "true"}
"""What holds for every request: nobody on a loopback address can listen in, so it counts as encrypted."""


def as_listed(key: FakeKey, _memo: dict[int, Any]) -> FakeKey:
    """The copy of an object version in which moto notes, for a listing, whether it is the latest.

    Moto's own copies the content of each version in the bucket, for each page. This one shares it.
    """
    copied = object.__new__(type(key))
    copied.__dict__.update(key.__dict__)
    return copied


FakeKey.__deepcopy__ = as_listed  # type: ignore[attr-defined]
# It would close the content, which a copy that goes only shares. What nobody holds any more is closed anyway.
del FakeKey.__del__


class Key(FakeKey):
    """An object version that knows how far its replication has come: "" PENDING COMPLETED FAILED REPLICA."""

    replication_status = ""

    @property
    def response_dict(self) -> dict[str, Any]:
        headers = super().response_dict
        if self.replication_status:
            headers["x-amz-replication-status"] = self.replication_status
        return headers


class Bucket(FakeBucket):
    """A bucket whose policy's conditions are read: a Deny that does not apply denies nothing."""

    replication: dict[str, Any] | None = None

    def get_permission(self, action: str, resource: str) -> Any:
        if self.policy is None:
            return super().get_permission(action, resource)
        document = json.loads(self.policy.decode())
        applying = [statement for statement in as_list(document.get("Statement")) if may_apply(statement)]
        whole, self.policy = self.policy, json.dumps({**document, "Statement": applying}).encode()
        try:
            return super().get_permission(action, resource)
        finally:
            self.policy = whole


class S3Backend(MotoBackend):
    """All buckets: S3's names are global."""

    def create_bucket(self, bucket_name: str, region_name: str, bucket_namespace: str | None = None) -> FakeBucket:
        bucket = super().create_bucket(bucket_name, region_name, bucket_namespace)
        bucket.__class__ = Bucket  # moto makes its own class by name
        # Since 2023 every new bucket is encrypted, closed to the public, and without ACLs.
        bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}}
        bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
        bucket.ownership_rule = "BucketOwnerEnforced"
        return bucket

    def delete_bucket(self, bucket_name: str) -> FakeBucket | None:
        deleted = super().delete_bucket(bucket_name)
        if deleted is not None:  # moto keeps the tags, for the next bucket of that name
            self.tagger.delete_all_tags_for_resource(deleted.arn)
        return deleted

    def put_bucket_versioning(self, bucket_name: str, status: str) -> None:
        bucket = self.get_bucket(bucket_name)
        if status != "Enabled" and bucket.replication:
            raise S3ClientError(
                "InvalidBucketState",
                "A replication configuration is present on this bucket, so the versioning state cannot be changed.",
            )
        super().put_bucket_versioning(bucket_name, status)

    def put_bucket_policy(self, bucket_name: str, policy: bytes) -> None:
        blocks = (self.get_bucket(bucket_name).public_access_block, block_of_account(self.account_id, self.partition))
        if any(each and each.block_public_policy for each in blocks) and is_public(json_object(policy.decode()) or {}):
            raise S3AccessDeniedError
        super().put_bucket_policy(bucket_name, policy)

    def put_bucket_website(self, bucket_name: str, website_configuration: bytes) -> None:
        check_website(website_configuration)
        super().put_bucket_website(bucket_name, website_configuration)

    # Replication

    def put_bucket_replication(self, bucket_name: str, replication: dict[str, Any]) -> None:
        bucket = self.get_bucket(bucket_name)
        rules = as_list(replication.get("Rule"))
        check_rules(bucket, rules)
        for rule in rules:
            destination = self._destination(rule)
            if destination is None:
                raise S3ClientError("InvalidRequest", "Destination bucket must exist.")
            if not destination.is_versioned:
                raise S3ClientError("InvalidRequest", "Destination bucket must have versioning enabled.")
        super().put_bucket_replication(bucket_name, replication)

    def _destination(self, rule: dict[str, Any]) -> FakeBucket | None:
        return self.buckets.get(rule["Destination"]["Bucket"].rpartition(":")[2])

    def put_object(self, bucket_name: str, key_name: str, value: bytes, *arguments: Any, **settings: Any) -> FakeKey:
        key = super().put_object(bucket_name, key_name, value, *arguments, **settings)
        key.__class__ = Key  # moto makes its own class by name
        self._replicate(self.get_bucket(bucket_name), key)  # type: ignore[arg-type]
        return key

    def _set_delete_marker(self, bucket_name: str, key_name: str) -> FakeDeleteMarker:
        marker = super()._set_delete_marker(bucket_name, key_name)
        self._replicate_marker(self.get_bucket(bucket_name), marker)
        return marker

    def _replicate(self, bucket: FakeBucket, key: Key) -> None:
        configuration = bucket.replication or {}
        for rule in as_list(configuration.get("Rule")):
            destination = self._destination(rule)
            if destination is None or not admits(rule, key.name):
                continue
            key.replication_status = "PENDING"
            replica_of = ReplicaOf(self, key, bucket.name, destination.name, configuration["Role"])
            send(bucket.region_name, destination.region_name, replica_of)

    def _replicate_marker(self, bucket: FakeBucket, marker: FakeDeleteMarker) -> None:
        configuration = bucket.replication or {}
        for rule in as_list(configuration.get("Rule")):
            enabled = (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled"
            destination = self._destination(rule)
            if enabled and destination is not None and admits(rule, marker.name):

                def place(destination: FakeBucket = destination) -> None:
                    versions = destination.keys.getlist(marker.name, [])
                    if versions and destination.name in self.buckets:
                        destination.keys.setlist(marker.name, in_order([*versions, copy.copy(marker)]))

                send(bucket.region_name, destination.region_name, place)


def send(source: str, target: str, deliver: Callable[[], None]) -> None:
    """Have something arrive in another region's bucket when S3 has got that far; nobody else waits for it."""
    later = WORLD.faults.lag_of("s3", source) or WORLD.options.object_lag
    WORLD.links.send(source, target, deliver, lane="s3", later=later)


class ReplicaOf:
    """A version under way to a destination bucket: taken as it is when it arrives, tags and metadata included."""

    def __init__(self, backend: S3Backend, key: Key, source: str, destination: str, role: str):
        self.backend, self.key, self.source, self.destination, self.role = backend, key, source, destination, role
        # S3 took the role's credentials when it began; that the role is gone meanwhile stops nothing under way.
        self.began = self._is_allowed()

    def _is_allowed(self) -> bool:
        target = f"{':'.join(self.role.split(':')[:2])}:s3:::{self.destination}/{self.key.name}"
        return role_allows(self.backend.account_id, self.role, "s3:ReplicateObject", target)

    def __call__(self) -> None:
        bucket = self.backend.buckets.get(self.destination)
        if bucket is None or not (self.began or self._is_allowed()):
            self.key.replication_status = "FAILED"
            return
        versions = bucket.keys.getlist(self.key.name, [])
        if any(version.version_id == self.key.version_id for version in versions):
            return
        # The source may have been deleted meanwhile; what S3 has accepted it replicates all the same.
        replica = Key(
            name=self.key.name,
            value=self.key.value,
            account_id=self.key.account_id,
            region_name=self.key.region_name,
            storage=self.key.storage_class,
            etag=self.key.etag.strip('"'),  # moto adds the quotes itself
            is_versioned=True,
            version_id=self.key.version_id,
            bucket_name=self.destination,
            encryption=self.key.encryption,
            checksum_value=self.key.checksum_value,
        )
        replica.checksum_algorithm = self.key.checksum_algorithm
        replica._metadata = copy.copy(self.key._metadata)
        replica.last_modified = self.key.last_modified
        replica.replication_status = "REPLICA"
        bucket.keys.setlist(self.key.name, in_order([*versions, replica]))
        tags = self.backend.tagger.get_tag_dict_for_resource(self.key.arn)
        if tags:
            self.backend.tagger.tag_resource(
                replica.arn, [{"Key": name, "Value": value} for name, value in tags.items()]
            )
        self.key.replication_status = "COMPLETED"


def may_apply(statement: dict[str, Any]) -> bool:
    """Whether a statement's conditions hold, as far as we know the facts; what we do not know may hold."""
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, wanted in keys.items():
            fact = FACTS.get(key.lower())
            if operator == "Bool" and fact is not None and fact not in as_list(wanted):
                return False
    return True


def in_order(versions: list[Any]) -> list[Any]:
    """Versions by when they were written, wherever that was: the newest is the current one in both buckets."""
    return sorted(versions, key=lambda version: version.last_modified or utcnow())


def admits(rule: dict[str, Any], key_name: str) -> bool:
    """Whether a replication rule covers an object."""
    conditions = rule.get("Filter") or {}
    prefix = rule.get("Prefix") or conditions.get("Prefix") or (conditions.get("And") or {}).get("Prefix") or ""
    return rule["Status"] == "Enabled" and key_name.startswith(prefix)


def role_allows(account_id: str, role_arn: str, action: str, resource: str) -> bool:
    """Whether a role that S3 may assume has a policy that allows `action` on `resource`."""
    role = role_of(account_id, role_arn)
    if role is None or "s3.amazonaws.com" not in str(role.assume_role_policy_document):
        return False
    return identity_may(role, action, resource)


s3_backends.backend = S3Backend
