"""The buckets of an account, and the replication of new versions to the buckets that their rules name.

As on S3: only what is written after the rules were set is copied, whole and under the same version id; a replica is not
copied on; deleting one version is never copied, a delete marker only where a rule says so.
"""

# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, s3_backends
from moto.s3.models import S3Backend as MotoBackend

from localcloud.policies import as_list
from localcloud.world import WORLD

#: What holds for every request: nobody on a loopback address can listen in, so it counts as encrypted.
FACTS = {"aws:securetransport": "true"}


class InvalidRequest(S3ClientError):
    """A replication that cannot be."""

    code = "InvalidRequest"


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


def may_apply(statement: dict[str, Any]) -> bool:
    """Whether a statement's conditions hold, as far as we know the facts; what we do not know may hold."""
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, wanted in keys.items():
            fact = FACTS.get(key.lower())
            if operator == "Bool" and fact is not None and fact not in as_list(wanted):
                return False
    return True


class S3Backend(MotoBackend):
    """Every bucket of an account, whatever its region."""

    def create_bucket(self, *arguments: Any, **settings: Any) -> FakeBucket:
        bucket = super().create_bucket(*arguments, **settings)
        bucket.__class__ = Bucket
        return bucket

    def put_bucket_replication(self, bucket_name: str, replication: dict[str, Any]) -> None:
        for rule in as_list(replication["Rule"]):
            name = rule["Destination"]["Bucket"].rsplit(":", 1)[-1]
            destination = self.buckets.get(name)
            if destination is None:
                raise InvalidRequest("Destination bucket must exist.")
            if not destination.is_versioned:
                raise InvalidRequest("Destination bucket must have versioning enabled.")
            if name == bucket_name:
                raise InvalidRequest("Source bucket cannot be the same as the destination bucket.")
        super().put_bucket_replication(bucket_name, replication)

    def put_bucket_versioning(self, bucket_name: str, status: str) -> None:
        if status != "Enabled" and self.get_bucket_replication(bucket_name):
            raise InvalidBucketState(
                "A replication configuration is present on this bucket, so you cannot change the versioning state. To "
                "change the versioning state, first delete the replication configuration."
            )
        super().put_bucket_versioning(bucket_name, status)

    def put_object(self, bucket_name: str, key_name: str, *arguments: Any, **settings: Any) -> FakeKey:
        key = super().put_object(bucket_name, key_name, *arguments, **settings)
        for destination in self._destinations(bucket_name, key_name, "Status"):
            self._send(bucket_name, destination, key)
        return key

    def _set_delete_marker(self, bucket_name: str, key_name: str) -> FakeDeleteMarker:
        marker = super()._set_delete_marker(bucket_name, key_name)
        for destination in self._destinations(bucket_name, key_name, "DeleteMarkerReplication"):
            self._send(bucket_name, destination, marker)
        return marker

    def _destinations(self, bucket_name: str, key_name: str, switch: str) -> Iterator[str]:
        """The buckets to which a key goes; `switch` is the element of a rule that must be Enabled."""
        for rule in as_list((self.get_bucket_replication(bucket_name) or {}).get("Rule")):
            prefix = (rule.get("Filter") or {}).get("Prefix") or rule.get("Prefix") or ""
            status = rule.get(switch)
            enabled = status == "Enabled" if isinstance(status, str) else (status or {}).get("Status") == "Enabled"
            if rule.get("Status") == "Enabled" and enabled and key_name.startswith(prefix):
                yield rule["Destination"]["Bucket"].rsplit(":", 1)[-1]

    def _send(self, source: str, target: str, version: FakeKey | FakeDeleteMarker) -> None:
        """Have a version arrive in another bucket, once what its region says has reached the other region."""
        destination = self.buckets.get(target)
        if destination is None:
            return
        region = self.buckets[source].region_name

        def arrive() -> None:
            bucket = self.buckets.get(target)
            if bucket is None or not bucket.is_versioned:
                return
            versions = bucket.keys.getlist(version.name, [])
            if not any(known.version_id == version.version_id for known in versions):
                versions = [*versions, replica_of(version, target)]
                # What was written last is what a read gets, whichever arrived last.
                bucket.keys.setlist(version.name, sorted(versions, key=lambda known: known.last_modified))

        WORLD.links.send(region, destination.region_name, arrive)


class InvalidBucketState(S3ClientError):
    """A change that the bucket's replication stands against."""

    code = "InvalidBucketState"


def replica_of(version: FakeKey | FakeDeleteMarker, bucket_name: str) -> FakeKey | FakeDeleteMarker:
    """The same version for another bucket."""
    if isinstance(version, FakeDeleteMarker):
        return copy.copy(version)
    replica = FakeKey(
        name=version.name,
        value=version.value,
        account_id=version.account_id,
        region_name=version.region_name,
        storage=version.storage_class,
        etag=version._etag,
        is_versioned=True,
        version_id=version.version_id,
        bucket_name=bucket_name,
        encryption=version.encryption,
        checksum_value=version.checksum_value,
    )
    replica.set_metadata(version.metadata)
    replica.last_modified = version.last_modified
    return replica


# moto's registry builds the class that it holds.
s3_backends.backend = S3Backend
