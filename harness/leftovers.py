# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left on an embedded cloud once a workload was destroyed."""

from __future__ import annotations

from typing import Any


def leftover_lines(inventory: dict[str, Any]) -> list[str]:
    """`region service resource` for everything that still exists, out of the embedded cloud's own inventory."""
    found = []
    for region, services in inventory.get("resources", inventory).items():
        if isinstance(services, dict):
            for service, resources in services.items():
                found += [f"{region} {service} {resource}" for resource in resources]
    return found
