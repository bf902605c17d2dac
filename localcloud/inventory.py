# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every resource that exists, per region and service: what proves that a destroyed workload left nothing behind.

What AWS keeps by itself is left out (default VPCs, main route tables, AWS-managed policies and keys, service-linked
roles). Services without a list of their own here are searched for anything that moto counts as a model, so that a new
one cannot hide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.common_models import BaseModel

GONE = {"deleted", "deleting", "rejected", "expired", "failed", "terminated"}
"""EC2 states in which a resource is gone but still listed."""

TRANSIENT = {
    "sts",
    "dynamodbstreams",
    "resourcegroupstaggingapi",
    "moto_api",
    "ec2instanceconnect",
    "instance_metadata",
}
"""Services whose models are no resources."""


def take_inventory() -> dict[str, Any]:
    """`{"count", "resources": {region: {service: [name]}}, "inactive": [task definition ARN]}`, all sorted.

    Call it with the lock held.
    """
    resources: dict[str, dict[str, list[str]]] = {}
    inactive: list[str] = []
    for registry in list(BackendDict._instances):  # type: ignore[misc]
        for _, region, backend in registry.iter_backends():
            found = sorted(_resources_of(registry.service_name, backend))
            if found:
                resources.setdefault("global" if region == "aws" else region, {})[registry.service_name] = found
            if registry.service_name == "ecs":
                inactive += [d.arn for d in _task_definitions(backend) if d.status != "ACTIVE"]
    count = sum(len(names) for services in resources.values() for names in services.values())
    ordered = {region: dict(sorted(services.items())) for region, services in sorted(resources.items())}
    return {"count": count, "resources": ordered, "inactive": sorted(inactive)}


def _resources_of(service: str, backend: BaseBackend) -> Iterable[str]:
    if service in TRANSIENT:
        return []
    lister = LISTERS.get(service)
    return list(lister(backend) if lister else _anything(backend))


def _anything(backend: BaseBackend) -> Iterator[str]:
    for attribute, value in vars(backend).items():
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, member in members:
            if isinstance(member, BaseModel):
                yield f"{attribute}: {key}"


def _ec2(backend: Any) -> Iterator[str]:
    default_vpcs = {vpc.id for vpc in backend.vpcs.values() if vpc.is_default in (True, "true")}
    yield from (f"vpc: {vpc_id}" for vpc_id in backend.vpcs if vpc_id not in default_vpcs)
    for subnets in backend.subnets.values():
        yield from (f"subnet: {subnet.id}" for subnet in subnets.values() if subnet.vpc_id not in default_vpcs)
    for table in backend.route_tables.values():
        if table.main_association_id is None and table.vpc_id not in default_vpcs:
            yield f"route table: {table.id}"
    for groups in backend.groups.values():
        yield from (f"security group: {group.id} {group.name}" for group in groups.values() if group.name != "default")
    for acl in backend.network_acls.values():
        if acl.default not in (True, "true"):
            yield f"network acl: {acl.id}"
    yield from (f"elastic address: {address.allocation_id or address.public_ip}" for address in backend.addresses)
    for kind, attribute in (
        ("internet gateway", "internet_gateways"),
        ("egress-only gateway", "egress_only_internet_gateways"),
        ("nat gateway", "nat_gateways"),
        ("vpc endpoint", "vpc_end_points"),
        ("peering", "vpc_pcxs"),
        ("network interface", "enis"),
        ("flow log", "flow_logs"),
        ("launch template", "launch_templates"),
        ("key pair", "key_pairs"),
        ("volume", "volumes"),
        ("snapshot", "snapshots"),
        ("dhcp options", "dhcp_options_sets"),
        ("transit gateway", "transit_gateways"),
        ("vpn connection", "vpn_connections"),
    ):
        for name, resource in getattr(backend, attribute).items():
            if state_of(resource) not in GONE and not _came_with_the_region(resource, default_vpcs):
                yield f"{kind}: {name}"
    for reservation in backend.reservations.values():
        yield from (f"instance: {i.id}" for i in reservation.instances if state_of(i) not in GONE)


def state_of(resource: Any) -> str:
    """An EC2 resource's state, under whichever name moto keeps it."""
    status = getattr(resource, "_status", None)
    for value in (getattr(status, "code", None), getattr(resource, "state", None), getattr(resource, "status", None)):
        if isinstance(value, str):
            return value.lower()
    return getattr(getattr(resource, "_state", None), "name", "") or ""


def _came_with_the_region(resource: Any, default_vpcs: set[str]) -> bool:
    vpc = getattr(resource, "vpc", None) or getattr(getattr(resource, "subnet", None), "vpc_id", None)
    return getattr(vpc, "id", vpc) in default_vpcs and type(resource).__name__ in ("InternetGateway", "DHCPOptionsSet")


def _task_definitions(backend: Any) -> Iterator[Any]:
    for revisions in backend.task_definitions.values():
        yield from revisions.values()


def _ecs(backend: Any) -> Iterator[str]:
    yield from (f"cluster: {c.name}" for c in backend.clusters.values() if c.status != "INACTIVE")
    for service in backend.services.values():
        if service.status != "INACTIVE":
            yield f"service: {service.cluster_name}/{service.name} {service.status}"
    for tasks in backend.tasks.values():
        yield from (f"task: {task.task_arn}" for task in tasks.values() if task.last_status != "STOPPED")
    for definition in _task_definitions(backend):
        if definition.status == "ACTIVE":
            yield f"task definition: {definition.family}:{definition.revision}"
    for instances in backend.container_instances.values():
        yield from (f"container instance: {name}" for name in instances)
    yield from (f"capacity provider: {name}" for name in backend.capacity_providers)


def _iam(backend: Any) -> Iterator[str]:
    for role in backend.roles.values():
        if not role.path.startswith("/aws-service-role/"):
            yield f"role: {role.name}"
    for policy in backend.managed_policies.values():
        if not policy.arn.startswith("arn:aws:iam::aws:"):
            yield f"policy: {policy.name}"
    for kind, members in (
        ("user", backend.users),
        ("group", backend.groups),
        ("instance profile", backend.instance_profiles),
        ("oidc provider", backend.open_id_providers),
        ("server certificate", backend.certificates),
    ):
        yield from (f"{kind}: {name}" for name in members)


def _s3(backend: Any) -> Iterator[str]:
    for bucket in backend.buckets.values():
        versions = sum(1 for key in bucket.keys for _ in bucket.keys.getlist(key))
        yield f"bucket: {bucket.name} ({bucket.region_name}, {versions} object versions)"


def _elbv2(backend: Any) -> Iterator[str]:
    for balancer in backend.load_balancers.values():
        yield f"load balancer: {balancer.name}"
        for listener in balancer.listeners.values():
            yield f"listener: {balancer.name}:{listener.port}"
            for rule in listener.rules.values():
                if not rule.is_default:
                    yield f"listener rule: {balancer.name}:{listener.port} priority {rule.priority}"
    yield from (f"target group: {group.name}" for group in backend.target_groups.values())


def _globalaccelerator(backend: Any) -> Iterator[str]:
    for accelerator in backend.accelerators.values():
        yield f"accelerator: {accelerator.name}"
        for listener in accelerator.listeners.values():
            yield f"listener: {accelerator.name} {listener.port_ranges}"
            yield from (f"endpoint group: {accelerator.name} {group.region}" for group in listener.groups.values())


def _ecr(backend: Any) -> Iterator[str]:
    for repository in backend.repositories.values():
        yield f"repository: {repository.name} ({len(repository.images)} images)"


def _kms(backend: Any) -> Iterator[str]:
    for key in backend.keys.values():
        aliases = set(key.aliases)
        managed = any(alias.startswith("alias/aws/") for alias in aliases)
        if not managed and key.key_state != "PendingDeletion":
            yield f"key: {key.id}"
        yield from (f"alias: {alias}" for alias in aliases if not alias.startswith("alias/aws/"))


def _autoscaling_targets(backend: Any) -> Iterator[str]:
    for dimension, targets in backend.targets.items():
        yield from (f"scalable target: {name} {dimension}" for name in targets)
    yield from (f"scaling policy: {p.resource_id} {p.policy_name}" for p in backend.policies.values())
    yield from (f"scheduled action: {a.resource_id} {a.scheduled_action_name}" for a in backend.scheduled_actions)


def _route53(backend: Any) -> Iterator[str]:
    for zone in backend.zones.values():
        yield f"hosted zone: {zone.name} ({len(zone.rrsets)} record sets)"
    yield from (f"health check: {name}" for name in backend.health_checks)


def _efs(backend: Any) -> Iterator[str]:
    yield from (f"file system: {name}" for name in backend.file_systems_by_id)
    yield from (f"mount target: {name}" for name in backend.mount_targets_by_id)
    yield from (f"access point: {name}" for name in backend.access_points)
    yield from (f"replication: {r.source} to {r.destination_region}" for r in backend.replications.values())


def _dynamodb(backend: Any) -> Iterator[str]:
    yield from (f"table: {name}" for name in backend.tables)
    yield from (f"backup: {name}" for name in backend.backups)


def _ssm(backend: Any) -> Iterator[str]:
    for name, versions in list(dict.items(backend._parameters)):
        if versions and not name.startswith("/aws/"):
            yield f"parameter: {name}"
    yield from (f"document: {name}" for name in backend._documents)


def _scheduler(backend: Any) -> Iterator[str]:
    for group in backend.schedule_groups.values():
        if group.name != "default":
            yield f"schedule group: {group.name}"
        yield from (f"schedule: {group.name}/{name}" for name in group.schedules)


def _events(backend: Any) -> Iterator[str]:
    for bus in backend.event_buses.values():
        if bus.name != "default":
            yield f"event bus: {bus.name}"
        yield from (f"rule: {bus.name} {name}" for name in bus.rules)


def _cloudwatch(backend: Any) -> Iterator[str]:
    yield from (f"alarm: {name}" for name in backend.alarms)
    # A dashboard is of all regions; it is counted where it was made.
    yield from (f"dashboard: {name}" for name, d in backend.dashboards.items() if d.made_in == backend.region_name)


def named(**kinds: str) -> Callable[[Any], Iterator[str]]:
    """Lists the keys of some of a backend's dictionaries: `named(queues="queue")`."""

    def names(backend: Any) -> Iterator[str]:
        for attribute, kind in kinds.items():
            yield from (f"{kind}: {name}" for name in getattr(backend, attribute))

    return names


LISTERS: dict[str, Callable[[Any], Iterator[str]]] = {
    "acm": named(_certificates="certificate"),
    "apigateway": named(apis="REST API", keys="API key", domain_names="domain name", vpc_links="VPC link"),
    "apigatewayv2": named(apis="API", domain_names="domain name", vpc_links="VPC link"),
    "application-autoscaling": _autoscaling_targets,
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "ec2": _ec2,
    "ecr": _ecr,
    "ecs": _ecs,
    "efs": _efs,
    "elbv2": _elbv2,
    "events": _events,
    "globalaccelerator": _globalaccelerator,
    "iam": _iam,
    "kms": _kms,
    "logs": named(groups="log group"),
    "route53": _route53,
    "s3": _s3,
    "scheduler": _scheduler,
    "secretsmanager": named(secrets="secret"),
    "servicediscovery": named(namespaces="namespace", services="service"),
    "sns": named(topics="topic", subscriptions="subscription"),
    "sqs": named(queues="queue"),
    "ssm": _ssm,
    "wafv2": named(wacls="web ACL", ip_sets="IP set", rule_groups="rule group"),
}
