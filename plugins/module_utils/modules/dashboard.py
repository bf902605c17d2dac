# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CloudWatch dashboard."""

from __future__ import annotations

import re
from typing import Any

from ..aws.names import resource_tags
from ..kernel import Cloud, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.dashboard import Dashboard

MOST_WIDGETS = 500
TYPES = ("alarm", "custom", "explorer", "log", "metric", "text")


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", params["name"]):
        found.append(f"name is {params['name']!r}; CloudWatch takes 1 to 255 letters, digits, hyphens and underscores.")
    widgets = params["widgets"] or []
    if len(widgets) > MOST_WIDGETS:
        found.append(f"widgets are {len(widgets)}; a dashboard holds {MOST_WIDGETS}.")
    for number, widget in enumerate(widgets):
        if widget.get("type") not in TYPES:
            found.append(f"widgets[{number}].type is {widget.get('type')!r}; {', '.join(TYPES)} are valid.")
        if not isinstance(widget.get("properties"), dict):
            found.append(f"widgets[{number}].properties is missing; a dictionary is expected.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    dashboard = Dashboard(
        params["name"],
        params["region"],
        state=params["state"],
        purge_tags=params["purge_tags"],
        account=cloud.account_id,
        body={"widgets": params["widgets"]},
        tags=resource_tags(params),
    )

    def outputs(known: Known) -> dict[str, Any]:
        return {"arn": dashboard.arn}

    return Composition([dashboard], outputs)


MODULE = ModuleDefinition(
    arguments={
        "name": {"type": "str", "required": True},
        "widgets": {"type": "list", "elements": "dict"},
    },
    services=("cloudwatch", "sts"),
    build=build,
    problems=problems,
    rules={"required_if": [("state", "present", ["widgets"])]},
)
