# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments of real tasks in two regions of the embedded cloud: under traffic, with a bad image, killed, refused."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.releases import error_rate
from ansible_collections.multiregion.ecs.plugins.module_utils.releases.steps import bake
from ansible_collections.multiregion.ecs.plugins.module_utils.services.alarms import guard_names, region_alarms
from harness.playbooks import run_playbook, start_playbook
from localcloud import Cloud
from tests.support.two_regions import A, B, TwoRegions, Visitors
from tests.support.waiting import eventually

IMAGES = Path(__file__).with_name("images.yml")
ASKED = ("-e", "approve=true", "-e", "reason=test")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRegions]:
    home = tmp_path_factory.mktemp("cloud")
    with Cloud(home, port=0, door_port=0, tick=0.1, metric_seconds=1.0, image_tables=str(IMAGES)) as cloud:
        yield TwoRegions(cloud)


@pytest.fixture(scope="module")
def inventory(web: TwoRegions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return web.inventory(tmp_path_factory.mktemp("inventory") / "web")


@pytest.fixture
def play(web: TwoRegions, inventory: Path, tmp_path: Path) -> Callable[..., str]:
    def playbook(name: str, *arguments: str) -> str:
        return run_playbook(f"playbooks/{name}", inventory, web.cloud.env(), tmp_path / name, *ASKED, *arguments).output

    return playbook


@pytest.fixture(autouse=True)
def _no_orphans(web: TwoRegions) -> Iterator[None]:
    """`kill -9` of ansible-playbook orphans its workers, which is what a test wants; not for longer than the test."""
    yield
    mark = f"AWS_ENDPOINT_URL={web.cloud.endpoint}".encode()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            ours = entry.name.isdigit() and b"ansible-playbook" in (entry / "cmdline").read_bytes()
            if ours and mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)


def runs(web: TwoRegions, *versions: str) -> bool:
    """Whether these versions, of A and B, are all that runs, and the latest revision is the one that runs."""
    latest = {
        region: web.cloud.client("ecs", region).describe_task_definition(taskDefinition="web")["taskDefinition"]
        for region in (A, B)
    }
    expected = {region: {f"shop/web:{version}"} for region, version in zip((A, B), versions, strict=True)}
    return web.running() == expected and all(
        told["taskDefinitionArn"].endswith(web.revision(region)) for region, told in latest.items()
    )


def test_a_deployment_and_a_rollback_under_traffic_fail_no_request(
    web: TwoRegions, play: Callable[..., str], inventory: Path, tmp_path: Path
) -> None:
    job = {"name": "migrate", "environment": {"JOB": 0}}
    services = {"service_definitions": [{"name": "web", "image": "shop/web:v1", "before_deploy": [job]}]}
    asked = ("deploy.yml", "-e", "image_tag=v2", "-e", json.dumps(services))
    plan = play(*asked, "--check", "--diff")
    assert "web: before that, with the new revision: migrate" in plan and web.jobs(A) == []
    assert "-web: shop/web:v1" in plan and "+web: shop/web:v2" in plan and runs(web, "v1", "v1")
    with Visitors(web) as visitors:
        output = play(*asked)
        assert runs(web, "v2", "v2") and len(web.digests()) == 1
        again = play(*asked)
        back = play("rollback.yml")
        assert runs(web, "v1", "v1")
    assert visitors.failed == [] and visitors.answered > 100
    assert web.jobs(A) == web.jobs(B) == [("web:2", 0)] and "web | the migration exits with 0" in output
    passive, active = (output.index(f"web in {region} runs shop/web:v2 as web:2") for region in (B, A))
    assert passive < active and f"{B} did well for 1 s" in output
    assert "Nothing to do" in again and "changed=0" in again
    assert "web in us-east-1 runs shop/web:v1 as web:1" in back
    report = play("report.yml")
    assert "web :v2" in report and "back to the release before" in report


def test_a_bad_image_never_reaches_the_second_wave_and_tells_why(web: TwoRegions) -> None:
    with Visitors(web) as visitors, pytest.raises(CollectionError) as failure:
        web.deploy(":bad")
    said = str(failure.value)
    for words in ("exited with 3", "no such table", f"{B} went back", f"{A} was not begun"):
        assert words in said, said
    assert runs(web, "v1", "v1") and visitors.failed == []
    revisions = web.cloud.client("ecs", A).list_task_definitions(familyPrefix="web")["taskDefinitionArns"]
    assert len(revisions) == 1
    assert not web.item("lease")["plan"]


def test_a_version_that_answers_a_part_of_the_requests_with_500_goes_back(
    web: TwoRegions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(error_rate, "PERIOD_SECONDS", 1)  # as the points of this cloud
    monkeypatch.setattr(bake, "LOOK_SECONDS", 0.5)
    limit = {"most_percent": 5.0, "least_requests": 20, "wait": 5.0}
    asked = {"bake_time": 3, "error_rate": limit}
    with Visitors(web, pause=0.02) as visitors:
        with pytest.raises(CollectionError) as failure:
            web.deploy(":flaky", **asked)
        assert runs(web, "v1", "v1")
        good = web.deploy(":v10", waves=[[B]], **asked)
    said = str(failure.value)
    found = re.search(rf"{B} does not do well .* service web: (\d+) of (\d+) requests were answered with 5xx", said)
    assert found and int(found[1]) / int(found[2]) == pytest.approx(0.25, abs=0.1), said
    assert f"{B} went back" in said and f"{A} was not begun" in said
    assert {failed.rpartition(" ")[2] for failed in visitors.failed} == {"500"}
    (told,) = [each["sentence"] for each in good["steps"] if each["step"] == "bake"]
    assert re.search(r"did well for \d+ s \(service web: 0 of \d\d+ requests failed\)", told), told
    web.deploy(rollback=True)
    assert runs(web, "v1", "v1")


def test_an_alarm_that_goes_off_by_itself_while_a_region_is_watched_sends_it_back(
    web: TwoRegions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bake, "LOOK_SECONDS", 0.5)
    host = {"workload": "web", "observability_target_5xx": 1, "edge_load_balancers": [web.balancers[B]]}
    for region in (A, B):
        client = web.cloud.client("elbv2", region)
        arns = {
            each["LoadBalancerName"]: each["LoadBalancerArn"]
            for each in client.describe_load_balancers()["LoadBalancers"]
        }
        groups = {
            each["TargetGroupName"]: each["TargetGroupArn"] for each in client.describe_target_groups()["TargetGroups"]
        }
        edge = {"load_balancer_arns": arns, "target_groups": groups}
        web.ask("metric_alarms", region, alarms=region_alarms(host, region, [A, B], edge))
    guards = [name for name in guard_names({**host, "observability_enabled": True}, [A, B]) if "target-5xx" in name]
    with Visitors(web, pause=0.02), pytest.raises(CollectionError) as failure:
        web.deploy(":flaky", bake_time=60, alarms=guards)
    said = str(failure.value)
    assert re.search(rf"alarm web-{B}-target-5xx-\S+ went off: Threshold Crossed: datapoints \[[\d, ]+\]", said), said
    assert f"{B} went back" in said and f"{A} was not begun" in said
    assert runs(web, "v1", "v1")


def test_a_job_that_fails_stops_its_wave_before_the_service_is_touched(web: TwoRegions) -> None:
    before = {region: web.revision(region) for region in (A, B)}
    with pytest.raises(CollectionError) as failure:
        web.deploy(":v2", jobs=[{"name": "migrate", "environment": {"JOB": 3}}])
    said = str(failure.value)
    for words in (
        "job migrate of service web",
        "web exited with 3",
        "the migration exits with 3",
        f"{A} was not begun",
    ):
        assert words in said, said
    assert {region: web.revision(region) for region in (A, B)} == before and runs(web, "v1", "v1")
    assert [code for _revision, code in web.jobs(B)] == [0, 3] and len(web.jobs(A)) == 1


def ended(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("phase", [(B, "deploying"), (A, "deploying")], ids=["first wave", "second wave"])
def test_a_playbook_killed_in_a_wave_is_resumed_by_the_same_command(
    web: TwoRegions, play: Callable[..., str], inventory: Path, phase: tuple[str, str]
) -> None:
    region, wanted = phase
    number = 3 if region == B else 4
    asked = ("-e", f"image_tag=v{number}")
    before = "v1" if region == B else "v3"
    process = start_playbook("playbooks/deploy.yml", inventory, web.cloud.env(), *ASKED, *asked)
    try:

        def reached() -> bool:
            plan = web.item("lease").get("plan") or {}
            told = plan.get("regions", {}).get(region, {})
            return told.get("phase") == wanted and told["services"]["web"]["after"] is not None

        eventually(reached, 60)
    finally:
        ended(process)
    assert web.running()[A] >= {f"shop/web:{before}"}
    with pytest.raises(CollectionError) as refused:
        web.deploy(":v9")
    assert f"playbooks/deploy.yml -e image_tag=v{number} -e 'reason=\"test\"'" in str(refused.value)
    output = play("deploy.yml", *asked)
    assert "Goes on with a deployment" in output
    assert runs(web, f"v{number}", f"v{number}") and not web.item("lease")["plan"]
    assert web.item("release")["regions"][A]["services"] == web.item("release")["regions"][B]["services"]


def test_a_switch_asked_for_meanwhile_is_refused_and_one_after_a_death_goes_on(web: TwoRegions) -> None:
    no_fence = {"view_ttl": 0.1, "claim_to_effect": 0.1}
    switch = {"regions": [A, B], "to": B, "lease_regions": [B], "reason": "drill", **no_fence}
    done: list[dict] = []
    thread = threading.Thread(target=lambda: done.append(web.deploy(":v5", bake_time=2)))
    thread.start()
    eventually(lambda: (web.item("lease").get("plan") or {}).get("kind") == "deployment")
    with pytest.raises(CollectionError) as refused:
        web.ask("region_switch", B, **switch)
    thread.join(60)
    said = str(refused.value)
    assert done and "held by Ana (run" in said and "it is a deployment (web :v5;" in said, said
    assert "playbooks/cancel.yml ends it at its next step" in said
    # A deployment that waits for its second wave, whose run is gone, is put aside.
    web.deploy(":v6", through_wave=1)
    began = time.monotonic()
    switched = web.ask("region_switch", B, **switch)
    assert switched["states"] == {A: "PASSIVE", B: "ACTIVE"} and time.monotonic() - began < 30
    told = web.ask("workload_deployments_info", B, lease_regions=[B])
    assert told["unfinished"] == "" and told["deployments"][-1]["outcome"].startswith("interrupted: ")
    assert web.running() == {A: {"shop/web:v5"}, B: {"shop/web:v6"}}
    # Now sa-east-1 is PASSIVE; what was good everywhere before is what both return to.
    assert web.deploy(":v7")["waves"] == [[A], [B]]
    web.deploy(rollback=True)
    assert runs(web, "v5", "v5")


def test_a_wave_that_was_done_before_is_not_asked_for(web: TwoRegions, play: Callable[..., str]) -> None:
    """Nobody could answer here."""
    web.deploy(":v8", waves=[[B]])
    output = play("deploy.yml", "-e", "image_tag=v8", "-e", "wave_pause=approval")
    assert runs(web, "v8", "v8") and f"web in {A} runs shop/web:v8" in output
    assert web.item("lease")["plan"] is None
