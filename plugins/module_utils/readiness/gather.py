# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence: what every region runs and holds, read side by side, told as plain data.

Nothing waits longer than the time limit. What is throttled is asked again, and so is what gets no answer from a region
that answers other questions. Of every thing that was asked for
the evidence has an entry: what was read, `{"exists": False}` if there is none, or `{"error": why}`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..aws.names import arn, filled_in
from ..kernel import Cloud, error_code
from ..kernel.cloud import ClientError
from ..resources.service_scaling import DIMENSION, NAMESPACE
from ..resources.service_scaling import SERVICE as AUTOSCALING
from ..status.region_reading import SERVICES_AT_ONCE, TASKS_AT_ONCE, THREADS, Ask, Part, Reading, Region, counted
from . import quotas
from .spec import ALARMS_AT_ONCE, REGION

THROTTLED_SECONDS = 10
"""For how long something is asked again that is throttled: its region answers, and is worth waiting for."""

TARGETS_AT_ONCE = 50
CPU_UNITS = 1024
"""ECS's CPU units of one vCPU."""

ABSENT = {
    "target group": ("TargetGroupNotFound",),
    "queue": ("QueueDoesNotExist", "NonExistentQueue"),
    "topic": ("NotFound", "NotFoundException"),
    "table": ("ResourceNotFoundException",),
    "bucket": ("NoSuchBucket",),
}
"""What AWS answers when a thing does not exist. SQS has an old spelling with a prefix."""


def gather(
    cloud: Cloud, regions: Iterable[str], spec: Mapping[str, Any], timeout: float = 3.0
) -> dict[str, dict[str, Any]]:
    """Read every region; the evidence of each by its name. A region that does not answer costs `timeout` seconds."""
    wanted = list(dict.fromkeys(regions))
    if not wanted:
        return {}
    with ThreadPoolExecutor(max_workers=len(wanted)) as pool:
        return dict(
            zip(wanted, pool.map(lambda name: _region(cloud, name, wanted, spec, timeout), wanted), strict=True)
        )


def _region(cloud: Cloud, name: str, regions: list[str], spec: Mapping[str, Any], timeout: float) -> dict[str, Any]:
    region = ReadyRegion(cloud, timeout, name)
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        reading = Reading(pool, patience=THROTTLED_SECONDS)
        told = _read(region, spec, reading)
        if not reading.answered and reading.unreachable:
            return {"region": name, "reachable": False, "why": reading.unreachable[0]}
        _complete(told, region, regions, spec, reading)
    return {"region": name, "reachable": True, "why": "", "errors": reading.errors, **told}


class ReadyRegion(Region):
    """Reads what a switch wants to know beyond the status."""

    def services(self, cluster: str, names: list[str]) -> Part:
        return {name: _absent_service(service) for name, service in super().services(cluster, names).items()}

    def service_told(self, service: dict[str, Any]) -> Part:
        told = super().service_told(service)
        told.pop("images")
        strategy = service.get("capacityProviderStrategy") or []
        return {
            **told,
            "digests": {},
            "launch_type": None if strategy else service.get("launchType", "EC2"),
            "capacity_providers": sorted(item["capacityProvider"] for item in strategy),
            "scaling": None,
            "vcpu": None,
        }

    def target_group(self, name: str) -> Part:
        health = self.target_health(name)
        reasons = {each.get("Description") or each.get("Reason") or each["State"] for each in health if _is_bad(each)}
        return {**counted([each["State"] for each in health]), "reasons": sorted(reasons)}

    def tasks(self, cluster: str, names: list[str]) -> Part:
        """Of each service: the digests of the images of its running tasks by image, and the vCPU of one task."""
        client = self.client("ecs")
        pages = client.get_paginator("list_tasks").paginate(cluster=cluster, desiredStatus="RUNNING")
        arns = [task for page in pages for task in page["taskArns"]]
        told: Part = {name: {"digests": defaultdict(set), "vcpu": None} for name in names}
        for start in range(0, len(arns), TASKS_AT_ONCE):
            for task in client.describe_tasks(cluster=cluster, tasks=arns[start : start + TASKS_AT_ONCE])["tasks"]:
                service = told.get(task.get("group", "").removeprefix("service:"))
                if service is None or task.get("lastStatus") != "RUNNING":
                    continue
                service["vcpu"] = _vcpu(task.get("cpu")) or service["vcpu"]
                for container in task.get("containers", []):
                    if container.get("image"):
                        service["digests"][container["image"]] |= {container.get("imageDigest")} - {None}
        return {
            name: {
                "vcpu": each["vcpu"],
                "digests": {image: sorted(of) for image, of in sorted(each["digests"].items())},
            }
            for name, each in told.items()
        }

    def defined(self, task_definition: str) -> Part:
        """The same as `tasks` tells, of a service that runs none: digests are not known then."""
        definition = self.client("ecs").describe_task_definition(taskDefinition=task_definition)["taskDefinition"]
        images = sorted({container["image"] for container in definition["containerDefinitions"]})
        return {"vcpu": _vcpu(definition.get("cpu")), "digests": {image: [] for image in images}}

    def scaling(self, resource_ids: list[str]) -> Part:
        """The range of each service that scales by itself, by resource id."""
        pages = (
            self.client(AUTOSCALING)
            .get_paginator("describe_scalable_targets")
            .paginate(ServiceNamespace=NAMESPACE, ResourceIds=resource_ids, ScalableDimension=DIMENSION)
        )
        return {
            target["ResourceId"]: {"min": target["MinCapacity"], "max": target["MaxCapacity"]}
            for page in pages
            for target in page["ScalableTargets"]
        }

    def alarms(self, names: list[str]) -> Part:
        """Of each alarm that exists: its state, why, and since when. "names" are of this region."""
        return _alarms(self.client("cloudwatch").describe_alarms(AlarmNames=names, MaxRecords=ALARMS_AT_ONCE))

    def alarms_on(self, prefix: str) -> Part:
        """The same of those that are on and whose names begin so, a hundred at most."""
        told = {"AlarmNamePrefix": prefix, "StateValue": "ALARM", "MaxRecords": ALARMS_AT_ONCE}
        return _alarms(self.client("cloudwatch").describe_alarms(**told))

    def account(self) -> str:
        return str(self.client("sts").get_caller_identity()["Account"])

    def topic(self, name: str, account: str) -> Part:
        """The queues that subscribe to a topic, as `{"queue", "region"}`."""
        topic_arn = arn("sns", self.name, account, name)
        pages = self.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        queues = [
            subscription["Endpoint"].split(":")
            for page in pages
            for subscription in page["Subscriptions"]
            if subscription["Protocol"] == "sqs" and subscription["SubscriptionArn"].startswith("arn:")
        ]
        subscribers = sorted((parts[5], parts[3]) for parts in queues)
        return {"exists": True, "subscribers": [{"queue": queue, "region": place} for queue, place in subscribers]}

    def bucket(self, name: str, destinations: Mapping[str, str]) -> Part:
        """Where a bucket's enabled rules replicate to: the regions of its namesakes, or names of other buckets."""
        told: Part = {"replicates_to": []}
        try:
            answer = self.client("s3").get_bucket_replication(Bucket=name)
        except ClientError as error:
            if error_code(error) == "ReplicationConfigurationNotFoundError":
                return told
            raise
        buckets = {
            rule["Destination"]["Bucket"].rsplit(":", 1)[-1]
            for rule in answer["ReplicationConfiguration"]["Rules"]
            if rule["Status"] == "Enabled"
        }
        return {**told, "replicates_to": sorted(destinations.get(bucket, bucket) for bucket in buckets)}


def _alarms(answer: Mapping[str, Any]) -> Part:
    return {
        each["AlarmName"]: {
            "state": each["StateValue"],
            "reason": each.get("StateReason", ""),
            "since": each["StateUpdatedTimestamp"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for each in answer["MetricAlarms"]
    }


def _is_bad(health: Mapping[str, str]) -> bool:
    return health["State"] not in ("healthy", "draining")


def _absent_service(service: Part) -> Part:
    return {"exists": False, "cluster": service["cluster"]} if service["status"] == "MISSING" else service


def _vcpu(units: str | None) -> float | None:
    return int(units) / CPU_UNITS if units else None


def resource_id(service: Mapping[str, Any]) -> str:
    """How Application Auto Scaling calls a service `{"cluster", "name"}`."""
    return f"service/{service['cluster'].rsplit('/', 1)[-1]}/{service['name']}"


def _read(region: ReadyRegion, spec: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """Everything that needs no other answer first."""
    reads: dict[Ask, Callable[[], Any]] = {}
    clusters: dict[str, list[str]] = defaultdict(list)
    for service in spec["services"]:
        clusters[service["cluster"]].append(service["name"])
    for cluster, names in clusters.items():
        reads["tasks of cluster", cluster] = lambda c=cluster, n=names: region.tasks(c, n)
        for start in range(0, len(names), SERVICES_AT_ONCE):
            some = names[start : start + SERVICES_AT_ONCE]
            reads["services", ", ".join(some)] = lambda c=cluster, n=some: region.services(c, n)
    ids = [resource_id(service) for service in spec["services"]]
    for start in range(0, len(ids), TARGETS_AT_ONCE):
        some = ids[start : start + TARGETS_AT_ONCE]
        reads["scaling of", ", ".join(some)] = lambda i=some: region.scaling(i)
    for kind, parameter, read_one in (
        ("target group", "target_groups", region.target_group),
        ("queue", "queues", region.queue),
        ("table", "tables", region.table),
    ):
        for name in spec[parameter]:
            reads[kind, name] = lambda r=read_one, n=name: r(n)
    names = [name.replace(REGION, region.name) for name in spec["alarms"]]
    if names:
        reads["alarms", "wanted"] = lambda: region.alarms(names)
    if spec["alarms_prefix"]:
        reads["alarms", "on"] = lambda: region.alarms_on(spec["alarms_prefix"].replace(REGION, region.name))
    if spec["topics"] or spec["buckets"]:
        reads["account", region.name] = region.account
    told = reading.all(reads)
    return {
        "account": told.get(("account", region.name)),
        "services": _services(spec, told, reading),
        "target_groups": _entries("target group", spec["target_groups"], told, reading),
        "queues": _entries("queue", spec["queues"], told, reading),
        "tables": _entries("table", spec["tables"], told, reading),
        "alarms": _alarm_entries(names, told, reading),
        "alarms_on": told.get(("alarms", "on"), {}),
    }


def _services(spec: Mapping[str, Any], told: dict[Ask, Any], reading: Reading) -> Part:
    found: Part = {}
    ranges: Part = {}
    tasks: Part = {}
    for (kind, _name), answer in told.items():
        if kind == "services":
            found.update(answer)
        elif kind == "scaling of":
            ranges.update(answer)
        elif kind == "tasks of cluster":
            tasks.update(answer)
    services: Part = {}
    for asked in spec["services"]:
        name = asked["name"]
        service = found.get(name) or {"cluster": asked["cluster"], "error": _why("services", name, reading)}
        if "desired" in service:
            service.update(tasks.get(name, {}), scaling=ranges.get(resource_id(asked)))
        services[name] = service
    return services


def _entries(kind: str, names: Iterable[str], told: dict[Ask, Any], reading: Reading) -> Part:
    """What was read of each, that there is none, or why it could not be read."""
    entries: Part = {}
    for name in names:
        if (kind, name) in told:
            entries[name] = {"exists": True, **told[kind, name]}
            continue
        why = _why(kind, name, reading)
        code = why.partition(":")[0].rsplit(".", 1)[-1]
        entries[name] = {"exists": False} if code in ABSENT[kind] else {"error": why}
    return entries


def _alarm_entries(names: list[str], told: dict[Ask, Any], reading: Reading) -> Part:
    """What was read of each alarm that is to be quiet, that there is none, or why it could not be read."""
    found = told.get(("alarms", "wanted"))
    if found is None:
        return {name: {"error": _why("alarms", "wanted", reading)} for name in names}
    return {name: {"exists": True, **found[name]} if name in found else {"exists": False} for name in names}


def _why(kind: str, name: str, reading: Reading) -> str:
    for asked, why in reading.errors.items():
        if asked.startswith(f"{kind} ") and name in asked.removeprefix(f"{kind} ").split(", "):
            return why
    return "it was not told"


def _complete(
    told: dict[str, Any], region: ReadyRegion, regions: list[str], spec: Mapping[str, Any], reading: Reading
) -> None:
    """What needs the first answers: names made of the account, quotas that count, images of tasks that do not run."""
    reads: dict[Ask, Callable[[], Any]] = {}
    for name, service in told["services"].items():
        if "desired" in service and not service["digests"]:
            reads["image of", name] = lambda t=service["task_definition"]: region.defined(t)
    present = [service for service in told["services"].values() if "desired" in service]
    if spec["quotas"] and present:
        for kind in sorted({quotas.fargate_kind(service) for service in present} - {None}):
            reads["quota", kind] = lambda k=kind: quotas.fargate_quota(region.client, k)
        reads["quota", quotas.TASKS_PER_SERVICE] = lambda: quotas.service_quota(region.client)
    account = told["account"]
    names = {template: template for template in spec["buckets"]}
    if account:
        for name in spec["topics"]:
            reads["topic", name] = lambda n=name: region.topic(n, account)
        for template in spec["buckets"]:
            namesakes = {filled_in(template, account, each): each for each in regions}
            name = filled_in(template, account, region.name)
            reads["bucket", template] = lambda n=name, others=namesakes: region.bucket(n, others)
            names[template] = name
    answers = reading.all(reads)
    for (kind, name), answer in answers.items():
        if kind == "image of":
            told["services"][name].update(answer)
    # None is a quota that is not known.
    told["quotas"] = {name: answers.get((kind, name)) for kind, name in reads if kind == "quota"}
    told["topics"] = _entries("topic", spec["topics"], answers, reading)
    buckets = _entries("bucket", spec["buckets"], answers, reading)
    told["buckets"] = {template: {"name": names[template], **entry} for template, entry in buckets.items()}
    if account is None:
        why = reading.errors.get(f"account {region.name}", "")
        for entry in (*told["topics"].values(), *told["buckets"].values()):
            entry.update(error=f"the account is not known: {why}")
