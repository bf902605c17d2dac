# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of an inventory on an embedded cloud, for tests that build the site and have no question about images.

They are made by the modules of the role `image`, in this process, which costs a tenth of a run of build.yml.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from harness.inventories import default_inventory, regions_of
from harness.playbooks import ROOT
from localcloud import Cloud
from tests.support.modules import checked, module_named


def build_images(
    cloud: Cloud, inventory: Path | None = None, context: Path = ROOT, tag: str | None = None
) -> dict[str, str]:
    """Build and push the images of an inventory (the shipped one), in every region; returns their digests."""
    inventory = inventory or default_inventory()
    variables: dict[str, Any] = {}
    for file in (inventory / "group_vars" / "all").glob("*.yml"):
        variables |= yaml.safe_load(file.read_text()) or {}
    environment = cloud.env()
    digests: dict[str, str] = {}
    for region in regions_of(inventory):
        connection = {
            "endpoint_url": environment["AWS_ENDPOINT_URL"],
            "access_key": environment["AWS_ACCESS_KEY_ID"],
            "secret_key": environment["AWS_SECRET_ACCESS_KEY"],
            "region": region,
            "workload": variables["workload"],
        }

        def ask(module: str, _connection: dict[str, Any] = connection, **given: Any) -> dict[str, Any]:
            declared = module_named(module)
            return run(declared, checked(declared, **_connection, **given))

        tags, images = variables["workload_tags"], {}
        for image in variables["image_definitions"]:
            name = image["repository"]
            ask("image_repository", name=name, tags=tags)
            source = {"context": str(context), "builder": "embedded", "allow_dirty": True, "tag": tag}
            images[name] = ask("workload_image", **source, **image)["image"]
            digests[name] = images[name]["digest"]
        ask("layer_outputs", layer="image", outputs={"images": images}, tags=tags)
    return digests
