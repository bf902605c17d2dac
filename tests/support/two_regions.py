# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web service of real tasks behind a load balancer in each of two regions, with a lease; and visitors of it."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from localcloud import Cloud
from protocol.encoding import from_attributes
from tests.support.modules import checked, module_named

A, B = "sa-east-1", "us-east-1"
CIDRS = {A: "10.91.0.0/16", B: "10.92.0.0/16"}
TABLES = {"web-state": ("region", [A, B]), "web-lease": ("id", [B])}
RULE = {"priority": 2, "paths": ["/*"], "target_group": "web", "shifts_to": "web-other"}
TEST_RULE = {**RULE, "priority": 1, "paths": ["/test*"]}
HOOKED = "smoke"
"""The function that may be invoked as a hook of deployments."""
VERSION = "VERSION"


class TwoRegions:
    """The workload `web`: ACTIVE in sa-east-1, PASSIVE in us-east-1.

    deployment: what `ecs_service` is told of it. With a strategy that shifts traffic, a second target group, a rule and
    a role come with it.
    """

    def __init__(self, cloud: Cloud, deployment: dict[str, Any] | None = None) -> None:
        self.cloud = cloud
        self._deployment = deployment or {}
        self.names: dict[str, str] = {}
        self.balancers: dict[str, dict[str, Any]] = {}
        for table, (key, regions) in TABLES.items():
            self.ask(
                "global_table", B, name=table, hash_key=key, regions=regions, deletion_protection=False, purge_tags=None
            )
        self.ask("region_toggle", B, regions={A: "ACTIVE", B: "PASSIVE"}, lease_regions=[B])
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._build, CIDRS))

    def ask(self, module: str, region: str, *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
        """What a task with this module returns."""
        declared = module_named(module)
        environment = self.cloud.env()
        connection = {
            "endpoint_url": environment["AWS_ENDPOINT_URL"],
            "access_key": environment["AWS_ACCESS_KEY_ID"],
            "secret_key": environment["AWS_SECRET_ACCESS_KEY"],
            "region": region,
            "workload": "web",
        }
        said = {name: value for name, value in {**connection, **given}.items() if value is not None}
        return run(declared, checked(declared, **said), check_mode=check_mode)

    def _build(self, region: str) -> None:
        ingress = [{"port": port, "cidrs": [cidr]} for port, cidr in ((80, "0.0.0.0/0"), (8080, "10.0.0.0/8"))]
        groups = [{"name": "web", "ingress": ingress}]
        network = self.ask(
            "region_network", region, cidr=CIDRS[region], zones=["a", "b"], nat="none", gateway_endpoints=[],
            security_groups=groups,
        )  # fmt: skip
        group = network["security_groups"]["web"]
        health = {"path": "/healthcheck", "interval": 5, "timeout": 2, "healthy_threshold": 2}
        shifts = bool(self._deployment)
        rules = [TEST_RULE, RULE] if shifts else []
        target_groups = [
            {"name": name, "port": 8080, "deregistration_delay": 1, "health_check": dict(health)}
            for name in (["web", "web-other"] if shifts else ["web"])
        ]
        self.balancers[region] = {
            "name": "web",
            "vpc_id": network["vpc_id"],
            "subnets": network["subnets"]["public"],
            "security_groups": [group],
            "listeners": [{"port": 80, "default": {"target_group": "web"}, "rules": rules}],
            "target_groups": target_groups,
        }
        balancer = self.ask("load_balancer", region, **deepcopy(self.balancers[region]))
        self.names[region] = balancer["dns_name"]
        self.ask("ecs_cluster", region, name="web")
        self.ask("log_groups", region, names=["/ecs/web"])
        role = self.ask("service_roles", region, roles=[{"name": f"web-{region}", "kind": "execution"}])
        options = {"awslogs-group": "/ecs/web", "awslogs-region": region, "awslogs-stream-prefix": "ecs"}
        container = {
            "name": "web",
            "image": "shop/web:v1",
            "port_mappings": [8080],
            "log_configuration": {"log_driver": "awslogs", "options": options},
        }
        definition = self.ask(
            "ecs_taskdef_revision", region, family="web", cpu="256", memory="512", containers=[container],
            execution_role_arn=role["roles"][f"web-{region}"]["arn"],
        )  # fmt: skip
        self.ask(
            "ecs_service", region, cluster="web", name="web", task_definition=definition["task_definition_arn"],
            desired_count=2, launch_type="FARGATE", health_check_grace_period=5,
            network={"subnets": network["subnets"]["private"], "security_groups": [group]},
            load_balancers=[
                {
                    "target_group_arn": balancer["target_groups"]["web"], "container_name": "web",
                    "container_port": 8080, **({"shift": self._shift(region, balancer)} if shifts else {}),
                }
            ], **self._deployed(region),
        )  # fmt: skip

    def _deployed(self, region: str) -> dict[str, Any]:
        """How the service is deployed. A hook gets the function of the region, and a role that may invoke it."""
        given = deepcopy({"wait_timeout": 60, **self._deployment})
        for hook in given.get("deployment", {}).get("lifecycle_hooks", []):
            arn = f"arn:aws:lambda:{region}:123456789012:function:{HOOKED}"
            statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn}
            document = {"Version": "2012-10-17", "Statement": [statement]}
            role = {"name": f"web-hooks-{region}", "assume": ["ecs.amazonaws.com"], "policies": {"hooks": document}}
            made = self.ask("service_roles", region, roles=[role])
            hook.update(hook_target_arn=arn, role_arn=made["roles"][role["name"]]["arn"])
        return given

    def _shift(self, region: str, balancer: dict[str, Any]) -> dict[str, str]:
        """What ECS needs to shift traffic."""
        trust = {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = self.cloud.client("iam", region).create_role(
            RoleName=f"web-shift-{region}",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )["Role"]
        return {
            "alternate_target_group_arn": balancer["target_groups"]["web-other"],
            "production_listener_rule": balancer["rules"][f"web:80/{RULE['priority']}"],
            "test_listener_rule": balancer["rules"][f"web:80/{TEST_RULE['priority']}"],
            "role_arn": role["Arn"],
        }

    def rule(self, region: str, which: dict[str, Any] = RULE) -> dict[str, Any]:
        """A rule of the load balancer's listener as it is now."""
        elb = self.cloud.client("elbv2", region)
        (balancer,) = elb.describe_load_balancers(Names=["web"])["LoadBalancers"]
        (listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        return next(each for each in rules if each["Priority"] == str(which["priority"]))

    def deploy(self, wish: str | None = None, jobs: Any = (), **given: Any) -> dict[str, Any]:
        """The module, in this process. `jobs`: what runs before the service gets a new revision."""
        service = {"cluster": "web", "name": "web", "images": {"web": wish} if wish else {}}
        return self.ask(
            "workload_deployment", B, regions=[A, B], services=[{**service, "before_deploy": list(jobs)}],
            lease_regions=[B], operator="Ana", **{"bake_time": 0.5, "reason": "test", **given},
        )  # fmt: skip

    def running(self) -> dict[str, set[str]]:
        """Region → the images that its running tasks run."""
        return {region: {each["image"] for each in self._containers(region)} for region in CIDRS}

    def digests(self) -> set[str]:
        """Those of all running tasks in all regions."""
        return {each["imageDigest"] for region in CIDRS for each in self._containers(region)}

    def _containers(self, region: str) -> list[dict[str, Any]]:
        ecs = self.cloud.client("ecs", region)
        arns = ecs.list_tasks(cluster="web", serviceName="web", desiredStatus="RUNNING")["taskArns"]
        return [each for task in ecs.describe_tasks(cluster="web", tasks=arns)["tasks"] for each in task["containers"]]

    def jobs(self, region: str) -> list[tuple[str, int]]:
        """The revision and the exit code of each task that was started for itself and has stopped."""
        ecs = self.cloud.client("ecs", region)
        arns = ecs.list_tasks(cluster="web", desiredStatus="STOPPED")["taskArns"]
        stopped = ecs.describe_tasks(cluster="web", tasks=arns)["tasks"] if arns else []
        jobs = [task for task in stopped if task["startedBy"].startswith("run/")]
        return sorted((t["taskDefinitionArn"].rpartition("/")[2], t["containers"][0]["exitCode"]) for t in jobs)

    def revision(self, region: str) -> str:
        (service,) = self.cloud.client("ecs", region).describe_services(cluster="web", services=["web"])["services"]
        return str(service["taskDefinition"].rpartition("/")[2])

    def item(self, identifier: str) -> dict[str, Any]:
        client = self.cloud.client("dynamodb", B)
        found = client.get_item(TableName="web-lease", Key={"id": {"S": identifier}}, ConsistentRead=True).get("Item")
        return from_attributes(found) if found else {}

    def inventory(self, folder: Path) -> Path:
        """What the playbooks deploy.yml and rollback.yml have to know of it."""
        (folder / "group_vars").mkdir(parents=True)
        hosts = {"regions": {"hosts": dict.fromkeys(CIDRS, {})}, "control": {"hosts": {"localhost": {}}}}
        (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": hosts}}))
        variables = {
            "ansible_connection": "local",
            "workload": "web",
            "workload_tags": {},
            "toggle_control_regions": [B],
            "service_definitions": [{"name": "web", "image": "shop/web:v1"}],
            "deployment_bake_time": 1,
        }
        (folder / "group_vars" / "all.yml").write_text(yaml.safe_dump(variables))
        return folder


class Visitors:
    """Ask both regions again and again, and count what is not answered with 200."""

    def __init__(
        self, web: TwoRegions, regions: tuple[str, ...] = (A, B), pause: float = 0.05, path: str = "/"
    ) -> None:
        self._door, self._pause, self._path = web.cloud.door, pause, path
        self._names = [web.names[region] for region in regions]
        self._stop = threading.Event()
        self.answered = 0
        self.failed: list[str] = []
        self.served_by: Counter[str] = Counter()

    def __enter__(self) -> Visitors:
        self._threads = [threading.Thread(target=self._ask, args=(name,), daemon=True) for name in self._names]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _ask(self, name: str) -> None:
        while not self._stop.is_set():
            host, _colon, port = self._door.partition(":")
            connection = http.client.HTTPConnection(host, int(port), timeout=10)
            try:
                connection.request("GET", self._path, headers={"Host": name})
                response = connection.getresponse()
                response.read()
                if response.status == 200:
                    self.answered += 1
                    self.served_by[response.headers.get("X-Served-By", "").rpartition(";")[0]] += 1
                else:
                    self.failed.append(f"{name}: {response.status}")
            except OSError as error:
                self.failed.append(f"{name}: {error!r}")
            finally:
                connection.close()
            time.sleep(self._pause)
