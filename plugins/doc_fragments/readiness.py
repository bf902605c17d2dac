# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from textwrap import indent

from ansible_collections.multiregion.ecs.plugins.doc_fragments.service_names import SUBOPTIONS


class ModuleDocFragment:
    """The option `readiness`: what a region needs to take over."""

    DOCUMENTATION: str = (
        r"""
options:
  readiness:
    description: What a region needs to take over. What is not named is not checked.
    type: dict
    suboptions:
      services:
        description:
          - ECS services that must run, with the same images as in the region they take over from.
"""
        + indent(SUBOPTIONS, "    ")
        + r"""
      target_groups:
        description: Target groups that must have targets, all of them healthy.
        type: list
        elements: str
        default: []
      queues:
        description:
          - Queues that must exist, with a dead-letter queue where the other region has one. The depth of both is told.
        type: list
        elements: str
        default: []
      topics:
        description:
          - Topics that must exist. Those of O(readiness.queues) that subscribe to one in any region must do so in its
            own region and across.
        type: list
        elements: str
        default: []
      tables:
        description: Global tables that must be C(ACTIVE), with an C(ACTIVE) replica in the other region.
        type: list
        elements: str
        default: []
      buckets:
        description:
          - Buckets that must exist. C({account}) and C({region}) stand for the account and the region.
          - One that is replicated one way must be replicated the other way too.
        type: list
        elements: str
        default: []
      alarms:
        description:
          - CloudWatch alarms that must exist and not be on where the work moves to, at most 100. C({region}) in a name
            stands for the region. Too little data for a state fails no check.
        type: list
        elements: str
        default: []
      alarms_prefix:
        description:
          - How the names of alarms begin that are told if they are on, in any of the regions, and stop nothing.
            C({region}) stands for the region.
        type: str
      capacity_percentage:
        description:
          - How many tasks of each service a region must run, in percent of what the busiest other region runs or is
            scaling to. Counts are rounded up. While no other region tells, it is one task at least.
        type: int
        default: 100
      capacity_wait:
        description: Seconds to wait for tasks that were added.
        type: float
        default: 300.0
      lag:
        description: How long a write in one region may take to be seen in the other, measured with a marker item.
        type: dict
        suboptions:
          table:
            description: Global table that takes the marker.
            type: str
            required: true
          key:
            description: Its hash key, a text. It must have no range key.
            type: str
            default: id
          ttl_attribute:
            description: Its time-to-live attribute, so that a marker that was left behind expires.
            type: str
          threshold:
            description: The most that is accepted, in seconds.
            type: float
            default: 5.0
          timeout:
            description: How long to look for the marker, in seconds.
            type: float
            default: 15.0
      quotas:
        description:
          - Whether to compare what would run with the quotas of Fargate vCPU and of tasks per service. A quota that is
            not known fails no check.
        type: bool
        default: true
      fargate_fallback:
        description: Whether the capacity provider strategy of a Fargate service must name both Fargate and its Spot.
        type: bool
        default: false
"""
    )
