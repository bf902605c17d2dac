# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole inventory at once: what is wrong is found before any call, all of it, and named so it can be mended."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from tests.support.modules import checked

Params = dict[str, Any]
Edit = Callable[[Params], None]

DIGEST = "sha256:" + "0" * 64

SERVICE = {
    "name": "sales-api",
    "cpu": 256,
    "memory": 512,
    "load_balancer": "sales",
    "target_group": "sales-api",
    "security_groups": ["tasks"],
    "scaling": {"min": 2, "max": 10},
    "environment": {"DYNAMO_SALES_TABLE": {"table": "sales"}, "AWS_REGION": {"region": "name"}, "PLAIN": "text"},
    "uses": [
        {"table": "sales", "access": "write"},
        {"queue": "sales-queue", "access": "consume"},
        {"toggle": "state", "access": "read"},
    ],
}
SOUND: Params = {
    "workload": "sales",
    "regions": [
        {"name": "sa-east-1", "role": "primary", "state": "ACTIVE", "cidr": "10.10.0.0/16", "zones": ["a", "b"]},
        {"name": "us-east-1", "role": "recovery", "state": "PASSIVE", "cidr": "10.20.0.0/16", "zones": ["a", "b"]},
    ],
    "services": [SERVICE],
    "load_balancers": [
        {
            "name": "sales",
            "security_groups": ["edge"],
            "target_groups": [{"name": "sales-api", "port": 8080}],
            "listeners": [{"port": 80, "default": {"target_group": "sales-api"}}],
        }
    ],
    "security_groups": [{"name": "edge"}, {"name": "tasks", "ingress": [{"security_group": "edge"}]}],
    "tables": [{"name": "sales", "hash_key": "id", "attributes": {"id": "S"}}],
    "topics": [{"name": "sales-processing"}],
    "queues": [{"name": "sales-queue", "subscribes_to": ["sales-processing"], "retention": "864000"}],
    "buckets": [{"name": "lake"}],
    "accelerator": {"name": "sales", "load_balancer": "sales", "listeners": [{"ports": [80]}]},
    "toggle": {
        "parameter": "/sales/region/state",
        "state_table": "sales-state",
        "lease_table": "sales-lease",
        "control_regions": ["us-east-1", "us-east-2", "us-west-2"],
    },
}


def region(number: int, **values: Any) -> Edit:
    return lambda params: params["regions"][number].update(values)


def front(name: str, port: int) -> Params:
    """A Network Load Balancer in front of the Application Load Balancer of this name."""
    group = {"name": "behind", "port": port, "target_type": "alb", "targets": [{"load_balancer": name}]}
    return {"name": "front", "type": "network", "target_groups": [group]}


def service(**values: Any) -> Edit:
    return lambda params: params["services"][0].update(values)


def without_nat(**values: Any) -> Edit:
    def edit(params: Params) -> None:
        service(**{"image": {"repository": "sales/sales-api"}, **values})(params)
        region(0, nat="none", interface_endpoints=["ecr.api", "ecr.dkr", "logs"])(params)

    return edit


def whole(**values: Any) -> Edit:
    return lambda params: params.update(values)


def toggle(**values: Any) -> Edit:
    return lambda params: params["toggle"].update(values)


def findings(*edits: Edit) -> list[str]:
    params = copy.deepcopy(SOUND)
    for edit in edits:
        edit(params)
    return problems(checked(MODULE, **params))


def test_the_place_of_the_lease_is_needed_where_the_site_is_built_and_not_for_its_images() -> None:
    missing = "toggle.control_regions (toggle_control_regions) is missing, and the workload has 2 regions"
    assert any(missing in each for each in findings(toggle(control_regions=None), whole(site=True)))
    assert findings(toggle(control_regions=None)) == []


def test_a_sound_inventory_has_no_findings_and_makes_no_call() -> None:
    assert findings() == []
    result = run(MODULE, checked(MODULE, **SOUND))
    assert (result["aws_calls"], result["changed"]) == (0, False)
    assert result["checked"]["services"] == 1


@pytest.mark.parametrize("container_insights", ["enabled", "enhanced", None])
def test_a_service_scales_by_a_queue_where_running_tasks_are_counted(container_insights: str | None) -> None:
    scaling = {"min": 1, "max": 4, "queue": {"name": "sales-queue", "target": 10}}
    assert findings(service(scaling=scaling), whole(container_insights=container_insights)) == []


def test_a_use_may_list_actions_and_name_an_access_point() -> None:
    uses = [{"table": "sales", "access": ["PutItem"]}, {"file_system": "files", "access_point": "a", "access": "root"}]
    assert findings(service(uses=uses), whole(file_systems=[{"name": "files", "clients": ["tasks"]}])) == []


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            service(memory=3000),
            "services[sales-api].memory is 3000 MiB; with 256 CPU units Fargate has 512, 1024, 2048",
        ),
        (service(cpu=300), "services[sales-api].cpu is 300; Fargate has 256, 512"),
        (service(cpu="much"), "services[sales-api].cpu is 'much'"),
        (service(scaling={"min": 5, "max": "2"}), "scaling has min 5 and max 2"),
        (
            service(load_balancer=None, scaling={"min": 2, "max": 5, "requests": 100}),
            "scaling.requests is 100, but the service does not say whose requests count; give load_balancer",
        ),
        (region(1, cidr="10.10.128.0/20"), "region_cidr of sa-east-1 10.10.0.0/16 and region_cidr of us-east-1"),
        (region(1, cidr="10.10.0.1/16"), "region_cidr of us-east-1 is '10.10.0.1/16'"),
        (region(1, role="primary"), "region_role is primary for sa-east-1, us-east-1; exactly one"),
        (region(0, role="recovery"), "region_role is primary for none of sa-east-1, us-east-1"),
        (region(1, role="backup"), "'backup'; valid are primary, recovery"),
        (region(1, state="active"), "'active'; valid are ACTIVE, PASSIVE"),
        (region(1, state="HELD"), "'HELD'; valid are ACTIVE, PASSIVE"),
        (region(0, state="PASSIVE"), "region_state is ACTIVE for no region (sa-east-1 is PASSIVE"),
        (region(1, state=None), "region_state of us-east-1 is missing"),
        (region(0, name="sa-esat-1"), "'sa-esat-1', which is not an AWS region. Did you mean sa-east-1"),
        (region(0, zones=["a"]), "regions[sa-east-1]: zones is ['a']; at least two"),
        (whole(regions=[]), "regions is empty"),
        (service(name="s" * 40), "IAM allows 64. Shorten it by"),
        (
            service(uses=[{"table": "sale", "access": "read"}]),
            "table 'sale', which this workload does not have. Did you",
        ),
        (service(uses=[{"queue": "other"}]), "queue 'other', which this workload does not have"),
        (
            service(uses=[{"queue": "sales-queue", "access": "write"}]),
            "access is 'write'; a queue has consume, send, or",
        ),
        (
            service(uses=[{"table": "sales", "access": ["PutItem", "Put"]}]),
            "a list of actions of a table takes BatchGetItem, BatchWriteItem, DeleteItem",
        ),
        (
            lambda params: (
                service(scaling={"min": 1, "max": 4, "queue": {}})(params),
                whole(container_insights="disabled")(params),
            ),
            "services[sales-api].scaling.queue is given, and cluster_container_insights is 'disabled'",
        ),
        (service(uses=[{"lambda": "x"}]), "it must name one thing by bucket, file_system, queue, table, toggle, topic"),
        (service(containers=[{"name": "a", "mounts": [{"volume": "x"}]}]), "containers[a].mounts refers to volume 'x'"),
        (service(containers=[{"name": "a", "depends_on": {"b": "START"}}]), "depends_on refers to container 'b'"),
        (service(containers=[{"name": "a"}, {"name": "a"}]), "services[sales-api].containers has 'a' 2 times"),
        (service(containers=[{"name": "a"}], container="b"), "services[sales-api].container refers to container 'b'"),
        (
            service(containers=[{"name": "a", "environment": {"A": {"topic": "nope"}}}]),
            "services[sales-api].containers[a].environment.A refers to topic 'nope'",
        ),
        (
            lambda p: p.update(file_systems=[{"name": "db", "clients": ["task"]}]),
            "file_systems[db].clients refers to security group 'task', which this workload does not have. Did you mean",
        ),
        (
            lambda p: p.update(
                file_systems=[{"name": "db"}], services=[{**SERVICE, "volumes": [{"name": "v", "file_system": "bd"}]}]
            ),
            "services[sales-api].volumes[v].file_system refers to file system 'bd'",
        ),
        (service(environment={"A": {"topic": "nope"}}), "services[sales-api].environment.A refers to topic 'nope'"),
        (service(environment={"A": {"bucket": "lkae"}}), "Did you mean lake?"),
        (service(environment={"A": {"colour": "red"}}), "give text, or one reference by"),
        (service(environment={"A": {"toggle": "tables"}}), "refers to toggle 'tables'"),
        (
            service(security_groups=["task"]),
            "security group 'task', which this workload does not have. Did you mean tasks",
        ),
        (service(load_balancer="sale"), "load balancer 'sale'"),
        (service(target_group="api"), "target group 'api'"),
        (service(target_group=None), "target_group is missing; load balancer sales has sales-api"),
        (lambda p: p["load_balancers"][0].update(name="l" * 33), "(33 characters); at most 32"),
        (lambda p: p["load_balancers"][0].update(target_groups=[{"name": "t" * 33}]), "(33 characters); at most 32"),
        (lambda p: p["load_balancers"][0].update(security_groups=["x"]), "security group 'x'"),
        (lambda p: p["load_balancers"].append(front("x", 80)), "refers to Application Load Balancer 'x'"),
        (lambda p: p["load_balancers"].append(front("sales", 81)), "on port 81, and it listens on 80"),
        (lambda p: p["security_groups"][1].update(ingress=[{"security_group": "egde"}]), "Did you mean edge"),
        (whole(tables=[{"name": "sales"}]), "tables[sales].hash_key is missing"),
        (whole(topics=[{"name": "a"}, {"name": "a"}]), "topics has 'a' 2 times"),
        (lambda p: p["queues"][0].update(dlq={"retention": 600}), "dlq.retention is 600 s; it must exceed"),
        (lambda p: p["queues"][0].update(retention="long"), "retention is 'long'; SQS accepts"),
        (lambda p: p["queues"][0].update(subscribes_to=["x"]), "subscribes_to names 'x'"),
        (whole(buckets=[{"name": "l" * 40}]), "characters, and S3 takes 63"),
        (whole(accelerator={"load_balancer": "x"}), "accelerator.load_balancer refers to load balancer 'x'"),
        (toggle(control_regions=["us-east-1", "us-east-2"]), "exactly three different regions"),
        (toggle(control_regions=["us-east-1", "us-east-2", "sa-east-1"]), "us-east-1, us-east-2, us-west-2"),
        (toggle(control_regions=["us-east-1", "us-east-2", "us-wset-2"]), "'us-wset-2', which is not an AWS region"),
        (toggle(lease_table="sales"), "toggle.lease_table is 'sales', which is one of the workload's tables"),
        (toggle(lease_table="sales-state"), "they must be two tables"),
        (toggle(parameter="state"), "toggle.parameter is 'state'"),
        (whole(tags={"Workload": "x"}), "workload_tags has 'Workload' beside 'workload'"),
        (whole(tags={"owner": "a (b)"}), "workload_tags: the value 'a (b)' holds ( )"),
        (
            service(scaling={"min": 1, "max": 4}, deployment={"minimum_healthy_percent": "50", "maximum_percent": 100}),
            "services[sales-api].deployment: minimum_healthy_percent is 50 and maximum_percent is 100, which leaves no",
        ),
        (
            service(
                containers=[{"name": "a", "depends_on": {"b": "START"}}, {"name": "b", "depends_on": {"a": "START"}}]
            ),
            "services[sales-api]: containers wait for one another (a → b → a;",
        ),
        (region(1, name="cn-north-1"), "sa-east-1 is of aws, cn-north-1 is of aws-cn"),
        (toggle(control_regions=["us-gov-west-1"]), "the regions are of the partition aws. Name regions of that one"),
        (region(0, zones=None, zone_count=1), "zone_count is 1; 2 to 8 Availability Zones are possible"),
        (region(0, zones="ab"), "network_zones is 'ab'"),
        (
            lambda params: (without_nat()(params), region(0, interface_endpoints=[])(params)),
            "network_nat is none, and network_interface_endpoints lacks ecr.api, ecr.dkr, logs. Add them",
        ),
        (without_nat(image="postgres:17"), "services[sales-api].image is 'postgres:17', which tasks in sa-east-1"),
        (without_nat(secrets={"A": "arn:aws:secretsmanager:x"}), "lacks secretsmanager. Add them"),
    ],
)
def test_each_mistake_is_found_and_named(edit: Edit, expected: str) -> None:
    found = findings(edit)
    assert any(expected in text for text in found), found


@pytest.mark.parametrize(
    "edit",
    [
        service(scaling={"min": 2, "max": 5, "requests": 100}),
        service(load_balancer=None, scaling={"min": 2, "max": 5, "requests": 100, "load_balancer_arn": "arn:…"}),
    ],
)
def test_requests_of_a_load_balancer_that_is_told_can_be_counted(edit: Edit) -> None:
    assert findings(edit) == []


def test_all_findings_come_at_once() -> None:
    edits = [service(memory=3000), region(1, cidr="10.10.0.0/16"), region(1, role="primary"), toggle(parameter="x")]
    params = copy.deepcopy(SOUND)
    for edit in edits:
        edit(params)
    with pytest.raises(InvalidInput) as raised:
        run(MODULE, checked(MODULE, **params))
    assert len(raised.value.problems) == len(edits)


def test_two_opt_in_regions_cannot_fan_out_to_each_other() -> None:
    found = findings(region(0, name="af-south-1"), region(1, name="me-south-1"))
    assert any("SNS does not deliver between two opt-in regions" in text for text in found)


def test_more_names_than_one_parameter_holds() -> None:
    many = [{"name": f"a-rather-long-name-for-a-queue-{number}"} for number in range(12)]
    assert any("a standard SSM parameter holds 4096" in text for text in findings(whole(queues=many)))


def test_one_control_region_is_enough_for_a_workload_of_one_region() -> None:
    assert findings(toggle(control_regions=["sa-east-1"])) == []


def test_a_workload_of_one_region_needs_neither_role_nor_state() -> None:
    assert findings(whole(regions=[{"name": "sa-east-1"}])) == []


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            service(image={"repository": "shop/ap"}),
            "'shop/ap', which this workload does not have. Did you mean shop/api?",
        ),
        (
            service(image={"repo": "shop/api"}),
            "is {'repo': 'shop/api'}; give the name of an image, or {repository: NAME}",
        ),
        (service(image={"repository": "shop/api", "tag": "1"}), "give the name of an image, or {repository: NAME}"),
        (whole(images=[{"repository": "Shop", "dockerfile": "D"}]), "images[Shop].repository is 'Shop'; ECR takes"),
        (whole(images=[{"repository": "shop/api"}]), "images[shop/api].dockerfile is missing"),
        (whole(images=[{"repository": "ab", "dockerfile": "D"}] * 2), "images has the repository 'ab' more than once"),
        (
            whole(images=[{"repository": "ab", "dockerfile": "D", "platform": "linux/386"}]),
            "images[ab].platform is 'linux/386'; Fargate runs linux/amd64, linux/arm64.",
        ),
        (
            whole(mirrors=[{"repository": "shop/mongo", "source": "mongo:8"}]),
            "'mongo:8', which is not pinned by a digest",
        ),
        (
            whole(mirrors=[{"repository": "shop/mongo", "source": f"docker://a@{DIGEST}"}]),
            "give the name of an image without a scheme",
        ),
        (
            whole(mirrors=[{"repository": "Shop", "source": f"a@{DIGEST}"}]),
            "mirrors[Shop].repository is 'Shop'; ECR takes",
        ),
        (
            whole(mirrors=[{"repository": "shop/api", "source": f"a@{DIGEST}"}]),
            "mirrors (image_mirrors) has the repository 'shop/api', as another image has",
        ),
    ],
)
def test_a_mistake_about_images_is_found_and_named(edit: Edit, expected: str) -> None:
    images = [{"repository": "shop/api", "dockerfile": "Dockerfile", "platform": "linux/arm64"}]
    assert findings(whole(images=images), service(image={"repository": "shop/api"})) == []
    (found,) = findings(whole(images=images), edit)
    assert expected in found


NIGHTLY = {"name": "nightly", "task": "sales-api", "cron": "0 3 * * ? *"}


def job(**values: Any) -> Edit:
    return service(before_deploy=[{"name": "migrate", **values}])


def schedule(**values: Any) -> Edit:
    return whole(schedules=[{**NIGHTLY, **values}])


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (service(subnets="privat"), "services[sales-api].subnets refers to tier of subnets 'privat'"),
        (service(before_deploy="migrate"), "before_deploy is 'migrate'; give a list of jobs"),
        (service(before_deploy=[{"command": "x"}]), "services[sales-api].before_deploy[0].name is missing"),
        (service(before_deploy=[{"name": "a"}, {"name": "a"}]), "before_deploy has 'a' 2 times"),
        (job(container="sales-apo"), "before_deploy[migrate] refers to container 'sales-apo'"),
        (job(environment={"T": {"table": "sale"}}), "before_deploy[migrate].environment.T refers to table 'sale'"),
        (job(environment={"T": {"what": "sales"}}), "give text, or one reference"),
        (job(cpu="half"), "before_deploy[migrate].cpu is 'half'; expected 512"),
        (job(command="echo 'no end"), "the command of a container is not valid: No closing quotation"),
        (job(wait_timeout="long"), "before_deploy[migrate].wait_timeout is 'long'; expected seconds"),
        (schedule(task=None), "schedules[nightly].task is missing"),
        (schedule(task="sales-apo"), "schedules[nightly].task refers to service 'sales-apo'"),
        (schedule(subnets="dmz"), "schedules[nightly].subnets refers to tier of subnets 'dmz'"),
        (schedule(security_groups=["task"]), "schedules[nightly].security_groups refers to security group 'task'"),
        (schedule(cron="0 3 * * * *"), "schedules[nightly]: cron is '0 3 * * * *'; expected six fields"),
        (schedule(rate="5 minutes"), "cron and rate is given; give one of"),
        (schedule(cron=None, rate="5 minute"), "schedules[nightly]: rate is '5 minute'"),
        (schedule(cron=None, at="tomorrow"), "schedules[nightly]: at is 'tomorrow'"),
        (schedule(count="11"), "schedules[nightly]: count is 11; AWS starts 1 to 10"),
        (schedule(name="every night"), "up to 64 letters, digits and _ . - are valid as a name"),
        (whole(schedules=[NIGHTLY, NIGHTLY]), "schedules has 'nightly' 2 times"),
        (schedule(overrides={"containers": [{"name": "web"}]}), "containers[web] refers to container 'web'"),
        (
            schedule(overrides={"containers": [{"environment": {"Q": {"queue": "sales-queue"}}}]}),
            "environment.Q refers to a queue, which a schedule cannot; give text.",
        ),
    ],
)
def test_a_mistake_about_a_job_or_a_schedule_is_found_and_named(edit: Edit, expected: str) -> None:
    sound = {"command": "migrate --all", "environment": {"T": {"table": "sales"}, "N": 1}, "cpu": 512, "subnets": None}
    family = {"name": "report", "task": "report", "rate": "1 day", "pass_roles": [], "security_groups": ["tasks"]}
    assert findings(job(**sound), whole(schedules=[NIGHTLY, family])) == []
    (found,) = findings(edit)
    assert expected in found


def test_what_was_not_told_is_taken_to_be_right() -> None:
    told = {key: SOUND[key] for key in ("workload", "regions", "services")}
    assert problems(checked(MODULE, **told)) == []


def own_images(values: dict[str, Any]) -> list[dict[str, Any]]:
    """The services with the variables that name their images filled in, as Ansible does."""
    images = {f"{{{{ {name} }}}}": value for name, value in values.items() if name.endswith("_image")}
    return [{**each, "image": images[each["image"]]} for each in values["service_definitions"]]


def test_the_inventory_we_ship_is_sound(repository: Path) -> None:
    values: dict[str, Any] = {}
    for path in (repository / "inventories/multiregion/group_vars/all").glob("*.yml"):
        values.update(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    hosts = yaml.safe_load((repository / "inventories/multiregion/hosts.yml").read_text(encoding="utf-8"))
    regions = [
        {"name": name, **{key: said[f"region_{key}"] for key in ("role", "state", "cidr")}}
        for name, said in hosts["all"]["children"]["regions"]["hosts"].items()
    ]
    params = checked(
        MODULE,
        workload=values["workload"],
        regions=regions,
        services=own_images(values),
        images=values["image_definitions"],
        load_balancers=values["edge_load_balancers"],
        security_groups=values["network_security_groups"],
        tables=values["data_tables"],
        topics=values["messaging_topics"],
        queues=values["messaging_queues"],
        buckets=values["storage_buckets"],
        accelerator=values["routing_accelerator"],
        toggle={key: values[f"toggle_{key}"] for key in ("parameter", "state_table", "lease_table", "control_regions")},
    )
    assert problems(params) == []


def test_what_tasks_without_a_way_out_could_not_reach_is_a_warning() -> None:
    params = copy.deepcopy(SOUND)
    without_nat()(params)
    params["images"] = [{"repository": "sales/sales-api", "dockerfile": "workloads/sales_api/Dockerfile"}]
    assert problems(checked(MODULE, **params)) == []
    used, peers = run(MODULE, checked(MODULE, **params))["warnings"]
    assert "services[sales-api] in sa-east-1" in used and "lacks sqs, ssm, which its tasks use" in used
    assert "no endpoint leads to DynamoDB in another region" in peers
    params["services"][0] |= {"subnets": "public", "assign_public_ip": True}
    assert "warnings" not in run(MODULE, checked(MODULE, **params))


def test_a_partition_without_global_accelerator_is_told() -> None:
    params = copy.deepcopy(SOUND)
    for each, name in zip(params["regions"], ("cn-north-1", "cn-northwest-1"), strict=True):
        each["name"] = name
    params["toggle"]["control_regions"] = ["cn-north-1"]
    (found,) = problems(checked(MODULE, **params))
    assert "the partition aws-cn has no Global Accelerator" in found
