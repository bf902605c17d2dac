#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_run_task
short_description: Run a task of Amazon ECS once, and tell what became of it
version_added: 0.1.0
description:
  - Runs tasks that belong to no service, such as migrations and one-off jobs, and follows them through PENDING and
    RUNNING to STOPPED. Each state, the addresses and the log lines of containers that use awslogs are printed as they
    come.
  - Fails if a task ends with another exit code than 0. The exit code and the last log lines are in the result.
  - With O(run_id) it is idempotent. The same run again, also one that was killed, watches the task that is there; one
    that has STOPPED is told as the result. ECS remembers a stopped task for an hour.
  - Check mode foretells whether tasks are started, and what of those that exist is known.
options:
  cluster:
    description: Name or ARN of the cluster.
    type: str
    required: true
  task_definition:
    description:
      - Family, C(family:revision) or ARN of what is run. Of a family alone, AWS takes the latest active revision.
      - Left out, it is the one that O(service) runs.
    type: str
  service:
    description:
      - Name of a service of O(cluster) that lends what is left out here, which is O(task_definition), O(network),
        O(launch_type) or O(capacity_provider_strategy), and O(platform_version).
    type: str
  run_id:
    description:
      - Names the run, such as V(migration-42). The same name with the same parameters is the same run, so its tasks
        are started once. With other parameters it is refused.
      - Left out, each execution of the module is another run.
      - "At most 200 letters, digits, blanks and C(_ . : / = + @ -)."
    type: str
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
            description:
              - Name of the container. Left out, it is the first essential one.
              - The exit code of the first container named here counts as that of the task; otherwise that of the first
                essential one.
            type: str
          command:
            description: Its command as a list of words. A text is split into words as a shell does, and no shell runs.
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
        description: Whether the tasks get a public IP address. It is returned as long as they run.
        type: bool
        default: false
  count:
    description: How many tasks are started, 1 to 10.
    type: int
    default: 1
  launch_type:
    description: On what they run. Give this or O(capacity_provider_strategy), or leave it to the cluster's default.
    type: str
    choices: [FARGATE, EC2, EXTERNAL]
  platform_version:
    description: Fargate platform version. Left out, the latest.
    type: str
  group:
    description: Name of a group of tasks. Left out, it is made of the family.
    type: str
  enable_execute_command:
    description: Whether C(ecs execute-command) works in them. The task role needs permissions for it.
    type: bool
    default: false
  propagate_tags:
    description: Whether the tasks get the tags of their task definition as well.
    type: str
    choices: [TASK_DEFINITION, NONE]
    default: NONE
  until:
    description: How far the tasks are waited for. One that has ended has been RUNNING.
    type: str
    choices: [RUNNING, STOPPED]
    default: STOPPED
  keep:
    description:
      - Whether tasks go on when they have come as far as O(until) says, or have not within O(wait_timeout).
      - If not, they are stopped then. What they end with is no failure.
    type: bool
    default: true
  retry_failed:
    description: Whether a run that failed is tried again. Otherwise its failure is told again.
    type: bool
    default: false
  unless_deployed:
    description:
      - Name of a service that the run comes before. If the service already has the revision O(task_definition), nothing
        is run.
    type: str
  log_lines:
    description: How many of the last log lines of each container are returned.
    type: int
    default: 20
extends_documentation_fragment:
  - multiregion.ecs.common
  - multiregion.ecs.capacity_provider_strategy
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - O(state=absent) stops the tasks of O(run_id) that have not ended, and fails for none that has.
  - O(purge_tags) has no effect; tasks get their tags when they are started.
  - O(wait_timeout) is how long the tasks may take altogether. Raise it for long jobs.
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Migrate the database with the image of the service, once for this release
  multiregion.ecs.ecs_run_task:
    workload: sales
    region: sa-east-1
    cluster: sales
    service: sales-api
    run_id: migrate-{{ release }}
    overrides:
      containers:
        - command: python -m sales_api.migrate --all
          environment: {LOG_LEVEL: debug}
    wait_timeout: 1800

- name: Run three reports on Fargate Spot
  multiregion.ecs.ecs_run_task:
    workload: sales
    region: sa-east-1
    cluster: sales
    task_definition: sales-report
    count: 3
    capacity_provider_strategy:
      - {capacity_provider: FARGATE_SPOT}
    network:
      subnets: [subnet-0a1b2c3d4e5f60718]
      security_groups: [sg-0a1b2c3d4e5f60718]

- name: See that an image starts, read its first lines, and stop it
  multiregion.ecs.ecs_run_task:
    workload: mysfits
    region: us-east-1
    cluster: mysfits
    task_definition: mysfits-monolith:1
    launch_type: FARGATE
    network:
      subnets: [subnet-0a1b2c3d4e5f60718]
      assign_public_ip: true
    until: RUNNING
    keep: false

- name: Stop what is left of a run
  multiregion.ecs.ecs_run_task:
    workload: sales
    region: sa-east-1
    cluster: sales
    run_id: migrate-17
    state: absent
"""

RETURN = r"""
exit_code:
  description: The first exit code that is not 0, otherwise 0. Null if a task failed without one.
  returned: O(until=STOPPED), or failure
  type: int
  sample: 0
tasks:
  description: What became of each task. Returned in failures, too.
  returned: state is present
  type: list
  elements: dict
  contains:
    task:
      description: Id of the task.
      type: str
      sample: 0123456789abcdef0123456789abcdef
    task_arn:
      description: ARN of the task.
      type: str
      sample: arn:aws:ecs:sa-east-1:123456789012:task/sales/0123456789abcdef0123456789abcdef
    task_definition_arn:
      description: ARN of the revision that it runs.
      type: str
      sample: arn:aws:ecs:sa-east-1:123456789012:task-definition/sales-api:7
    last_status:
      description: Its state.
      type: str
      sample: STOPPED
    private_address:
      description: Its private IP address.
      type: str
      sample: 10.10.3.17
    public_address:
      description: Its public IP address, while it is RUNNING.
      type: str
      sample: 203.0.113.17
    exit_code:
      description: Exit code of the container that counts.
      type: int
      sample: 3
    exit_codes:
      description: Exit codes of all containers, by name.
      type: dict
      sample: {sales-api: 3}
    reasons:
      description: What ECS says of single containers, by name.
      type: dict
      sample: {}
    stop_code:
      description: What kind of end it was.
      type: str
      sample: EssentialContainerExited
    stopped_reason:
      description: Why it stopped.
      type: str
      sample: Essential container in task exited
    log_lines:
      description: The last lines of each container, by name.
      type: dict
      sample: {sales-api: [cannot connect to the database]}
counted_container:
  description: Name of the container whose exit code counts.
  returned: state is present, and tasks were run
  type: str
  sample: sales-api
not_run_because:
  description: Why nothing was run, with O(unless_deployed).
  returned: nothing was run
  type: str
  sample: service sales-api runs sales-api:7, so this was run before
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: ecs_task_run
      name: migrate-17
      region: sa-east-1
      before:
      after: {task_definition: "sales-api:7", count: 1, reaches: STOPPED}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 12
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_run_task import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
