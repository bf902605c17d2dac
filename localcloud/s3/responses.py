# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3's requests and answers: moto's, with replication rules told as they were given."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.s3.exceptions import ReplicationConfigurationNotFoundError
from moto.s3.responses import S3Response as MotoResponse

from localcloud.policies import as_list


class S3Response(MotoResponse):
    """Answers S3's REST calls."""

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
