# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries a workload's tag and is not wanted, whatever it is, and how each of it is removed.

Every kind is removed by the module that makes it, so that there is one way to do that. Services go first: what they
use can only go after them; a cluster goes when it is empty.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..kernel import Cloud, CollectionError, Resource, make_plan
from ..kernel.run import Composition, ModuleDefinition
from ..resources.bucket import holds_data
from ..resources.bucket_replication import replication_role_name
from ..resources.ecr_repository import holds_images
from ..resources.load_balancer import LoadBalancer
from ..resources.queue import messages_in
from ..resources.tagged_things import (
    OTHER,
    Thing,
    global_things,
    services_beside,
    still_there,
    things_of_region,
)
from ..resources.target_group import TargetGroup
from . import (
    accelerator,
    api_gateway,
    certificate,
    dashboard,
    ecs_cluster,
    ecs_schedules,
    ecs_service,
    ecs_taskdef_revision,
    efs_with_sg,
    global_table,
    image_repository,
    lake_bucket,
    layer_outputs,
    load_balancer,
    log_groups,
    messaging,
    metric_alarms,
    region_network,
    service_roles,
    web_acl,
)

BEHIND = ":loadbalancer/app/"
OUTPUTS = "/{workload}/outputs/"
ACCOUNT = "{account}"
"""Stands in a wanted name for the 12 digits of the account."""


@dataclass(frozen=True)
class Removal:
    """The module that removes a kind, and its arguments for a thing."""

    module: str
    definition: ModuleDefinition
    arguments: Callable[[Thing], dict[str, Any]]


def _named(thing: Thing) -> dict[str, Any]:
    return {"name": thing.name}


def _with_data(thing: Thing) -> dict[str, Any]:
    return {"name": thing.name, "delete_data": True}


def _messages(cloud: Cloud, region: str, name: str) -> str:
    count = messages_in(cloud, region, name)
    return f"{count} message{'s' if count > 1 else ''}" if count else ""


HOLDS: dict[str, Callable[[Cloud, str, str], str]] = {
    "sqs_queue": _messages,
    "s3_bucket": lambda cloud, region, name: "objects" if holds_data(cloud, region, name) else "",
    "ecr_repository": lambda cloud, region, name: "images" if holds_images(cloud, region, name) else "",
    "efs_file_system": lambda cloud, region, name: "files",
    "dynamodb_table": lambda cloud, region, name: "items",
}
"""What a resource of these kinds holds, by region and name; "" for nothing. Files and items are not counted: AWS tells
of them late."""

# In the order of removal.
REMOVALS = {
    "cloudwatch_dashboard": Removal("dashboard", dashboard.MODULE, _named),
    "metric_alarm": Removal("metric_alarms", metric_alarms.MODULE, lambda thing: {"alarms": [{"name": thing.name}]}),
    "schedule_group": Removal("ecs_schedules", ecs_schedules.MODULE, lambda thing: {"group": thing.name}),
    "ecs_service": Removal(
        "ecs_service",
        ecs_service.MODULE,
        lambda thing: dict(zip(("cluster", "name"), thing.name.split("/", 1), strict=True)),
    ),
    "globalaccelerator_accelerator": Removal("accelerator", accelerator.MODULE, _named),
    "apigatewayv2_api": Removal("api_gateway", api_gateway.MODULE, _named),
    "wafv2_web_acl": Removal("web_acl", web_acl.MODULE, _named),
    "elbv2_load_balancer": Removal(
        "load_balancer", load_balancer.MODULE, lambda thing: {"name": thing.name, "delete_protected": True}
    ),
    "acm_certificate": Removal("certificate", certificate.MODULE, lambda thing: {"domain": thing.name}),
    "ecs_task_definition": Removal(
        "ecs_taskdef_revision", ecs_taskdef_revision.MODULE, lambda thing: {"family": thing.name, "delete": True}
    ),
    "log_group": Removal("log_groups", log_groups.MODULE, lambda thing: {"names": [thing.name]}),
    "sqs_queue": Removal("messaging", messaging.MODULE, lambda thing: {"queues": [{"name": thing.name}]}),
    "sns_topic": Removal("messaging", messaging.MODULE, lambda thing: {"topics": [{"name": thing.name}]}),
    "s3_bucket": Removal("lake_bucket", lake_bucket.MODULE, _with_data),
    "efs_file_system": Removal("efs_with_sg", efs_with_sg.MODULE, _with_data),
    "ecr_repository": Removal("image_repository", image_repository.MODULE, _with_data),
    "dynamodb_table": Removal(
        "global_table", global_table.MODULE, lambda thing: {**_with_data(thing), "regions": [thing.region]}
    ),
    "iam_role": Removal("service_roles", service_roles.MODULE, lambda thing: {"roles": [{"name": thing.name}]}),
    "ssm_parameter": Removal(
        "layer_outputs", layer_outputs.MODULE, lambda thing: {"layer": thing.name.rpartition("/")[2]}
    ),
    "ecs_cluster": Removal("ecs_cluster", ecs_cluster.MODULE, _named),
    "ec2_network": Removal("region_network", region_network.MODULE, _named),
}


def named(thing: Thing) -> str:
    """A thing in words."""
    return f"{thing.kind} {thing.name} in {thing.region}"


class Strays:
    """The things of one region, or of all, that carry the tag and that `wanted` does not name, by removal."""

    def __init__(self, params: dict[str, Any], cloud: Cloud) -> None:
        self.params, self.cloud = params, cloud
        region, workload = cloud.region, params["workload"]
        wanted = params["wanted"] or {}
        self.patterns = {kind: [self._filled(name) for name in names or []] for kind, names in wanted.items()}
        # A bucket takes the role of its replication with it.
        roles = [replication_role_name(name) for name in self.patterns.get("s3_bucket", [])]
        self.patterns["iam_role"] = [*self.patterns.get("iam_role", []), *roles]
        self.outputs = OUTPUTS.format(workload=workload)
        self.regions = params["regions"] or [region]
        is_global = params["scope"] == "global"
        found = global_things(cloud, self.regions, workload) if is_global else things_of_region(cloud, region, workload)
        if params.get("whole"):
            found = {*found, *services_beside(cloud, region, found)}
        things = [thing for thing in sorted(found) if not self.is_wanted(thing.kind, thing.name)]
        known = [thing for thing in things if self._removal(thing) is not None]
        self.others = still_there(cloud, region, (thing for thing in things if thing not in known))
        # What is one thing to us may be several to AWS: revisions of a family, target groups of a load balancer.
        self.known = {(thing.kind, thing.name): thing for thing in reversed(known)}

    def is_wanted(self, kind: str, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.patterns.get(kind, ()))

    def _filled(self, pattern: str) -> str:
        return pattern.replace(ACCOUNT, self.cloud.account_id) if ACCOUNT in pattern else pattern

    def _removal(self, thing: Thing) -> Removal | None:
        if thing.kind == "ssm_parameter" and not thing.name.startswith(self.outputs):
            return None
        return REMOVALS.get(thing.kind)

    def arguments(self, thing: Thing) -> dict[str, Any]:
        """What its module is given to remove it."""
        place = {"workload": self.params["workload"], "region": thing.region, "state": "absent"}
        senders = {"from_regions": self.regions} if thing.kind == "sqs_queue" else {}
        return {**place, **REMOVALS[thing.kind].arguments(thing), **senders}

    @cached_property
    def removals(self) -> dict[Thing, list[Resource]]:
        """For each thing, in the order of removal, the resources that go."""
        order = list(REMOVALS)
        found: dict[Thing, list[Resource]] = {}
        seen: set[str] = set()
        groups: set[str] = set()
        # A Network Load Balancer goes before the Application Load Balancer behind it.
        ranked = sorted(self.known.values(), key=lambda each: (order.index(each.kind), BEHIND in each.arn, each))
        for thing in ranked:
            definition = REMOVALS[thing.kind].definition
            result = ArgumentSpecValidator({"region": {"type": "str"}, **definition.argument_spec}).validate(
                self.arguments(thing)
            )
            if result.error_messages or definition.build is None:
                raise CollectionError(f"{thing.arn}: {'; '.join(result.error_messages)}")
            params = {**self.params, **result.validated_parameters}
            made = definition.build(params, self.cloud).resources
            going = {each.address for each in made if not self._is_kept(thing, each)}
            found[thing] = [each for each in made if each.address in going - seen]
            seen |= going
            groups |= {each.name for each in found[thing] if isinstance(each, TargetGroup)}
            for each in found[thing]:
                each.needs = tuple(needed for needed in each.needs if needed.address in seen)
                if isinstance(each, LoadBalancer):
                    each.going_before = groups
        return found

    def _is_kept(self, thing: Thing, resource: Resource) -> bool:
        """A module may remove more than the thing: not if that has a place of its own in what is wanted."""
        return resource.name != thing.name and self.is_wanted(resource.kind, resource.name)

    def there(self) -> list[Thing]:
        """The things with a removal of which something exists, in the order of removal. Reads only."""
        plan = make_plan(self.cloud, [each for group in self.removals.values() for each in group])
        return [
            thing for thing, group in self.removals.items() if any(each.address in plan.by_address for each in group)
        ]

    def holds(self, thing: Thing) -> str:
        """What would be lost with a thing that is there and all that goes with it, in a few words; "" for nothing."""
        held = []
        for each in self.removals[thing]:
            what = HOLDS[each.kind](self.cloud, each.region, each.name) if each.kind in HOLDS else ""
            if what:
                held.append(what if each.name == thing.name else f"{what} in {each.name}")
        return " and ".join(held)

    def refuse_data(self) -> None:
        """Raises CollectionError if anything would be lost."""
        if not any(each.kind in HOLDS for group in self.removals.values() for each in group):
            return
        held = [f"{named(each)} holds {what}" for each in self.there() if (what := self.holds(each))]
        if held:
            raise CollectionError(
                f"Nothing was removed. What is not wanted any more holds data: {'; '.join(held)}. Let its readers "
                "empty a queue, and keep a copy of what you need; then give delete_data: true (with site.yml, "
                "-e delete_data=true). What is to stay goes back into the inventory."
            )

    def told(self, thing: Thing) -> dict[str, Any]:
        """A thing as plain data, with how to remove it."""
        shown = {"kind": thing.kind, "name": thing.name, "region": thing.region, "arn": thing.arn}
        if thing not in self.known.values():
            line = f"{thing.arn} in {thing.region}: nothing of this collection made it"
            return {**shown, "kind": OTHER, "name": thing.arn, "holds": "", "command": "", "line": line}
        holds = self.holds(thing)
        module, arguments = f"multiregion.ecs.{REMOVALS[thing.kind].module}", self.arguments(thing)
        command = f"ansible localhost -m {module} -a '{json.dumps(arguments)}'"
        line = f"{named(thing)}{f', which holds {holds}' if holds else ''}; to remove it: {command}"
        return {**shown, "holds": holds, "command": command, "line": line}


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    strays = Strays(params, cloud)
    if not params["delete_data"]:
        strays.refuse_data()
    resources: list[Resource] = []
    for group in reversed(strays.removals.values()):
        later = tuple(resources)
        for resource in group:  # what goes first needs all that goes later
            resource.needs = (*resource.needs, *later)
        resources += group
    return Composition(resources)


STRAY_ARGUMENTS: dict[str, Any] = {
    "wanted": {"type": "dict", "default": {}},
    "scope": {"type": "str", "choices": ["region", "global"], "default": "region"},
    "regions": {"type": "list", "elements": "str"},
}


def problems(params: dict[str, Any]) -> list[str]:
    known = {*REMOVALS, OTHER}
    return [
        f"wanted names the kind {kind!r}; the kinds are {', '.join(sorted(known))}."
        for kind in params["wanted"] or {}
        if kind not in known
    ]


MODULE = ModuleDefinition(
    arguments={
        **STRAY_ARGUMENTS,
        "state": {"type": "str", "choices": ["absent"], "default": "absent"},
        "whole": {"type": "bool", "default": False},
        "delete_data": {"type": "bool", "default": False},
    },
    services=("resourcegroupstaggingapi", "iam", "ecs", "cloudwatch"),
    build=build,
    problems=problems,
    prunes=True,
)
