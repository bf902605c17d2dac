# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How ECS moves the traffic of a service: from the names of an inventory to the ARNs of the layer `edge`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kernel.errors import CollectionError

BY_NAME = {
    "alternate": ("target_groups", "alternate_target_group_arn"),
    "rule": ("listener_rules", "production_listener_rule"),
    "test_rule": ("listener_rules", "test_listener_rule"),
}
"""Word of the inventory → where the edge layer tells its ARN, and what `ecs_service` calls it."""

REQUIRED = ("alternate", "rule")


def traffic_shift(given: Mapping[str, Any], edge: Mapping[str, Any], role_arn: str) -> dict[str, Any]:
    """The `shift` of a load balancer as `ecs_service` takes it. What is given by ARN stays as it is.

    Raises:
        CollectionError: a name that the edge layer does not know, or one that is missing.
    """
    named = {name: given[name] for name in BY_NAME if given.get(name)}
    told = {name: value for name, value in given.items() if name not in BY_NAME}
    if not named:
        return told
    if missing := [name for name in REQUIRED if name not in named]:
        raise CollectionError(f"shift has no {' and no '.join(missing)}; give {' and '.join(REQUIRED)}.")
    for name, value in named.items():
        place, argument = BY_NAME[name]
        known = edge.get(place) or {}
        if value not in known:
            raise CollectionError(
                f"shift.{name} is {value!r}; the {place.replace('_', ' ')} of the layer edge are "
                f"{', '.join(sorted(known)) or 'none'}. If it is new there, run site.yml with the tag edge first."
            )
        told[argument] = known[value]
    return {"role_arn": role_arn, **told}
