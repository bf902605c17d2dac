# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags of alarms and dashboards. CloudWatch heeds those that are put with one only when it makes it."""

from __future__ import annotations

from ..aws.names import tag_changes, to_tag_list
from ..kernel import Cloud, Difference


def retag(cloud: Cloud, region: str, arn: str, differences: dict[str, Difference]) -> None:
    """Set and remove the tags of what has this ARN, if they differ."""
    if "tags" not in differences:
        return
    client = cloud.client("cloudwatch", region)
    to_set, to_remove = tag_changes(*differences["tags"])
    if to_remove:
        client.untag_resource(ResourceARN=arn, TagKeys=to_remove)
    if to_set:
        client.tag_resource(ResourceARN=arn, Tags=to_tag_list(to_set))
