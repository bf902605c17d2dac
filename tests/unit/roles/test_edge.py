# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order load balancers are made and removed, and what a workload that has no API is spared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

REPOSITORY = Path(__file__).resolve().parents[3]
WEBSITE = {"website_sites": [{"name": "site"}]}
BALANCERS = [{"name": "front", "type": "network"}, {"name": "sales"}, {"name": "shop", "type": "application"}]


def read(path: str) -> Any:
    return DataLoader().load_from_file(str(REPOSITORY / path), trusted_as_template=True)


def looped(task: dict[str, Any], **variables: Any) -> list[dict[str, Any]]:
    return Templar(DataLoader(), variables={**task["vars"], **variables}).template(task["loop"])


def layers_of(file: str) -> dict[str, Any]:
    """The task that includes what few workloads have, in a playbook or in a file of tasks."""
    listed = read(f"playbooks/{file}.yml")
    tasks = [task for each in listed for task in [*each.get("tasks", []), *each.get("pre_tasks", [])] or [each]]
    (task,) = [each for each in tasks if "{{" in str(each.get("ansible.builtin.include_role", {}).get("name"))]
    return task


@pytest.mark.parametrize(
    ("variables", "tags", "roles"),
    [
        ({}, ["all"], []),
        ({"edge_api": "none"}, ["all"], []),
        ({"edge_api": "http", **WEBSITE}, ["all"], ["edge", "website"]),
        ({"edge_api": "rest"}, ["all"], ["edge"]),
        ({"edge_api": "rest", "edge_web_acl": {}}, ["all"], ["edge", "edge"]),
        ({"edge_web_acl": {}}, ["edge"], ["edge"]),
        ({"edge_api": "http", **WEBSITE}, ["website"], ["website"]),
        ({"edge_api": "http", **WEBSITE}, ["network", "edge"], ["edge"]),
    ],
)
def test_an_api_and_websites_are_made_where_they_are_wanted(
    variables: dict[str, Any], tags: list[str], roles: list[str]
) -> None:
    found = looped(layers_of("site"), ansible_run_tags=tags, **variables)
    assert [each["role"] for each in found] == roles


def test_a_removal_takes_them_before_what_they_stand_on() -> None:
    assert looped(layers_of("tasks/remove_region")) == []
    found = looped(layers_of("tasks/remove_region"), edge_api="http", **WEBSITE)
    assert [(each["role"], each["tasks"]) for each in found] == [("website", "main"), ("edge", "api")]
    found = looped(layers_of("tasks/remove_region"), edge_api="rest", edge_web_acl={})
    assert [each["tasks"] for each in found] == ["api", "web_acl"]


def test_a_web_acl_is_made_before_the_api_that_puts_it_before_its_stage() -> None:
    found = looped(layers_of("site"), ansible_run_tags=["all"], edge_api="rest", edge_web_acl={})
    assert [each["tasks"] for each in found] == ["web_acl", "api"]


@pytest.mark.parametrize(
    ("api", "guarded"),
    [("none", {"sales": "arn-sales", "shop": "arn-shop"}), ("rest", "left out"), ("http", "left out")],
)
def test_without_an_api_it_guards_the_application_load_balancers(api: str, guarded: Any) -> None:
    (task,) = read("roles/edge/tasks/web_acl.yml")
    made = {"results": [{"item": each, "arn": f"arn-{each['name']}"} for each in BALANCERS]}
    known = {"edge_made": made, "edge_state": "present", "edge_api": api, "omit": "left out"}
    said = Templar(DataLoader(), variables={**task["vars"], **known})
    assert said.template(task["multiregion.ecs.web_acl"]["guards"]) == guarded


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "left out"),
        ({"edge_api_web_acl": "theirs"}, "theirs"),
        ({"edge_web_acl": {}, "edge_web_acl_made": {"arn": "own"}}, "own"),
        ({"edge_web_acl": {}, "edge_web_acl_made": {"arn": "own"}, "edge_state": "absent"}, "left out"),
    ],
)
def test_the_api_puts_before_its_stage_what_the_workload_has(variables: dict[str, Any], expected: str) -> None:
    tasks = [task for task in read("roles/edge/tasks/api.yml") if "multiregion.ecs.api_gateway" in task]
    known = {"edge_state": "present", "omit": "left out", **variables}
    assert (
        Templar(DataLoader(), variables=known).template(tasks[0]["multiregion.ecs.api_gateway"]["web_acl"]) == expected
    )


@pytest.mark.parametrize(
    ("state", "order"), [("present", ["sales", "shop", "front"]), ("absent", ["front", "sales", "shop"])]
)
def test_what_is_in_front_is_made_last_and_removed_first(state: str, order: list[str]) -> None:
    tasks = read("roles/edge/tasks/main.yml")
    (create,) = [task for task in tasks if "multiregion.ecs.load_balancer" in task]
    found = looped(create, edge_state=state, edge_routed=BALANCERS)
    assert [each["name"] for each in found] == order
