# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes with the states of regions, though the module did not write it."""

from __future__ import annotations


def test_absent_also_removes_what_a_switch_wrote_beside_the_states(workload, toggle):
    toggle()
    for region in ("sa-east-1", "us-east-1"):  # a switch writes them in one call, which takes no tags
        workload.client("ssm", region).put_parameter(Name="/sales/region/last-switch", Value="{}", Type="String")
    removed = toggle(state="absent")
    names = [(change["name"], change["region"]) for change in removed["changes"]]
    assert {("/sales/region/last-switch", region) for region in ("sa-east-1", "us-east-1")} <= set(names)
