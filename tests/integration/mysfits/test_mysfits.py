# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mysfits system, built by its playbook: a like takes the way through the rule, and is kept by the monolith."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.playbooks import ROOT, run_playbook
from localcloud import Cloud
from tests.support.images import build_images
from tests.support.waiting import eventually

INVENTORY = ROOT / "inventories" / "mysfits"
REGION = "us-east-1"


class Mysfits:
    """The running system, seen from outside and from AWS."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud = cloud
        build_images(cloud, INVENTORY)
        run_playbook("site.yml", INVENTORY, cloud.env(), folder / "site.log")
        elb = cloud.client("elbv2", REGION)
        self.name = elb.describe_load_balancers(Names=["mysfits"])["LoadBalancers"][0]["DNSName"]

    def ask(self, method: str, path: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self.cloud.door, timeout=10)
        try:
            connection.request(method, path, headers={"Host": self.name})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def lines(self, service: str) -> list[str]:
        told = self.cloud.client("logs", REGION).filter_log_events(logGroupName=f"/ecs/mysfits/{service}")
        return [event["message"] for event in told["events"]]


@pytest.fixture(scope="module")
def mysfits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mysfits]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as cloud:
        yield Mysfits(cloud, tmp_path_factory.mktemp("logs"))


def test_the_job_before_the_first_revision_has_put_the_mysfits(mysfits: Mysfits) -> None:
    status, told = mysfits.ask("GET", "/mysfits?filter=law_chaos&value=Lawful")
    assert (status, [each["name"] for each in told["mysfits"]]) == (200, ["Dusk", "Quill", "Tarn"])


def test_a_like_is_processed_by_its_service_and_counted_by_the_monolith(mysfits: Mysfits) -> None:
    before = mysfits.ask("GET", "/mysfits/dusk")[1]["likes"]
    status, liked = mysfits.ask("POST", "/mysfits/dusk/like")
    assert (status, liked["likes"]) == (200, before + 1)
    assert mysfits.ask("GET", "/mysfits/dusk")[1]["likes"] == before + 1
    eventually(lambda: "Like processed." in mysfits.lines("like"), 15, what=lambda: mysfits.lines("like"))
    # Its own route is still there, and no longer asked.
    assert "Like processed." not in mysfits.lines("monolith")
    # What is no like goes to the monolith, which has processed it.
    assert mysfits.ask("POST", "/mysfits/dusk/adopt")[1]["adopted"] is True
    eventually(lambda: "Adoption processed." in mysfits.lines("monolith"), 15)


def test_a_like_of_nobody_is_refused_by_the_monolith_through_the_like_service(mysfits: Mysfits) -> None:
    assert mysfits.ask("POST", "/mysfits/nobody/like")[0] == 404
