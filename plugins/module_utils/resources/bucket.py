# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An S3 bucket with the settings that a bucket of data should have.

S3 has no call that tells all settings of a bucket, and none that tells one setting of several: each is a call of its
own, so they are made side by side.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from ..aws.names import arn, from_tag_list, to_tag_list
from ..kernel import (
    Attributes,
    Cloud,
    CollectionError,
    Difference,
    NotReadyInTime,
    Resource,
    absent_is_none,
    error_code,
)
from ..kernel.cloud import ClientError
from ..kernel.retrying import let_go
from .same_thing import key_as_wanted

READ_THREADS = 4
DELETE_BATCH = 1000
"""How many objects `DeleteObjects` takes."""

OPEN_SECONDS = 60.0
"""How long S3 may refuse a public policy after the block of public access was opened for it: seconds in practice."""

ACLS_BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True}
BLOCKED = {**ACLS_BLOCKED, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
"""Nobody without credentials gets in, whatever a policy says."""

OPEN_TO_POLICY = {**ACLS_BLOCKED, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
"""Who else gets in is the bucket policy's to say, and nobody else's."""


SETTINGS = ("tags", "public_access_blocked", "versioning", "encryption", "policy", "lifecycle", "website")
"""What is set after a bucket was made, in this order: S3 takes a public policy only once the block is open to it."""


def bucket_arn(name: str, region: str) -> str:
    """The ARN of a bucket; it names neither region nor account, but the region's partition."""
    return arn("s3", "", "", name, within=region)


def tls_only_policy(name: str, region: str) -> dict[str, Any]:
    """A bucket policy that refuses requests that are not encrypted on their way."""
    bucket = bucket_arn(name, region)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket, f"{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


def website_policy(name: str, region: str) -> dict[str, Any]:
    """A bucket policy that lets everybody read objects, and refuses all else that is not encrypted on its way.

    Reading is not: the website endpoints speak no TLS. Nobody may list the objects.
    """
    bucket = bucket_arn(name, region)
    read = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{bucket}/*"}
    policy = tls_only_policy(name, region)
    (tls_only,) = policy["Statement"]
    others = {"NotAction" if key == "Action" else key: value for key, value in tls_only.items()}
    return {**policy, "Statement": [{"Sid": "PublicRead", **read}, {**others, "NotAction": "s3:GetObject"}]}


def expiry_rule(noncurrent_days: int, abort_uploads_days: int) -> dict[str, Any]:
    """A lifecycle rule that removes old versions, delete markers with nothing behind them, and unfinished uploads."""
    return {
        "ID": "old-versions",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "NoncurrentVersionExpiration": {"NoncurrentDays": noncurrent_days},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": abort_uploads_days},
    }


class Bucket(Resource):
    """Wanted: `public_access_blocked` (True, or False for what the policy opens), `object_ownership`, `policy` (a
    document), `encryption` (`{"type", "kms_key_id"}`), `tags`; maybe `versioning`, `lifecycle` (list of rules),
    `website` (`{"index_document", "error_document"}`). Gives `arn`, which is known beforehand.
    """

    kind = "s3_bucket"
    policy_documents: ClassVar[frozenset[str]] = frozenset({"policy"})

    def foretold(self) -> Attributes:
        return {"arn": bucket_arn(self.name, self.region)}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Bucket], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for bucket in resources:
            if bucket.exists(cloud):
                of_interest = {*bucket.wanted, "tags"} if bucket.state == "present" else {"tags"}
                there = cls._read(cloud, region, bucket.name, of_interest)
                if there.get("encryption"):
                    wanted = (bucket.wanted.get("encryption") or {}).get("kms_key_id")
                    key = key_as_wanted(cloud, region, there["encryption"]["kms_key_id"], wanted)
                    there["encryption"] = {**there["encryption"], "kms_key_id": key}
                actual[bucket.name] = {**bucket.foretold(), **there}
        return actual

    def exists(self, cloud: Cloud) -> bool:
        """Whether it exists in this account and region.

        Raises:
            CollectionError: somebody else has a bucket of this name, or it is in another region.
        """
        answer = head(cloud, self.region, self.name)
        if answer is None:
            return False
        there = answer.get("BucketRegion") or self.region
        if there != self.region:
            raise CollectionError(
                f"S3 bucket {self.name} is in {there}, not in {self.region}. Bucket names are global: choose another."
            )
        return True

    @staticmethod
    def _read(cloud: Cloud, region: str, name: str, of_interest: set[str]) -> Attributes:
        """The settings of interest of a bucket."""
        client = cloud.client("s3", region)
        readers: dict[str, Callable[[], Any]] = {
            "versioning": lambda: client.get_bucket_versioning(Bucket=name).get("Status") == "Enabled",
            "public_access_blocked": lambda: _blocked(
                client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
            ),
            "object_ownership": lambda: client.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"][
                0
            ]["ObjectOwnership"],
            "encryption": lambda: _encryption(client.get_bucket_encryption(Bucket=name)),
            "policy": lambda: json.loads(client.get_bucket_policy(Bucket=name)["Policy"]),
            "lifecycle": lambda: _rules(client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]),
            "website": lambda: _website(client.get_bucket_website(Bucket=name)),
            "tags": lambda: from_tag_list(client.get_bucket_tagging(Bucket=name)["TagSet"]),
        }
        with ThreadPoolExecutor(max_workers=READ_THREADS) as pool:
            asked = {key: pool.submit(_unless_unset, readers[key]) for key in readers if key in of_interest}
        read = {key: future.result() for key, future in asked.items()}
        return {**read, "tags": read["tags"] or {}}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("s3", self.region)
        # us-east-1 is where a bucket goes without a constraint, and is not accepted as one.
        place = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
        with self.unless_made_before(cloud, "BucketAlreadyOwnedByYou"):
            client.create_bucket(
                Bucket=self.name,
                ObjectOwnership=wanted["object_ownership"],
                # Tagged from the start: a run that is killed next knows the bucket again.
                CreateBucketConfiguration={**place, "Tags": to_tag_list(wanted["tags"])},
            )
        for key in SETTINGS:
            if key in wanted:
                self._set(cloud, client, key, wanted[key])
        return {**self.foretold(), **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("s3", self.region)
        for key in sorted(differences, key=lambda each: (*SETTINGS, each).index(each)):
            value = wanted[key]
            if key == "tags":
                # The whole set is written at once: what is to stay must be in it.
                kept = {k: v for k, v in actual["tags"].items() if k.startswith("aws:") or not self.purge_tags}
                value = {**kept, **value}
            self._set(cloud, client, key, value)
        return {**actual, **wanted}

    def _set(self, cloud: Cloud, client: Any, key: str, value: Any) -> None:
        name = self.name
        if key == "tags":
            client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": to_tag_list(value)})
        elif key == "public_access_blocked":
            block = BLOCKED if value else OPEN_TO_POLICY
            client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
        elif key == "object_ownership":
            client.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": value}]})
        elif key == "versioning":
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        elif key == "encryption":
            client.put_bucket_encryption(
                Bucket=name, ServerSideEncryptionConfiguration={"Rules": [_encryption_rule(value)]}
            )
        elif key == "policy":
            self._set_policy(cloud, client, value)
        elif key == "website":
            documents = {
                "IndexDocument": {"Suffix": value["index_document"]},
                "ErrorDocument": {"Key": value["error_document"]},
            }
            client.put_bucket_website(Bucket=name, WebsiteConfiguration=documents)
        elif key == "lifecycle":
            client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": value})

    def _set_policy(self, cloud: Cloud, client: Any, policy: dict[str, Any]) -> None:
        """Put the policy; one that opens the bucket is refused until S3 knows everywhere that it may.

        Raises:
            CollectionError: it is refused for as long as that could take.
        """

        def put() -> bool:
            try:
                client.put_bucket_policy(Bucket=self.name, Policy=json.dumps(policy))
            except ClientError as error:
                if self.wanted["public_access_blocked"] or error_code(error) != "AccessDenied":
                    raise
                return False
            return True

        try:
            cloud.wait_until(
                f"bucket {self.name} to take a public policy", put, timeout=min(OPEN_SECONDS, cloud.wait_timeout)
            )
        except NotReadyInTime as error:
            raise CollectionError(
                f"S3 refuses the public policy of bucket {self.name} (AccessDenied for {OPEN_SECONDS:.0f} s), although "
                "its own block of public access is open to it. Either the whole account blocks public access (aws "
                "s3control get-public-access-block --account-id " + cloud.account_id + "), or these credentials may "
                "not call s3:PutBucketPolicy, or a policy of the organization forbids it"
            ) from error

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        # The module has refused before if data may not be removed. Replicas under way may land in what was emptied.
        def emptied_and_deleted() -> None:
            empty(cloud, self.region, self.name)
            cloud.client("s3", self.region).delete_bucket(Bucket=self.name)

        with absent_is_none("NoSuchBucket"):
            let_go(cloud, f"bucket {self.name}", emptied_and_deleted, busy=("BucketNotEmpty",))


def head(cloud: Cloud, region: str, name: str) -> dict[str, Any] | None:
    """What S3 tells of a bucket of this account; None if nobody has one of this name.

    Raises:
        CollectionError: somebody else has it, or it is in another region.
    """
    try:
        return cloud.client("s3", region).head_bucket(Bucket=name)
    except ClientError as error:
        code = error_code(error)
        if code in ("404", "NoSuchBucket"):
            return None
        if code == "403":
            raise CollectionError(
                f"S3 bucket {name} exists and does not belong to account {cloud.account_id}, or its policy shuts this "
                "account out (S3 answered 403). Nothing is stored in it. Bucket names are global: choose another one."
            ) from error
        if code == "301":
            raise CollectionError(
                f"S3 bucket {name} exists, but not in {region} (S3 answered 301). Bucket names are global: choose "
                "another one, or give the region that it is in."
            ) from error
        raise


def holds_data(cloud: Cloud, region: str, name: str) -> bool:
    """Whether a bucket exists and holds any version of an object, or a delete marker."""
    with absent_is_none("NoSuchBucket"):
        answer = cloud.client("s3", region).list_object_versions(Bucket=name, MaxKeys=1)
        return bool(answer.get("Versions") or answer.get("DeleteMarkers"))
    return False


def holds_objects(cloud: Cloud, region: str, name: str) -> bool:
    """Whether a bucket exists and shows an object."""
    with absent_is_none("NoSuchBucket"):
        return bool(cloud.client("s3", region).list_objects_v2(Bucket=name, MaxKeys=1).get("Contents"))
    return False


def empty(cloud: Cloud, region: str, name: str) -> None:
    """Delete all versions and delete markers. Governance locks are not bypassed.

    Raises:
        CollectionError: S3 refused to delete some of them.
    """
    client = cloud.client("s3", region)
    with absent_is_none("NoSuchBucket"):
        while True:
            answer = client.list_object_versions(Bucket=name, MaxKeys=DELETE_BATCH)
            batch = [
                {"Key": item["Key"], "VersionId": item["VersionId"]}
                for item in [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
            ]
            if not batch:
                return
            refused = client.delete_objects(Bucket=name, Delete={"Objects": batch, "Quiet": True}).get("Errors", [])
            if refused:
                first = refused[0]
                raise CollectionError(
                    f"S3 refused to delete {len(refused)} objects of bucket {name}, the first of them {first['Key']} "
                    f"(version {first.get('VersionId')}): {first.get('Message')}. Lift the lock, or wait for its end."
                )


def _unless_unset(read: Callable[[], Any]) -> Any:
    """A setting, or None if the bucket has none. Each setting has an error code of its own for that."""
    with absent_is_none(
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchWebsiteConfiguration",
        "NoSuchTagSet",
    ):
        return read()
    return None


def _blocked(block: dict[str, bool]) -> bool | dict[str, bool]:
    """How the block stands: closed, open to the policy, or as somebody else has set it."""
    return True if block == BLOCKED else False if block == OPEN_TO_POLICY else block


def _website(answer: dict[str, Any]) -> dict[str, Any]:
    """The documents of a website; a redirection or rules, which are never wanted here, make a difference too."""
    documents = {
        "index_document": answer.get("IndexDocument", {}).get("Suffix"),
        "error_document": answer.get("ErrorDocument", {}).get("Key"),
    }
    others = {key: answer[key] for key in ("RedirectAllRequestsTo", "RoutingRules") if answer.get(key)}
    return {**documents, **others}


def _encryption_rule(encryption: dict[str, Any]) -> dict[str, Any]:
    if encryption["type"] == "s3":
        return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": encryption["kms_key_id"]},
        # One data key for many objects: without it, each object is a call to KMS.
        "BucketKeyEnabled": True,
    }


def _encryption(answer: dict[str, Any]) -> dict[str, Any]:
    rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    kind = "s3" if rule["SSEAlgorithm"] == "AES256" else rule["SSEAlgorithm"].removeprefix("aws:")
    return {"type": kind, "kms_key_id": rule.get("KMSMasterKeyID")}


def _rules(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lifecycle rules in one form: a rule for all objects has an empty prefix, however S3 says it."""
    return [
        {**{k: v for k, v in rule.items() if k != "Prefix"}, "Filter": rule.get("Filter") or {"Prefix": ""}}
        for rule in rules
    ]
