# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EFS would refuse about the network that the parameters name: zones, VPCs and client groups."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ...kernel import is_unknown
from ...resources.file_system_listing import FileSystemListing


def misplaced(params: dict[str, Any], listing: FileSystemListing) -> list[str]:
    """What EFS would refuse half-way about where the subnets and groups are: zones and VPCs.

    Identifiers that are not known yet are left out.
    """
    subnets = listing.subnets(params["subnets"])
    found = [
        f"subnets has {name}, which does not exist in {listing.region}."
        for name in params["subnets"]
        if not is_unknown(name) and name not in subnets
    ]
    by_zone, by_vpc = defaultdict(list), defaultdict(list)
    for name, subnet in subnets.items():
        by_zone[subnet["AvailabilityZone"]].append(name)
        by_vpc[subnet["VpcId"]].append(name)
    for zone, names in sorted(by_zone.items()):
        if len(names) > 1:
            found.append(
                f"subnets has {' and '.join(sorted(names))}, all of them in {zone}; a file system has one mount target "
                "in each Availability Zone. Keep one of them."
            )
    if len(by_vpc) > 1:
        told = "; ".join(f"{', '.join(sorted(names))} in {vpc}" for vpc, names in sorted(by_vpc.items()))
        found.append(f"subnets are of {len(by_vpc)} VPCs: {told}. All mount targets of a file system are in one VPC.")
    if found or not by_vpc:
        return found
    return _outside(params, listing, next(iter(by_vpc)))


def _outside(params: dict[str, Any], listing: FileSystemListing, vpc: str) -> list[str]:
    """Mount targets that are in another VPC than the subnets, and client groups that are."""
    found = []
    elsewhere = [t for t in listing.mount_targets() if t["VpcId"] != vpc]
    if elsewhere:
        ids = ", ".join(sorted(target["MountTargetId"] for target in elsewhere))
        found.append(
            f"subnets are in {vpc}, but the file system has mount targets in {elsewhere[0]['VpcId']} ({ids}); EFS "
            "keeps all of them in one VPC. Run it with state: absent first, which keeps the data, and then again."
        )
    groups = {group["GroupId"] for group in listing.security_groups()}
    for client in params["client_security_groups"]:
        if not is_unknown(client) and client not in groups:
            found.append(f"client_security_groups has {client}, which does not exist in {vpc}, the VPC of the subnets.")
    return found
