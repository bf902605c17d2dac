# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository for the images of a workload in one region."""

from __future__ import annotations

import re
from typing import Any

from ..aws.names import resource_tags
from ..kernel import Cloud, CollectionError, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.ecr_repository import EcrRepository, holds_images, keep_policy

NAME = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*")


def name_problems(parameter: str, name: str) -> list[str]:
    """Why a repository cannot have this name."""
    if NAME.fullmatch(name) and 2 <= len(name) <= 256:
        return []
    return [f"{parameter} is {name!r}; ECR takes 2 to 256 lower-case letters and digits, joined by single . _ - or /."]


def problems(params: dict[str, Any]) -> list[str]:
    found = name_problems("name", params["name"])
    if params["keep_images"] < 0:
        found.append(f"keep_images is {params['keep_images']}; give 0 to keep all, or how many to keep.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    name, region, state = params["name"], cloud.region, params["state"]
    if state == "absent" and not params["delete_data"] and holds_images(cloud, region, name):
        raise CollectionError(
            f"ECR repository {name} in {region} holds images, so it is left alone. Give delete_data: true to remove "
            "it with them."
        )
    repository = EcrRepository(
        name,
        region,
        state=state,
        purge_tags=params["purge_tags"],
        immutable=params["immutable"],
        scan_on_push=params["scan_on_push"],
        kms_key_id=params["kms_key_id"],
        lifecycle=keep_policy(params["keep_images"]),
        tags=resource_tags(params, region),
    )

    def outputs(known: Known) -> dict[str, Any]:
        return {
            "repository": {
                "name": name,
                "arn": known.attribute(repository, "arn"),
                "uri": known.attribute(repository, "uri"),
            }
        }

    return Composition([repository], outputs)


MODULE = ModuleDefinition(
    arguments={
        "name": {"type": "str", "required": True},
        "immutable": {"type": "bool", "default": True},
        "scan_on_push": {"type": "bool", "default": True},
        "keep_images": {"type": "int", "default": 0},
        "kms_key_id": {"type": "str", "no_log": False},
        "delete_data": {"type": "bool", "default": False},
    },
    services=("ecr",),
    build=build,
    problems=problems,
)
