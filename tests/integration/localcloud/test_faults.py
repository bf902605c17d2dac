# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions die, come back, fall silent, slow down: what the operator, the tasks, the data and the public see of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from localcloud import Cloud, CloudError
from localcloud.home import processes
from localcloud.options import ACCOUNT_ID
from localcloud.runner.credentials import TASK_SECRET_KEY, task_access_key
from tests.support.accelerators import make_listener, make_load_balancer
from tests.support.expectations import cut, refused
from tests.support.global_tables import add_replica, create, item, wait_until_replicas_are
from tests.support.waiting import eventually

REPOSITORY = Path(__file__).resolve().parents[3]
IMAGES = REPOSITORY / "tests/integration/runner/images.yml"
HERE, THERE = "us-east-1", "sa-east-1"
LAG = 0.4
"""Replication lag, long enough to see the world before it has passed; and longer than anything waits for it."""

A_WHILE = 2.5 * LAG
ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=0.6, connect_timeout=2)
"""For calls that get no answer; and for those that get one, whatever the machine is busy with."""

PATIENT = Config(retries={"total_max_attempts": 1}, read_timeout=30, connect_timeout=10)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = tmp_path_factory.mktemp("faults")
    options = {"replication_lag": LAG, "replica_delay": 0.3, "mrsc_conflict_share": 0.0, "image_tables": str(IMAGES)}
    with Cloud(home, port=0, door_port=0, **options) as running:
        yield running


@pytest.fixture(autouse=True)
def well(cloud: Cloud) -> Iterator[None]:
    """Every test begins and leaves the world well."""
    yield
    found = cloud.faults()
    for region in found["regions"]:
        cloud.fault(region, "ok")
    for one, other in found["links"]:
        cloud.link(one, other, "ok")
    for service in found["control_planes"]:
        cloud.control_plane(service, "ok")


def hasty(cloud: Cloud, service: str, region: str = HERE) -> Any:
    """An operator's client that asks once and is not patient."""
    return cloud.client(service, region, config=ONCE)


def operator(cloud: Cloud, service: str, region: str = HERE) -> Any:
    """An operator's client that asks once."""
    return cloud.client(service, region, config=PATIENT)


def task(cloud: Cloud, service: str, region: str = HERE) -> Any:
    """A client with the key of a region's tasks."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=cloud.endpoint,
        aws_access_key_id=task_access_key(region),
        aws_secret_access_key=TASK_SECRET_KEY,
        config=PATIENT,
    )


def make_pair(cloud: Cloud, name: str) -> tuple[Any, Any]:
    """Clients of both regions of a global table."""
    here, there = cloud.client("dynamodb", HERE), cloud.client("dynamodb", THERE)
    create(here, name)
    add_replica(here, name, THERE)
    wait_until_replicas_are(here, name, {THERE: "ACTIVE"})
    return here, there


def put(client: Any, name: str, key: str, value: str = "") -> None:
    client.put_item(TableName=name, Item={"id": {"S": key}, "v": {"S": value}})


def value(client: Any, name: str, key: str) -> str | None:
    found = item(client, name, key)
    return found["v"]["S"] if found else None


# Dead


def test_a_dead_region_refuses_and_keeps_what_it_holds(cloud: Cloud, name: str) -> None:
    sqs = cloud.client("sqs", HERE)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    cloud.client("s3", HERE).create_bucket(Bucket=name + ACCOUNT_ID)
    cloud.client("s3", HERE).put_object(Bucket=name + ACCOUNT_ID, Key="k", Body=b"kept")
    cloud.fault(HERE, "dead")
    for service, call, given in (
        ("sqs", "receive_message", {"QueueUrl": url}),
        ("sts", "get_caller_identity", {}),
        ("ec2", "describe_vpcs", {}),
        ("apigateway", "get_rest_apis", {}),
        ("cloudformation", "describe_stacks", {}),
    ):
        with pytest.raises(ConnectionClosedError):
            getattr(operator(cloud, service), call)(**given)
    with pytest.raises(ConnectionClosedError):
        operator(cloud, "s3", THERE).get_object(Bucket=name + ACCOUNT_ID, Key="k")
    operator(cloud, "sts", THERE).get_caller_identity()
    operator(cloud, "iam").list_roles()
    cloud.fault(HERE, "ok")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "kept"
    assert cloud.client("s3", THERE).get_object(Bucket=name + ACCOUNT_ID, Key="k")["Body"].read() == b"kept"


def test_a_dead_region_may_hang_instead_and_ends_long_polls(cloud: Cloud, name: str) -> None:
    sqs = cloud.client("sqs", HERE)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    with ThreadPoolExecutor(1) as pool:
        started = time.monotonic()
        poll = pool.submit(operator(cloud, "sqs").receive_message, QueueUrl=url, WaitTimeSeconds=15)
        time.sleep(0.3)
        cloud.fault(HERE, "dead")
        with pytest.raises(ConnectionClosedError):
            poll.result()
        assert time.monotonic() - started < 5
    cloud.fault(HERE, "dead", hang=True)
    with pytest.raises(ReadTimeoutError):
        hasty(cloud, "sqs").list_queues()


def test_replication_with_a_dead_region_catches_up_in_order_and_the_last_writer_wins(cloud: Cloud, name: str) -> None:
    here, there = make_pair(cloud, name)
    with cut(cloud, HERE, THERE):
        put(here, name, "a", "first")
        put(here, name, "mine", "said with the last breath")
        cloud.fault(HERE, "dead")
    for number in range(3):
        put(there, name, "a", f"{number} later")
        put(there, name, f"b{number}")
    time.sleep(A_WHILE)
    assert value(there, name, "mine") is None
    assert cloud.faults()["held_back"] >= 6
    with cut(cloud, HERE, THERE):
        cloud.fault(HERE, "ok")
        assert value(here, name, "a") == "first"  # it comes back as it went, and learns then
    eventually(lambda: value(here, name, "a") == "2 later" and item(here, name, "b2"))
    eventually(lambda: value(there, name, "mine"))
    assert value(there, name, "a") == "2 later"
    assert cloud.faults()["held_back"] == 0


def test_what_a_topic_owes_a_dead_regions_queue_arrives_when_it_returns(cloud: Cloud, name: str) -> None:
    sns, sqs = cloud.client("sns", THERE), cloud.client("sqs", HERE)
    topic = sns.create_topic(Name=name)["TopicArn"]
    arn = f"arn:aws:sqs:{HERE}:{ACCOUNT_ID}:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    cloud.fault(HERE, "dead")
    sns.publish(TopicArn=topic, Message="while it was dead")
    time.sleep(A_WHILE)
    cloud.fault(HERE, "ok")
    found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert [message["Body"] for message in found] == ["while it was dead"]


def test_strong_tables_need_a_majority(cloud: Cloud, name: str) -> None:
    east = operator(cloud, "dynamodb", "us-east-1")
    create(east, name, StreamSpecification={"StreamEnabled": False})
    east.update_table(
        TableName=name,
        MultiRegionConsistency="STRONG",
        ReplicaUpdates=[{"Create": {"RegionName": "us-east-2"}}],
        GlobalTableWitnessUpdates=[{"Create": {"RegionName": "us-west-2"}}],
    )
    wait_until_replicas_are(east, name, {"us-east-2": "ACTIVE"})
    other = operator(cloud, "dynamodb", "us-east-2")
    cloud.fault("us-east-1", "dead")
    put(other, name, "a", "without one")
    cloud.fault("us-west-2", "dead")
    with pytest.raises(ClientError, match="InternalServerError"):
        put(other, name, "a", "without two")
    operator(cloud, "globalaccelerator", "us-west-2").list_accelerators()  # its API is in no region of ours
    cloud.fault("us-west-2", "ok")
    cloud.fault("us-east-1", "ok")
    assert value(east, name, "a") == "without one"


# Tasks and traffic


class Service:
    """One service of one task behind a load balancer."""

    def __init__(self, cloud: Cloud, region: str, name: str):
        self.cloud, self.region, self.name = cloud, region, name
        self.ecs = cloud.client("ecs", region)
        self.balancer, group, vpc = make_load_balancer(cloud, name, region)
        balancers = cloud.client("elbv2", region).describe_load_balancers(Names=[name])["LoadBalancers"]
        self.dns_name = balancers[0]["DNSName"]
        found = cloud.client("ec2", region).describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        self.ecs.create_cluster(clusterName=name)
        self.ecs.register_task_definition(
            family=name,
            cpu="256",
            memory="512",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            containerDefinitions=[{"name": "api", "image": "stub:1", "portMappings": [{"containerPort": 8080}]}],
        )
        self.ecs.create_service(
            cluster=name,
            serviceName=name,
            taskDefinition=name,
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet["SubnetId"] for subnet in found]}},
            loadBalancers=[{"targetGroupArn": group, "containerName": "api", "containerPort": 8080}],
        )
        cloud.client("elbv2", region).modify_target_group(TargetGroupArn=group, HealthCheckPath="/healthcheck")

    def is_steady(self) -> bool:
        service = self.ecs.describe_services(cluster=self.name, services=[self.name])["services"][0]
        return service["deployments"][0]["rolloutState"] == "COMPLETED" and service["runningCount"] == 1

    def pids(self) -> list[int]:
        """The processes of the region's tasks."""
        marked = f"AWS_REGION={self.region}".encode()
        tasks = [pid for pid, part in processes(self.cloud.home).items() if part == "task"]
        return [pid for pid in tasks if marked in environ_of(pid).split(b"\0")]


def environ_of(pid: int) -> bytes:
    """The environment of a process; empty once it has ended."""
    try:
        return (Path("/proc") / str(pid) / "environ").read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def services(cloud: Cloud) -> tuple[Service, Service]:
    """The same service in two regions, behind one accelerator."""
    pair = Service(cloud, HERE, "drill"), Service(cloud, THERE, "drill")
    client = cloud.client("globalaccelerator", "us-west-2")
    _accelerator, listener = make_listener(client, "drill")
    for service in pair:
        client.create_endpoint_group(
            ListenerArn=listener,
            EndpointGroupRegion=service.region,
            EndpointConfigurations=[{"EndpointId": service.balancer, "Weight": 100}],
            TrafficDialPercentage=100,
            IdempotencyToken=service.region,
        )
    eventually(lambda: all(service.is_steady() for service in pair), within=20)
    return pair


def served_by(cloud: Cloud, count: int = 12) -> set[str]:
    """The regions that answer at the public door; every answer must be good."""
    found = set()
    for _number in range(count):
        try:
            with urllib.request.urlopen(f"http://{cloud.door}/", timeout=5) as answer:
                found.add(answer.headers["X-Served-By"].partition(";")[0].removeprefix("region="))
        except urllib.error.HTTPError as error:
            found.add(str(error.code))
    return found


def test_the_tasks_of_a_dead_region_die_and_return_before_any_operator(
    cloud: Cloud, services: tuple[Service, Service]
) -> None:
    here, there = services
    eventually(lambda: served_by(cloud) == {HERE, THERE})
    before = here.pids()
    survivors = there.pids()
    assert len(before) == 1
    cloud.fault(HERE, "dead")
    eventually(lambda: not here.pids(), within=1)
    eventually(lambda: served_by(cloud) == {THERE}, within=2)
    with pytest.raises(ConnectionError):  # its own name leads nowhere, while the accelerator goes round it
        urllib.request.urlopen(urllib.request.Request(f"http://{cloud.door}/", headers={"Host": here.dns_name}))
    time.sleep(0.7)  # some rounds of the scheduler
    assert here.pids() == []
    assert there.pids() == survivors
    cloud.fault(HERE, "ok")
    eventually(here.pids, within=3)
    assert here.pids() != before
    eventually(here.is_steady, within=10)
    events = here.ecs.describe_services(cluster="drill", services=["drill"])["services"][0]["deployments"][0]
    assert events["failedTasks"] == 0
    eventually(lambda: served_by(cloud) == {HERE, THERE})


def test_an_unreachable_region_lives_on_without_its_operator(
    cloud: Cloud, services: tuple[Service, Service], name: str
) -> None:
    here, there = make_pair(cloud, name)
    pids = services[0].pids()
    cloud.fault(HERE, "unreachable")
    with pytest.raises(ReadTimeoutError):
        hasty(cloud, "ecs").list_clusters()
    assert task(cloud, "ecs").list_clusters()["clusterArns"]
    put(task(cloud, "dynamodb"), name, "a", "from a task")
    eventually(lambda: value(there, name, "a"))
    put(there, name, "b", "to the region")
    eventually(lambda: value(task(cloud, "dynamodb"), name, "b"))
    assert services[0].pids() == pids
    assert served_by(cloud, 40) == {HERE, THERE}
    cloud.fault(HERE, "unreachable", hang=False)
    with pytest.raises(ConnectionClosedError):
        operator(cloud, "ecs").list_clusters()


def test_without_its_control_plane_an_accelerator_goes_on(cloud: Cloud, services: tuple[Service, Service]) -> None:
    eventually(lambda: served_by(cloud) == {HERE, THERE})
    cloud.control_plane("globalaccelerator", "off")
    with pytest.raises(ReadTimeoutError):
        hasty(cloud, "globalaccelerator", "us-west-2").list_accelerators()
    assert served_by(cloud, 40) == {HERE, THERE}
    cloud.control_plane("route53", "off", hang=False)
    with pytest.raises(ConnectionClosedError):
        operator(cloud, "route53").list_hosted_zones()
    cloud.control_plane("route53", "ok")
    operator(cloud, "route53").list_hosted_zones()


# Lines, latency, throttling


def test_a_cut_line_splits_the_brain_and_mends_it(cloud: Cloud, name: str) -> None:
    here, there = make_pair(cloud, name)
    cloud.link(THERE, HERE, "cut")
    put(here, name, "a", "here")
    put(there, name, "a", "there, later")
    time.sleep(A_WHILE)
    assert (value(here, name, "a"), value(there, name, "a")) == ("here", "there, later")
    cloud.link(HERE, THERE, "ok")
    eventually(lambda: value(here, name, "a") == "there, later")
    time.sleep(2 * LAG)
    assert value(there, name, "a") == "there, later"


def test_a_slow_region_answers_late(cloud: Cloud) -> None:
    calls = {
        "operator": operator(cloud, "sqs").list_queues,
        "task": task(cloud, "ssm").describe_parameters,
        "elsewhere": operator(cloud, "sqs", THERE).list_queues,
    }

    def late() -> set[str]:
        took = {}
        for who, call in calls.items():
            started = time.monotonic()
            call()
            took[who] = time.monotonic() - started
        return {who for who, seconds in took.items() if seconds >= 2}

    assert late() == set()
    cloud.fault(HERE, "slow", latency=2)
    assert late() == {"operator", "task"}


def test_a_throttled_region_answers_a_share_of_calls_with_the_services_own_error(cloud: Cloud) -> None:
    cloud.fault(HERE, "throttled", share=1)
    for service, call, code in (
        ("sqs", "list_queues", "RequestThrottled"),
        ("ecs", "list_clusters", "ThrottlingException"),
        ("ec2", "describe_vpcs", "RequestLimitExceeded"),
        ("elbv2", "describe_load_balancers", "Throttling"),
        ("s3", "list_buckets", "SlowDown"),
        ("apigateway", "get_rest_apis", "TooManyRequestsException"),
        ("cloudwatch", "describe_alarms", "ThrottlingException"),
    ):
        assert refused(getattr(operator(cloud, service), call)) == code, service
    cloud.fault(HERE, "throttled", share=0.3)
    client, answered = operator(cloud, "sqs"), 0
    for _number in range(100):
        with suppress(ClientError):
            client.list_queues()
            answered += 1
    assert 45 < answered < 90
    patient = cloud.client("sqs", HERE, config=Config(retries={"mode": "standard", "total_max_attempts": 8}))
    assert all(patient.list_queues() for _number in range(3))


def test_a_lossy_region_carries_a_share_of_calls_out_without_telling(cloud: Cloud, name: str) -> None:
    cloud.fault(HERE, "lossy", share=1)
    with pytest.raises(ConnectionClosedError):
        operator(cloud, "sqs").create_queue(QueueName=name)
    cloud.fault(HERE, "ok")
    operator(cloud, "sqs").get_queue_url(QueueName=name)


# The switches themselves


def test_any_terminal_can_set_and_see_faults(cloud: Cloud) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "localcloud", *arguments, "--home", str(cloud.home)]
        return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)

    assert run("region", HERE, "sick", "--every", "4").stdout == "region us-east-1 is sick (share 0.7, every 4.0)\n"
    assert run("region", HERE, "throttled", "--share", "0.5").stdout == "region us-east-1 is throttled (share 0.5)\n"
    run("link", HERE, THERE, "cut")
    run("control-plane", "globalaccelerator", "off", "--refuse")
    told = run("status").stdout
    assert "region us-east-1 is throttled" in told
    assert "the line between sa-east-1 and us-east-1 is cut" in told
    assert cloud.faults()["control_planes"] == {"globalaccelerator": {"state": "off", "hang": False}}
    assert cloud.faults() == json.loads(run("status", "--json").stdout)["faults"]
    mistaken = run("region", "us-esat-1", "dead")
    assert (mistaken.returncode, mistaken.stderr) == (
        1,
        "localcloud: region 'us-esat-1': AWS has no region of that name\n",
    )
    with pytest.raises(CloudError, match="state 'asleep'"):
        cloud.fault(HERE, "asleep")
    run("control-plane", "globalaccelerator", "ok")
    run("link", THERE, HERE, "ok")
    assert run("region", HERE, "ok").stdout == "no faults\n"
