# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The option `readiness`: what a region needs to take over."""

    DOCUMENTATION = r"""
options:
  readiness:
    description: What a region needs to take over. What is not named is not checked.
    type: dict
    suboptions:
      services:
        description: ECS services that must run, with the same images as in the region they take over from.
        type: list
        elements: dict
        default: []
        suboptions:
          cluster:
            description: Name of the cluster.
            type: str
            required: true
          name:
            description: Name of the service.
            type: str
            required: true
      target_groups:
        description: Target groups whose targets must be healthy.
        type: list
        elements: str
        default: []
      queues:
        description: Queues that must exist. Their depth, and that of their dead-letter queues, is told.
        type: list
        elements: str
        default: []
      topics:
        description: Topics that must exist, with the same subscribers in every region.
        type: list
        elements: str
        default: []
      tables:
        description: Global tables whose replica must be C(ACTIVE).
        type: list
        elements: str
        default: []
      buckets:
        description: Buckets that must exist. C({account}) and C({region}) stand for the account and the region.
        type: list
        elements: str
        default: []
      capacity_percentage:
        description: How many tasks of each service a region must run, in percent of what the other region runs.
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
            description: Its hash key, a text.
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
        description: Whether to compare the account's Fargate quotas with what would run.
        type: bool
        default: true
      fargate_fallback:
        description: Whether every service must be able to run on Fargate and on Fargate Spot.
        type: bool
        default: false
"""
