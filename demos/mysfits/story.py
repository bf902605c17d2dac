# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make demo-mysfits` shows, in order: a monolith behind a load balancer is taken apart, and no request fails.

The inventory is a copy of the shipped one. It begins without the like service, and is changed as its user would.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from demos.mysfits.page import BROWSER, Page
from harness.inventories import copy_inventory, edit_variables
from harness.leftovers import leftover_lines
from harness.playbooks import ROOT
from harness.story import Story
from harness.visitor import Visitor, ask
from localcloud.ports import on_this_machine

SHIPPED = ROOT / "inventories" / "mysfits"
REGION = "us-east-1"
PLACEHOLDER = "public.ecr.aws/nginx/nginx:1.29"
LINE = "Like processed."
MYSFIT = "dusk"
LIKE = ("POST", f"/mysfits/{MYSFIT}/like")
SIGHTS = [("GET", "/"), ("GET", "/mysfits"), ("GET", f"/mysfits/{MYSFIT}"), LIKE]
PATIENCE_SECONDS = 15.0


@dataclass
class MysfitsStory(Story):
    """A placeholder, a monolith, and a service that is split off. own_likes: those that are not the visitor's."""

    own_likes: int = 0

    def run(self) -> dict[str, Any]:
        self.ecs, self.logs = self.cloud.client("ecs", REGION), self.cloud.client("logs", REGION)
        self._begin()
        self.chapter("Build the network, the load balancer and a placeholder behind it")
        self.play("placeholder", "site.yml")
        balancers = self.cloud.client("elbv2", REGION).describe_load_balancers(Names=["mysfits"])["LoadBalancers"]
        self.name = balancers[0]["DNSName"]
        self._open_page()
        with Visitor(self.cloud.door, self.name, [("GET", "/")]) as visitor:
            self._first_revision()
            visitor.pages = SIGHTS
            self._nolike()
            self._split()
            self._nolike2()
        self.figures["requests_answered"] = visitor.answered.total()
        self.expect("requests_failed", len(visitor.failed), 0)
        for line in visitor.failed[:5]:
            self.tell(f"  failed: {line}")
        self.expect("likes_kept", self._likes(), visitor.answered[LIKE] + self.own_likes, least=3)
        if BROWSER is not None:
            self.expect("likes_on_the_page", self.page.likes(MYSFIT), self._likes())
            self.page.photograph(self.folder / "page.png")
            self.tell(f"  The page: {self.folder / 'page.png'}")
        self._end()
        return self.figures

    def _open_page(self) -> None:
        account = self.cloud.client("sts", REGION).get_caller_identity()["Account"]
        self.page = Page(self.cloud.door, f"mysfits-site-{account}-{REGION}", REGION)
        self.expect("page_served", self.page.served(), True)
        self.expect("page_asks_the_balancer", self.page.api(), self.name)
        self.tell(f"  The page, empty until the monolith answers: http://{self.page.name}")
        self.tell(f'  In a browser: chromium "{self.page.names}" http://{self.page.name}')

    def _first_revision(self) -> None:
        self.chapter("Build the monolith's image, and make its first revision: the placeholder's with another image")
        self.play("build-first", "playbooks/build.yml", "-e", "image_tag=first")
        self.play("revision", "demos/mysfits/revision.yml", "-e", "image_tag=first")
        self.expect("changed_in_the_revision", self._changed_in_the_latest(), ["image"])

        self.chapter("Run one task of it, call it, read its log, stop it")
        task = ("-e", "task=mysfits-monolith:2", "-e", "run_id=first", "-e", "wait_for=RUNNING")
        place = ("-e", "subnets=public", "-e", "public_ip=true", "-e", "security_groups=tasks")
        self.play("task", "playbooks/run_task.yml", *task, *place)
        tasks = self.ecs.list_tasks(cluster="mysfits", family="mysfits-monolith")["taskArns"]
        (arn,) = (each for each in tasks if self._task(each)["taskDefinitionArn"].endswith(":2"))
        # It is RUNNING as soon as its process is.
        self.expect("task_answers", self._eventually(lambda: self._ask_task(arn, "GET", "/")[0] == 200), True)
        started = self._eventually(lambda: any('"started"' in line for line in self._lines(arn)))
        self.expect("task_log_read", started, True)
        self.tell(f"  Its log: {''.join(self._lines(arn)[:1])}")
        self.play("task-stopped", "playbooks/run_task.yml", *task, *place, "-e", "keep=false")
        self.expect("task_stopped", self._task(arn)["lastStatus"], "STOPPED")

        self.chapter("Deploy it: the placeholder is replaced")
        self._become_monolith()
        repository = self.cloud.client("ecr", REGION).describe_repositories(repositoryNames=["mysfits/monolith"])
        image = f"{repository['repositories'][0]['repositoryUri']}:first"
        self._deploy("first", "-e", json.dumps({"images": {"monolith": image}}))
        (arn,) = self._running("monolith")
        self.expect("revision_deployed", self._task(arn)["taskDefinitionArn"].rpartition("/")[2], "mysfits-monolith:2")

    def _nolike(self) -> None:
        self.chapter("Deploy nolike: the monolith also takes likes that another service has processed")
        self._build("nolike", "like,fulfill-like,adopt")
        self._deploy("nolike", "-e", "image_tag=nolike")

    def _split(self) -> None:
        self.chapter("Split the like service off: its image, its target group, its route")
        self._add_like_service()
        self.play("build-like", "playbooks/build.yml", "-e", "image_tag=nolike")
        self.play("split", "site.yml")
        before = self._likes()
        status, said = ask(self.cloud.door, *LIKE, self.name)
        self.own_likes += 1
        self.expect("like_through_the_route", status, 200)
        self.expect("like_counted", said["likes"] > before, True)
        logged = self._eventually(lambda: LINE in self._group("like"))
        self.expect("like_logged_by_the_like_service", logged, True)
        self.tell(f"  /ecs/mysfits/like: {LINE}")
        if BROWSER is not None:
            self.expect("like_on_the_page", (self.page.likes(MYSFIT) or 0) > before, True)

    def _nolike2(self) -> None:
        self.chapter("Deploy nolike2: the monolith's own like route goes")
        self._build("nolike2", "fulfill-like,adopt")
        self._deploy("nolike2", "-e", "image_tag=nolike2")
        (task,) = self._running("monolith")
        self.expect("like_at_the_monolith", self._ask_task(task, *LIKE)[0], 404)
        self.expect("like_through_the_balancer", ask(self.cloud.door, *LIKE, self.name)[0], 200)
        self.own_likes += 1

    def _end(self) -> None:
        self.chapter("Take everything down")
        self.play("destroy", "playbooks/destroy.yml", "-e", "destroy=mysfits", "-e", "approve=true")
        left = leftover_lines(self.cloud.ask("inventory"))
        self.expect("left_over", left, [])

    # The inventory, as its user changes it.

    def _begin(self) -> None:
        """The shipped inventory before anything was split off, with a placeholder instead of the monolith."""
        self.inventory = copy_inventory(self.folder / "inventory", SHIPPED)
        with edit_variables(self.inventory, "image") as image:
            self._like_image = image["image_definitions"].pop(1)
            image["image_definitions"][0]["build_args"]["ROUTES"] = "like,adopt"
        with edit_variables(self.inventory, "edge") as edge:
            self._like_group = edge["edge_load_balancers"][0]["target_groups"].pop(1)
        with edit_variables(self.inventory, "service") as service:
            self._like_service = service["service_definitions"].pop(1)
            self._monolith_image = service["mysfits_monolith_image"]
            self._seed = service["service_definitions"][0].pop("before_deploy")
            service["mysfits_monolith_image"] = PLACEHOLDER

    def _become_monolith(self) -> None:
        with edit_variables(self.inventory, "service") as service:
            service["mysfits_monolith_image"] = deepcopy(self._monolith_image)
            service["service_definitions"][0]["before_deploy"] = self._seed

    def _add_like_service(self) -> None:
        with edit_variables(self.inventory, "image") as image:
            image["image_definitions"].append(self._like_image)
        with edit_variables(self.inventory, "edge") as edge:
            edge["edge_load_balancers"][0]["target_groups"].append(self._like_group)
        with edit_variables(self.inventory, "service") as service:
            service["service_definitions"].append(self._like_service)

    def _build(self, tag: str, routes: str) -> None:
        with edit_variables(self.inventory, "image") as image:
            image["image_definitions"][0]["build_args"]["ROUTES"] = routes
        self.play(f"build-{tag}", "playbooks/build.yml", "-e", f"image_tag={tag}")

    def _deploy(self, tag: str, *images: str) -> None:
        """Deploy these images; afterwards only tasks of the latest revision run."""
        arguments = (*images, "-e", f"reason={tag}", "-e", "bake_time=2", "-e", "approve=true")
        self.play(f"deploy-{tag}", "playbooks/deploy.yml", *arguments)
        latest = self.ecs.describe_task_definition(taskDefinition="mysfits-monolith")["taskDefinition"]
        running = {self._task(arn)["taskDefinitionArn"] for arn in self._running("monolith")}
        self.expect(f"{tag}_only_the_latest_runs", running == {latest["taskDefinitionArn"]}, True)

    # What is there.

    def _changed_in_the_latest(self) -> list[str]:
        """What the container of the latest revision has otherwise than that of the revision before, by its keys."""
        families = ("mysfits-monolith:1", "mysfits-monolith")
        told = [self.ecs.describe_task_definition(taskDefinition=each)["taskDefinition"] for each in families]
        (before,), (after,) = (each["containerDefinitions"] for each in told)
        return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))

    def _running(self, service: str) -> list[str]:
        return list(self.ecs.list_tasks(cluster="mysfits", serviceName=service)["taskArns"])

    def _task(self, arn: str) -> dict[str, Any]:
        return dict(self.ecs.describe_tasks(cluster="mysfits", tasks=[arn])["tasks"][0])

    def _ask_task(self, arn: str, method: str, path: str) -> tuple[int, Any]:
        """Ask a task at its own address, without the load balancer."""
        details = self._task(arn)["attachments"][0]["details"]
        address = next(each["value"] for each in details if each["name"] == "privateIPv4Address")
        return ask(f"{address}:{on_this_machine(80)}", method, path)

    def _lines(self, arn: str) -> list[str]:
        stream = f"ecs/monolith/{arn.rpartition('/')[2]}"
        told = self.logs.filter_log_events(logGroupName="/ecs/mysfits/monolith", logStreamNames=[stream])
        return [event["message"] for event in told["events"]]

    def _group(self, service: str) -> list[str]:
        told = self.logs.filter_log_events(logGroupName=f"/ecs/mysfits/{service}", filterPattern="processed")
        return [event["message"] for event in told["events"]]

    def _likes(self) -> int:
        return int(ask(self.cloud.door, "GET", f"/mysfits/{MYSFIT}", self.name)[1]["likes"])

    def _eventually(self, holds: Callable[[], bool]) -> bool:
        """Whether it holds within some seconds: what a task says reaches CloudWatch Logs a little later."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError):
                if holds():
                    return True
            time.sleep(0.2)
        return False
