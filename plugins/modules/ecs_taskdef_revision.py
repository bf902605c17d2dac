#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_taskdef_revision
short_description: Register a revision of a task definition when something meaningful differs
version_added: 0.1.0
description:
  - Compares what is asked for with the latest active revision of the family, and registers a new revision only if they
    differ in meaning. Defaults that AWS fills in, and the order of lists that AWS treats as sets, make no difference.
  - A revision can be made from an existing one (O(base)), so that only the changes have to be given; and an
    existing one can be returned to deploy it again (O(revision)), without registering anything.
  - Values of environment variables whose names look secret, values that look like keys, URLs with a password in them
    and secrets in commands are masked wherever a plan, a change or an error is shown. So is the name of a secret or
    parameter (C(valueFrom)) that is not an ARN, because the secret itself may have been typed in its place.
  - The definition is validated before any call to AWS, and all findings are reported at once. O(verify) also checks
    that what it refers to exists.
  - Names inside O(containers), O(volumes) and the other structures are those of C(RegisterTaskDefinition). They may be
    written in snake case (C(port_mappings)), which is how this collection writes them, or as AWS writes them
    (C(portMappings)), so that existing definitions can be pasted.
  - With O(state=absent) all active revisions of the family are deregistered.
options:
  family:
    description: Family of the task definition. Taken from O(definition) or O(base) if it is left out.
    type: str
  definition:
    description:
      - A whole task definition in the form of C(RegisterTaskDefinition), or as C(DescribeTaskDefinition) returned it;
        what only AWS can set is ignored. The other options take precedence over its parts.
      - Everything that C(RegisterTaskDefinition) of the installed botocore accepts can be given here.
      - With O(base) it may hold parts of a definition only.
    type: dict
  base:
    description:
      - Revision to make the wanted one from. V(latest) is the latest active revision of O(family); any other is named
        C(family:number).
      - Everything is kept but what is given. O(containers) are merged by C(name), and in them C(environment) and
        C(secrets) by C(name) and C(mount_points) by C(container_path); O(volumes) are merged by C(name). Anything else
        that is given replaces what was there.
      - A null value removes an environment variable or a secret; a null C(source_volume) removes a mount point. A
        variable that is given as a secret is no longer an environment variable, and the other way round.
      - A container that the base does not have is an error.
      - Tags of the base are kept.
    type: str
  revision:
    description:
      - Returns an existing active revision, for instance to deploy it again after a failure; nothing is registered or
        changed. V(previous) is the one before the latest active one; any other is given by its number.
      - Only O(family) may be given with it.
    type: str
  pin_images:
    description:
      - Name images that are in ECR by digest instead of by tag, so that a revision always runs the same image. The
        digest is that of the tag at the time of the run.
      - Images that are not in a private ECR registry stay as they are.
    type: bool
    default: false
  verify:
    description:
      - Whether to make sure, before a revision is registered, that its tasks could run. All findings come at once, and
        nothing is registered if there are any. When nothing is to be registered, nothing is checked.
      - Images in ECR (with tag or digest) exist; images elsewhere are not looked at. Roles exist, and ECS may assume
        them. Secrets, parameters and the credentials of registries exist; they are not read, and a name that leads to
        none is not shown. Log groups exist, or C(awslogs-create-group) is set and the execution role may create them.
        EFS file systems, access points and mount targets exist.
      - In check mode findings are only returned, because what an earlier task would have made is not there.
    type: bool
    default: false
  verify_for:
    description: Settings of the service that will run the revision, for more checks.
    type: dict
    suboptions:
      subnets:
        description: Subnets of the service. File systems need a mount target in the Availability Zone of each.
        type: list
        elements: str
      load_balancers:
        description: Load balancers of the service.
        type: list
        elements: dict
        suboptions:
          target_group_arn:
            description: Target group. It exists, its targets are of the right type, and its port is a container's.
            type: str
            required: true
          container_name:
            description: Container that receives the traffic. Left out, any container of the task.
            type: str
          container_port:
            description: Port of the container. It is mapped.
            type: int
  image_scan:
    description:
      - Whether what ECR's scans found in images prevents a revision. Only images that the latest revision does not have
        count, and only those in ECR. A scan that is under way is waited for before the revision is registered.
      - In check mode findings are only returned.
    type: dict
    suboptions:
      stops_at:
        description: The severity from which on a finding prevents it.
        type: str
        choices: [CRITICAL, HIGH, MEDIUM, LOW]
        required: true
      accepts:
        description: Findings that prevent nothing, by name, such as C(CVE-2026-1234).
        type: list
        elements: str
        default: []
      required:
        description: Whether an image without a result prevents it too.
        type: bool
        default: true
      timeout:
        description: For how many seconds a scan that is under way is waited for.
        type: float
        default: 600.0
  prune:
    description:
      - Deregister old revisions of the family. Those that a service (in any of its deployments) or a task uses stay, in
        whatever cluster they are, and so does the one that a service with strategy V(recreate) goes back to. Schedules
        and pipelines that name a revision are not seen.
    type: dict
    suboptions:
      keep:
        description: How many active revisions stay, the newest first, with the one that is wanted. With V(2) or more
          there is one to go back to.
        type: int
        required: true
      delete:
        description: Delete them too, and those that were deregistered before.
        type: bool
        default: false
  cpu:
    description:
      - CPU of the task, in units (V(256)) or vCPUs (V(.25 vcpu)). Required on Fargate.
    type: str
  memory:
    description:
      - Memory of the task, in MiB (V(512)) or GB (V(0.5 GB)). Required on Fargate.
    type: str
  network_mode:
    description: Network mode. Left out, it is C(awsvpc) on Fargate, and AWS's default (C(bridge)) otherwise.
    type: str
    choices: [awsvpc, bridge, host, none]
  requires_compatibilities:
    description: Launch types to check the definition for. Left out, what O(definition) says, or C(FARGATE) without one.
    type: list
    elements: str
    choices: [FARGATE, EC2, EXTERNAL, MANAGED_INSTANCES]
  runtime_platform:
    description: Operating system and processor. On Fargate, Linux on X86_64 if it is left out.
    type: dict
    suboptions:
      cpu_architecture:
        description: Processor architecture.
        type: str
        choices: [X86_64, ARM64]
      operating_system_family:
        description: Operating system.
        type: str
  execution_role_arn:
    description: Role that ECS uses to pull images, write logs and read secrets. Required on Fargate for those.
    type: str
  task_role_arn:
    description: Role that the containers use.
    type: str
  containers:
    description:
      - Containers of the task; each a dictionary with the members of C(ContainerDefinition), such as C(name), C(image),
        C(port_mappings), C(environment), C(secrets), C(log_configuration), C(health_check), C(mount_points).
      - C(environment), C(secrets) and C(depends_on) may be dictionaries. Environment values that are numbers or
        booleans become text.
      - C(port_mappings) may hold plain port numbers. C(health_check.command) may be one line of shell.
    type: list
    elements: dict
  volumes:
    description: Volumes that containers mount, such as C(name) with C(efs_volume_configuration).
    type: list
    elements: dict
  ephemeral_storage_gib:
    description: Ephemeral storage of a Fargate task in GiB, 21 to 200. Left out, AWS gives 20.
    type: int
  pid_mode:
    description: Process namespace.
    type: str
    choices: [host, task]
  ipc_mode:
    description: IPC namespace.
    type: str
    choices: [host, task, none]
  proxy_configuration:
    description: App Mesh proxy.
    type: dict
  placement_constraints:
    description: Placement constraints of tasks on EC2.
    type: list
    elements: dict
  enable_fault_injection:
    description: Whether the fault injection endpoints answer in the task.
    type: bool
  delete:
    description: With O(state=absent), whether to delete the deregistered revisions too.
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Describe the sales API
  multiregion.ecs.ecs_taskdef_revision:
    workload: sales
    region: sa-east-1
    family: sales-api
    cpu: 256
    memory: 512
    execution_role_arn: arn:aws:iam::123456789012:role/sales-sales-api-execution-sa-east-1
    task_role_arn: arn:aws:iam::123456789012:role/sales-sales-api-task-sa-east-1
    containers:
      - name: sales-api
        image: fidelissauro/sales-rest-api:latest
        port_mappings: [8080]
        environment:
          AWS_REGION: sa-east-1
          DYNAMO_SALES_TABLE: sales
        log_configuration:
          log_driver: awslogs
          options:
            awslogs-group: /ecs/sales/sales-api
            awslogs-region: sa-east-1
            awslogs-stream-prefix: ecs

- name: Change the image, and keep everything else
  multiregion.ecs.ecs_taskdef_revision:
    workload: mysfits
    region: us-east-1
    family: mysfits
    base: latest
    containers:
      - name: mysfits
        image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/mysfits:3f2a9c1
    pin_images: true
    verify: true
    prune:
      keep: 10

- name: Give the database a volume that survives
  multiregion.ecs.ecs_taskdef_revision:
    workload: goals
    region: sa-east-1
    family: goals
    base: latest
    volumes:
      - name: data
        efs_volume_configuration:
          file_system_id: fs-0123456789abcdef0
          transit_encryption: ENABLED
    containers:
      - name: mongo
        mount_points:
          - {source_volume: data, container_path: /data/db}
    verify: true
    verify_for:
      subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]

- name: Go back to the revision before
  multiregion.ecs.ecs_taskdef_revision:
    workload: goals
    region: sa-east-1
    family: goals
    revision: previous
  register: goals_before

- name: Register a definition that was written for the AWS command line
  multiregion.ecs.ecs_taskdef_revision:
    workload: mysfits
    region: us-east-1
    definition: "{{ lookup('file', 'task-definition.json') | from_json }}"

- name: Deregister and delete the family
  multiregion.ecs.ecs_taskdef_revision:
    workload: sales
    region: sa-east-1
    family: sales-api
    state: absent
    delete: true
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: ecs_task_definition
      name: sales-api
      region: sa-east-1
      before: {"containerDefinitions.sales-api.image": "sales-rest-api:1"}
      after: {"containerDefinitions.sales-api.image": "sales-rest-api:2"}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 1
task_definition_arn:
  description: ARN of the revision that has what was asked for; C((known after apply)) when check mode plans a new one.
  returned: when O(state=present)
  type: str
  sample: arn:aws:ecs:sa-east-1:123456789012:task-definition/sales-api:7
family:
  description: Family of the task definition.
  returned: when O(state=present)
  type: str
  sample: sales-api
revision:
  description: Number of the revision, or C((known after apply)).
  returned: when O(state=present)
  type: raw
  sample: 7
findings:
  description:
    - Why tasks of the wanted definition could not run, found by O(verify) and O(pin_images). Empty when nothing was
      found. A run with findings fails; check mode returns them.
  returned: when O(state=present)
  type: list
  elements: str
  sample: ["execution_role_arn: the role arn:aws:iam::123456789012:role/api does not exist."]
containers:
  description: Name, image and container ports of each container, in the order given.
  returned: when O(state=present)
  type: list
  elements: dict
  sample:
    - {name: sales-api, image: "fidelissauro/sales-rest-api:latest", ports: [8080]}
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_taskdef_revision import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
