# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of a service's containers as the command line and the release in force say them, over the inventory's.

The inventory says which repository a container runs; the release in force says which image of it. An image of another
repository than the inventory's is left alone: whoever changes the repository means it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..aws.registries import without_registry
from ..kernel.errors import CollectionError
from .service_task import containers

Item = Mapping[str, Any]

DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")


def main_container(definition: Item) -> str:
    """The container that is meant where only a service is named. CollectionError: it is not clear."""
    names = [each["name"] for each in containers(dict(definition))]
    own = [each["name"] for each in containers(dict(definition)) if isinstance(each.get("image"), Mapping)]
    for candidates in (names, [definition.get("container")], own):
        if len(candidates) == 1 and candidates[0]:
            return str(candidates[0])
    raise CollectionError(
        f"Service {definition['name']} has the containers {', '.join(names)}; name one: -e "
        f'\'{{"images": {{"{definition["name"]}/{names[0]}": ":<tag>"}}}}\'.'
    )


def service_wishes(
    definitions: Iterable[Item], cluster: str, tag: str = "", images: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The services of `workload_deployment`, with what a command line wishes of them.

    tag: for every service's own image.  images: `service` or `service/container` → an image, `:tag` or a digest.

    Raises:
        CollectionError: no service or container is called so, or it is not clear which is meant.
    """
    definitions, left = list(definitions), dict(images or {})
    found = []
    for definition in definitions:
        name = definition["name"]
        names = [each["name"] for each in containers(dict(definition))]
        wishes = {each: left.pop(f"{name}/{each}") for each in names if f"{name}/{each}" in left}
        if name in left:
            wishes[main_container(definition)] = left.pop(name)
        if tag and not images:
            wishes[main_container(definition)] = f"@{tag}" if DIGEST.match(str(tag)) else f":{tag}"
        given = definition.get("deployment") or {}
        found.append(
            {
                "cluster": cluster,
                "name": name,
                "images": {key: _in_form(str(wish)) for key, wish in wishes.items()},
                "strategy": definition.get("strategy") or "rolling",
                **{key: given[key] for key in ("healthy_within", "failed_tasks") if key in given},
                **({"before_deploy": definition["before_deploy"]} if definition.get("before_deploy") else {}),
            }
        )
    if left:
        known = ", ".join(f"{d['name']}/{each['name']}" for d in definitions for each in containers(dict(d)))
        raise CollectionError(f"images names {', '.join(sorted(left))}; expected a service or one of {known}.")
    return found


def _in_form(wish: str) -> str:
    return f"@{wish}" if DIGEST.match(wish) else wish


def released(definition: Item, release: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The definition with the images of the release in force. `release`: service → container → image."""
    images = release.get(definition["name"]) or {}
    if definition.get("containers"):
        return {**definition, "containers": [_released(each, images) for each in definition["containers"]]}
    return _released(definition, images)


def _released(container: Item, images: Mapping[str, str]) -> dict[str, Any]:
    image, wanted = images.get(container["name"]), container.get("image")
    if not image or not wanted:
        return dict(container)
    repository = wanted["repository"] if isinstance(wanted, Mapping) else _repository(str(wanted))
    same = _repository(image) == repository
    return {**container, "image": image} if same else dict(container)


def _repository(image: str) -> str:
    """An image's repository, without the registry if that is a private one in ECR, each region having its own."""
    head = image.partition("@")[0]
    name, colon, tag = head.rpartition(":")
    return without_registry(name if colon and "/" not in tag else head)
