# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A listener of a Global Accelerator: the ports that clients connect to."""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, absent_is_none
from ..kernel.retrying import let_go
from .accelerator import AcceleratorPart


class AcceleratorListener(AcceleratorPart):
    """Wanted: `accelerator` (ARN), `protocol`, `ports` (list of `80` or `8000-8010`, as text), `client_affinity`.
    Gives `arn`. AWS gives it no name: which of those that exist it is, is decided before (`pair`).
    """

    kind = "globalaccelerator_listener"
    owned: ClassVar[bool] = False
    unordered = frozenset({"ports"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[AcceleratorListener], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            for item in resource.listing.listeners():
                if item["ListenerArn"] == resource.identifier:
                    actual[resource.name] = {
                        "arn": item["ListenerArn"],
                        "accelerator": item["ListenerArn"].split("/listener/")[0],
                        "protocol": item["Protocol"],
                        "ports": read_ports(item["PortRanges"]),
                        "client_affinity": item["ClientAffinity"],
                    }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # botocore sends an idempotency token: a retried call makes no second one.
        item = self.api(cloud).create_listener(AcceleratorArn=wanted["accelerator"], **self._arguments(wanted))
        return {**wanted, "arn": item["Listener"]["ListenerArn"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.api(cloud).update_listener(ListenerArn=actual["arn"], **self._arguments(wanted))
        self.settle(cloud, actual["arn"])
        return {**actual, **wanted}

    @staticmethod
    def _arguments(wanted: Attributes) -> dict[str, Any]:
        return {
            "PortRanges": [as_port_range(ports) for ports in wanted["ports"]],
            "Protocol": wanted["protocol"],
            "ClientAffinity": wanted["client_affinity"],
        }

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("ListenerNotFoundException"):
            # DeleteEndpointGroup answers before the group is gone.
            let_go(
                cloud,
                f"listener {self.name}",
                lambda: self.api(cloud).delete_listener(ListenerArn=actual["arn"]),
                busy=("AssociatedEndpointGroupFoundException",),
            )


def as_port_range(ports: str) -> dict[str, int]:
    """`80` or `8000-8010` in the form in which AWS takes it."""
    first, _dash, last = ports.partition("-")
    return {"FromPort": int(first), "ToPort": int(last or first)}


def read_ports(ranges: list[dict[str, int]]) -> list[str]:
    """Port ranges that AWS tells, as text, in order."""
    ordered = sorted(ranges, key=lambda each: each["FromPort"])
    return [
        str(each["FromPort"]) if each["FromPort"] == each["ToPort"] else f"{each['FromPort']}-{each['ToPort']}"
        for each in ordered
    ]


def pair(wanted: list[dict[str, Any]], actual: list[dict[str, Any]]) -> list[str | None]:
    """For each wanted listener, the ARN of the one that it is, or None: those with the same ports first, then in order.

    So changing the ports of the only listener changes it, instead of making another beside it.
    """

    def key(protocol: str, ports: list[str]) -> tuple[str, tuple[str, ...]]:
        return protocol, tuple(sorted(ports))

    left = {item["ListenerArn"]: key(item["Protocol"], read_ports(item["PortRanges"])) for item in actual}
    pairs: list[str | None] = [None] * len(wanted)
    for index, listener in enumerate(wanted):
        same = [arn for arn, its_key in left.items() if its_key == key(listener["protocol"], listener["ports"])]
        if same:
            pairs[index] = same[0]
            del left[same[0]]
    for index, taken in enumerate(pairs):
        if taken is None and left:
            pairs[index] = next(iter(left))
            del left[pairs[index]]
    return pairs
