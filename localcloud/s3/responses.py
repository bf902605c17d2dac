# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3's requests and answers: moto's, with replication rules told as they were given, buckets tagged as they are made,
copies made on a condition, and requests that expect another owner of the bucket refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import xmltodict
from moto.core.responses import TYPE_RESPONSE, ActionResult
from moto.s3.exceptions import MissingBucket, ReplicationConfigurationNotFoundError, S3AccessDeniedError
from moto.s3.responses import S3Response as MotoResponse

from localcloud.policies import as_list
from localcloud.s3.rules import check_copy

EXPECTED_OWNER = "x-amz-expected-bucket-owner"


class S3Response(MotoResponse):
    """Answers S3's REST calls."""

    def _bucket_response(self, request: Any, full_url: str) -> str | TYPE_RESPONSE:
        self._check_owner(request, full_url)
        return super()._bucket_response(request, full_url)

    def _key_response(self, request: Any, full_url: str) -> TYPE_RESPONSE:
        self._check_owner(request, full_url)
        return super()._key_response(request, full_url)

    def _check_owner(self, request: Any, full_url: str) -> None:
        """Refuse a request whose ExpectedBucketOwner is another account than the bucket's.

        Raises:
            S3AccessDeniedError: it is.
        """
        expected = request.headers.get(EXPECTED_OWNER)
        name = self.parse_bucket_name_from_url(request, full_url)
        if expected and name:
            try:
                owner = self.backend.get_bucket(name).account_id
            except MissingBucket:
                return
            if owner != expected:
                raise S3AccessDeniedError

    def _bucket_response_put(self, request: Any, bucket_name: str, querystring: dict[str, Any]) -> str | TYPE_RESPONSE:
        answer = super()._bucket_response_put(request, bucket_name, querystring)
        if not querystring and self.body:
            made = xmltodict.parse(self.body, force_list=("Tag",)).get("CreateBucketConfiguration") or {}
            tags = {tag["Key"]: tag["Value"] or "" for tag in (made.get("Tags") or {}).get("Tag", [])}
            if tags:
                self.backend.put_bucket_tagging(bucket_name, tags)
        return answer

    def copy_object(self) -> TYPE_RESPONSE:
        source, _question, version = self.headers["x-amz-copy-source"].partition("?versionId=")
        bucket, key = unquote(source).lstrip("/").split("/", 1)
        check_copy(
            self.backend.get_object(bucket, key, version_id=version or None),
            self.backend.get_object(self.bucket_name, self.parse_key_name()),
            self.headers.get("If-None-Match", ""),
        )
        return super().copy_object()

    def get_bucket_replication(self) -> Any:
        self.data["Action"] = "GetBucketReplication"
        replication = self.backend.get_bucket_replication(self.bucket_name)
        if not replication:
            raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
        rules = [_rule(rule) for rule in as_list(replication["Rule"])]
        return self.serialized(
            ActionResult({"ReplicationConfiguration": {"Role": replication["Role"], "Rules": rules}})
        )


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule from its XML: numbers are numbers, and an empty filter is one that admits everything."""
    told = {name: value for name, value in rule.items() if value is not None}
    told["Priority"] = int(rule.get("Priority", 1))
    if "Filter" in rule:
        conditions = dict(rule["Filter"] or {})
        if "Prefix" in conditions or not conditions:
            conditions["Prefix"] = conditions.get("Prefix") or ""
        told["Filter"] = conditions
    return told
