# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    # The lakes (LAKE in module_utils/modules/shared_arguments/lake.py).
    DOCUMENTATION = r"""
options:
  lake:
    description:
      - Lakes whose objects S3 replicates from region to region.
      - M(multiregion.ecs.workload_status_info) tells how far each is behind. After a region was left behind,
        M(multiregion.ecs.region_switch) looks for its last objects in each region that answers, and puts them again
        where they are missing, each on condition that there is none. In a graceful switch nothing is looked for.
    type: list
    elements: dict
    default: []
    suboptions:
      table:
        description: Table of the sales. Its hash key is the text C(id).
        type: str
        required: true
      done_table:
        description: Table that has an item under the same C(id) once a sale has been processed.
        type: str
        required: true
      index:
        description: Index of O(lake[].done_table) that holds what each region has done, by time.
        type: str
        default: done
      bucket:
        description: Bucket of the objects. C({account}) and C({region}) stand for the account and the region.
        type: str
        required: true
      seconds:
        description: How much of the last work of a region that was left behind is looked for, in seconds.
        type: int
        default: 900
      timeout:
        description: Seconds after which the rest stays owed to the region.
        type: float
        default: 600.0
"""
