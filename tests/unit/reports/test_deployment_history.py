# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of recorded deployments."""

from __future__ import annotations

from ansible_collections.multiregion.ecs.plugins.module_utils.reports.deployment_history import deployments_table

SERVICE = {"digests": {"api": f"sha256:{'a1' * 32}"}}
ENTRY = {
    "id": "deployment#0000000012",
    "began": "2026-11-29T00:46:12Z",
    "operator": "ana",
    "reason": "release 12",
    "asked": {"images": {"api": {"api": ":v2"}}, "rollback": False},
    "waves": [["us-east-1"], ["sa-east-1"]],
    "regions": {
        "us-east-1": {"phase": "returned", "services": {"api": SERVICE}},
        "sa-east-1": {"phase": "waiting", "services": {"api": {"digests": {}}}},
    },
    "steps": [{"step": "bake", "region": "us-east-1", "milliseconds": 60412}],
    "outcome": "failed: alarm errors went off; us-east-1 returned, sa-east-1 waiting",
}


def test_a_deployment_is_told_whole() -> None:
    table = deployments_table([ENTRY])
    for words in (
        "number 12",
        "api :v2",
        "release 12",
        "wave 1: us-east-1 returned",
        "  api a1a1a1a1a1a1",
        "wave 2: sa-east-1 waiting",
        "  api no digest known",
        "bake us-east-1 60.4 s",
        "alarm errors went off",
    ):
        assert words in table, table


def test_without_any_it_says_so_and_what_is_unfinished_is_told_below() -> None:
    assert deployments_table([]) == "No deployment is recorded."
    assert deployments_table([], "a deployment (api :v2)").endswith("\nUnfinished: a deployment (api :v2)")
