# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    # The automatic scaling of ecs_service.
    DOCUMENTATION = r"""
options:
  scaling:
    description:
      - Automatic scaling of the desired count. Left out, the service has none, and what it had is removed.
    type: dict
    suboptions:
      min:
        description: Least number of tasks.
        type: int
        required: true
      max:
        description: Greatest number of tasks.
        type: int
        required: true
      cpu:
        description: Average CPU utilisation to keep, in percent.
        type: float
      memory:
        description: Average memory utilisation to keep, in percent.
        type: float
      requests:
        description: Requests per target and minute to keep. Needs O(scaling.load_balancer_arn).
        type: float
      load_balancer_arn:
        description: ARN of the application load balancer whose requests count, on the first of O(load_balancers).
        type: str
      queue:
        description:
          - Messages that wait in an SQS queue per running task, to keep. The running tasks are counted by Container
            Insights, which the cluster must have enabled.
        type: dict
        suboptions:
          name:
            description: Name of the queue.
            type: str
            required: true
          messages_per_task:
            description: How many messages may wait for each task.
            type: float
            required: true
      schedules:
        description:
          - Times at which minimum and maximum change. Others that the service has are removed.
          - A minimum and maximum that one of them has set is left alone.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the scheduled action.
            type: str
            required: true
          schedule:
            description: When, as C(cron(…\)), C(rate(…\)) or C(at(…\)).
            type: str
            required: true
          timezone:
            description: Time zone of the schedule.
            type: str
            default: UTC
          min:
            description: Least number of tasks from then on.
            type: int
            required: true
          max:
            description: Greatest number of tasks from then on.
            type: int
            required: true
      suspend_schedules:
        description:
          - Whether O(scaling.schedules) are kept, but set nothing for now. O(scaling.min) and O(scaling.max) hold then.
          - For a service that may not run for now. V(false) lets them set limits again, from their next time on.
        type: bool
        default: false
      scale_in_cooldown:
        description: Seconds between one removal of tasks and the next.
        type: int
        default: 300
      scale_out_cooldown:
        description: Seconds between one addition of tasks and the next.
        type: int
        default: 60
"""
