# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy of a public image, or of another registry's, in a repository of one region."""

from __future__ import annotations

from typing import Any

from ..images.context import PLATFORMS
from ..images.mirroring import Mirrored, source_problems
from ..kernel import Cloud, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.mirrored_image import MirroredImage
from .image_repository import name_problems


def problems(params: dict[str, Any]) -> list[str]:
    return [*name_problems("repository", params["repository"]), *source_problems("source", params["source"])]


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    source = Mirrored.of(params["source"])
    peers = tuple(region for region in params["peer_regions"] if region != cloud.region)
    image = MirroredImage(
        params["repository"],
        cloud.region,
        source,
        peers=peers,
        replicated_from=params["replicated_from"],
        state=params["state"],
    )

    def outputs(known: Known) -> dict[str, Any]:
        return {
            "image": {
                "repository": params["repository"],
                "tag": source.tag,
                "platform": params["platform"],
                "uri": known.attribute(image, "uri"),
                "digest": source.digest,
            }
        }

    return Composition([image], outputs)


MODULE = ModuleDefinition(
    arguments={
        "repository": {"type": "str", "required": True},
        "source": {"type": "str", "required": True},
        "platform": {"type": "str", "choices": list(PLATFORMS), "default": "linux/amd64"},
        "peer_regions": {"type": "list", "elements": "str", "default": []},
        "replicated_from": {"type": "str"},
    },
    services=("ecr",),
    build=build,
    problems=problems,
)
