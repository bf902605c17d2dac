"""S3's requests and answers: moto's, with replication rules told as they were set."""

# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.s3.exceptions import ReplicationConfigurationNotFoundError
from moto.s3.responses import S3Response as MotoResponse


class S3Response(MotoResponse):
    """Answers S3's calls."""

    def get_bucket_replication(self) -> Any:
        self.data["Action"] = "GetBucketReplication"
        replication = self.backend.get_bucket_replication(self.bucket_name)
        if not replication:
            raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
        told = {"Role": replication["Role"], "Rules": [whole(rule) for rule in replication["Rule"]]}
        return self.serialized(ActionResult({"ReplicationConfiguration": told}))


def whole(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as S3 tells it: an empty element is an empty text, a number a number."""
    prefix = (rule.get("Filter") or {}).get("Prefix") or ""
    return {**rule, "Priority": int(rule["Priority"]), "Filter": {**(rule.get("Filter") or {}), "Prefix": prefix}}
