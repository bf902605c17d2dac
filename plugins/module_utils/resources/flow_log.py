# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flow log: which connections of a VPC were let through or refused, told to a log group or a bucket."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, absent_is_none
from ..kernel.retrying import make_once
from .network_listing import NetworkListing, NetworkResource, tag_specification

TO_LOGS, TO_BUCKET = "cloud-watch-logs", "s3"


class FlowLog(NetworkResource):
    """Wanted: `vpc` (id), `traffic` (ALL, ACCEPT or REJECT), `interval` (seconds), `to` (ARN of a bucket, or name of a
    log group), `role` (ARN of the role that writes into the log group, or None), `tags`. Gives `id`.

    AWS changes nothing of it but its tags.
    """

    kind = "ec2_flow_log"
    id_key = "FlowLogId"
    replaced_when: ClassVar[frozenset[str]] = frozenset({"vpc", "traffic", "interval", "to", "role"})

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.flow_logs()

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        return {
            "id": item["FlowLogId"],
            "vpc": item["ResourceId"],
            "traffic": item["TrafficType"],
            "interval": item["MaxAggregationInterval"],
            "to": item["LogGroupName"] if item["LogDestinationType"] == TO_LOGS else item["LogDestination"],
            "role": item.get("DeliverLogsPermissionArn"),
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        to_logs = wanted["role"] is not None
        where = (
            {"LogGroupName": wanted["to"], "DeliverLogsPermissionArn": wanted["role"]}
            if to_logs
            else {"LogDestination": wanted["to"]}
        )
        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})

        def make() -> dict[str, Any]:
            answer = client.create_flow_logs(
                ResourceType="VPC",
                ResourceIds=[wanted["vpc"]],
                TrafficType=wanted["traffic"],
                MaxAggregationInterval=wanted["interval"],
                LogDestinationType=TO_LOGS if to_logs else TO_BUCKET,
                TagSpecifications=tag_specification("vpc-flow-log", wanted["tags"]),
                **where,
            )
            # A refusal comes as an answer, not as an error.
            for each in answer.get("Unsuccessful") or []:
                why = each["Error"].get("Message", "no reason is told")
                raise CollectionError(f"the flow log of {each['ResourceId']} was refused: {why}")
            return {"FlowLogId": answer["FlowLogIds"][0]}

        made = make_once(make, lambda: next(iter(self.listing.again().flow_logs()), None))
        return {**wanted, "id": made["FlowLogId"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.retag(cloud, actual["id"], differences)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("InvalidFlowLogId.NotFound"):
            self.ec2(cloud).delete_flow_logs(FlowLogIds=[actual["id"]])
