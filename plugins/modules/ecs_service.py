#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_service
short_description: Deploy, scale and remove an ECS service, and wait until a deployment is finished
version_added: 0.1.0
description:
  - Makes a service run a revision of a task definition, and waits until the deployment is finished, which means that
    its rollout is C(COMPLETED) and no other deployment is left.
  - A deployment that fails, or that the circuit breaker rolled back, is a failure; the error carries the reasons of the
    stopped tasks, exit codes and the service's last events.
  - A run that was interrupted while a deployment was under way is completed by running it again.
  - With O(strategy=recreate) the old tasks have stopped before a new one starts, and the former revision comes back by
    itself if the new one does not become healthy.
  - A task definition that mounts a writable EFS volume in a container with the Docker label
    C(multiregion.ecs.single-writer=true) is deployed with O(strategy=recreate) and one task only.
  - With O(state=absent) the service is scaled to 0 and deleted, and its scaling policies with it. The module ends when
    the last task has C(STOPPED), which is later than the service is C(INACTIVE).
options:
  cluster:
    description: Name or ARN of the cluster.
    type: str
    required: true
  name:
    description: Name of the service.
    type: str
    required: true
  task_definition:
    description:
      - ARN, or C(family:revision), of the task definition. Required with O(state=present).
      - A bare family is refused, because what it means changes with every registration.
    type: str
  desired_count:
    description:
      - How many tasks to run. With O(scaling) it is where a new service starts, and the count is left alone as long as
        it lies between minimum and maximum.
      - Left out, a new service starts with 1 (or the minimum of O(scaling)), and an existing count is left alone.
    type: int
  launch_type:
    description:
      - What the tasks run on. Left out, O(capacity_provider_strategy), or else the cluster's default strategy.
      - Cannot be changed in place.
    type: str
    choices: [FARGATE, EC2, EXTERNAL]
  platform_version:
    description: Fargate platform version, such as V(LATEST) or V(1.4.0), which is the first with EFS.
    type: str
  placement_constraints:
    description:
      - Which EC2 instances tasks may run on; up to 10. Not on Fargate.
      - A change applies to tasks that start afterwards; it starts no deployment.
      - Left out, they are left alone; an empty list removes them.
    type: list
    elements: dict
    version_added: 0.2.0
    suboptions:
      type:
        description:
          - V(distinctInstance) puts each task on an instance of its own.
          - V(memberOf) takes only instances that fulfil the O(placement_constraints[].expression).
        type: str
        choices: [distinctInstance, memberOf]
        required: true
      expression:
        description: An expression of the cluster query language, for V(memberOf), up to 2000 characters.
        type: str
  placement_strategy:
    description:
      - How ECS chooses among the EC2 instances, in order of importance; up to 5 rules. Not on Fargate.
      - A change applies to tasks that start afterwards; it starts no deployment.
      - Left out, it is left alone; an empty list removes it.
    type: list
    elements: dict
    version_added: 0.2.0
    suboptions:
      type:
        description:
          - V(spread) distributes tasks evenly over the values of O(placement_strategy[].field).
          - V(binpack) fills the instance that has the least of O(placement_strategy[].field) left.
          - V(random) chooses any.
        type: str
        choices: [random, spread, binpack]
        required: true
      field:
        description:
          - For V(spread), C(instanceId) or an attribute such as C(attribute:ecs.availability-zone).
          - For V(binpack), C(cpu) or C(memory).
        type: str
  network:
    description: Where tasks with network mode C(awsvpc) are attached.
    type: dict
    suboptions:
      subnets:
        description: IDs of subnets.
        type: list
        elements: str
        required: true
      security_groups:
        description: IDs of security groups. Left out, the default group of the VPC.
        type: list
        elements: str
        default: []
      assign_public_ip:
        description: Whether tasks get a public IP address.
        type: bool
        default: false
  load_balancers:
    description: Target groups that the tasks are registered in. A listener must already use each of them.
    type: list
    elements: dict
    default: []
    suboptions:
      target_group_arn:
        description: ARN of the target group.
        type: str
        required: true
      container_name:
        description: Name of the container.
        type: str
        required: true
      container_port:
        description: Port of the container.
        type: int
        required: true
      shift:
        description: How ECS moves traffic, with V(blue_green), V(canary) and V(linear) as O(strategy).
        type: dict
        suboptions:
          alternate_target_group_arn:
            description: ARN of the second target group. Old and new tasks alternate between the two.
            type: str
            required: true
          production_listener_rule:
            description: ARN of the listener's rule whose traffic moves; of a network load balancer, the listener.
            type: str
            required: true
          test_listener_rule:
            description: ARN of the rule for testing the new tasks before traffic moves.
            type: str
          role_arn:
            description: ARN of the role that lets ECS change the load balancer.
            type: str
            required: true
  service_registries:
    description: Services of AWS Cloud Map that the tasks are registered in. A change starts a new deployment.
    type: list
    elements: dict
    default: []
    suboptions:
      registry_arn:
        description: ARN of the Cloud Map service.
        type: str
        required: true
      port:
        description: Port to register, if the Cloud Map service has SRV records and no container port is given.
        type: int
      container_name:
        description: Name of the container, together with O(service_registries[].container_port).
        type: str
      container_port:
        description: Port of the container.
        type: int
  service_connect:
    description:
      - How the tasks find others, and are found, through Service Connect. A change starts a new deployment.
      - Left out, it is left alone.
    type: dict
    suboptions:
      enabled:
        description: Whether Service Connect is used.
        type: bool
        default: true
      namespace:
        description: Name or ARN of the Cloud Map namespace. Left out, the cluster's default.
        type: str
      services:
        description: Ports under which others reach the tasks. A service that is only a client has none.
        type: list
        elements: dict
        default: []
        suboptions:
          port_name:
            description: Name of the port mapping in the task definition.
            type: str
            required: true
          discovery_name:
            description: Name in the namespace. Left out, the port's name.
            type: str
          client_aliases:
            description: Names and ports under which clients reach it.
            type: list
            elements: dict
            default: []
            suboptions:
              port:
                description: Port that clients use.
                type: int
                required: true
              dns_name:
                description: Name that clients use.
                type: str
          ingress_port_override:
            description: Port that the proxy listens on, if the default must not be used.
            type: int
  health_check_grace_period:
    description: Seconds after a task's start in which failing health checks of load balancers do not count.
    type: int
  availability_zone_rebalancing:
    description: Whether ECS moves tasks between zones to keep them even. Left out, AWS decides (C(ENABLED) on create).
    type: str
    choices: [ENABLED, DISABLED]
  enable_execute_command:
    description: Whether C(ecs execute-command) works in new tasks. The task role needs permissions for it.
    type: bool
    default: false
  propagate_tags:
    description: Where tasks get their tags from.
    type: str
    choices: [SERVICE, TASK_DEFINITION, NONE]
    default: SERVICE
  enable_ecs_managed_tags:
    description: Whether ECS tags tasks with the names of cluster and service.
    type: bool
    default: true
  force_new_deployment:
    description:
      - Whether to replace all tasks although nothing differs. Every such run is a change.
      - Makes no second deployment when the run deploys anyway.
    type: bool
    default: false
  keep_forwarded:
    description:
      - Whether the service stays in target groups that O(load_balancers) does not name any more, as long as a listener
        or a rule forwards to them. Otherwise their requests would find nobody. They are told in
        RV(kept_target_groups), and left in the next run after nothing forwards to them.
      - Means nothing with O(strategy=recreate) and with strategies that shift traffic.
    type: bool
    default: false
  force:
    description: With O(state=absent), whether to delete the service without scaling it to 0 first.
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.common
  - multiregion.ecs.capacity_provider_strategy
  - multiregion.ecs.service_deployment
  - multiregion.ecs.service_scaling
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Run the sales API behind its target group
  multiregion.ecs.ecs_service:
    workload: sales
    region: sa-east-1
    cluster: sales
    name: sales-api
    task_definition: "{{ taskdef.task_definition_arn }}"
    desired_count: 2
    launch_type: FARGATE
    network:
      subnets: [subnet-0a1b2c3d4e5f60718, subnet-1b2c3d4e5f6071829]
      security_groups: [sg-0a1b2c3d4e5f60718]
    load_balancers:
      - target_group_arn: "{{ balancer.target_groups['sales-api'] }}"
        container_name: sales-api
        container_port: 8080
    health_check_grace_period: 30
    scaling: {min: 2, max: 10, cpu: 60}

- name: Deploy a database with its files on EFS, which must never run twice
  multiregion.ecs.ecs_service:
    workload: goals
    region: us-east-1
    cluster: goals
    name: goals
    task_definition: "{{ taskdef.task_definition_arn }}"
    desired_count: 1
    launch_type: FARGATE
    network:
      subnets: [subnet-0a1b2c3d4e5f60718]
      security_groups: [sg-0a1b2c3d4e5f60718]
    strategy: recreate
    deployment: {healthy_within: 120}

- name: Move a tenth of the traffic first, and the rest five minutes later
  multiregion.ecs.ecs_service:
    workload: sales
    region: sa-east-1
    cluster: sales
    name: sales-api
    task_definition: "{{ taskdef.task_definition_arn }}"
    launch_type: FARGATE
    network:
      subnets: [subnet-0a1b2c3d4e5f60718]
      security_groups: [sg-0a1b2c3d4e5f60718]
    strategy: canary
    deployment:
      canary: {percent: 10, bake_minutes: 5}
      bake_minutes: 15
    wait_timeout: 1800
    load_balancers:
      - target_group_arn: "{{ balancer.target_groups['blue'] }}"
        container_name: sales-api
        container_port: 8080
        shift:
          alternate_target_group_arn: "{{ balancer.target_groups['green'] }}"
          production_listener_rule: "{{ rule_arn }}"
          role_arn: arn:aws:iam::123456789012:role/ecs-load-balancers

- name: Run on EC2 instances with SSDs, even across zones, on as few instances as possible in each
  multiregion.ecs.ecs_service:
    workload: sales
    region: sa-east-1
    cluster: sales
    name: sales-report
    task_definition: "{{ taskdef.task_definition_arn }}"
    capacity_provider_strategy:
      - capacity_provider: sales-instances
    placement_constraints:
      - type: memberOf
        expression: attribute:disk == ssd
    placement_strategy:
      - {type: spread, field: "attribute:ecs.availability-zone"}
      - {type: binpack, field: memory}

- name: Remove the service
  multiregion.ecs.ecs_service:
    workload: sales
    region: sa-east-1
    cluster: sales
    name: sales-api
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
      kind: ecs_service
      name: sales/sales-api
      region: sa-east-1
      before: {"task_definition": "arn:aws:ecs:sa-east-1:123456789012:task-definition/sales-api:6"}
      after: {"task_definition": "arn:aws:ecs:sa-east-1:123456789012:task-definition/sales-api:7"}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 3
service_arn:
  description: ARN of the service.
  returned: when O(state=present)
  type: str
  sample: arn:aws:ecs:sa-east-1:123456789012:service/sales/sales-api
kept_target_groups:
  description: ARNs of the target groups that are kept because of O(keep_forwarded).
  returned: when O(state=present)
  type: list
  elements: str
  sample: []
service_name:
  description: Name of the service.
  returned: when O(state=present)
  type: str
  sample: sales-api
cluster:
  description: The cluster as given.
  returned: when O(state=present)
  type: str
  sample: sales
task_definition:
  description: ARN of the task definition that the service runs.
  returned: when O(state=present)
  type: str
  sample: arn:aws:ecs:sa-east-1:123456789012:task-definition/sales-api:7
desired_count:
  description: How many tasks ECS keeps running.
  returned: when O(state=present)
  type: raw
  sample: 2
running_count:
  description: How many tasks run when the module ends.
  returned: when O(state=present)
  type: raw
  sample: 2
deployment_id:
  description: ID of the primary deployment.
  returned: when O(state=present)
  type: str
  sample: ecs-svc/1234567890123456789
downtime_seconds:
  description:
    - How long nothing served, from scaling to 0 until ECS called the deployment finished; 0 if nothing was deployed.
    - After an interrupted run it counts from the start of that run. It is returned on failure too.
  returned: when O(strategy=recreate)
  type: raw
  sample: 5.4
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
