# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    # What is published again (RECONCILE in module_utils/modules/shared_arguments/reconcile.py).
    DOCUMENTATION = r"""
options:
  reconcile:
    description: What to publish again until it has been processed, from each region that is asked.
    type: list
    elements: dict
    default: []
    suboptions:
      table:
        description: Table of the items. Its hash key is the text C(id).
        type: str
        required: true
      topic:
        description: Name of the SNS topic to publish them on, in the region in which they were found.
        type: str
        required: true
      index:
        description: Sparse index that holds the items that nobody has processed.
        type: str
        default: unprocessed
      hash_attribute:
        description: Hash key of the index. It is left out of what is published.
        type: str
        default: unprocessed
      hash_value:
        description: How the values of O(reconcile[].hash_attribute) begin. Items with just this value are found too.
        type: str
        default: 'yes'
      shards:
        description:
          - Among how many further values the items are spread, C(yes#0), C(yes#1) and so on. They are read together.
          - With V(0) there is only the one value. DynamoDB writes about 1,000 items a second under each.
        type: int
        default: 16
      range_attribute:
        description: Range key of the index, in unix seconds.
        type: str
        default: timestamp
      done_attribute:
        description: Boolean attribute that is true once an item has been processed.
        type: str
        default: sale_processed
      scan:
        description:
          - Whether to scan the table instead of reading the index, for an image that does not write its attribute.
            It reads what was written since the last completed reconciliation, and one hour before it.
        type: bool
        default: false
      done_table:
        description:
          - With O(reconcile[].scan), a table that has an item under the same C(id) once an item has been processed, for
            an image that does not mark it.
        type: str
      minimum_age:
        description:
          - Seconds. Younger items are left alone, because their own publish may be on its way.
          - In a switch that measured the lag, twice the lag and a second are enough, if that is less.
        type: float
        default: 10.0
      timeout:
        description: Seconds after which the rest stays owed to the region.
        type: float
        default: 600.0
"""
