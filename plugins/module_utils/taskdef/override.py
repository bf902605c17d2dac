# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts laid over an existing definition: everything is kept but what is named.

What a person calls by name is merged by name: containers, and in them environment variables, secrets and mount points;
volumes of the task. Of anything else the new value stands in the old one's place, and a null takes the old one away.
"""

from __future__ import annotations

from typing import Any

from .model import without_nulls

Definition = dict[str, Any]

MERGED = {
    "environment": ("name", "value"),
    "secrets": ("name", "valueFrom"),
    "mountPoints": ("containerPath", "sourceVolume"),
}
"""Members of a container that are merged: by which key, and the member without which an item takes the old one away."""


def laid_over(base: Definition, parts: Definition, base_name: str) -> tuple[Definition, list[str]]:
    """`base` with `parts` laid over it, and what is wrong with them.

    Both are as `model.read` returns them; `parts` with nulls.
    """
    plain = {name: value for name, value in parts.items() if name not in ("containerDefinitions", "volumes")}
    result = {**base, **plain}
    if "volumes" in parts:
        result["volumes"] = _merged(base.get("volumes", []), parts["volumes"] or [], "name")
    problems: list[str] = []
    containers = {container["name"]: container for container in base.get("containerDefinitions", [])}
    for given in parts.get("containerDefinitions") or []:
        name = given.get("name")
        if name in containers:
            containers[name] = _container(containers[name], given)
        else:
            problems.append(
                f"container {name or '(without a name)'} is not in {base_name}; it has {_listed(containers)}."
            )
    result["containerDefinitions"] = list(containers.values())
    return without_nulls(result), problems


def _container(base: Definition, given: Definition) -> Definition:
    result = {**base, **{name: value for name, value in given.items() if name not in MERGED}}
    # A variable that becomes a secret, or the other way round, must not stay what it was: AWS refuses both at once.
    for name, other in (("environment", "secrets"), ("secrets", "environment")):
        taken = {item.get("name") for item in given.get(other) or []}
        if taken and name in base:
            result[name] = [item for item in base[name] if item.get("name") not in taken]
    for name, (key, needed) in MERGED.items():
        if name in given:
            merged = _merged(result.get(name, []), given[name] or [], key)
            result[name] = [item for item in merged if item.get(needed) is not None]
    return result


def _merged(base: list[Definition], given: list[Definition], key: str) -> list[Definition]:
    """The items of `base` and those of `given`, which win; in the order of `base`, new ones behind."""
    merged = {item.get(key): item for item in base}
    merged.update({item.get(key): item for item in given})
    return list(merged.values())


def _listed(containers: Definition) -> str:
    return ", ".join(sorted(containers)) or "none"
