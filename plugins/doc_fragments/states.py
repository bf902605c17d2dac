# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    # Where the state items are (ITEM_ARGUMENTS in module_utils/toggle/arguments.py).
    DOCUMENTATION = r"""
options:
  state_table:
    description:
      - Table of the state items, in all regions. Default is C(<workload>-state). Its hash key is the text C(region).
    type: str
"""

    # Where their copies are (COPY_ARGUMENTS in module_utils/toggle/arguments.py).
    COPIES = r"""
options:
  parameter:
    description:
      - Name of each region's SSM parameter. Default is C(/<workload>/region/state).
      - The last switch is told in the parameter C(last-switch) beside it.
    type: str
"""

    # How long a task may act on what it read (FENCE_ARGUMENTS in module_utils/toggle/arguments.py).
    FENCE = r"""
options:
  view_ttl:
    description:
      - Seconds for which a task may act on what it read, the C(VIEW_TTL_SECONDS) of the services. First part of the
        fence.
    type: float
    default: 10.0
  claim_to_effect:
    description:
      - Seconds within which a task ends what it began, the C(CLAIM_TO_EFFECT_SECONDS) of the services. Second part of
        the fence.
    type: float
    default: 20.0
"""
