# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    # Options of a module that holds the lease (HOLDING_ARGUMENTS in module_utils/lease/arguments.py).
    DOCUMENTATION = r"""
options:
  lease_regions:
    description:
      - The regions in which the table of the lease has a replica. The region of its witness is none of them.
      - Either replica's endpoint will do. If none answers, nothing is changed.
      - Not needed if O(regions) names one region only; the lease is then kept there.
    type: list
    elements: str
  lease_table:
    description: Table of the lease and of its records. Default is C(<workload>-lease). Its hash key is the text C(id).
    type: str
  lease_duration:
    description: Seconds without a heartbeat after which others may take over the lease of this run.
    type: float
    default: 12.0
  lease_heartbeat:
    description: Seconds between heartbeats, at most half of O(lease_duration).
    type: float
    default: 3.0
  operator:
    description: Who runs this, for the record and for others who meet the lease. It decides nothing.
    type: str
  reason:
    description: Why, for the record and for others who meet the lease.
    type: str
"""

    # Options of a module that only looks at the lease (READING_ARGUMENTS in module_utils/lease/arguments.py).
    READING = r"""
options:
  lease_regions:
    description: The regions in which the table of the lease has a replica. The region of its witness is none of them.
    type: list
    elements: str
    required: true
  lease_table:
    description: Table of the lease and of its records. Default is C(<workload>-lease).
    type: str
"""
