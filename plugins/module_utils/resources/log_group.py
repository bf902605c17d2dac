# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CloudWatch Logs log group."""

from __future__ import annotations

from os.path import commonprefix
from typing import ClassVar

from ..aws.names import tag_changes
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from .same_thing import key_as_wanted

RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""What `PutRetentionPolicy` accepts, in days."""


SHORTEST_PREFIX = 6
"""A common prefix shorter than this, such as `/ecs/`, would list the groups of everybody else too."""


def _prefixes(names: set[str]) -> list[str]:
    """What to list the groups by: the beginning that all names share if it tells them from others, else each name."""
    shared = commonprefix(sorted(names))
    return [shared] if len(shared) >= SHORTEST_PREFIX else sorted(names)


class LogGroup(Resource):
    """Wanted: `retention_in_days` (int, or None to keep for ever), `kms_key_id`, `tags`. Gives `arn`."""

    kind = "log_group"
    fixed: ClassVar[frozenset[str]] = frozenset({"kms_key_id"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[LogGroup], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("logs", region)
        names = {resource.name for resource in resources}
        keys = {resource.name: resource.wanted.get("kms_key_id") for resource in resources}
        actual = {}
        for prefix in _prefixes(names):
            for group in cloud.paginate("logs", "describe_log_groups", region, logGroupNamePrefix=prefix):
                if group["logGroupName"] in names:
                    arn = group["arn"].removesuffix(":*")
                    actual[group["logGroupName"]] = {
                        "arn": arn,
                        "retention_in_days": group.get("retentionInDays"),
                        "kms_key_id": key_as_wanted(cloud, region, group.get("kmsKeyId"), keys[group["logGroupName"]]),
                        # AWS tells tags of one group at a time only.
                        "tags": client.list_tags_for_resource(resourceArn=arn)["tags"],
                    }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("logs", self.region)
        optional = {"kmsKeyId": wanted["kms_key_id"]} if wanted.get("kms_key_id") else {}
        with self.unless_made_before(cloud, "ResourceAlreadyExistsException"):
            client.create_log_group(logGroupName=self.name, tags=wanted["tags"], **optional)
        if wanted["retention_in_days"] is not None:  # a new group keeps for ever
            self._set_retention(cloud, wanted["retention_in_days"])
        return self.found_again(cloud)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("logs", self.region)
        if "retention_in_days" in differences:
            self._set_retention(cloud, wanted["retention_in_days"])
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_resource(resourceArn=actual["arn"], tagKeys=to_remove)
            if to_set:
                client.tag_resource(resourceArn=actual["arn"], tags=to_set)
        return {**actual, **wanted}

    def _set_retention(self, cloud: Cloud, days: int | None) -> None:
        client = cloud.client("logs", self.region)
        if days is None:
            client.delete_retention_policy(logGroupName=self.name)
        else:
            client.put_retention_policy(logGroupName=self.name, retentionInDays=days)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("ResourceNotFoundException"):
            cloud.client("logs", self.region).delete_log_group(logGroupName=self.name)
