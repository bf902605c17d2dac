# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    # What a switch is told of the ways by which traffic comes to the regions.
    DOCUMENTATION: str = r"""
options:
  accelerator:
    description:
      - Name of the Global Accelerator whose dials are moved, to 100 for a region that became C(ACTIVE) and to 0 for one
        that became C(PASSIVE). The dials of other regions stay. Without it and without O(dns) no traffic is moved.
    type: str
  dns:
    description:
      - Weighted records in a Route 53 hosted zone whose weights are moved, like the dials of O(accelerator). The set
        identifier of each record is its region. All weights move in one change.
    type: dict
    suboptions:
      zone:
        description: Id or name of the hosted zone. Default is the public zone of the account nearest to the names.
        type: str
      names:
        description: Names of the records.
        type: list
        elements: str
        required: true
      gate:
        description:
          - Whether the readiness of the regions moves the traffic, because their records are bound to health checks.
            V(first) moves no weight at all, and calls no control plane; the traffic then follows after the grant. With
            V(fallback) it is waited for when the control plane of Route 53 does not answer.
        type: str
        choices: [none, fallback, first]
        default: none
      health_check:
        description: The health checks that the records are bound to, as M(multiregion.ecs.api_gateway) makes them.
        type: dict
        suboptions:
          path:
            description: What they ask for. The public name is asked for it too, to see where it leads.
            type: str
            required: true
          interval:
            description: Seconds between the requests of one checker.
            type: int
            required: true
          failure_threshold:
            description: Requests in a row that change what a checker thinks.
            type: int
            required: true
  public_name:
    description:
      - Name that O(proof) and the health gate ask, or a URL without a path, such as V(https://api.example.com). Default
        is that of O(accelerator).
    type: str
  ca_file:
    description: Certificates of authorities to trust, instead of the system's, with an C(https) URL.
    type: path
  connect_to:
    description: Where to connect instead of to the public name, as C(host:port). For the embedded cloud.
    type: str
"""
