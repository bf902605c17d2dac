# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a switch does around its epochs: the check of the target, workers that drop, DNS weights, notices."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes, maps_of
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import preparation, workers
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.running import SwitchRun
from tests.unit.switch.conftest import STATES


def names(result: dict[str, Any]) -> list[str]:
    return [change["name"] for change in result["changes"]]


def journal(workload: Any) -> dict[str, Any]:
    found = workload.client("dynamodb", "us-east-2").scan(TableName="sales-lease")["Items"]
    return [from_attributes(item) for item in found if item["id"]["S"].startswith("journal#")][-1]


# --- DNS weights ---


@pytest.fixture
def zone(workload) -> tuple[str, Any]:
    """A hosted zone whose name api.example.test has a weighted record for each region, and one that is not weighted."""
    client = workload.client("route53", "us-east-1")
    zone = client.create_hosted_zone(Name="example.test", CallerReference="1")["HostedZone"]["Id"].rpartition("/")[2]
    records = [
        {"Name": "api.example.test", "Type": "CNAME", "TTL": 60, "SetIdentifier": region, "Weight": weight}
        for region, weight in (("sa-east-1", 100), ("us-east-1", 0))
    ]
    plain = {"Name": "www.example.test", "Type": "CNAME", "TTL": 60}
    changes = [
        {"Action": "CREATE", "ResourceRecordSet": {**record, "ResourceRecords": [{"Value": "lb.example.test"}]}}
        for record in (*records, plain)
    ]
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return zone, client


def weights(zone: tuple[str, Any]) -> dict[str, int]:
    records = zone[1].list_resource_record_sets(HostedZoneId=zone[0])["ResourceRecordSets"]
    return {record["SetIdentifier"]: record["Weight"] for record in records if "Weight" in record}


def test_the_weights_of_dns_records_follow_the_states(workload, switch, zone):
    made = switch(to="us-east-1", dns={"zone": zone[0], "names": ["api.example.test"]})
    assert weights(zone) == {"sa-east-1": 0, "us-east-1": 100}
    told = {step["step"]: step["sentence"] for step in made["steps"]}
    assert "the weights of api.example.test. moved" in told["shift"] and "already so" in told["traffic"]
    assert journal(workload)["traffic_at"] >= journal(workload)["taken_at"]


@pytest.mark.parametrize(
    ("asked", "at_fence"),
    [
        ({"to": "us-east-1"}, {"sa-east-1": 0, "us-east-1": 100}),
        # A region that is only turned on processes nothing yet, so nothing is sent there yet.
        ({"target": "us-east-1", "turn": "on"}, {"sa-east-1": 100, "us-east-1": 0}),
    ],
    ids=["failover", "turn on"],
)
def test_the_traffic_leaves_before_the_fence(workload, switch, zone, monkeypatch, asked, at_fence):
    seen = []
    fence = SwitchRun.wait_fence

    def look(self: SwitchRun) -> str:
        seen.append((weights(zone), maps_of([workload.state_item("us-east-1")])["us-east-1"].epoch))
        return fence(self)

    monkeypatch.setattr(SwitchRun, "wait_fence", look)
    switch(dns={"zone": zone[0], "names": ["api.example.test"]}, **asked)
    assert seen == [(at_fence, 2)] and weights(zone)["us-east-1"] == 100


def test_going_back_puts_the_traffic_back(workload, switch, zone, monkeypatch):
    def die(self: SwitchRun) -> str:
        raise CollectionError("it broke")

    monkeypatch.setattr(SwitchRun, "wait_fence", die)
    with pytest.raises(CollectionError, match="it went back"):
        switch(to="us-east-1", on_failure="rollback", dns={"zone": zone[0], "names": ["api.example.test"]})
    assert weights(zone) == {"sa-east-1": 100, "us-east-1": 0}


def test_a_region_without_a_weighted_record_stops_the_switch_and_nothing_of_the_zone_moves(workload, switch, zone):
    with pytest.raises(CollectionError, match=r"no weighted record .* for www.example.test\. of us-east-1"):
        switch(to="us-east-1", dns={"zone": zone[0], "names": ["api.example.test", "www.example.test"]})
    assert weights(zone) == {"sa-east-1": 100, "us-east-1": 0}


def test_a_weight_that_somebody_set_late_is_set_back_before_the_end(workload, switch, zone, monkeypatch):
    record = SwitchRun.record

    def late(self: SwitchRun) -> str:
        found = zone[1].list_resource_record_sets(HostedZoneId=zone[0])["ResourceRecordSets"]
        old = next(each for each in found if each.get("SetIdentifier") == "sa-east-1")
        change = {"Action": "UPSERT", "ResourceRecordSet": {**old, "Weight": 100}}
        zone[1].change_resource_record_sets(HostedZoneId=zone[0], ChangeBatch={"Changes": [change]})
        workload.parameter("sa-east-1", "ACTIVE")
        return record(self)

    monkeypatch.setattr(SwitchRun, "record", late)
    switch(to="us-east-1", dns={"zone": zone[0], "names": ["api.example.test."]})
    assert weights(zone) == {"sa-east-1": 0, "us-east-1": 100}
    assert workload.parameter("sa-east-1") == "PASSIVE"


# --- Notices ---


def test_a_topic_hears_of_the_beginning_and_of_the_end(workload, switch):
    for region in STATES:
        workload.client("sns", region).create_topic(Name="notices")
    queue = workload.client("sqs", "us-east-1").create_queue(QueueName="heard")["QueueUrl"]
    workload.client("sns", "us-east-1").subscribe(
        TopicArn="arn:aws:sns:us-east-1:123456789012:notices",
        Protocol="sqs",
        Endpoint="arn:aws:sqs:us-east-1:123456789012:heard",
    )
    switch(to="us-east-1", notify_topic="notices", operator="Ana", reason="a drill")
    found = workload.client("sqs", "us-east-1").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    heard = [json.loads(json.loads(message["Body"])["Message"]) for message in found]
    assert sorted(message["event"] for message in heard) == ["begun", "ended"]
    assert {(message["operator"], message["reason"]) for message in heard} == {("Ana", "a drill")}


def test_a_topic_that_does_not_exist_stops_nothing(workload, switch):
    assert switch(to="us-east-1", notify_topic="nobody")["epoch"] == 3


# --- Workers that drop ---


@pytest.fixture
def services(workload) -> dict[str, Any]:
    """A worker's service in both regions, with automatic scaling from 2 to 8 in the source; none runs in the target."""
    for region in STATES:
        ecs = workload.client("ecs", region)
        ecs.create_cluster(clusterName="sales")
        ecs.register_task_definition(
            family="worker", containerDefinitions=[{"name": "worker", "image": "worker", "memory": 64}]
        )
        count = 5 if STATES[region] == "ACTIVE" else 0
        ecs.create_service(cluster="sales", serviceName="worker", taskDefinition="worker", desiredCount=count)
        workload.client("application-autoscaling", region).register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/sales/worker",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=2 if count else 0,
            MaxCapacity=8 if count else 0,
        )
    return {"drops": [{"cluster": "sales", "name": "worker", "min": 1, "max": 3}]}


def counts(workload: Any, region: str) -> tuple[int, int, int]:
    client = workload.client("ecs", region)
    desired = client.describe_services(cluster="sales", services=["worker"])["services"][0]["desiredCount"]
    scaling = workload.client("application-autoscaling", region)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    return desired, target["MinCapacity"], target["MaxCapacity"]


def test_workers_that_drop_stop_before_the_hold_and_start_where_it_is_active(workload, switch, services, monkeypatch):
    at_hold = {}
    hold = SwitchRun.hold

    def look(self: SwitchRun) -> str:
        at_hold.update({region: counts(workload, region) for region in STATES})
        return hold(self)

    monkeypatch.setattr(SwitchRun, "hold", look)
    made = switch(to="us-east-1", **services)
    assert names(made) == ["lease", "drain", "hold", "fence", "grant", "start", "record"]
    assert at_hold == {"sa-east-1": (0, 0, 0), "us-east-1": (0, 0, 0)}
    assert {r: counts(workload, r) for r in STATES} == {"sa-east-1": (0, 0, 0), "us-east-1": (5, 2, 8)}


def test_workers_start_only_where_the_parameter_already_says_active(workload, switch, services, monkeypatch):
    seen = []
    put = preparation.set_counts

    def remember(cloud: Any, entry: dict[str, Any]) -> None:
        assert entry["desired"]
        seen.append((entry["region"], workload.parameter(entry["region"])))
        put(cloud, entry)

    monkeypatch.setattr(preparation, "set_counts", remember)
    switch(to="us-east-1", **services)
    assert seen == [("us-east-1", "ACTIVE")]


def test_a_run_killed_after_it_stopped_workers_remembers_how_many_there_were(workload, switch, services, monkeypatch):
    def die(self: SwitchRun) -> str:
        raise CollectionError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(SwitchRun, "hold", die)
        with pytest.raises(CollectionError, match="killed"):
            switch(to="us-east-1", **services)
    assert counts(workload, "sa-east-1")[0] == 0
    switch(to="us-east-1", **services)
    assert counts(workload, "us-east-1") == (5, 2, 8)


def test_going_back_starts_them_where_they_ran(workload, switch, services, monkeypatch):
    def die(self: SwitchRun) -> str:
        raise CollectionError("it broke")

    monkeypatch.setattr(SwitchRun, "wait_fence", die)
    with pytest.raises(CollectionError, match="it went back"):
        switch(to="us-east-1", on_failure="rollback", **services)
    assert {r: counts(workload, r) for r in STATES} == {"sa-east-1": (5, 2, 8), "us-east-1": (0, 0, 0)}


def test_counts_that_a_superseded_switch_changed_come_back(workload, switch, services, monkeypatch):
    def die(self: SwitchRun) -> str:
        raise CollectionError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(SwitchRun, "hold", die)
        with pytest.raises(CollectionError, match="killed"):
            switch(to="us-east-1", **services)
    switch(to="sa-east-1", supersede=True, **services)
    assert {r: counts(workload, r) for r in STATES} == {"sa-east-1": (5, 2, 8), "us-east-1": (0, 0, 0)}


def test_workers_of_a_region_that_comes_back_stop_before_it_learns_of_the_switch(workload, switch, services, silent):
    silent.add("sa-east-1")
    switch(to="us-east-1", execution="ungraceful", **services)
    silent.clear()
    assert counts(workload, "sa-east-1")[0] == 5
    made = switch(to="us-east-1", **services)
    assert names(made)[1:3] == ["drain", "grant"] and counts(workload, "sa-east-1") == (0, 0, 0)


@pytest.mark.parametrize("step", ["preflight", "drain"])
@pytest.mark.parametrize("told", [True, False])
def test_a_source_that_dies_before_the_hold_is_left_behind_only_when_told(
    workload, switch, services, silent, monkeypatch, step, told
):
    method = getattr(SwitchRun, step)

    def die_first(self: SwitchRun) -> str:
        silent.add("sa-east-1")
        return method(self)

    monkeypatch.setattr(SwitchRun, step, die_first)
    lag = {"lag": {"table": "sales-state", "key": "region"}, "quotas": False}
    asked = {"to": "us-east-1", "readiness": lag if step == "preflight" else None, **services}
    if not told:
        with pytest.raises(CollectionError, match=r"sa-east-1 does not answer.*add -e may_turn_ungraceful=true"):
            switch(**asked)
        assert maps_of([workload.state_item("us-east-1")])["us-east-1"].epoch == 1
        return
    made = switch(may_turn_ungraceful=True, **asked)
    assert (made["epoch"], made["unfenced"], made["findings"]) == (3, ["sa-east-1"], [])
    assert journal(workload)["execution"] == "ungraceful"
    assert counts(workload, "us-east-1") == (1, 1, 3), "as declared: nobody knows how many ran in the source"


def test_drained_tasks_are_waited_for_until_each_is_seen_stopped():
    statuses = iter(["RUNNING", "RUNNING", "DEACTIVATING", "STOPPED"])
    asked = []

    class Ecs:
        def update_service(self, **wanted: Any) -> None:
            asked.append(wanted["desiredCount"])

        def describe_tasks(self, **wanted: Any) -> dict[str, Any]:
            asked.append(status := next(statuses))
            return {"tasks": [{"taskArn": "task/1", "lastStatus": status}]}

    class Cloud:
        def client(self, *_which: Any, **_config: Any) -> Ecs:
            return Ecs()

        def paginate(self, *_which: Any, desiredStatus: str, **_wanted: Any) -> list[str]:
            return ["task/1"] if desiredStatus == "STOPPED" else []

        def tell(self, line: str) -> None:
            """Nobody listens."""

        def wait_until(self, _what: str, stopped: Any) -> None:
            while not stopped():
                pass

    entry = {"region": "us-east-1", "cluster": "sales", "service": "worker", "desired": 5, "scaling": None}
    workers.stop(Cloud(), {"worker": entry})
    assert asked == ["RUNNING", 0, "RUNNING", "DEACTIVATING", "STOPPED"]


# --- More tasks for the region that takes over ---


class Kept(dict):
    """The items beside the lease."""

    put, look_up, remove = dict.__setitem__, dict.get, dict.pop


def test_a_region_that_was_given_tasks_twice_gets_the_counts_of_before_the_first_time_back(monkeypatch):
    set_to: list[int | None] = []
    monkeypatch.setattr(
        preparation, "restore_capacity", lambda _cloud, before: set_to.extend(s["desired"] for s in before["services"])
    )
    table = Kept()

    def end(state: str, *desired: int, answers: bool = True) -> list[int | None]:
        was = [{"region": "us-east-1", "cluster": "sales", "service": "api", "desired": each} for each in desired]
        run = SimpleNamespace(
            cloud=None,
            params={"drops": [], "readiness": {"services": []}},
            work=SimpleNamespace(states={"us-east-1": state}),
            journal={"capacity": {"services": was}} if was else {},
            maps={"us-east-1": None} if answers else {},
            table=table,
        )
        set_to.clear()
        preparation.Preparation(run).put_back()
        return list(set_to)

    assert end("ACTIVE", 1) == [None], "where it processes, automatic scaling may have moved the count since"
    assert end("ACTIVE", 3) == [None], "it stays ACTIVE and more was asked of it"
    assert end("PASSIVE") == [1]
    assert not table
    assert end("PASSIVE", 2, answers=False) == [], "a region that is silent is not waited for"
    assert end("PASSIVE") == [2]
    assert not table


# --- The check of the target ---


@pytest.fixture
def readiness(workload) -> dict[str, Any]:
    """Both regions run the same service, two tasks each as ECS tells it; a queue is only in the source."""
    for region in STATES:
        ecs = workload.client("ecs", region)
        ecs.create_cluster(clusterName="sales")
        ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": "api", "memory": 64}])
        ecs.create_service(cluster="sales", serviceName="api", taskDefinition="api", desiredCount=0)
    workload.client("sqs", "sa-east-1").create_queue(QueueName="orders")
    return {"readiness": {"services": [{"cluster": "sales", "name": "api"}], "queues": ["orders"], "quotas": False}}


def test_a_check_that_fails_stops_the_switch_before_any_epoch_and_check_mode_tells_it(workload, switch, readiness):
    foretold = switch(check=True, to="us-east-1", **readiness)
    assert names(foretold)[:2] == ["lease", "preflight"]
    assert {finding["check"] for finding in foretold["findings"]} == {"queues"}
    with pytest.raises(CollectionError, match=r"us-east-1 cannot take over yet(.|\n)*orders(.|\n)*-e skip_checks="):
        switch(to="us-east-1", **readiness)
    assert maps_of([workload.state_item("us-east-1")])["us-east-1"].epoch == 1


def test_a_skipped_check_is_told_and_recorded(workload, switch, readiness):
    checks = sorted({finding["check"] for finding in switch(check=True, to="us-east-1", **readiness)["findings"]})
    made = switch(to="us-east-1", skip_checks=checks, **readiness)
    assert made["epoch"] == 3
    assert sorted({finding["check"] for finding in journal(workload)["skipped"]}) == checks
    assert len(journal(workload)["evidence"]) == len(STATES)


def test_an_unknown_check_is_refused_with_the_names_of_those_there_are(workload, switch, readiness):
    with pytest.raises(CollectionError, match=r"skip_checks names luck; the checks are .*digests"):
        switch(to="us-east-1", skip_checks=["luck"], **readiness)
