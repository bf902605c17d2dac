# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

SUBOPTIONS = r"""
    type: list
    elements: dict
    default: []
    suboptions:
      cluster:
        description: Name of the cluster.
        type: str
        required: true
      name:
        description: Name of the service. Two services must not have the same one, even in different clusters.
        type: str
        required: true
"""


class ModuleDocFragment:
    # SERVICE_NAMES in module_utils/services/service_names.py. The fragment `readiness` has it too.
    # Annotated, because ansible-test takes every plain assignment here for one literal text.
    DOCUMENTATION: str = (
        r"""
options:
  services:
    description: ECS services to read.
"""
        + SUBOPTIONS
    )
