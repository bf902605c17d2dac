# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A listener: a port of a load balancer, and what happens to requests that no rule wants."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import to_tag_list
from ..kernel import Attributes, Cloud, Difference, absent_is_none
from .listener_action import as_actions, read_action
from .load_balancer_listing import ElbResource


class Listener(ElbResource):
    """Wanted: `load_balancer` (ARN), `port`, `protocol`, `default` (action), `tags`, and maybe `certificate` (ARN) and
    `ssl_policy`. Gives `arn`. Its name is `<load balancer>:<port>`.
    """

    kind = "elbv2_listener"
    fixed: ClassVar[frozenset[str]] = frozenset({"load_balancer"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Listener], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            listing = resource.listing
            for item in listing.listeners():
                arn = item["ListenerArn"]
                if arn == resource.identifier if resource.identifier else item["Port"] == resource.wanted["port"]:
                    certificates = item.get("Certificates") or []
                    actual[resource.name] = {
                        "arn": arn,
                        "load_balancer": item["LoadBalancerArn"],
                        "port": item["Port"],
                        "protocol": item["Protocol"],
                        "default": read_action(item["DefaultActions"]),
                        "certificate": certificates[0]["CertificateArn"] if certificates else None,
                        "ssl_policy": item.get("SslPolicy"),
                        "tags": listing.tags([arn])[arn],
                    }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # Creating it twice with the same settings makes one.
        listener = self.elb(cloud).create_listener(
            LoadBalancerArn=wanted["load_balancer"],
            Port=wanted["port"],
            Tags=to_tag_list(wanted["tags"]),
            **self._arguments(wanted),
        )["Listeners"][0]
        return {**wanted, "arn": listener["ListenerArn"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if differences.keys() - {"tags"}:
            self.elb(cloud).modify_listener(ListenerArn=actual["arn"], **self._arguments(wanted))
        self.retag(cloud, actual["arn"], differences)
        return {**actual, **wanted}

    def _arguments(self, wanted: Attributes) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "Protocol": wanted["protocol"],
            "DefaultActions": as_actions(wanted["default"]),
        }
        if "certificate" in wanted:
            arguments |= {
                "Certificates": [{"CertificateArn": wanted["certificate"]}],
                "SslPolicy": wanted["ssl_policy"],
            }
        return arguments

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("ListenerNotFound"):
            self.elb(cloud).delete_listener(ListenerArn=actual["arn"])
