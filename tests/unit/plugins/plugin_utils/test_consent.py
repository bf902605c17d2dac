# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is removed by the collection's own tasks was asked about in the same run, whichever module removes it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import ModuleDefinition
from ansible_collections.multiregion.ecs.plugins.plugin_utils.consent import FACT, OURS, UNNAMED, consent, refusal

ROLE_TASK = str(OURS[1] / "network" / "tasks" / "main.yml") + ":2"
OF_A_RUN = {"queue_redrive", "region_debt", "region_retirement", "run_lock", "switch_signal"}
"""Modules whose `state: absent` ends something that a run made for itself."""


def modules(repository: Path) -> dict[str, ModuleDefinition]:
    base = "ansible_collections.multiregion.ecs.plugins.module_utils.modules"
    return {
        path.stem: import_module(f"{base}.{path.stem}").MODULE for path in (repository / "plugins/modules").glob("*.py")
    }


def why(module: ModuleDefinition, path: str | None = ROLE_TASK, state: str = "absent", **variables: Any) -> str:
    return refusal(module, {"workload": "sales", "state": state}, path, variables)


def test_every_module_that_removes_something_asks_first(repository: Path) -> None:
    makers = {name: module for name, module in modules(repository).items() if module.build is not None}
    assert {name for name, module in makers.items() if not why(module)} == OF_A_RUN
    asked = {FACT: consent("sales")}
    assert [name for name, module in makers.items() if why(module, **asked)] == []
    assert [name for name, module in makers.items() if why(module, state="present")] == []


def test_a_removal_by_default_asks_too(repository: Path) -> None:
    strays = modules(repository)["workload_strays"]
    assert "nobody was asked" in refusal(strays, {"workload": "sales"}, ROLE_TASK, {})
    assert refusal(strays, {"workload": "sales"}, ROLE_TASK, {FACT: consent("sales")}) == ""


def test_the_word_prune_allows_what_removes_only_the_unnamed(repository: Path) -> None:
    makers, asked = modules(repository), {FACT: consent("sales", UNNAMED)}
    wanted = {"workload": "sales", "wanted": {"sqs_queue": ["orders"]}, "state": "absent"}
    allowed = {name for name, module in makers.items() if not refusal(module, wanted, ROLE_TASK, asked)}
    assert allowed & {name for name, module in makers.items() if module.removal_is_asked} - {
        name for name, module in makers.items() if module.build is None
    } == {"workload_strays"}
    strays = makers["workload_strays"]
    assert "nobody was asked" in refusal(strays, {**wanted, "wanted": {}}, ROLE_TASK, asked)
    assert "nobody was asked" in refusal(strays, {**wanted, "workload": "other"}, ROLE_TASK, asked)


def test_the_word_retire_allows_what_is_of_those_regions(repository: Path) -> None:
    network, asked = modules(repository)["region_network"], {FACT: consent("sales", ["eu-west-1"])}
    there = {"workload": "sales", "state": "absent", "region": "eu-west-1"}
    assert refusal(network, there, ROLE_TASK, asked) == ""
    assert "nobody was asked" in refusal(network, {**there, "region": "sa-east-1"}, ROLE_TASK, asked)
    assert "nobody was asked" in refusal(network, {**there, "workload": "other"}, ROLE_TASK, asked)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {FACT: True},
        {FACT: {"workload": "sales", "run": "another:1:1"}},
        {FACT: consent("other")},
        {FACT: {"workload": "sales"}},
        {FACT: consent("sales", UNNAMED)},
    ],
)
def test_no_other_fact_is_a_consent(given: dict[str, Any], repository: Path) -> None:
    said = why(modules(repository)["region_network"], **given)
    assert "nobody was asked in this run" in said
    assert "-e destroy=sales" in said


@pytest.mark.parametrize("path", [None, "/srv/site/own.yml:7", str(OURS[1].parent / "playbooks-of-mine" / "x.yml:3")])
def test_a_task_of_somebodys_own_is_its_authors_word(path: str | None, repository: Path) -> None:
    assert why(modules(repository)["region_network"], path) == ""


def test_only_the_role_with_the_questions_gives_consent_and_gives_it_last(repository: Path) -> None:
    written = [*repository.glob("roles/**/*.yml"), *repository.glob("playbooks/*.yml"), repository / "site.yml"]
    giving = [path for path in written if f"{FACT}:" in path.read_text()]
    names = ("main.yml", "prune.yml", "retire.yml")
    whole, unnamed, retired = (repository / "roles/removal/tasks" / name for name in names)
    assert sorted(giving) == [whole, unnamed, retired]
    check, allow = yaml.safe_load(retired.read_text())
    assert check["ansible.builtin.assert"]["that"] == "inventory_hostname in removal_retired and removal_delete_data"
    assert allow["ansible.builtin.set_fact"] == {
        FACT: "{{ workload | multiregion.ecs.removal_consent(removal_retired) }}"
    }
    check, allow = yaml.safe_load(unnamed.read_text())
    assert check["ansible.builtin.assert"]["that"] == "removal_prune"
    assert allow["ansible.builtin.set_fact"] == {FACT: "{{ workload | multiregion.ecs.removal_consent('unnamed') }}"}
    (block,) = yaml.safe_load(whole.read_text())
    assert [task["name"] for task in block["block"] if FACT in str(task)] == [block["block"][-1]["name"]]
    assert not any("ignore_errors" in task or "failed_when" in task for task in block["block"])
