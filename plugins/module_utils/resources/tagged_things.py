# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that carries a workload's tag, found without knowing its names: one paged call for each region.

The Resource Groups Tagging API tells ARNs and tags. IAM's roles it does not know, so those are asked of IAM. It also
goes on telling for a while of what is deleted: whether a thing exists, only its own service knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..aws.names import from_tag_list
from ..kernel import Cloud, absent_is_none
from ..kernel.cloud import GLOBAL_ACCELERATOR_REGION
from .api_listing import API_LOGS
from .certificate import from_tag

PART = "part"
"""The kind of what goes with something else: a task, a listener, an access point."""

OTHER = "other"
"""The kind of what this collection does not make."""

GLOBAL_KINDS = frozenset({"dynamodb_table", "globalaccelerator_accelerator", "cloudwatch_dashboard"})
"""The kinds that are one thing in all regions, or in none."""

SUBJECTS = {
    ("ecs", "cluster"): "ecs_cluster",
    ("ecs", "service"): "ecs_service",
    ("elasticloadbalancing", "loadbalancer"): "elbv2_load_balancer",
    ("dynamodb", "table"): "dynamodb_table",
    ("ecr", "repository"): "ecr_repository",
    ("scheduler", "schedule-group"): "schedule_group",
    ("globalaccelerator", "accelerator"): "globalaccelerator_accelerator",
}
"""(service, first word of the resource) to kind, where what follows the first slash is the name."""

PARTS = frozenset(
    {
        ("ecs", "task"),
        ("ecs", "container-instance"),
        ("elasticloadbalancing", "listener"),
        ("elasticloadbalancing", "listener-rule"),
        ("elasticfilesystem", "access-point"),
    }
)


PARAMETERS_AT_ONCE = 10
"""How many names GetParameters takes."""


@dataclass(frozen=True, order=True)
class Thing:
    """Something in AWS that carries the tag: its `kind`, as in plans, and the name that modules know it by."""

    kind: str
    name: str
    region: str
    arn: str


def thing_of(arn: str, tags: dict[str, str], region: str) -> Thing:
    """What an ARN of `region` with these tags means to the modules of this collection."""
    kind, name = _kind_and_name(arn, tags)
    return Thing(kind, name, region, arn)


def _kind_and_name(arn: str, tags: dict[str, str]) -> tuple[str, str]:
    _arn, _partition, service, _region, _account, resource = arn.split(":", 5)
    word, _slash, rest = resource.partition("/")
    if (service, word) in PARTS:
        return PART, resource
    if service == "ec2":
        # A network is removed as a whole, and a file system takes its security group with it.
        return ("ec2_network", tags["network"]) if "network" in tags else (OTHER, arn)
    if service == "s3":
        return "s3_bucket", resource
    if service == "sqs":
        return "sqs_queue", resource
    if service == "sns":
        return "sns_topic", resource
    if service == "logs" and resource.startswith(f"log-group:{API_LOGS}"):
        return "apigatewayv2_api", resource.removeprefix(f"log-group:{API_LOGS}").removesuffix(":*")
    if service == "cloudwatch" and resource.startswith("alarm:"):
        return "metric_alarm", resource.removeprefix("alarm:")
    if service == "logs" and resource.startswith("log-group:"):
        return "log_group", resource.removeprefix("log-group:").removesuffix(":*")
    if service == "ssm" and word == "parameter":
        return "ssm_parameter", f"/{rest}"
    if (service, word) == ("ecs", "task-definition"):
        return "ecs_task_definition", rest.rpartition(":")[0]
    if (service, word) == ("elasticloadbalancing", "targetgroup"):
        # It goes with the load balancer that it was made for, also when that is gone.
        return ("elbv2_load_balancer", tags["load_balancer"]) if "load_balancer" in tags else (OTHER, arn)
    if service == "acm":
        return ("acm_certificate", from_tag(tags["Name"])) if "Name" in tags else (OTHER, arn)
    if service == "apigateway":
        return _of_api_gateway(resource, tags, arn)
    if service == "wafv2":
        return _of_waf(resource, tags, arn)
    if (service, word) == ("elasticfilesystem", "file-system"):
        return ("efs_file_system", tags["Name"]) if "Name" in tags else (OTHER, arn)
    kind = SUBJECTS.get((service, word))
    if kind is None:
        return OTHER, arn
    return kind, rest.split("/")[1] if kind == "elbv2_load_balancer" else rest


def _of_api_gateway(resource: str, tags: dict[str, str], arn: str) -> tuple[str, str]:
    """An API's link, stage and domain carry its name, and go with it."""
    if "/stages/" in resource:
        return PART, resource
    return ("apigatewayv2_api", tags["api"]) if "api" in tags else (OTHER, arn)


def _of_waf(resource: str, tags: dict[str, str], arn: str) -> tuple[str, str]:
    """A web ACL takes its sets of addresses with it."""
    _scope, word, name, _identifier = resource.split("/")
    if word == "webacl":
        return "wafv2_web_acl", name
    return ("wafv2_web_acl", tags["web_acl"]) if "web_acl" in tags else (OTHER, arn)


def things_of_region(cloud: Cloud, region: str, workload: str) -> list[Thing]:
    """What is of one region, roles included, and carries the workload's tag. Some of it may be gone already."""
    found = [thing_of(arn, tags, region) for arn, tags in _tagged(cloud, region, workload).items()]
    pages = cloud.client("iam", region).get_paginator("get_account_authorization_details").paginate(Filter=["Role"])
    for role in pages.search("RoleDetailList"):
        tags = from_tag_list(role.get("Tags"))
        if (tags.get("workload"), tags.get("region")) == (workload, region):
            found.append(Thing("iam_role", role["RoleName"], region, role["Arn"]))
    return sorted(thing for thing in found if thing.kind != PART and thing.kind not in GLOBAL_KINDS)


def global_things(cloud: Cloud, regions: list[str], workload: str) -> list[Thing]:
    """Tables with a replica in one of `regions`, each once, accelerators and dashboards."""
    tables: dict[str, Thing] = {}
    for region in regions:
        for arn, tags in _tagged(cloud, region, workload, ["dynamodb:table"]).items():
            table = thing_of(arn, tags, region)
            tables.setdefault(table.name, table)
    found = list(tables.values())
    place = GLOBAL_ACCELERATOR_REGION
    client = cloud.client("globalaccelerator", place)
    for arn in _tagged(cloud, place, workload, ["globalaccelerator:accelerator"]):
        with absent_is_none("AcceleratorNotFoundException"):
            name = client.describe_accelerator(AcceleratorArn=arn)["Accelerator"]["Name"]
            found.append(Thing("globalaccelerator_accelerator", name, place, arn))
    # The Tagging API is not said to tell dashboards. Ours are named for the workload, and carry its tag.
    watching = cloud.client("cloudwatch", regions[0])
    for entry in cloud.paginate("cloudwatch", "list_dashboards", regions[0], DashboardNamePrefix=workload):
        told = watching.list_tags_for_resource(ResourceARN=entry["DashboardArn"])["Tags"]
        if from_tag_list(told).get("workload") == workload:
            found.append(Thing("cloudwatch_dashboard", entry["DashboardName"], regions[0], entry["DashboardArn"]))
    return sorted(found)


def services_beside(cloud: Cloud, region: str, things: Iterable[Thing]) -> list[Thing]:
    """All services of the clusters among `things`, whoever's they are: they keep the clusters."""
    found = []
    for thing in things:
        if thing.kind == "ecs_cluster":
            with absent_is_none("ClusterNotFoundException"):
                for arn in cloud.paginate("ecs", "list_services", region, cluster=thing.name):
                    found.append(Thing("ecs_service", f"{thing.name}/{arn.rpartition('/')[2]}", region, arn))
    return found


def still_there(cloud: Cloud, region: str, things: Iterable[Thing]) -> list[Thing]:
    """Those that exist, as far as it can be asked: EC2 tells tags of what exists only."""
    things = list(things)
    ec2 = sorted(_identifier(thing) for thing in things if ":ec2:" in thing.arn)
    parameters = [thing.name for thing in things if thing.kind == "ssm_parameter"]
    there: set[str] = set()
    if ec2:
        filters = [{"Name": "resource-id", "Values": ec2}]
        there |= {tag["ResourceId"] for tag in cloud.paginate("ec2", "describe_tags", region, Filters=filters)}
    for start in range(0, len(parameters), PARAMETERS_AT_ONCE):
        some = parameters[start : start + PARAMETERS_AT_ONCE]
        there |= {each["Name"] for each in cloud.client("ssm", region).get_parameters(Names=some)["Parameters"]}
    return [
        thing
        for thing in things
        if not (":ec2:" in thing.arn or thing.kind == "ssm_parameter") or {_identifier(thing), thing.name} & there
    ]


def _identifier(thing: Thing) -> str:
    return thing.arn.rpartition("/")[2]


def _tagged(cloud: Cloud, region: str, workload: str, types: list[str] | None = None) -> dict[str, dict[str, str]]:
    # Somebody may mark things of their own with the workload; we also say the region.
    wanted: dict[str, Any] = {"TagFilters": [{"Key": "workload", "Values": [workload]}, {"Key": "region"}]}
    if types:
        wanted["ResourceTypeFilters"] = types
    told = cloud.paginate("resourcegroupstaggingapi", "get_resources", region, **wanted)
    return {each["ResourceARN"]: from_tag_list(each["Tags"]) for each in told}
