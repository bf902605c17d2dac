# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An endpoint group of a Global Accelerator: the endpoints of one region, and its traffic dial."""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, absent_is_none
from .accelerator import AcceleratorPart

HEALTH_CHECK = {
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "path": "HealthCheckPath",
    "interval": "HealthCheckIntervalSeconds",
    "threshold": "ThresholdCount",
}


class EndpointGroup(AcceleratorPart):
    """Wanted: `listener` (ARN), `endpoint_region`, `dial` (0 to 100), `health_check` (what is named), `endpoints` (list
    of `{id, weight}`, and maybe `client_ip_preservation`). Gives `arn`.

    With `keep_dial` the dial is set when the group is made and never again: it belongs to whoever fails over.
    """

    kind = "globalaccelerator_endpoint_group"
    owned: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"listener", "endpoint_region"})
    unordered: ClassVar[frozenset[str]] = frozenset({"endpoints"})

    def __init__(self, name: str, *, keep_dial: bool = True, **others: Any) -> None:
        super().__init__(name, **others)
        self.keep_dial = keep_dial

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[EndpointGroup], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            if resource.identifier is None:
                continue
            listener = resource.identifier.split("/endpoint-group/")[0]
            for item in resource.listing.endpoint_groups(listener):
                if item["EndpointGroupArn"] == resource.identifier:
                    actual[resource.name] = {"listener": listener, **cls._read(item)}
        return actual

    @staticmethod
    def _read(item: dict[str, Any]) -> Attributes:
        dial = item["TrafficDialPercentage"]
        return {
            "arn": item["EndpointGroupArn"],
            "endpoint_region": item["EndpointGroupRegion"],
            "dial": int(dial) if dial == int(dial) else dial,
            "health_check": {key: item.get(name) for key, name in HEALTH_CHECK.items()},
            "endpoints": [
                {
                    "id": each["EndpointId"],
                    "weight": each.get("Weight"),
                    "client_ip_preservation": each.get("ClientIPPreservationEnabled"),
                }
                for each in item.get("EndpointDescriptions", [])
            ],
        }

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        named = {endpoint["id"] for endpoint in wanted["endpoints"] if "client_ip_preservation" in endpoint}
        compared = {
            **actual,
            "health_check": {key: actual["health_check"].get(key) for key in wanted["health_check"]},
            "endpoints": [
                {k: v for k, v in endpoint.items() if k != "client_ip_preservation" or endpoint["id"] in named}
                for endpoint in actual["endpoints"]
            ],
        }
        found = super().differences(compared, wanted)
        if self.keep_dial:
            found.pop("dial", None)
        return found

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # botocore sends an idempotency token: a retried call makes no second one.
        item = self.api(cloud).create_endpoint_group(
            ListenerArn=wanted["listener"],
            EndpointGroupRegion=wanted["endpoint_region"],
            TrafficDialPercentage=wanted["dial"],
            **self._arguments(wanted, wanted, []),
        )["EndpointGroup"]
        self.settle(cloud, item["EndpointGroupArn"])
        return {**wanted, "arn": item["EndpointGroupArn"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        change = self._arguments(wanted, differences, actual["endpoints"])
        if "dial" in differences:
            change["TrafficDialPercentage"] = wanted["dial"]
        # What is not named stays as it is, the dial above all.
        self.api(cloud).update_endpoint_group(EndpointGroupArn=actual["arn"], **change)
        self.settle(cloud, actual["arn"])
        return {**actual, **{key: wanted[key] for key in differences}}

    @staticmethod
    def _arguments(wanted: Attributes, which: Any, before: list[dict[str, Any]]) -> dict[str, Any]:
        """The arguments for those attributes of `wanted` that are in `which`."""
        arguments: dict[str, Any] = {}
        if "health_check" in which:
            arguments |= {HEALTH_CHECK[key]: value for key, value in wanted["health_check"].items()}
        if "endpoints" in which:
            now = {each["id"]: each.get("client_ip_preservation") for each in before}
            arguments["EndpointConfigurations"] = []
            for endpoint in wanted["endpoints"]:
                configuration = {"EndpointId": endpoint["id"], "Weight": endpoint["weight"]}
                # The list replaces the one there was; what nobody decided about is handed back as it was.
                preserved = endpoint.get("client_ip_preservation", now.get(endpoint["id"]))
                if preserved is not None:
                    configuration["ClientIPPreservationEnabled"] = preserved
                arguments["EndpointConfigurations"].append(configuration)
        return arguments

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("EndpointGroupNotFoundException"):
            self.api(cloud).delete_endpoint_group(EndpointGroupArn=actual["arn"])
