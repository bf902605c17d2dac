# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

SUBOPTIONS = r"""
    type: list
    elements: dict
    suboptions:
      capacity_provider:
        description: Name of the capacity provider.
        type: str
        required: true
      weight:
        description: Share of the tasks beyond the base, relative to the other weights; 0 to 1000.
        type: int
        default: 1
      base:
        description: Tasks that run there before weights count; at most one provider may have a base.
        type: int
        default: 0
"""


class ModuleDocFragment:
    # STRATEGY_ARGUMENT in module_utils/modules/shared_arguments/capacity_provider_strategy.py, as services take it.
    DOCUMENTATION: str = (
        r"""
options:
  capacity_provider_strategy:
    description: Capacity providers of this service.
"""
        + SUBOPTIONS
    )

    # The same, as clusters take it.
    CLUSTER: str = (
        r"""
options:
  default_strategy:
    description:
      - What a service runs on that names neither a launch type nor a strategy of its own.
      - Left out, it is C(FARGATE) if that is among O(capacity_providers), otherwise there is none.
"""
        + SUBOPTIONS
    )
