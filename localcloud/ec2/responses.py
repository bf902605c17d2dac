# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's requests and answers: moto's, with zones by account, client tokens honoured, peerings filtered per side."""

from __future__ import annotations

from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ec2.responses import EC2Response as MotoResponse

from localcloud.ec2.models import EC2Backend


class EC2Response(MotoResponse):
    """Answers EC2's query actions."""

    answers: dict[tuple[str, str, str, str], TYPE_RESPONSE] = {}
    """(account, region, action, token) → the answer to the first call with it: a repeated create is the same create."""

    @property
    def ec2_backend(self) -> EC2Backend:
        return ec2_backends[self.current_account][self.region]  # type: ignore[return-value]

    def call_action(self) -> TYPE_RESPONSE:
        token = self._get_param("ClientToken")
        action = self._get_action()
        if not token or not action.startswith(("Create", "Run")):
            return super().call_action()
        key = (self.current_account, self.region, action, token)
        if key not in self.answers:
            answer = super().call_action()
            if int(answer[0]) != 200:
                return answer
            self.answers[key] = answer
        return self.answers[key]

    def describe_availability_zones(self) -> ActionResult:
        found = self.ec2_backend.describe_availability_zones(
            self._filters_from_querystring(),
            self._get_param("ZoneNames", []),
            self._get_param("ZoneIds", []),
            every=bool(self._get_param("AllAvailabilityZones", False)),
        )
        return ActionResult({"AvailabilityZones": found})

    def describe_vpc_peering_connections(self) -> ActionResult:
        result = super().describe_vpc_peering_connections()
        filters = self._filters_from_querystring() or {}
        found = self.ec2_backend.filter_peerings(result.result["VpcPeeringConnections"], filters)  # type: ignore[index]
        return ActionResult({"VpcPeeringConnections": [self._seen_from_here(peering) for peering in found]})

    def _seen_from_here(self, peering: Any) -> dict[str, Any]:
        tags = self.ec2_backend.describe_tags({"resource-id": [peering.id]})
        return {
            "VpcPeeringConnectionId": peering.id,
            "RequesterVpcInfo": peering.requester_vpc_info,
            "AccepterVpcInfo": peering.accepter_vpc_info,
            "Status": peering.status,
            "Tags": [{"Key": tag["key"], "Value": tag["value"]} for tag in tags],
        }
