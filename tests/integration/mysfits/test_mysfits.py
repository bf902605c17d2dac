# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mysfits system, built by its playbook: a like takes the way through the rule, and is kept by the monolith."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from harness.inventories import copy_inventory, edit_variables
from harness.playbooks import ROOT, Run, run_playbook
from harness.visitor import Visitor, ask
from localcloud import Cloud
from tests.support.images import build_images
from tests.support.waiting import eventually

INVENTORY = ROOT / "inventories" / "mysfits"
REGION = "us-east-1"


class Mysfits:
    """The running system, seen from outside and from AWS."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder
        build_images(cloud, INVENTORY)
        self.site(INVENTORY)
        elb = cloud.client("elbv2", REGION)
        self.name = elb.describe_load_balancers(Names=["mysfits"])["LoadBalancers"][0]["DNSName"]

    def site(self, inventory: Path, *arguments: str) -> Run:
        return run_playbook("site.yml", inventory, self.cloud.env(), self.folder / "site.log", *arguments)

    def ask(self, method: str, path: str) -> tuple[int, Any]:
        return ask(self.cloud.door, method, path, self.name)

    def routes(self) -> dict[str, str]:
        """Priority → target group of the listener's rules."""
        elb = self.cloud.client("elbv2", REGION)
        (balancer,) = elb.describe_load_balancers(Names=["mysfits"])["LoadBalancers"]
        (listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        return {rule["Priority"]: rule["Actions"][0]["TargetGroupArn"].split("/")[-2] for rule in rules}

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


def adopt_service(folder: Path) -> None:
    """What the reader of docs/mysfits.md writes: the source of the adopt service, from that of the like service."""
    shutil.copytree(ROOT / "workloads", folder / "workloads", ignore=shutil.ignore_patterns("__pycache__"))
    made = Path(shutil.copytree(folder / "workloads" / "mysfits_like", folder / "workloads" / "mysfits_adopt"))
    for file in made.iterdir():
        file.write_text(file.read_text().replace("Like ", "Adoption ").replace("like", "adopt"))


def adopt_inventory(folder: Path) -> Path:
    """What the reader of docs/mysfits.md writes into the inventory."""
    inventory = copy_inventory(folder, INVENTORY)
    with edit_variables(inventory, "image") as image:
        image["image_definitions"][0]["build_args"]["ROUTES"] = "like,fulfill-like,adopt,fulfill-adopt"
        dockerfile = "workloads/mysfits_adopt/Dockerfile"
        image["image_definitions"].append({"repository": "mysfits/adopt", "dockerfile": dockerfile})
    with edit_variables(inventory, "edge") as edge:
        groups = edge["edge_load_balancers"][0]["target_groups"]
        groups.append({**deepcopy(groups[1]), "name": "mysfits-adopt"})
    with edit_variables(inventory, "service") as service:
        definitions = service["service_definitions"]
        adopt = {"name": "adopt", "image": {"repository": "mysfits/adopt"}, "target_group": "mysfits-adopt"}
        routes = [{"priority": 2, "paths": ["/mysfits/*/adopt"], "methods": ["POST"]}]
        definitions.append({**deepcopy(definitions[1]), **adopt, "routes": routes})
    return inventory


def test_the_adoption_is_split_off_as_the_exercise_says_and_goes_back_with_its_route(
    mysfits: Mysfits, tmp_path: Path
) -> None:
    """The last test, since it changes the system. Somebody asks all the time, and gets an answer each time."""
    line, adoption = "Adoption processed.", ("POST", "/mysfits/tarn/adopt")
    adopt_service(tmp_path)
    inventory = adopt_inventory(tmp_path / "inventory")
    pages = [("GET", "/mysfits"), adoption, ("POST", "/mysfits/tarn/like"), ("GET", "/mysfits/tarn")]
    with Visitor(mysfits.cloud.door, mysfits.name, pages) as visitor:
        build_images(mysfits.cloud, inventory, tmp_path, "adopt")
        mysfits.site(inventory)
        assert mysfits.routes() == {"1": "mysfits-like", "2": "mysfits-adopt", "default": "mysfits-monolith"}
        assert mysfits.ask(*adoption)[1]["adopted"] is True
        eventually(lambda: line in mysfits.lines("adopt"), 15, what=lambda: mysfits.lines("adopt"))

        with edit_variables(inventory, "service") as service:
            del service["service_definitions"][2]["routes"]
        mysfits.site(inventory, "--tags", "edge")
        assert mysfits.routes() == {"1": "mysfits-like", "default": "mysfits-monolith"}
        visitor.pages = [("GET", "/mysfits")]
        before = mysfits.lines("monolith").count(line)
        assert mysfits.ask(*adoption)[0] == 200
        eventually(lambda: mysfits.lines("monolith").count(line) > before, 15)
    assert visitor.failed == [] and visitor.answered[adoption] > 20
