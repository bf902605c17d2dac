# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what layers published, so that a run may start at any layer."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError
from ..kernel.run import ModuleDefinition
from ..resources.parameter import from_text, outputs_parameter, read_texts
from .layer_outputs import fact_name, layer_name_problems


def problems(params: dict[str, Any]) -> list[str]:
    return [problem for layer in params["layers"] for problem in layer_name_problems("layers", layer)]


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    workload, region = params["workload"], cloud.region
    names = {layer: outputs_parameter(workload, layer) for layer in params["layers"]}
    texts = read_texts(cloud, region, list(names.values()))
    outputs = {layer: from_text(texts[name]) for layer, name in names.items() if name in texts}
    missing = [layer for layer in names if layer not in outputs]
    if missing and params["missing"] == "fail":
        raise CollectionError(
            f"In {region}, workload {workload} has no outputs of layer {', '.join(missing)} (looked for SSM parameter "
            f"{', '.join(names[layer] for layer in missing)}). Run the layers below first, for instance: "
            f"ansible-playbook {_command(missing)}",
            missing=missing,
        )
    return {
        "outputs": outputs,
        "missing": missing,
        "ansible_facts": {fact_name(layer): value for layer, value in outputs.items()},
    }


def _command(missing: list[str]) -> str:
    """What makes the layers: images are built by a playbook of their own."""
    if missing == ["image"]:
        return "playbooks/build.yml -i <inventory>"
    return f"site.yml -i <inventory> --tags {','.join(missing)}"


MODULE = ModuleDefinition(
    arguments={
        "layers": {"type": "list", "elements": "str", "required": True},
        "missing": {"type": "str", "choices": ["fail", "ignore"], "default": "fail"},
    },
    services=("ssm",),
    read=read,
    problems=problems,
)
