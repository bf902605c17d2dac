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

    # Whose acknowledgement ends the fence before its time (READER_ARGUMENTS in module_utils/toggle/arguments.py).
    READERS = r"""
options:
  fence:
    description:
      - What the fence between the two epochs waits for.
      - With V(acknowledged), until every reader of the states, in every region, has written that it has let go of the
        old epoch, or its task has STOPPED, and what they wrote last is seen in the regions that take over; at the most
        until nobody can act on it any more. It is the whole time where a region cannot be asked, where tasks run that
        do not register as readers, with O(drops), and without O(cluster).
      - With V(full), always the whole time.
      - V(reachable) is for a switch that is V(ungraceful), and does not wait for the regions that do not answer.
        Their tasks may have learnt nothing of it, so that two regions may process the same sale for a while, to the
        same bytes.
    type: str
    choices: [full, acknowledged, reachable]
    default: acknowledged
  cluster:
    description:
      - The ECS cluster, the same in every region, in which the services run whose tasks read the states. A task of a
        service that runs there and does not register is waited for by the time.
    type: str
"""
