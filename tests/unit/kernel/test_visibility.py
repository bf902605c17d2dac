# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that has made something is patient until AWS knows it; with everything else a refusal is final at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, NotReadyInTime, Resource, visibility
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import ClientError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.resource import find_again

REGION = "sa-east-1"
THERE = (400, {"__type": "InvalidParameterException", "message": "Arguments on this idempotent request differ."})
NO_CLUSTER = (400, {"__type": "ClusterNotFoundException", "message": "Cluster not found."})
NO_GROUP = (400, {"__type": "ResourceNotFoundException", "message": "The specified log group does not exist."})
CLUSTER = "arn:aws:ecs:sa-east-1:123456789012:cluster/sales"
SERVICE = "arn:aws:ecs:sa-east-1:123456789012:service/sales/api"
MADE_CLUSTER = (200, {"cluster": {"clusterArn": CLUSTER}})
MADE_SERVICE = (200, {"service": {"serviceArn": SERVICE}})
FOUND = (200, {"services": [{"serviceArn": SERVICE}], "failures": []})
MISSING = (200, {"services": [], "failures": [{"arn": SERVICE, "reason": "MISSING"}]})
OTHER_MISSING = (200, {"services": [], "failures": [{"arn": f"{SERVICE}2", "reason": "MISSING"}]})


class Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Any:
        yield self._body


class Script:
    """A `Cloud` whose service gives these answers, one after the other; the last one again and again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
        self.now = 1000.0
        self.asked = 0
        self.answers = list(answers)
        monkeypatch.setattr("time.sleep", self._sleep)
        monkeypatch.setattr(visibility.time, "monotonic", lambda: self.now)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        self.cloud = Cloud({"region": REGION}, wait_timeout=300)
        self.ecs, self.logs, self.s3 = (self._client(each) for each in ("ecs", "logs", "s3"))

    def _client(self, service: str, region: str = REGION) -> Any:
        client = self.cloud.client(service, region, retries={"max_attempts": 0})
        client.meta.events.register("before-send", self._answer)
        return client

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, body = answer
        return AWSResponse(request.url, status, {}, Raw(body if isinstance(body, bytes) else json.dumps(body).encode()))


def run_task(script: Script, **more: Any) -> Any:
    return script.ecs.run_task(**{"cluster": CLUSTER, "taskDefinition": "api", **more})


@pytest.mark.parametrize("cluster", ["sales", CLUSTER], ids=["by name", "by ARN"])
def test_what_this_run_has_made_is_waited_for(monkeypatch: pytest.MonkeyPatch, cluster: str) -> None:
    script = Script(monkeypatch, MADE_CLUSTER, NO_CLUSTER, NO_CLUSTER, (200, {"tasks": [], "failures": []}))
    script.ecs.create_cluster(clusterName="sales")
    run_task(script, cluster=cluster)
    assert script.asked == 4


@pytest.mark.parametrize("lost", [ConnectionClosedError(endpoint_url="x"), (500, {"__type": "ServerException"}), THERE])
def test_what_it_has_perhaps_made_is_waited_for_by_name(monkeypatch: pytest.MonkeyPatch, lost: Any) -> None:
    script = Script(monkeypatch, lost, NO_CLUSTER, (200, {"tasks": [], "failures": []}))
    with pytest.raises(Exception, match=r"ServerException|Connection|InvalidParameter"):
        script.ecs.create_cluster(clusterName="sales")
    run_task(script, cluster="sales")
    assert script.asked == 3


def test_of_anything_else_a_refusal_is_final(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, MADE_CLUSTER, NO_CLUSTER)
    script.ecs.create_cluster(clusterName="sales")
    with pytest.raises(ClientError, match=r"Cluster not found\.$"):
        run_task(script, cluster="stock")
    assert script.asked == 2


def test_what_a_call_is_about_to_make_is_not_what_it_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, NO_CLUSTER)
    with pytest.raises(ClientError, match=r"Cluster not found\.$"):
        script.ecs.create_service(serviceName="api", cluster="sales", taskDefinition="api")
    assert script.asked == 1


def test_a_service_is_also_what_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = (400, {"__type": "ValidationException", "message": "ECS service doesn't exist: service/sales/api"})
    script = Script(monkeypatch, MADE_SERVICE, absent, absent, (200, {}))
    script.ecs.create_service(serviceName="api", cluster="sales", taskDefinition="api")
    script._client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs", ResourceId="service/sales/api", ScalableDimension="ecs:service:DesiredCount"
    )
    assert script.asked == 4


def test_names_are_those_of_one_region(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, MADE_CLUSTER, NO_CLUSTER)
    script.ecs.create_cluster(clusterName="sales")
    with pytest.raises(ClientError, match=r"Cluster not found\.$"):
        script._client("ecs", "us-east-1").run_task(cluster="sales", taskDefinition="api")
    assert script.asked == 2


def test_names_are_those_of_one_service(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, MADE_CLUSTER, NO_GROUP)
    script.ecs.create_cluster(clusterName="sales")
    with pytest.raises(ClientError, match=r"log group does not exist\.$"):
        script.logs.put_retention_policy(logGroupName="sales", retentionInDays=1)
    assert script.asked == 2


def test_the_patience_ends_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, MADE_CLUSTER, NO_CLUSTER)
    script.ecs.create_cluster(clusterName="sales")
    with pytest.raises(ClientError, match=r"made by this run 6\d s ago, and still not visible"):
        run_task(script)
    assert 60 <= script.now - 1000 < 65


def test_a_run_that_was_killed_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, MADE_CLUSTER, NO_CLUSTER)
    script.ecs.create_cluster(clusterName="sales")
    script.cloud._parent = -1
    with pytest.raises(ClientError, match="Cluster not found"):
        run_task(script)
    assert script.asked == 2


def test_what_is_removed_again_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, MADE_CLUSTER, (200, {"cluster": {}}), NO_CLUSTER)
    script.ecs.create_cluster(clusterName="sales")
    script.ecs.delete_cluster(cluster="sales")
    with pytest.raises(ClientError, match=r"Cluster not found\.$"):
        run_task(script)
    assert script.asked == 3


def test_to_remove_what_is_missing_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, (200, {}), NO_GROUP)
    script.logs.create_log_group(logGroupName="/ecs/api")
    with pytest.raises(ClientError, match=r"does not exist\.$"):
        script.logs.delete_log_group(logGroupName="/ecs/api")
    assert script.asked == 2


@pytest.mark.parametrize(("answers", "asked"), [([MISSING, MISSING, FOUND], 4), ([OTHER_MISSING], 2)])
def test_a_description_that_does_not_find_it_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any], asked: int
) -> None:
    script = Script(monkeypatch, MADE_SERVICE, *answers)
    script.ecs.create_service(serviceName="api", cluster="sales", taskDefinition="api")
    script.ecs.describe_services(cluster="sales", services=["api", "api2"])
    assert script.asked == asked


def aborted(monkeypatch: pytest.MonkeyPatch, times: int) -> Script:
    error = b"<Error><Code>OperationAborted</Code><Message>A conflicting operation.</Message></Error>"
    script = Script(monkeypatch, *[(409, error)] * times, (200, b""))
    monkeypatch.setattr(type(script.cloud), "account_id", "123456789012")
    script.cloud._account = "123456789012"
    return script


def test_s3_is_asked_again_while_it_is_busy_with_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    script = aborted(monkeypatch, 3)
    script.s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert script.asked == 4


def test_but_not_for_longer_than_the_run_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    script = aborted(monkeypatch, 9999)
    with pytest.raises(ClientError, match=r"for 30\d s; a deleted bucket's name may take an hour"):
        script.s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION})


@pytest.mark.parametrize(
    ("code", "message", "absent"),
    [
        ("InvalidSubnetID.NotFound", "The subnet ID 'subnet-1' does not exist", True),
        ("InvalidVpcEndpointId.NotFound", "", True),
        ("InvalidPermission.NotFound", "The specified rule does not exist", False),
        ("InvalidRoute.NotFound", "no route with destination-cidr-block 0.0.0.0/0", False),
        ("NoSuchEntity", "The role with name api cannot be found.", True),
        ("NoSuchEntity", "Policy arn:aws:iam::aws:policy/No does not exist or is not attachable.", False),
        ("ObjectNotFoundException", "No scalable target registered for service namespace: ecs", True),
        ("ObjectNotFoundException", "No scaling policy found for service namespace: ecs", False),
        ("ValidationException", "ECS service doesn't exist: service/sales/api", True),
        ("ValidationException", "1 validation error detected", False),
        ("LifecyclePolicyNotFoundException", "Lifecycle policy does not exist", False),
        ("AccessDenied", "The role with name api cannot be found.", False),
    ],
)
def test_what_says_that_a_thing_is_not_there(code: str, message: str, absent: bool) -> None:
    assert visibility.says_absent(code, message) is absent


class Thing(Resource):
    """Found after so many looks."""

    kind = "thing"
    looks = 0

    @classmethod
    def find(cls, cloud: Any, region: str, resources: list[Any], found: Any) -> dict[str, Any]:
        cls.looks += 1
        return {each.name: {"id": each.name} for each in resources if cls.looks > each.wanted["hidden_for"]}


def test_what_was_made_is_looked_for_until_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, FOUND)
    monkeypatch.setattr(Thing, "looks", 0)
    made = [Thing("one", REGION, hidden_for=0), Thing("other", REGION, hidden_for=2)]
    assert find_again(script.cloud, made, {}) == {each.address: {"id": each.name} for each in made}
    assert Thing.looks == 3
    assert all(each.was_found_again for each in made)


def test_who_never_finds_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(monkeypatch, FOUND)
    made = [Thing("one", REGION, hidden_for=0), Thing("other", REGION, hidden_for=10**9)]
    with pytest.raises(NotReadyInTime, match=r"does not show it yet: sa-east-1/thing/other\. Look for it"):
        find_again(script.cloud, made, {})
