# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a layer made, published for the layers above: a fact now, an SSM parameter for later runs and other tools."""

from __future__ import annotations

import re
from typing import Any

from ..aws.names import resource_tags
from ..kernel import Cloud, Known, is_unknown
from ..kernel.run import Composition, ModuleDefinition
from ..resources.parameter import STANDARD_BYTES, Parameter, outputs_parameter, to_text


def fact_name(layer: str) -> str:
    """The name of the fact that holds a layer's outputs."""
    return f"{layer.replace('-', '_')}_outputs"


def layer_name_problems(parameter: str, layer: str) -> list[str]:
    """A layer's name is part of a fact's name, so it must be fit for one."""
    if re.fullmatch(r"[a-z][a-z0-9_-]*", layer):
        return []
    return [f"{parameter} is {layer!r}; it may have lower-case letters, digits, hyphens and underscores."]


def problems(params: dict[str, Any]) -> list[str]:
    found = layer_name_problems("layer", params["layer"])
    outputs = params["outputs"]
    size = len(to_text(outputs).encode())
    if outputs is not None and not is_unknown(outputs) and size > STANDARD_BYTES:
        largest = max(outputs, key=lambda key: len(to_text(outputs[key])))
        found.append(
            f"outputs of layer {params['layer']} are {size} bytes of JSON; a standard SSM parameter holds "
            f"{STANDARD_BYTES}. The largest of them is {largest}."
        )
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    layer, region = params["layer"], cloud.region
    parameter = Parameter(
        outputs_parameter(params["workload"], layer),
        region,
        state=params["state"],
        purge_tags=params["purge_tags"],
        value=params["outputs"],
        tags=resource_tags(params, region),
    )

    def outputs(known: Known) -> dict[str, Any]:
        # In check mode too, the layers above go on with what was given, unknown identifiers included.
        return {"parameter": parameter.name, "ansible_facts": {fact_name(layer): params["outputs"]}}

    return Composition([parameter], outputs)


MODULE = ModuleDefinition(
    arguments={
        "layer": {"type": "str", "required": True},
        "outputs": {"type": "dict"},
    },
    services=("ssm",),
    build=build,
    problems=problems,
    rules={"required_if": [("state", "present", ["outputs"])]},
)
