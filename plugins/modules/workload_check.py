#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_check
short_description: Check the inventory of a workload before anything runs
version_added: 0.1.0
description:
  - Looks for invalid values in the variables of a workload and all its regions, and for references that lead
    nowhere. It makes no AWS call and needs no credentials. Run it once, on the control host, before anything else.
  - All findings are reported at once, each naming the variable, its value, and what would be valid.
  - Every parameter takes the inventory's variable as it is. What is left out is not checked, nor are references to it.
options:
  regions:
    description: The regions of the workload.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the AWS region, which is the name of the inventory host.
        type: str
        required: true
      role:
        description: V(primary) for exactly one region, V(recovery) for the others.
        type: raw
      state:
        description: V(ACTIVE) or V(PASSIVE). At least one region must be ACTIVE.
        type: raw
      cidr:
        description: The addresses of the region's VPC. Those of two regions must not overlap.
        type: raw
      zones:
        description: Letters or ids of the Availability Zones. A load balancer needs two.
        type: raw
      zone_count:
        description: How many Availability Zones, if O(regions[].zones) is not given.
        type: raw
      nat:
        description:
          - How many NAT gateways, as in the variable C(network_nat). With V(none) what tasks in private subnets need
            to start must be in O(regions[].interface_endpoints), and what they use beside is a warning.
        type: raw
      interface_endpoints:
        description: Services with interface endpoints, as in the variable C(network_interface_endpoints).
        type: raw
      ipv6:
        description: Whether its network has IPv6, as in the variable C(network_ipv6).
        type: bool
        default: false
      flow_logs:
        description: The log of its connections, as in the variable C(network_flow_logs).
        type: dict
  services:
    description: The services, as in the variable C(service_definitions).
    type: list
    elements: dict
  images:
    description: The images of one's own, as in the variable C(image_definitions).
    type: list
    elements: dict
  mirrors:
    description: The images that are copied from other registries, as in the variable C(image_mirrors).
    type: list
    elements: dict
  load_balancers:
    description: The load balancers, as in the variable C(edge_load_balancers).
    type: list
    elements: dict
  security_groups:
    description: The security groups, as in the variable C(network_security_groups).
    type: list
    elements: dict
  tables:
    description: The tables, as in the variable C(data_tables).
    type: list
    elements: dict
  topics:
    description: The topics, as in the variable C(messaging_topics).
    type: list
    elements: dict
  queues:
    description: The queues, as in the variable C(messaging_queues).
    type: list
    elements: dict
  buckets:
    description: The buckets, as in the variable C(storage_buckets).
    type: list
    elements: dict
  websites:
    description: The websites, as in the variable C(website_sites).
    type: list
    elements: dict
  argument_errors:
    description: What is wrong with the variables of the roles, as P(multiregion.ecs.argument_errors#filter) tells.
    type: list
    elements: str
    default: []
  site:
    description:
      - Whether everything that C(playbooks/site.yml) cannot build without has to be there, such as
        O(regions[].cidr) and O(regions[].nat).
    type: bool
    default: false
  websites_root:
    description: Where the folders of the websites begin, as in the variable C(website_root).
    type: path
  file_systems:
    description: The file systems, as in the variable C(volumes_file_systems).
    type: list
    elements: dict
  schedules:
    description: The scheduled tasks, as in the variable C(schedules).
    type: list
    elements: dict
  tags:
    description: Tags of every resource, as in the variable C(workload_tags).
    type: dict
  api:
    description: The API in front of a load balancer, from the variables C(edge_api*).
    type: dict
    suboptions:
      kind:
        description: Which kind there is, V(none), V(http) or V(rest), as in C(edge_api).
        type: str
        default: none
      domain:
        description: Its domain, as in C(edge_api_domain).
        type: str
      load_balancer:
        description: The load balancer behind it, as in C(edge_api_load_balancer).
        type: str
      port:
        description: The port of the listener, as in C(edge_api_port).
        type: raw
      subnets:
        description: The tier of subnets of its VPC link, as in C(edge_api_subnets).
        type: str
      security_groups:
        description: The security groups of its VPC link, as in C(edge_api_security_groups).
        type: list
        elements: str
        default: []
      timeout:
        description: Milliseconds to wait for an answer, as in C(edge_api_timeout).
        type: int
      rate_limit:
        description: Requests in a second, as in C(edge_api_rate_limit).
        type: float
      burst_limit:
        description: Requests at once, as in C(edge_api_burst_limit).
        type: int
      log_retention_in_days:
        description: Days for which the access log is kept, as in C(edge_api_log_retention).
        type: int
      web_acl:
        description: The ARN of a web ACL of AWS WAF, as in C(edge_api_web_acl).
        type: str
      requests:
        description: What it demands of requests, as in C(edge_api_requests).
        type: list
        elements: dict
        default: []
  web_acl:
    description: The web ACL of the workload's own, as in C(edge_web_acl).
    type: dict
  web_acl_name:
    description: Its name, as in C(edge_web_acl_name). Default is O(workload).
    type: str
  routing:
    description: What leads customers to the regions, from the variables C(routing*).
    type: dict
    suboptions:
      choice:
        description: V(accelerator), V(route53), V(health_gate) or V(none), as in C(routing).
        type: str
        required: true
      said:
        description: Whether the inventory says it, or it follows from the other variables.
        type: bool
        default: false
      records:
        description: V(weighted) or V(latency), as in the variable C(routing_records).
        type: str
        default: weighted
      health_check:
        description: The health check of each region's record, as in C(routing_health_check).
        type: dict
  observability:
    description:
      - The variables of the role C(multiregion.ecs.observability) that the inventory gives, by their names, such as
        C(observability_enabled). An alarm that could never go off, or never be told, is refused.
    type: dict
  container_insights:
    description:
      - Whether the cluster has Container Insights, as in the variable C(cluster_container_insights).
      - Without them a service whose C(scaling) has a C(queue) never scales, and is refused.
    type: str
  peering:
    description: How the networks of the regions are connected.
    type: dict
    suboptions:
      topology:
        description: V(mesh) or V(hub), as in the variable C(peering_topology).
        type: str
        default: mesh
      hub:
        description: The region in the middle, as in the variable C(peering_hub).
        type: str
  accelerator:
    description: The accelerator, as in the variable C(routing_accelerator).
    type: dict
  reconcile:
    description:
      - What a switch publishes again, as in the variable C(switch_reconcile).
      - Services of the public images C(fidelissauro/sales-rest-api) and C(fidelissauro/sales-worker) are refused unless
        this, O(proof) and the services declare what keeps a failover from losing sales with them.
    type: list
    elements: dict
  proof:
    description: How a switch proves that the workload processes, as in the variable C(switch_proof).
    type: dict
  toggle:
    description: Where the state of the regions is kept, from the variables C(toggle_*).
    type: dict
    suboptions:
      parameter:
        description: Name of the SSM parameter, as in C(toggle_parameter).
        type: str
      state_table:
        description: Name of the table of states, as in C(toggle_state_table).
        type: str
      lease_table:
        description: Name of the table of the lease, as in C(toggle_lease_table).
        type: str
      control_regions:
        description: One region, or three of one region set, as in C(toggle_control_regions).
        type: list
        elements: str
extends_documentation_fragment:
  - multiregion.ecs.common.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - The AWS connection arguments are accepted so that C(module_defaults) may set them. None is used.
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Check the inventory of the workload
  multiregion.ecs.workload_check:
    workload: "{{ workload }}"
    regions:
      - {name: sa-east-1, role: primary, state: ACTIVE, cidr: 10.10.0.0/16, zones: [a, b]}
      - {name: us-east-1, role: recovery, state: PASSIVE, cidr: 10.20.0.0/16, zones: [a, b]}
    services: "{{ service_definitions }}"
    load_balancers: "{{ edge_load_balancers }}"
    tables: "{{ data_tables }}"
    topics: "{{ messaging_topics }}"
    queues: "{{ messaging_queues }}"
    buckets: "{{ storage_buckets }}"
    websites: "{{ website_sites }}"
    websites_root: "{{ website_root }}"
    reconcile: "{{ switch_reconcile }}"
    proof: "{{ switch_proof }}"
    toggle:
      parameter: "{{ toggle_parameter }}"
      state_table: "{{ toggle_state_table }}"
      lease_table: "{{ toggle_lease_table }}"
      control_regions: "{{ toggle_control_regions }}"
"""

RETURN = r"""
problems:
  description: What is wrong. The task fails unless it is empty.
  returned: on failure
  type: list
  elements: str
  sample:
    - "services[sales-api].memory is 3000; with cpu 256 Fargate offers 512, 1024, 2048 MiB."
checked:
  description: How many things of each kind were checked.
  returned: success
  type: dict
  sample: {regions: 2, services: 2, tables: 2}
warnings:
  description: What tasks of networks without NAT gateways could not reach.
  returned: if there is anything
  type: list
  elements: str
  sample: []
aws_calls:
  description: How many calls were made to AWS, which is none.
  returned: success
  type: int
  sample: 0
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
