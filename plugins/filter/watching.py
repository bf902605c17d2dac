# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for what watches a workload: its alarms and its dashboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.services.alarms import (
    alarms_prefix,
    guard_names,
    observability_variables,
    region_alarms,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.dashboard import dashboard_widgets


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "alarms_prefix": alarms_prefix,
            "dashboard_widgets": dashboard_widgets,
            "guard_alarms": guard_names,
            "observability_variables": observability_variables,
            "region_alarms": region_alarms,
        }
