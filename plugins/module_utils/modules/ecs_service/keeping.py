# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target groups that a service stays in although they are not named any more.

A task that leaves a group while a listener still forwards to it leaves nobody there to answer. With `recreate` nobody
answers for a while anyway, and a second deployment would be a second pause.
"""

from __future__ import annotations

from typing import Any

from ...deployments import rollout
from ...kernel import Cloud
from ...resources.forwarding import forwarded_groups
from ...resources.service_conversion import attributes
from .deployment import RECREATE, SHIFTING


def kept_balancers(params: dict[str, Any], cloud: Cloud) -> list[dict[str, Any]]:
    """As the service's load balancers to keep beside the wanted ones, with the container and the port of the first."""
    wanted = params["load_balancers"]
    if not params["keep_forwarded"] or not wanted or params["strategy"] in (RECREATE, *SHIFTING):
        return []
    service = rollout.describe(cloud, params["region"], params["cluster"], params["name"])
    if service is None or service["status"] != "ACTIVE":
        return []
    named = {item["target_group_arn"] for item in wanted}
    present = []
    for item in attributes(service)["load_balancers"]:
        present += [item["target_group_arn"], (item.get("shift") or {}).get("alternate_target_group_arn")]
    gone = [arn for arn in present if arn and arn not in named]
    reached = forwarded_groups(cloud, params["region"], gone) if gone else set()
    return [{**wanted[0], "shift": None, "target_group_arn": arn} for arn in gone if arn in reached]
