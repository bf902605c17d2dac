# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs never build one workload at once; a run that is dead does not keep the next one out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible import constants
from botocore.exceptions import ConnectionClosedError
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, CollectionError, controller
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import ONCE
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.controller import (
    Controller,
    find_controller,
    this_machine,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.run_lock import MODULE
from ansible_collections.multiregion.ecs.plugins.plugin_utils import held_lock

PARAMS: dict[str, Any] = {
    "workload": "sales", "region": "us-east-1", "state": "present", "table": None, "operator": "ana",
    "take_over": False, "lease_regions": None, "only_if_table_exists": False,
    "access_key": "AKIAOPERATOR0LAPTOP0", "secret_key": "not-a-secret-but-as-long-as-one-would-be",
}  # fmt: skip


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("dynamodb", "us-east-1")
        client.create_table(
            TableName="sales-lease",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


def held_by(client: Any, run_id: str) -> None:
    item = {"id": {"S": "run"}, "holder": {"S": run_id}, "operator": {"S": "bia"}, "since": {"S": "yesterday"}}
    client.put_item(TableName="sales-lease", Item=item)


def holder(client: Any) -> str | None:
    item = client.get_item(TableName="sales-lease", Key={"id": {"S": "run"}}).get("Item")
    return item["holder"]["S"] if item else None


REPLICAS = ["us-east-1", "us-east-2"]


class Replica:
    """An endpoint of the one table: well, dead, or one whose answers are lost on their way."""

    def __init__(self, client: Any, state: str = "well") -> None:
        self.client, self.state, self.calls = client, state, []

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.calls.append(operation)
            answer = None if self.state == "dead" else getattr(self.client, operation)(**arguments)
            if self.state == "well":
                return answer
            raise ConnectionClosedError(endpoint_url="http://region")

        return call


@pytest.fixture
def replicas(table: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Replica]:
    ends = {region: Replica(table) for region in REPLICAS}
    monkeypatch.setattr(
        Cloud, "client", lambda self, service, region, **limits: ends[region] if limits == ONCE else None
    )
    return ends


@pytest.fixture
def living() -> Iterator[Controller]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19])
    yield Controller(socket.gethostname(), this_machine(), process.pid, started)
    process.kill()
    process.wait()


def test_the_first_run_takes_it_and_keeps_it(table: Any) -> None:
    assert run(MODULE, PARAMS)["changed"] is True
    assert holder(table) == find_controller().run_id
    assert run(MODULE, PARAMS)["changed"] is False, "a later task of the same run holds it already"


def test_a_second_run_is_told_who_holds_it(table: Any, living: Controller) -> None:
    held_by(table, living.run_id)
    with pytest.raises(
        CollectionError, match=rf"Another run.*bia, process {living.run_id}, since yesterday.*take_over=true"
    ):
        run(MODULE, PARAMS)
    assert holder(table) == living.run_id


def test_a_dead_run_of_this_machine_does_not_keep_others_out(table: Any, living: Controller) -> None:
    held_by(table, replace(living, started=living.started - 1).run_id)
    run(MODULE, PARAMS)
    assert holder(table) == find_controller().run_id


def test_a_run_of_another_machine_is_only_replaced_when_told(table: Any) -> None:
    held_by(table, "elsewhere:1:1")
    with pytest.raises(CollectionError, match="Another run"):
        run(MODULE, PARAMS)
    run(MODULE, {**PARAMS, "take_over": True})
    assert holder(table) == find_controller().run_id


def test_check_mode_sees_a_free_lock_and_takes_nothing(table: Any) -> None:
    assert run(MODULE, PARAMS, check_mode=True)["changed"] is True
    assert holder(table) is None


def test_of_two_runs_that_saw_it_free_only_one_gets_it(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.multiregion.ecs.plugins.module_utils.resources.run_lock import RunLock

    find = RunLock.find.__func__

    def find_then_lose(cls: Any, *arguments: Any) -> Any:
        found = find(cls, *arguments)
        held_by(table, "elsewhere:1:1")
        return found

    monkeypatch.setattr(RunLock, "find", classmethod(find_then_lose))
    with pytest.raises(CollectionError, match="Another run"):
        run(MODULE, PARAMS)
    assert holder(table) == "elsewhere:1:1"


def test_leaving_it_leaves_only_ones_own(table: Any) -> None:
    run(MODULE, PARAMS)
    assert run(MODULE, {**PARAMS, "state": "absent"})["changed"] is True
    assert holder(table) is None
    held_by(table, "elsewhere:1:1")
    assert run(MODULE, {**PARAMS, "state": "absent"})["changed"] is False
    assert holder(table) == "elsewhere:1:1"


def test_without_the_table_nothing_is_locked_if_that_is_allowed(table: Any) -> None:
    params = {**PARAMS, "table": "gone", "only_if_table_exists": True}
    assert run(MODULE, params)["holder"] is None
    with pytest.raises(CollectionError, match="gone|ResourceNotFound"):
        run(MODULE, {**params, "only_if_table_exists": False})


def test_a_run_id_is_read_back(living: Controller) -> None:
    assert Controller.parse(living.run_id) == living and not living.is_gone()
    assert Controller.parse("nonsense") is None and Controller.parse("localhost:42:4242") is None
    assert replace(living, pid=os.getpid()).is_gone()


@pytest.mark.parametrize("machine", ["", "another"], ids=["no way to tell", "another boot or container"])
def test_of_a_machine_of_the_same_name_nothing_is_known(living: Controller, machine: str) -> None:
    assert not replace(living, machine=machine, pid=2**22 + 1).is_gone()


def test_a_container_and_a_boot_are_machines_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def machine(boot: str, namespace: str) -> str:
        proc = tmp_path / boot / namespace
        (proc / "sys/kernel/random").mkdir(parents=True)
        (proc / "sys/kernel/random/boot_id").write_text(f"{boot}\n")
        (proc / "self/ns").mkdir(parents=True)
        (proc / "self/ns/pid").symlink_to(f"pid:[{namespace}]")
        monkeypatch.setattr(controller, "PROC", proc)
        return this_machine.__wrapped__()

    machines = {machine("boot1", "1"), machine("boot1", "2"), machine("boot2", "1")}
    assert len(machines) == 3 and all(len(each) == 12 for each in machines)
    monkeypatch.setattr(controller, "PROC", tmp_path / "nothing")
    assert this_machine.__wrapped__() == ""


def test_a_process_that_proc_hides_is_not_gone(living: Controller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller, "_stat", lambda pid: [])
    assert not living.is_gone()
    assert replace(living, pid=2**22 + 1).is_gone()


def test_a_run_whose_lock_was_taken_stops_at_its_next_change(
    table: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    cloud = Cloud(PARAMS)
    held_lock.lock_check("sales")(cloud)  # no lock, nothing to look at
    held_lock.note_lock(PARAMS, run(MODULE, PARAMS)["holder"])
    held_lock.lock_check("other")(cloud)
    check = held_lock.lock_check("sales")
    check(cloud)
    held_by(table, "elsewhere:1:1:1")
    check(cloud)  # it looked a moment ago
    with pytest.raises(
        CollectionError, match="another run has taken over the lock of workload sales: bia, process else"
    ):
        held_lock.lock_check("sales")(cloud)
    table.delete_item(TableName="sales-lease", Key={"id": {"S": "run"}})
    with pytest.raises(CollectionError, match="no longer holds the lock"):
        held_lock.lock_check("sales")(cloud)
    table.delete_table(TableName="sales-lease")
    held_lock.lock_check("sales")(cloud)  # as destroy.yml does
    held_lock.note_lock(PARAMS, None)
    assert list(tmp_path.iterdir()) == []


TWO = {**PARAMS, "lease_regions": REPLICAS}


def test_of_two_replicas_that_are_well_only_the_first_is_asked(replicas: dict[str, Replica], table: Any) -> None:
    run(MODULE, TWO)
    run(MODULE, {**TWO, "state": "absent"})
    assert holder(table) is None
    assert replicas["us-east-1"].calls == ["get_item", "put_item", "get_item", "delete_item"]
    assert replicas["us-east-2"].calls == []


@pytest.mark.parametrize("state", ["dead", "deaf"], ids=["nothing arrives", "what arrives is not answered"])
def test_the_other_replica_answers_for_a_region_that_does_not(
    replicas: dict[str, Replica], table: Any, state: str
) -> None:
    replicas["us-east-1"].state = state
    assert run(MODULE, TWO)["holder"] == holder(table) == find_controller().run_id
    assert run(MODULE, {**TWO, "only_if_table_exists": True})["changed"] is False
    run(MODULE, {**TWO, "state": "absent"})
    assert holder(table) is None
    held_by(table, "elsewhere:1:1")
    with pytest.raises(CollectionError, match="Another run is building workload sales: bia"):
        run(MODULE, TWO)
    run(MODULE, {**TWO, "take_over": True})
    assert holder(table) == find_controller().run_id


def test_an_answer_that_is_lost_after_the_write_does_not_lock_its_own_run_out(
    replicas: dict[str, Replica], table: Any
) -> None:
    read = replicas["us-east-1"]
    get_item = table.get_item
    read.__dict__["get_item"] = lambda **arguments: get_item(**arguments)
    read.state = "deaf"
    run(MODULE, TWO)
    assert read.calls == ["put_item"] and holder(table) == find_controller().run_id


@pytest.mark.parametrize("options", [{}, {"state": "absent"}, {"only_if_table_exists": True}])
def test_when_no_replica_answers_both_are_named(
    replicas: dict[str, Replica], options: dict[str, Any], table: Any
) -> None:
    for each in replicas.values():
        each.state = "dead"
    with pytest.raises(CollectionError, match=r"sales-lease.*us-east-1: Conn.*us-east-2: Conn"):
        run(MODULE, {**TWO, **options})
    assert holder(table) is None
