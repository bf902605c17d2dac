# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the public name leads: the dials of an accelerator, or the weights of DNS records, one share for each region.

A share is 100 for a region that is ACTIVE and 0 for another. Neither kind has a condition that a write must meet, so
the lease is renewed before each. A control plane that is silent is not waited for long: the regions are HELD meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..kernel import Cloud, CollectionError
from ..kernel.cloud import GLOBAL_ACCELERATOR_REGION, ROUTE53_REGION, SHORT
from ..resources.accelerator import AcceleratorListing, wait_until_deployed


class AcceleratorDials:
    """The traffic dials of one accelerator, in percent."""

    def __init__(self, cloud: Cloud, workload: str, name: str) -> None:
        self.cloud, self.workload, self.name = cloud, workload, name
        self._dns_name = ""

    def __str__(self) -> str:
        return f"the dials of {self.name}"

    def check(self, shares: Mapping[str, int]) -> None:
        """See that there is a dial for each region that gets traffic. CollectionError: there is none."""
        listing, _accelerator = self._look_up()
        dialled = {group["EndpointGroupRegion"] for group in _groups(listing)}
        if missing := [region for region, dial in shares.items() if dial and region not in dialled]:
            raise CollectionError(
                f"accelerator {self.name!r} has no endpoint group in {', '.join(missing)}; build the routing first"
            )

    def set(self, shares: Mapping[str, int], before_each: Callable[[], Any], patience: float | None = None) -> bool:
        """Set the dials of these regions in this order, and wait until that has reached the edge; whether any moved.

        patience: for how many seconds it waits (default: the run's `wait_timeout`). NotReadyInTime after it.
        """
        listing, accelerator = self._look_up()
        client = self.cloud.client("globalaccelerator", GLOBAL_ACCELERATOR_REGION, **SHORT)
        groups = _groups(listing)
        changed = False
        for region, dial in shares.items():
            for group in groups:
                if group["EndpointGroupRegion"] == region and group["TrafficDialPercentage"] != dial:
                    before_each()
                    client.update_endpoint_group(EndpointGroupArn=group["EndpointGroupArn"], TrafficDialPercentage=dial)
                    changed = True
        if changed:
            wait_until_deployed(self.cloud, client, accelerator["AcceleratorArn"], patience)
        return changed

    def public_name(self) -> str:
        """Its DNS name, which never changes. CollectionError: there is no accelerator."""
        if not self._dns_name:
            self._look_up()
        return self._dns_name

    def _look_up(self) -> tuple[AcceleratorListing, dict[str, Any]]:
        """Everything of the accelerator, and itself. CollectionError: there is none."""
        listing = AcceleratorListing(self.cloud, self.workload, self.name, **SHORT)
        listing.read_everything()
        accelerator = listing.accelerator()
        if accelerator is None:
            raise CollectionError(f"there is no accelerator {self.name!r}; build the routing first")
        self._dns_name = str(accelerator["DnsName"])
        return listing, accelerator


def _groups(listing: AcceleratorListing) -> list[dict[str, Any]]:
    """The endpoint groups of all listeners."""
    return [group for each in listing.listeners() for group in listing.endpoint_groups(each["ListenerArn"])]


class RecordWeights:
    """The weights of the weighted records `names` in a Route 53 hosted zone, whose set identifiers are regions.

    All of them move in one change, which Route 53 makes whole or not at all. With every weight at 0 it shares the
    traffic out evenly; it has no "off".
    """

    def __init__(self, cloud: Cloud, zone: str, names: list[str]) -> None:
        self.cloud, self.zone = cloud, zone
        self.names = [f"{name.rstrip('.')}." for name in names]

    def __str__(self) -> str:
        return f"the weights of {', '.join(self.names)}"

    def check(self, shares: Mapping[str, int]) -> None:
        """See that there is a record for each region. CollectionError: one has none."""
        self._records(self.cloud.client("route53", ROUTE53_REGION, **SHORT), shares)

    def set(self, shares: Mapping[str, int], before_each: Callable[[], Any], patience: float | None = None) -> bool:
        """Set the weights of these regions and wait until all of Route 53's servers know; whether any moved.

        patience: as for dials.
        """
        client = self.cloud.client("route53", ROUTE53_REGION, **SHORT)
        records = self._records(client, shares)
        changes = []
        for (name, region), each in sorted(records.items(), key=lambda item: item[0][0]):
            for record in each:
                if name in self.names and region in shares and record["Weight"] != shares[region]:
                    changes.append({"Action": "UPSERT", "ResourceRecordSet": {**record, "Weight": shares[region]}})
        if not changes:
            return False
        before_each()
        change = client.change_resource_record_sets(
            HostedZoneId=self.zone, ChangeBatch={"Comment": "multiregion.ecs region_switch", "Changes": changes}
        )["ChangeInfo"]
        self.cloud.wait_until(
            f"change {change['Id']} of zone {self.zone} to be INSYNC",
            lambda: client.get_change(Id=change["Id"])["ChangeInfo"]["Status"] == "INSYNC",
            timeout=patience,
        )
        return True

    def _records(self, client: Any, shares: Mapping[str, int]) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The weighted records by (name, set identifier); a name may have one of each type.

        Raises:
            CollectionError: one of `shares`' regions has none.
        """
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for page in client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=self.zone):
            for record in page["ResourceRecordSets"]:
                if "Weight" in record:
                    found.setdefault((record["Name"], record["SetIdentifier"]), []).append(record)
        if missing := [
            f"{name} of {region}" for name in self.names for region in shares if (name, region) not in found
        ]:
            raise CollectionError(
                f"zone {self.zone} has no weighted record with the region as its set identifier for "
                f"{', '.join(missing)}; create them, or correct switch_dns"
            )
        return found
