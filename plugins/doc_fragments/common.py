# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    # Options of every module that makes something (COMMON_ARGUMENTS in module_utils/kernel/run.py).
    DOCUMENTATION = r"""
options:
  workload:
    description:
      - Name of the workload. Every resource carries it in the tag C(workload), and is found again by it.
    type: str
    required: true
  state:
    description:
      - Whether the resources shall exist.
    type: str
    choices: [present, absent]
    default: present
  tags:
    description:
      - Further tags for every resource, beside C(workload) and C(region).
    type: dict
    aliases: [resource_tags]
  purge_tags:
    description:
      - Whether tags that are not asked for are removed.
    type: bool
    default: true
  adopt:
    description:
      - Whether to take over what exists under these names and does not carry this workload's name in its tag
        C(workload). Otherwise the task fails, and nothing is changed.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until what was made can be used.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for any one resource.
    type: int
    default: 600
notes:
  - A task that fails returns the changes that it had made as C(changes), and those that it had not as C(not_made).
  - If an endpoint of AWS did not answer, or with a fault of its own, the failure names it, and returns it as
    C(unreachable_service) and C(unreachable_region). A service with one endpoint for all regions has no region there.
attributes:
  check_mode:
    description: Returns the plan and changes nothing.
    support: full
  diff_mode:
    description: Prints each planned change.
    support: full
"""

    # Options of every module that only reads (INFO_ARGUMENTS in module_utils/kernel/run.py).
    INFO = r"""
options:
  workload:
    description:
      - Name of the workload.
    type: str
    required: true
notes:
  - If an endpoint of AWS did not answer, or with a fault of its own, the failure names it, and returns it as
    C(unreachable_service) and C(unreachable_region). A service with one endpoint for all regions has no region there.
attributes:
  check_mode:
    description: Changes nothing, ever.
    support: full
  diff_mode:
    description: Changes nothing, ever.
    support: N/A
"""
