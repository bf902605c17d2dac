# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which image of each of its own repositories a workload has in every region, as the image layer published it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..kernel import Cloud, CollectionError
from ..kernel.run import ModuleDefinition
from ..resources.parameter import from_text, outputs_parameter, read_texts
from ..services.service_task import own_repositories

LAYER = "image"


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    repositories = own_repositories(params["services"])
    if not repositories:
        return {"images": {}}
    name = outputs_parameter(params["workload"], LAYER)

    def published(region: str) -> dict[str, Any]:
        outputs = from_text(read_texts(cloud, region, [name]).get(name, "{}"))
        return {key: image for key, image in outputs.get("images", {}).items() if key in repositories}

    with ThreadPoolExecutor(max_workers=len(params["regions"])) as pool:
        images = dict(zip(params["regions"], pool.map(published, params["regions"]), strict=True))
    missing = {region: [each for each in repositories if each not in found] for region, found in images.items()}
    if any(missing.values()) and params["missing"] == "fail":
        told = "; ".join(f"{region} has none of {', '.join(names)}" for region, names in missing.items() if names)
        raise CollectionError(
            f"Services of workload {params['workload']} have images of its own repositories, and not all were built "
            f"and pushed: {told}. Nothing was changed. Build and push them first: "
            "ansible-playbook playbooks/build.yml -i <inventory>",
            missing=missing,
        )
    return {"images": images}


MODULE = ModuleDefinition(
    arguments={
        "regions": {"type": "list", "elements": "str", "required": True},
        "services": {"type": "list", "elements": "dict", "required": True},
        "missing": {"type": "str", "choices": ["fail", "ignore"], "default": "fail"},
    },
    services=("ssm",),
    read=read,
)
