# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two operators start opposite failovers at the same instant, on the embedded cloud: exactly one proceeds, each time.

Most repetitions are two processes that run the module from one barrier; some are two real ansible-playbook runs.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from harness.inventories import add_third_region, copy_inventory
from localcloud import Cloud
from protocol import ACTIVE, PASSIVE
from tests.support.modules import checked, module_named
from tests.support.switch_records import LEASE_REPLICA, own_map, parameter, read_lease
from tests.support.terminals import Terminal

STATES = {"sa-east-1": ACTIVE, "us-east-1": PASSIVE, "eu-west-1": PASSIVE}
LEASE = {"lease_regions": ["us-east-1", LEASE_REPLICA], "lease_duration": 6.0, "lease_heartbeat": 0.2}
BY_MODULE, BY_PLAYBOOK = 17, 3
PATIENCE = 60.0
TABLES = {
    "sales-state": {"regions": list(STATES), "hash_key": "region"},
    "sales-lease": {
        "regions": ["us-east-1", LEASE_REPLICA],
        "hash_key": "id",
        "consistency": "strong",
        "witness": "us-west-2",
    },
}


class Operator:
    """A process of its own, in which a module's logic is run again and again; all start at the same instant."""

    def __init__(self, name: str, environment: dict[str, str], barrier: Any, context: Any) -> None:
        self.name = name
        self._questions, self._answers = context.SimpleQueue(), context.SimpleQueue()
        self._process = context.Process(
            target=_operate, args=(environment, barrier, self._questions, self._answers), daemon=True
        )
        self._process.start()

    def ask(self, module: str, together: bool = False, **arguments: Any) -> None:
        self._questions.put((module, together, {"workload": "sales", "operator": self.name, **arguments}))

    def answer(self) -> dict[str, Any]:
        """The module's result; `refused` holds the sentence with which it refused."""
        return self._answers.get()

    def end(self) -> None:
        self._questions.put(None)
        self._process.join(PATIENCE)


def _operate(environment: dict[str, str], barrier: Any, questions: Any, answers: Any) -> None:
    os.environ.update(environment)
    while (asked := questions.get()) is not None:
        name, together, arguments = asked
        module = module_named(name)
        taken = {key: value for key, value in arguments.items() if key in module.argument_spec}
        parameters = checked(module, region="us-east-1", **taken)
        if together:
            barrier.wait(PATIENCE)
        try:
            answers.put(run(module, parameters))
        except CollectionError as error:
            answers.put({"refused": error.message})


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running


@pytest.fixture(scope="module")
def operators(cloud: Cloud) -> Iterator[list[Operator]]:
    """Ana and Rui, and three regions with nothing but states and a lease: sa-east-1 is ACTIVE."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    made = [Operator(name, cloud.env(), barrier, context) for name in ("Ana", "Rui")]
    for name, table in TABLES.items():
        made[0].ask("global_table", name=name, deletion_protection=False, **table)
        assert "refused" not in (answer := made[0].answer()), answer
    for operator, changes in zip(made, (True, False), strict=True):
        operator.ask("region_toggle", regions=STATES, **LEASE)
        assert operator.answer()["changed"] is changes
    yield made
    for operator in made:
        operator.end()


def opposite_requests(cloud: Cloud) -> tuple[int, tuple[str, str]]:
    """The epoch now, and the two regions that are not ACTIVE, each of which an operator wants to be."""
    before = read_lease(cloud)
    return before.epoch, tuple(before.map.in_state(PASSIVE))


def one_proceeded(cloud: Cloud, epoch: int, to: str, journal_before: set[str]) -> None:
    """Two epochs more, all of one run: the final one is everywhere, and one switch is recorded."""
    lease = read_lease(cloud)
    assert (lease.epoch, lease.is_settled, lease.holder) == (epoch + 2, True, "")
    assert lease.map.in_state(ACTIVE) == [to]
    for region in STATES:
        assert own_map(cloud, region) == lease.map
        assert parameter(cloud, region) == lease.map.ssm_value(region)
    (entry,) = journal(cloud) - journal_before
    assert entry.startswith(f"journal#{epoch + 2:010d}")


def journal(cloud: Cloud) -> set[str]:
    items = cloud.client("dynamodb", LEASE_REPLICA).scan(TableName="sales-lease", ConsistentRead=True)["Items"]
    return {item["id"]["S"] for item in items if item["id"]["S"].startswith("journal#")}


@pytest.mark.parametrize("repetition", range(BY_MODULE))
def test_of_two_modules_started_at_one_barrier_one_proceeds(
    cloud: Cloud, operators: list[Operator], repetition: int
) -> None:
    epoch, regions = opposite_requests(cloud)
    recorded = journal(cloud)
    for operator, to in zip(operators, regions, strict=True):
        short = {"view_ttl": 0.2, "claim_to_effect": 0.2}
        asked = {"to": to, "regions": list(STATES), "reason": f"to {to}", "planned_epoch": epoch}
        operator.ask("region_switch", together=True, **asked, **short, **LEASE)
    answers = [operator.answer() for operator in operators]

    proceeded = [number for number, answer in enumerate(answers) if "refused" not in answer]
    assert len(proceeded) == 1, answers
    winner = proceeded[0]
    refused = answers[1 - winner]["refused"]
    names_the_holder = operators[winner].name in refused and f"to {regions[winner]}" in refused
    assert names_the_holder or "plan was made on epoch" in refused or "is unfinished" in refused, refused
    assert answers[winner]["epoch"] == epoch + 2
    one_proceeded(cloud, epoch, regions[winner], recorded)


@pytest.mark.parametrize("repetition", range(BY_PLAYBOOK))
def test_of_two_playbooks_started_together_one_proceeds(
    cloud: Cloud, operators: list[Operator], tmp_path: Path, repetition: int
) -> None:
    epoch, regions = opposite_requests(cloud)
    recorded = journal(cloud)
    """Both have their plans before their eyes, and say yes."""
    inventory = bare_inventory(tmp_path / "inventory")
    terminals = []
    for operator, to in zip(operators, regions, strict=True):
        words = json.dumps({"to": to, "reason": f"to {to}"})
        terminals.append(Terminal(cloud, "playbooks/failover.yml", inventory, "-e", words, user=operator.name))
    try:
        for terminal in terminals:
            terminal.read_until("Type yes to go on")
        for terminal in terminals:
            terminal.answer("yes")
        codes = [terminal.end() for terminal in terminals]
    finally:
        for terminal in terminals:
            terminal.close()
    outputs = [terminal.output for terminal in terminals]

    proceeded = [number for number, code in enumerate(codes) if code == 0]
    assert len(proceeded) == 1, "\n".join(outputs)
    winner = proceeded[0]
    refused = " ".join(outputs[1 - winner].split())
    name = operators[winner].name
    # The other sees it before its hold, while it holds the regions, or after its grant.
    under_way = [f"is under way at epoch {at}, of {name} (run" for at in range(epoch, epoch + 3)]
    names_the_holder = any(words in refused for words in [f"held by {name}", *under_way])
    assert names_the_holder or "plan was made on epoch" in refused or "is unfinished" in refused, outputs[1 - winner]
    one_proceeded(cloud, epoch, regions[winner], recorded)


def bare_inventory(folder: Path) -> Path:
    """The shipped inventory with a third region, and nothing to move but states."""
    copy_inventory(folder)
    add_third_region(folder, PASSIVE)
    switch = {"switch_view_ttl": 0.2, "switch_claim_to_effect": 0.2, "switch_accelerator": "", "switch_drops": []}
    (folder / "group_vars" / "all" / "switch.yml").write_text(yaml.safe_dump(switch))
    return folder
