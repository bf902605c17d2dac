# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence of regions in moto: what is there, what is not, what cannot be read, and who does not answer."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import cloud as kernel_cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.readiness import gather, judge, quotas, spec_problems
from ansible_collections.multiregion.ecs.plugins.module_utils.status.region_reading import Reading
from tests.support.aws_clients import SESSION
from tests.support.readiness_evidence import BUCKET, LAG, SOURCE, TARGET, completed, sales_spec

ACCOUNT = "123456789012"
SPEC = sales_spec(quotas=False)


def build(cloud: Cloud, region: str, other: str) -> None:
    """What the workload has in one region, as far as moto goes: no task runs."""
    ecs = cloud.client("ecs", region)
    ecs.create_cluster(clusterName="sales")
    for name in ("api", "worker"):
        ecs.register_task_definition(
            family=name,
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": name, "image": f"{name}:1", "memory": 9}],
        )
        ecs.create_service(cluster="sales", serviceName=name, taskDefinition=name, desiredCount=2, launchType="FARGATE")
    cloud.client("application-autoscaling", region).register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/sales/api",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2,
        MaxCapacity=4,
    )
    sqs = cloud.client("sqs", region)
    dead = sqs.create_queue(QueueName="sales-queue-dlq")["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 4})
    sqs.create_queue(QueueName="sales-queue", Attributes={"RedrivePolicy": redrive})
    topic = cloud.client("sns", region).create_topic(Name="sales-processing")["TopicArn"]
    for place in (region, other):
        endpoint = f"arn:aws:sqs:{place}:{ACCOUNT}:sales-queue"
        cloud.client("sns", region).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)
    s3 = cloud.client("s3", region)
    bucket = f"sales-lake-{ACCOUNT}-{region}"
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **where)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def replicate(cloud: Cloud, region: str, other: str) -> None:
    rule = {
        "ID": "lake",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::sales-lake-{ACCOUNT}-{other}"},
    }
    cloud.client("s3", region).put_bucket_replication(
        Bucket=f"sales-lake-{ACCOUNT}-{region}",
        ReplicationConfiguration={"Role": f"arn:aws:iam::{ACCOUNT}:role/lake", "Rules": [rule]},
    )


def test_what_is_there(cloud: Cloud) -> None:
    for region, other in ((SOURCE, TARGET), (TARGET, SOURCE)):
        build(cloud, region, other)
    replicate(cloud, SOURCE, TARGET)
    cloud.client("dynamodb", SOURCE).create_table(
        TableName="sales",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    cloud.calls.clear()
    evidence = gather(cloud, [SOURCE, TARGET], SPEC)
    assert json.loads(json.dumps(evidence)) == evidence
    there, here = evidence[SOURCE], evidence[TARGET]
    api = there["services"]["api"]
    assert (api["running"], api["desired"], api["revision"]) == (0, 2, "api:1")
    assert (api["digests"], api["vcpu"], api["scaling"]) == ({"api:1": []}, 0.25, {"min": 2, "max": 4})
    assert (api["launch_type"], api["capacity_providers"]) == ("FARGATE", [])
    assert there["services"]["worker"]["scaling"] is None
    assert there["target_groups"] == {"api": {"exists": False}}
    assert there["queues"]["sales-queue"]["dlq"]["name"] == "sales-queue-dlq"
    both = [{"queue": "sales-queue", "region": SOURCE}, {"queue": "sales-queue", "region": TARGET}]
    assert there["topics"]["sales-processing"] == {"exists": True, "subscribers": both}
    assert there["tables"]["sales"]["status"] == "ACTIVE"
    assert here["tables"] == {"sales": {"exists": False}}
    assert there["buckets"][BUCKET]["replicates_to"] == [TARGET]
    assert here["buckets"][BUCKET]["replicates_to"] == []
    found = [(each.check, each.region) for each in judge(evidence, [SOURCE], [TARGET], SPEC)]
    assert found == [(check, TARGET) for check in ("tasks", "tasks", "targets", "tables", "lake")]


def test_nothing_is_there(cloud: Cloud) -> None:
    evidence = gather(cloud, [TARGET], SPEC)
    told = evidence[TARGET]
    assert told["reachable"]
    for part in ("services", "target_groups", "queues", "topics", "tables", "buckets"):
        assert all(entry.get("exists") is False for entry in told[part].values()), part
    found = [each.check for each in judge(evidence, [], [TARGET], SPEC)]
    assert found == ["tasks", "tasks", "targets", "queues", "topics", "tables", "lake"]


def test_nothing_is_asked(cloud: Cloud) -> None:
    evidence = gather(cloud, [SOURCE, TARGET], completed())
    assert all(told["reachable"] for told in evidence.values())
    assert cloud.calls.total() == 0
    assert judge(evidence, [SOURCE], [TARGET], completed()) == []
    assert gather(cloud, [], completed()) == {}


def test_regions_that_say_nothing_cost_the_time_limit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_cloud, "_session", lambda profile: SESSION)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:  # takes connections and never answers
        cloud = Cloud(
            {
                "region": TARGET,
                "endpoint_url": f"http://127.0.0.1:{silent.getsockname()[1]}",
                "access_key": "AKIAOPERATOR0LAPTOP0",
                "secret_key": "x" * 40,
            }
        )
        gather(cloud, [SOURCE], SPEC, timeout=0.5)  # loads the services' models
        start = time.monotonic()
        evidence = gather(cloud, [SOURCE, TARGET], SPEC, timeout=2)
        took = time.monotonic() - start
    assert [told["reachable"] for told in evidence.values()] == [False, False]
    assert all("imeout" in told["why"] or "timed out" in told["why"] for told in evidence.values())
    assert took < 4
    found = judge(evidence, [SOURCE], [TARGET], SPEC)
    assert [each.check for each in found] == ["reachable"]


class Pool:
    """Runs what is submitted at once."""

    def submit(self, read: Any, *arguments: Any) -> Any:
        class Done:
            def result(self) -> Any:
                return read(*arguments)

        return Done()


def throttled(times: int, code: str = "ThrottlingException") -> Any:
    left = [times]

    def read() -> str:
        if left[0]:
            left[0] -= 1
            answer = {"Error": {"Code": code, "Message": "Rate exceeded"}, "ResponseMetadata": {"HTTPStatusCode": 503}}
            raise ClientError(answer, "DescribeTable")
        return "told"

    return read


def test_what_is_throttled_is_asked_again_and_is_no_sign_of_illness() -> None:
    reading = Reading(Pool(), patience=2)  # type: ignore[arg-type]
    assert reading.all({("table", "sales"): throttled(2)}) == {("table", "sales"): "told"}
    reading = Reading(Pool(), patience=0)  # type: ignore[arg-type]
    assert reading.all({("table", "sales"): throttled(1, "AWS.SimpleQueueService.RequestThrottled")}) == {}
    assert (reading.answered, reading.unreachable) == (1, [])


def test_one_broken_connection_to_a_region_that_answers_is_asked_again() -> None:
    def breaks(times: int) -> Any:
        left = [times]

        def read() -> str:
            left[0] -= 1
            if left[0] >= 0:
                raise ConnectionClosedError(endpoint_url="https://sqs")
            return "told"

        return read

    ask, other = ("queue", "sales"), ("table", "sales")
    reading = Reading(Pool(), patience=2)  # type: ignore[arg-type]
    assert reading.all({ask: breaks(3), other: breaks(0)}) == {ask: "told", other: "told"}
    assert (reading.errors, reading.unreachable) == ({}, [])
    alone = breaks(1)
    reading = Reading(Pool(), patience=2)  # type: ignore[arg-type]
    assert reading.all({ask: alone}) == {} and len(reading.unreachable) == 1  # it may be dead: nobody waits
    assert alone() == "told"
    reading = Reading(Pool())  # type: ignore[arg-type]
    assert reading.all({ask: breaks(1), other: breaks(0)}) == {other: "told"}
    reading = Reading(Pool(), patience=2)  # type: ignore[arg-type]
    assert reading.all({ask: breaks(9), other: breaks(0)}) == {other: "told"}
    assert list(reading.errors) == ["queue sales"] and len(reading.unreachable) == 1


class Quotas:
    """Answers as Service Quotas and CloudWatch do."""

    def __init__(self, quota: dict[str, Any], points: list[dict[str, Any]]) -> None:
        self.quota, self.points = quota, points
        self.asked: dict[str, Any] = {}

    def __call__(self, service: str) -> Quotas:
        return self

    def get_service_quota(self, **asked: Any) -> dict[str, Any]:
        return {"Quota": self.quota}

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"Datapoints": self.points}


USAGE = {
    "MetricNamespace": "AWS/Usage",
    "MetricName": "ResourceCount",
    "MetricDimensions": {"Service": "Fargate", "Resource": "vCPU", "Type": "Resource", "Class": "Standard/OnDemand"},
}


def test_a_quota_and_the_latest_use_of_it() -> None:
    points = [{"Timestamp": 2, "Maximum": 3.5}, {"Timestamp": 1, "Maximum": 9.0}]
    client = Quotas({"Value": 6.0, "UsageMetric": USAGE}, points)
    assert quotas.fargate_quota(client, quotas.ON_DEMAND) == {"limit": 6.0, "used": 3.5}
    assert {"Name": "Resource", "Value": "vCPU"} in client.asked["Dimensions"]
    assert quotas.fargate_quota(Quotas({"Value": 6.0, "UsageMetric": USAGE}, []), quotas.ON_DEMAND) == {
        "limit": 6.0,
        "used": None,
    }
    assert quotas.fargate_quota(Quotas({"Value": 6.0}, []), quotas.SPOT) == {"limit": 6.0, "used": None}


def test_a_quota_that_is_not_known() -> None:
    class Unknown(Quotas):
        def get_service_quota(self, **asked: Any) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": "NoSuchResourceException", "Message": "no such"}}, "GetServiceQuota")

    assert quotas.fargate_quota(Unknown({}, []), quotas.ON_DEMAND) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"services": [{"cluster": "a", "name": "api"}, {"cluster": "b", "name": "api"}]}, "more than once"),
        ({"capacity_percentage": 0}, "expected 1 to 1000"),
        ({"capacity_wait": 0}, "capacity_wait is 0"),
        ({"buckets": ["lake-{zone}"]}, "placeholder {zone}"),
        ({"buckets": ["lake-{region"]}, "cannot be read"),
        ({"lag": {"table": "sales", "threshold": 0}}, "threshold is 0"),
        ({"lag": {"table": "sales", "threshold": 20}}, "less than the threshold"),
        ({"lag": {**LAG, "key": "expires_at"}}, "the key of the table"),
    ],
)
def test_a_spec_that_cannot_be_right(given: dict[str, Any], words: str) -> None:
    (problem,) = spec_problems(completed(**given))
    assert words in problem


def test_a_spec_that_can() -> None:
    assert spec_problems(SPEC) == spec_problems(None) == []
