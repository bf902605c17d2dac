#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_schedules
short_description: Run tasks of Amazon ECS by schedules, in one region
version_added: 0.1.0
description:
  - Manages one group of EventBridge Scheduler, whose schedules run tasks of ECS. Schedules of the group that are not
    listed are removed.
  - All of them are enabled, or none, so that a workload's jobs run only where its region is ACTIVE. The module
    M(multiregion.ecs.region_switch) changes that when the workload moves.
  - A run that AWS could not start is not made up for.
options:
  group:
    description: Name of the group. Left out, it is O(workload).
    type: str
  cluster:
    description: Name or ARN of the cluster that the tasks run in.
    type: str
  role_arn:
    description:
      - ARN of the role with which EventBridge Scheduler starts them. It must trust C(scheduler.amazonaws.com), and
        allow C(ecs:RunTask) on the task definitions and C(iam:PassRole) on their roles.
    type: str
  enabled:
    description: Whether the schedules run anything.
    type: bool
    default: true
  schedules:
    description: The schedules.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the schedule.
        type: str
        required: true
      cron:
        description: >-
          When, as six fields, which are minutes, hours, day of month, month, day of week and year, such as
          V(0 3 * * ? *). Give this, O(schedules[].rate) or O(schedules[].at).
        type: str
      rate:
        description: How often, such as V(5 minutes).
        type: str
      at:
        description: When once, as a local time such as V(2030-01-31T04:00:00).
        type: str
      timezone:
        description: The time zone of O(schedules[].cron) and O(schedules[].at).
        type: str
        default: UTC
      task_definition:
        description: Family, C(family:revision) or ARN. Of a family alone, the latest active revision at that time runs.
        type: str
        required: true
      overrides:
        description: What the tasks have otherwise than their task definition says.
        type: dict
        suboptions:
          containers:
            description: What containers have otherwise.
            type: list
            elements: dict
            default: []
            suboptions:
              name:
                description: Name of the container. It is required here.
                type: str
              command:
                description: Its command as a list of words. A text is split into words as a shell does.
                type: raw
              environment:
                description: Further environment variables, by name.
                type: dict
                default: {}
              cpu:
                description: Its CPU units.
                type: int
              memory:
                description: Its hard limit of memory in MiB.
                type: int
              memory_reservation:
                description: Its soft limit of memory in MiB.
                type: int
          cpu:
            description: CPU of the whole task, such as V(512) or V(.5 vcpu).
            type: str
          memory:
            description: Memory of the whole task, such as V(1024) or V(1 GB).
            type: str
          task_role_arn:
            description: ARN of the role that its containers have.
            type: str
          execution_role_arn:
            description: ARN of the role with which ECS starts it.
            type: str
          ephemeral_storage_gib:
            description: Size of its ephemeral storage, 21 to 200 GiB.
            type: int
      network:
        description: Where the tasks are. Required by network mode awsvpc, which is that of Fargate.
        type: dict
        suboptions:
          subnets:
            description: IDs of subnets.
            type: list
            elements: str
            required: true
          security_groups:
            description: IDs of security groups. Left out, AWS takes the default one of the VPC.
            type: list
            elements: str
            default: []
          assign_public_ip:
            description: Whether the tasks get a public IP address.
            type: bool
            default: false
      count:
        description: How many tasks each time, 1 to 10.
        type: int
        default: 1
      launch_type:
        description: On what they run. Give this or O(schedules[].capacity_provider_strategy).
        type: str
        choices: [FARGATE, EC2, EXTERNAL]
      capacity_provider_strategy:
        description: On which capacity providers they run.
        type: list
        elements: dict
        suboptions:
          capacity_provider:
            description: Name of the capacity provider.
            type: str
            required: true
          weight:
            description: Share of the tasks beyond the base, relative to the other weights; 0 to 1000.
            type: int
            default: 1
          base:
            description: Tasks that run there before weights count; at most one provider may have a base.
            type: int
            default: 0
      platform_version:
        description: Fargate platform version. Left out, the latest.
        type: str
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Close the books every night at three, where the region is ACTIVE
  multiregion.ecs.ecs_schedules:
    workload: sales
    region: sa-east-1
    cluster: sales
    role_arn: arn:aws:iam::123456789012:role/sales-schedules-sa-east-1
    enabled: "{{ states['sa-east-1'] == 'ACTIVE' }}"
    schedules:
      - name: close-books
        cron: 0 3 * * ? *
        timezone: America/Sao_Paulo
        task_definition: sales-api
        overrides:
          containers:
            - name: sales-api
              command: python -m sales_api.close
        launch_type: FARGATE
        network:
          subnets: [subnet-0a1b2c3d4e5f60718]
          security_groups: [sg-0a1b2c3d4e5f60718]

- name: Remove the group and its schedules
  multiregion.ecs.ecs_schedules:
    workload: sales
    region: sa-east-1
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: schedule
      name: sales/close-books
      region: sa-east-1
      before: {enabled: true}
      after: {enabled: false}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 4
group_arn:
  description: ARN of the group.
  returned: state is present
  type: str
  sample: arn:aws:scheduler:sa-east-1:123456789012:schedule-group/sales
schedules:
  description: The schedules, by name.
  returned: state is present
  type: dict
  sample:
    close-books:
      arn: arn:aws:scheduler:sa-east-1:123456789012:schedule/sales/close-books
      enabled: true
      expression: cron(0 3 * * ? *)
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_schedules import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
