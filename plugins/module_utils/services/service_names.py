# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS services as modules take them, by cluster and name, wherever they only look at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SERVICE_NAMES: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "cluster": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
    },
}
"""The argument. Documented in the fragment `multiregion.ecs.service_names`."""


def family_of(workload: str, service: str) -> str:
    """The family of a service's task definitions. Everybody in an account shares the names of families."""
    return f"{workload}-{service}"


def repeated_names(variable: str, services: Iterable[Mapping[str, Any]]) -> list[str]:
    """A problem for each service name that `variable` has more than once: results are keyed by name alone."""
    names = [service["name"] for service in services]
    return [
        f"{variable} has {name!r} more than once; services are told apart by name."
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
