#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_deployment
short_description: Deploy new images to the regions of a workload in waves, or return to the release before
version_added: 0.2.0
description:
  - Gives services new images, region by region, and changes nothing else of their task definitions. A region counts as
    done when the deployments of its services are finished and it has been watched for O(bake_time).
  - Where that fails, the region goes back to the revisions that ran there before, and no further wave is begun.
  - The planned changes are the steps that are left. In check mode nothing else happens.
  - All of it happens under the lease of M(multiregion.ecs.region_toggle), whose item keeps the journal. A run that died
    is resumed by asking for the same again - its lease is taken over once it was seen not to beat for its duration.
    Neither an epoch nor a state is ever changed.
  - It is refused while a switch is unfinished or a region is C(HELD). A switch that meets a deployment whose run has
    died puts it aside.
  - Beside the lease it records each deployment, and the release in force - which images each region runs by its last
    deployment. M(multiregion.ecs.workload_deployments_info) tells both.
  - When every region runs the wanted images already, nothing changes.
  - Run it once for the workload, on the control host, not once in every region.
options:
  regions:
    description: Every region of the workload.
    type: list
    elements: str
    required: true
  services:
    description: The services of the workload. Those without O(services[].images) stay as they are.
    type: list
    elements: dict
    required: true
    suboptions:
      cluster:
        description: Cluster of the service, in every region.
        type: str
        required: true
      name:
        description: Name of the service, in every region.
        type: str
        required: true
      images:
        description:
          - Container to what it is to run. That is a whole image, or C(:tag) or C(@sha256:…), with which the repository
            of each region stays.
          - A tag in ECR is looked up, and the image is deployed by its digest. A region whose registry does not have it
            yet waits for it.
        type: dict
        default: {}
      strategy:
        description: How M(multiregion.ecs.ecs_service) replaces the tasks of the service.
        type: str
        choices: [rolling, recreate, blue_green, canary, linear]
        default: rolling
      healthy_within:
        description: For strategy V(recreate), see O(multiregion.ecs.ecs_service#module:deployment.healthy_within).
        type: int
      failed_tasks:
        description: For strategy V(recreate), see O(multiregion.ecs.ecs_service#module:deployment.failed_tasks).
        type: int
      before_deploy:
        description:
          - Jobs, such as migrations, that run one after another in each region with the new task definition, before the
            service gets it. They have the network of the service, and run on what it runs on.
          - A job that does not exit with 0 fails its region, whose service stays as it is.
          - They run once for a revision, also if the run is killed and resumed, and not at all with O(rollback).
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the job.
            type: str
            required: true
          command:
            description: Its command, as a list of words or a text that is split as a shell does.
            type: raw
          environment:
            description: >-
              Further environment variables. A value is text, or a reference such as C({table: sales}), which is
              followed in each region.
            type: dict
            default: {}
          container:
            description:
              - The container that these are for, and whose exit code counts. Default is the first essential one.
            type: str
          cpu:
            description: CPU of the task. Default is that of the task definition.
            type: str
          memory:
            description: Memory of the task. Default is that of the task definition.
            type: str
          wait_timeout:
            description: Seconds to wait for its end. Default is O(wait_timeout).
            type: int
  rollback:
    description:
      - Return to the release before, in all regions or in those of O(waves). Run again it goes back one more.
      - If a deployment is unfinished, end it, and return what it changed.
    type: bool
    default: false
  waves:
    description:
      - The regions in the order in which they are reached. Those of one wave are deployed to side by side. Regions that
        are not named stay as they are.
      - By default the regions that are not C(ACTIVE) are the first wave, and then each C(ACTIVE) one is a wave.
    type: list
    elements: list
  wave_pause:
    description: Seconds between two waves.
    type: float
    default: 0.0
  through_wave:
    description:
      - Carry out the waves up to this one, the first being 1. The rest stays unfinished in the lease, for a later run
        of the same request. Default is all of them.
    type: int
  continues:
    description: Go on with this deployment only, by the RV(deployment) that an earlier run told.
    type: str
  bake_time:
    description: For how many seconds a region is watched after its services' deployments are finished.
    type: float
    default: 0.0
  alarms:
    description:
      - CloudWatch alarms, in every region of these names, in which C({region}) stands for the region. One that goes off
        while a region is watched fails it. One that is in state C(ALARM) before prevents the deployment.
      - The plan says which of them need longer to go off than O(bake_time).
    type: list
    elements: str
    default: []
  error_rate:
    description:
      - How many of the requests to the services may be answered with 5xx while a region is watched, by the metrics that
        their Application Load Balancers send to CloudWatch. A region with more fails.
      - Whole minutes are counted, from the first that begins after the services' deployments, so the region is watched
        to the end of a minute, and then until its points have arrived.
      - The answers with 5xx of a load balancer itself count where it serves nothing but services that are deployed to.
      - Services without an Application Load Balancer are not counted. Neither is a service without requests.
    type: dict
    suboptions:
      most_percent:
        description: Percentage of the requests to a service.
        type: float
        required: true
      least_requests:
        description: Of fewer requests nothing is concluded.
        type: int
        default: 100
      wait:
        description:
          - For how many seconds the points of the last minute are waited for. They arrive late, and without requests
            not at all.
        type: float
        default: 180.0
  failed_tasks:
    description: A region fails when so many tasks of a service have failed while it was watched.
    type: int
    default: 1
  scan_stops_at:
    description:
      - The severity from which on a finding of ECR's scan stops the deployment. Default is that findings stop nothing.
      - What is found when the deployment is planned refuses it. A scan that is under way is waited for before the
        wave of its region changes anything.
      - Only images that are new in a region count, and only those in ECR. Other registries are not scanned. Going back,
        by itself or with O(rollback), is never stopped.
      - Results of basic and of enhanced scanning are read. Of a list of images, the one for the architecture of the
        task definition counts.
    type: str
    choices: [CRITICAL, HIGH, MEDIUM, LOW]
  scan_accepts:
    description: Findings that stop nothing, by name, such as C(CVE-2026-1234).
    type: list
    elements: str
    default: []
  scan_required:
    description:
      - Whether an image without a result is stopped too, with O(scan_stops_at). That is one that was not scanned, whose
        scan failed, which ECR cannot scan, or whose scan does not end within O(scan_timeout).
    type: bool
    default: true
  scan_timeout:
    description: For how many seconds a scan that is under way is waited for.
    type: float
    default: 600.0
  on_failure:
    description: With V(stop) the region that failed goes back. With V(rollback) all those that were deployed to do.
    type: str
    choices: [stop, rollback]
    default: stop
  lease_token:
    description:
      - The C(token) in RV(lease) of a plan that somebody has approved. If another run held the lease in between,
        nothing is done.
    type: str
  reason_required:
    description: Whether to refuse a deployment without O(reason).
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.lease
  - multiregion.ecs.states
  - multiregion.ecs.states.copies
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - O(state=absent) and O(wait=false) are refused.
  - What a failed or rolled back deployment registered is deregistered, so that the latest active revision of a family
    is the one that runs.
seealso:
  - module: multiregion.ecs.workload_deployments_info
  - module: multiregion.ecs.switch_signal
  - module: multiregion.ecs.region_switch
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Deploy a new version of both services, the PASSIVE regions first
  multiregion.ecs.workload_deployment:
    workload: sales
    region: us-east-1
    regions: [sa-east-1, us-east-1]
    services:
      - {cluster: sales, name: sales-api, images: {sales-api: ':3f2c1d0'}}
      - {cluster: sales, name: sales-worker, images: {sales-worker: ':3f2c1d0'}}
    bake_time: 300
    alarms: [sales-errors]
    error_rate: {most_percent: 1}
    reason: release 12
    lease_regions: [us-east-1, us-east-2]

- name: Return to the release before, everywhere
  multiregion.ecs.workload_deployment:
    workload: sales
    region: us-east-1
    regions: [sa-east-1, us-east-1]
    services:
      - {cluster: sales, name: sales-api}
      - {cluster: sales, name: sales-worker}
    rollback: true
    reason: orders are wrong since release 12
    lease_regions: [us-east-1, us-east-2]
"""

RETURN = r"""
changes:
  description: The steps that are left, which are the steps taken unless it is check mode.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: ecs_service_images
      name: sales/sales-api
      region: us-east-1
      before: {sales-api: 'shop/sales-api:v1'}
      after: {sales-api: 'shop/sales-api:v2'}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 61
deployment:
  description: The number of the deployment. Null before it has begun, and if there is nothing to do.
  returned: always
  type: str
  sample: '0000000012'
waves:
  description: The regions in the order in which they are reached. Empty if there is nothing to do.
  returned: always
  type: list
  elements: list
  sample: [[us-east-1], [sa-east-1]]
regions:
  description: The phase of each region, and the revisions, images and digests of its services.
  returned: always
  type: dict
  sample:
    us-east-1:
      phase: done
      services:
        sales-api:
          before: arn:aws:ecs:us-east-1:123456789012:task-definition/sales-api:1
          after: arn:aws:ecs:us-east-1:123456789012:task-definition/sales-api:2
          images_before: {sales-api: 'shop/sales-api:v1'}
          images: {sales-api: 'shop/sales-api:v2'}
          digests: {sales-api: 'sha256:55c8c398fefe90a376444d21d8cb1db5bad504c082d598a72d77cef3a0c40317'}
steps:
  description: What each step did, as a sentence, and how long it took.
  returned: always
  type: list
  elements: dict
  sample:
    - step: bake
      region: us-east-1
      sentence: 'us-east-1 did well for 60 s: sales-api 55c8c398fefe, sales-worker c0e6483a2d6c'
      at: 1795912861624
      milliseconds: 60412
sentences:
  description: The plan in words, for whoever approves it.
  returned: always
  type: list
  elements: str
  sample:
    - 'wave 1: us-east-1 (PASSIVE)'
    - '  sales-api: shop/sales-api:v1 → shop/sales-api:v2 (sales-api:1, 2 tasks)'
resumed:
  description: Whether an earlier run of the same request was resumed.
  returned: always
  type: bool
  sample: false
ends:
  description: Whether no wave is left after this run.
  returned: always
  type: bool
  sample: true
lease:
  description: The lease as it was before this run, with its C(token).
  returned: always
  type: dict
  sample:
    place: sales-lease@us-east-1+us-east-2
    epoch: 1
    holder: ""
    operator: ""
    reason: ""
    since: ""
    unfinished: null
    owed: {}
    token: sales-lease@us-east-1+us-east-2#7.12
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_deployment import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
