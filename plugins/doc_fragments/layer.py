# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents the arguments that every module of this collection takes (`module_utils/run.py` states them)."""

from __future__ import annotations


class ModuleDocFragment:
    # Modules that make something: COMMON_ARGUMENTS
    DOCUMENTATION = r"""
options:
  workload:
    description:
      - Name of the workload the resources belong to, for instance V(sales).
      - It becomes the tag C(workload) of everything made, by which it is found again.
    type: str
    required: true
  state:
    description:
      - With V(present), what is described exists afterwards as described.
      - With V(absent), it does not exist afterwards.
    type: str
    choices: [present, absent]
    default: present
  tags:
    description:
      - Tags to set, besides C(workload) and C(region), which are always set.
      - A difference in tags is a planned change like any other.
    type: dict
    aliases: [resource_tags]
  purge_tags:
    description: Whether tags that are on a resource, and neither wanted here nor set by AWS, are removed.
    type: bool
    default: true
  wait:
    description:
      - Whether to wait until what was changed is ready for use.
      - What a later change of the same run needs is waited for in any case.
    type: bool
    default: true
  wait_timeout:
    description: Seconds after which waiting for one change is given up with an error.
    type: int
    default: 600
attributes:
  check_mode:
    description: Returns the plan and changes nothing. The run that follows makes exactly those changes.
    support: full
  diff_mode:
    description: Shows each planned change as what is and what will be.
    support: full
notes:
  - With a local connection the module runs inside the controller's own process, which saves the start of an
    interpreter for each task. The variable C(multiregion_in_process) set to V(false) turns that off.
"""

    # Modules that only read: INFO_ARGUMENTS
    INFO = r"""
options:
  workload:
    description: Name of the workload whose resources are read, for instance V(sales).
    type: str
    required: true
attributes:
  check_mode:
    description: Reading changes nothing, so check mode is the same.
    support: full
  diff_mode:
    description: There is never a difference.
    support: none
notes:
  - With a local connection the module runs inside the controller's own process, which saves the start of an
    interpreter for each task. The variable C(multiregion_in_process) set to V(false) turns that off.
"""
