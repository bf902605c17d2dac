# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Global Accelerator: two addresses and a name that lead to the regions of a workload.

Its control plane answers in us-west-2 only. Changes are accepted while an earlier one is still being rolled out
(`IN_PROGRESS`); they have reached the edge when the accelerator is `DEPLOYED` again.
"""

from __future__ import annotations

from typing import Any

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none
from ..kernel.cloud import GLOBAL_ACCELERATOR_REGION
from ..kernel.retrying import let_go
from .listing import Listing

HOSTED_ZONE = "Z2BJ6XQ5FK7U4H"
"""The zone of every accelerator's name, for alias records (documented in the AWS General Reference)."""


class AcceleratorListing(Listing):
    """The raw answers about the accelerator `name` of `workload`. `limits` are those of the client that asks."""

    def __init__(self, cloud: Cloud, workload: str, name: str, **limits: Any) -> None:
        super().__init__(cloud, GLOBAL_ACCELERATOR_REGION)
        self.workload = workload
        self.name = name
        self.limits = limits

    def accelerator(self) -> dict[str, Any] | None:
        """The accelerator, with its `Tags`, or None.

        Raises:
            CollectionError: another workload's, or several of that name, which AWS allows.
        """
        return self.once("accelerator", self._find)

    def _find(self) -> dict[str, Any] | None:
        client = self.cloud.client("globalaccelerator", self.region, **self.limits)
        named = [each for each in self._paginate("list_accelerators") if each["Name"] == self.name]
        for each in named:
            each["Tags"] = from_tag_list(client.list_tags_for_resource(ResourceArn=each["AcceleratorArn"])["Tags"])
        ours = [each for each in named if each["Tags"].get("workload") == self.workload]
        if len(ours) > 1:
            first, *others = (each["AcceleratorArn"] for each in sorted(ours, key=lambda each: each["CreatedTime"]))
            raise CollectionError(
                f"{len(ours)} accelerators are called {self.name!r}, expected one: two runs made them at once. "
                f"Keep {first}, the oldest, whose name people may use already. Rename or remove {', '.join(others)}"
            )
        others = [each for each in named if each["Tags"].get("workload", self.workload) != self.workload]
        if others and not ours:
            raise CollectionError(
                f"The accelerator {self.name!r} belongs to the workload {others[0]['Tags']['workload']!r}, not to "
                f"{self.workload!r} (its tag `workload` says so). Choose another name."
            )
        return next(iter(ours or named), None)

    def listeners(self) -> list[dict[str, Any]]:
        accelerator = self.accelerator()
        if accelerator is None:
            return []
        arn = accelerator["AcceleratorArn"]
        return self.once("listeners", lambda: self._paginate("list_listeners", AcceleratorArn=arn))

    def endpoint_groups(self, listener: str) -> list[dict[str, Any]]:
        """The endpoint groups of a listener, given by ARN."""
        return self.once(("groups", listener), lambda: self._paginate("list_endpoint_groups", ListenerArn=listener))

    def read_everything(self) -> None:
        """Ask every question now, side by side."""
        arns = [listener["ListenerArn"] for listener in self.listeners()]
        self.side_by_side([lambda arn=arn: self.endpoint_groups(arn) for arn in arns])

    def _paginate(self, operation: str, **arguments: Any) -> list[dict[str, Any]]:
        return self.cloud.paginate("globalaccelerator", operation, self.region, limits=self.limits, **arguments)


class AcceleratorPart(Resource):
    """The accelerator itself, or a part of it. `identifier` is the ARN of what exists, if it does."""

    def __init__(self, name: str, *, listing: AcceleratorListing, identifier: str | None = None, **others: Any) -> None:
        super().__init__(name, GLOBAL_ACCELERATOR_REGION, **others)
        self.listing = listing
        self.identifier = identifier

    def api(self, cloud: Cloud) -> Any:
        return cloud.client("globalaccelerator", GLOBAL_ACCELERATOR_REGION)

    def settle(self, cloud: Cloud, arn: str) -> None:
        """Wait until the accelerator that `arn` (of it or of a part of it) belongs to is deployed, if asked to wait."""
        if cloud.wait:
            wait_until_deployed(cloud, self.api(cloud), arn.split("/listener/")[0])


def wait_until_deployed(cloud: Cloud, client: Any, arn: str, timeout: float | None = None) -> None:
    cloud.wait_until(
        f"accelerator {arn} to be DEPLOYED",
        lambda: client.describe_accelerator(AcceleratorArn=arn)["Accelerator"]["Status"] == "DEPLOYED",
        timeout=timeout,
    )


class Accelerator(AcceleratorPart):
    """Wanted: `enabled`, `ip_address_type`, `tags`. Gives `arn`, `dns_name`, `ip_addresses`."""

    kind = "globalaccelerator_accelerator"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Accelerator], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            item = resource.listing.accelerator()
            if item is not None:
                actual[resource.name] = {**cls._read(item), "tags": item["Tags"]}
        return actual

    @staticmethod
    def _read(item: dict[str, Any]) -> Attributes:
        return {
            "arn": item["AcceleratorArn"],
            "dns_name": item["DnsName"],
            "ip_addresses": sorted(address for ips in item.get("IpSets", []) for address in ips["IpAddresses"]),
            "enabled": item["Enabled"],
            "ip_address_type": item["IpAddressType"],
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # botocore sends an idempotency token: a retried call makes no second one.
        item = self.api(cloud).create_accelerator(
            Name=self.name,
            IpAddressType=wanted["ip_address_type"],
            Enabled=wanted["enabled"],
            Tags=to_tag_list(wanted["tags"]),
        )["Accelerator"]
        return {**self._read(item), **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client, arn = self.api(cloud), actual["arn"]
        if differences.keys() - {"tags"}:
            client.update_accelerator(
                AcceleratorArn=arn, Enabled=wanted["enabled"], IpAddressType=wanted["ip_address_type"]
            )
            self.settle(cloud, arn)
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_resource(ResourceArn=arn, TagKeys=to_remove)
            if to_set:
                client.tag_resource(ResourceArn=arn, Tags=to_tag_list(to_set))
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client, arn = self.api(cloud), actual["arn"]
        with absent_is_none("AcceleratorNotFoundException"):
            # AWS deletes only what is disabled, has no listeners and is DEPLOYED.
            if client.describe_accelerator(AcceleratorArn=arn)["Accelerator"]["Enabled"]:
                client.update_accelerator(AcceleratorArn=arn, Enabled=False)
            wait_until_deployed(cloud, client, arn)
            let_go(
                cloud,
                f"accelerator {self.name}",
                lambda: client.delete_accelerator(AcceleratorArn=arn),
                busy=(
                    "AcceleratorNotDisabledException",
                    "AssociatedListenerFoundException",
                    "TransactionInProgressException",
                ),
            )
