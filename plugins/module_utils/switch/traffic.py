# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the public name leads: the dials of an accelerator, or the weights of DNS records, one share for each region.

A share is 100 for a region that is ACTIVE and 0 for another. Neither kind has a condition that a write must meet, so
the lease is renewed before each. A control plane that is silent is not waited for long: the regions are HELD meanwhile.

Of each way `arrived` is what its control plane says when all servers know, and `seconds` how long that took last, from
the first write of this run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from ..kernel import Cloud, CollectionError
from ..kernel.cloud import GLOBAL_ACCELERATOR_REGION, ROUTE53_REGION, SHORT
from ..resources.accelerator import AcceleratorListing, wait_until_deployed
from ..resources.hosted_zone import find_zone


class AcceleratorDials:
    """The traffic dials of one accelerator, in percent."""

    arrived = "DEPLOYED"

    def __init__(self, cloud: Cloud, workload: str, name: str) -> None:
        self.cloud, self.workload, self.name = cloud, workload, name
        self.seconds = 0.0
        self._since: float | None = None
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

        What was set before and has not arrived is waited for too, and has moved now.

        patience: for how many seconds it waits (default: the run's `wait_timeout`). NotReadyInTime after it.
        """
        began = time.monotonic()
        listing, accelerator = self._look_up()
        client = self.cloud.client("globalaccelerator", GLOBAL_ACCELERATOR_REGION, **SHORT)
        groups = _groups(listing)
        changed = self._since is not None or accelerator.get("Status") == "IN_PROGRESS"
        for region, dial in shares.items():
            for group in groups:
                if group["EndpointGroupRegion"] == region and group["TrafficDialPercentage"] != dial:
                    before_each()
                    client.update_endpoint_group(EndpointGroupArn=group["EndpointGroupArn"], TrafficDialPercentage=dial)
                    changed = True
        if changed:
            self._since = began if self._since is None else self._since
            wait_until_deployed(self.cloud, client, accelerator["AcceleratorArn"], patience)
            self.seconds, self._since = time.monotonic() - self._since, None
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

    zone: id or name of the zone; None is the public one that is nearest to the names.
    recall: the id of a change that an earlier run made and that is perhaps not INSYNC yet; `remember` is told of each
        one that is made, and of None when it is INSYNC.
    """

    arrived = "INSYNC"

    def __init__(
        self,
        cloud: Cloud,
        zone: str | None,
        names: list[str],
        recall: Callable[[], str | None] = lambda: None,
        remember: Callable[[str | None], Any] = lambda change: None,
    ) -> None:
        self.cloud, self._asked_zone = cloud, zone
        self.names = [f"{name.rstrip('.')}." for name in names]
        self.seconds = 0.0
        self._since: float | None = None
        self._pending: str | None = None
        self._recall, self._remember = recall, remember

    def __str__(self) -> str:
        return f"the weights of {', '.join(self.names)}"

    def check(self, shares: Mapping[str, int]) -> None:
        """See that there is a record for each region. CollectionError: one has none."""
        self._records(self.cloud.client("route53", ROUTE53_REGION, **SHORT), shares)

    def set(self, shares: Mapping[str, int], before_each: Callable[[], Any], patience: float | None = None) -> bool:
        """Set the weights of these regions and wait until all of Route 53's servers know; whether any moved.

        What was set before and is not INSYNC is waited for too, and has moved now.

        patience: as for dials.
        """
        began = time.monotonic()
        client = self.cloud.client("route53", ROUTE53_REGION, **SHORT)
        records = self._records(client, shares)
        changes = []
        for (name, region), each in sorted(records.items(), key=lambda item: item[0][0]):
            for record in each:
                if name in self.names and region in shares and record["Weight"] != shares[region]:
                    changes.append({"Action": "UPSERT", "ResourceRecordSet": {**record, "Weight": shares[region]}})
        if changes:
            before_each()
            made = client.change_resource_record_sets(
                HostedZoneId=self.zone, ChangeBatch={"Comment": "multiregion.ecs region_switch", "Changes": changes}
            )["ChangeInfo"]
            self._note(made["Id"])
        change = self._pending or self._recall()
        if change is None:
            return False
        self._since = began if self._since is None else self._since
        self.cloud.wait_until(
            f"change {change} of zone {self.zone} to be INSYNC",
            lambda: client.get_change(Id=change)["ChangeInfo"]["Status"] == "INSYNC",
            timeout=patience,
        )
        self.seconds, self._since = time.monotonic() - self._since, None
        self._note(None)
        return True

    @cached_property
    def zone(self) -> str:
        """The id of the zone. One that is given is not looked up: its control plane has to answer once less."""
        if self._asked_zone and "." not in self._asked_zone:
            return self._asked_zone
        return find_zone(self.cloud, self.names, self._asked_zone, limits=SHORT)

    def _note(self, change: str | None) -> None:
        self._pending = change
        self._remember(change)

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
