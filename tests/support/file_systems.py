# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems on an embedded cloud: the networks they are in, what was changed, and who may connect."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_network
from localcloud import Cloud
from tests.support.modules import checked

WORLD = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}

REGION = "sa-east-1"
WORKLOAD = "goals"

Go = Callable[..., dict[str, Any]]


def make_networks(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """Two networks, `goals` and `other`, each with the security groups `tasks` and `others`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.env().items():
            patch.setenv(name, value)
        groups = [{"name": "tasks"}, {"name": "others"}]
        return {
            name: run(
                region_network.MODULE,
                checked(
                    region_network.MODULE,
                    **{"workload": WORKLOAD, "region": REGION, "name": name, "cidr": cidr, "zones": ["a", "b", "c"]},
                    **{"nat": "none", "security_groups": groups},
                ),
            )
            for name, cidr in (("goals", "10.71.0.0/16"), ("other", "10.72.0.0/16"))
        }


def told(result: dict[str, Any]) -> list[tuple[str, str]]:
    """The changes as (action, kind), sorted."""
    return sorted((change["action"], change["kind"]) for change in result["changes"])


def reach(cloud: Cloud, **question: str) -> dict[str, Any]:
    """What the embedded cloud says of a connection: `{"open", "why"}`."""
    query = urlencode({"region": REGION, "port": "2049", **question})
    with urllib.request.urlopen(f"{cloud.endpoint}/_localcloud/reach?{query}") as answer:
        return json.load(answer)
