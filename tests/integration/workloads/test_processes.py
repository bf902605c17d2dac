# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real processes in two regions: sales posted over HTTP, processed once each, through crashes and switches."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time

from protocol.sale_id import new_sale_id
from tests.support.sales_system import REGIONS, ROOT, System, Task
from tests.support.waiting import eventually

BOOK = {"product": "O Pequeno Principe", "amount": 14.1}
FIRST, SECOND = REGIONS


def ready(task) -> bool:
    return task.is_answering("/readiness")


def why_not_ready(task: Task) -> str | None:
    status, told = task.ask("GET", "/readiness")
    return told["reason"] if status == 503 else None


def assert_each_once(system: System, ids: list[str]) -> None:
    """Every sale is processed as seen from both regions, and the lakes hold one content for each."""
    for region in REGIONS:
        left = list(ids)

        def all_processed(left: list[str] = left, region: str = region) -> bool:
            while left and system.is_processed(left[-1], region):
                left.pop()
            return not left

        # What a killed worker held comes back after 18 s, and may be hidden once more.
        eventually(all_processed, 120, what=f"{len(ids)} sales processed in {region}")
    lake = system.lake()
    assert {each: len(lake.get(each, ())) for each in ids} == dict.fromkeys(ids, 1)


def test_two_active_regions_process_every_sale_once_though_workers_are_killed(system):
    system.set_states(sa_east_1="ACTIVE", us_east_1="ACTIVE")
    apis = [system.start("sales_api", region) for region in REGIONS]
    workers = [system.start("sales_worker", region) for region in REGIONS]
    for task in (*apis, *workers):
        eventually(lambda task=task: ready(task), what="readiness")

    ids: list[str] = []

    def post(api) -> None:
        for number in range(30):
            keyed = {"Idempotency_Key": new_sale_id()} if number % 5 == 0 else {}
            status, told = api.ask("POST", "/sales", BOOK, **keyed)
            assert status == 201, told
            ids.append(told["id"])

    threads = [threading.Thread(target=post, args=(api,)) for api in apis]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    victim = workers[0]
    victim.stop(signal.SIGKILL)
    system.start("sales_worker", FIRST)
    for thread in threads:
        thread.join(60)

    assert len(ids) == len(set(ids)) == 60
    assert_each_once(system, ids)


def test_a_passive_region_takes_sales_and_leaves_them_to_the_active_one(system):
    system.set_states(sa_east_1="ACTIVE", us_east_1="PASSIVE")
    api, worker = system.start("sales_api", SECOND), system.start("sales_worker", SECOND)
    system.start("sales_worker", FIRST)
    eventually(lambda: worker.ask("GET", "/readiness")[1].get("epoch") == system.epoch, what="the map")

    ids = [api.ask("POST", "/sales", BOOK)[1]["id"] for _ in range(5)]

    assert_each_once(system, ids)
    eventually(lambda: why_not_ready(api) == "the region is PASSIVE", what="the API's reason")
    assert worker.events("sale_processed") == []
    for sale_id in ids:
        assert api.ask("GET", f"/sales/{sale_id}")[1]["sale_processed"] is True


def test_a_switch_that_only_the_other_region_was_told_reaches_the_worker(system):
    """The operator cannot reach sa-east-1; replication brings it the map, and its worker stops."""
    system.set_states(sa_east_1="ACTIVE", us_east_1="PASSIVE")
    worker = system.start("sales_worker", FIRST)
    eventually(lambda: ready(worker), what="readiness")

    system.set_states(only=(SECOND,), sa_east_1="PASSIVE", us_east_1="ACTIVE")

    eventually(lambda: why_not_ready(worker) == "the region is PASSIVE", 5, what="the switch")


def test_a_held_region_acts_on_nothing_until_it_is_given_the_sales(system):
    system.set_states(sa_east_1="PASSIVE", us_east_1="HELD")
    api, worker = system.start("sales_api", SECOND), system.start("sales_worker", SECOND)
    eventually(lambda: worker.ask("GET", "/readiness")[1].get("epoch") == system.epoch, what="the map")
    ids = [api.ask("POST", "/sales", BOOK)[1]["id"] for _ in range(3)]
    time.sleep(2)
    assert not any(system.item("sales-idempotency", each, SECOND) for each in ids)

    system.set_states(sa_east_1="PASSIVE", us_east_1="ACTIVE")

    assert_each_once(system, ids)


def test_cancelling_and_repeating_across_the_regions(system):
    system.set_states(sa_east_1="PASSIVE", us_east_1="PASSIVE")
    here, there = (system.start("sales_api", region) for region in REGIONS)
    key = new_sale_id()
    assert here.ask("POST", "/sales", BOOK, Idempotency_Key=key)[0] == 201
    assert here.ask("POST", "/sales", BOOK | {"amount": 15}, Idempotency_Key=key)[0] == 422
    eventually(lambda: there.ask("GET", f"/sales/{key}")[0] == 200, what="replication")
    assert there.ask("POST", "/sales", BOOK, Idempotency_Key=key)[0] == 201

    assert there.ask("DELETE", f"/sales/{key}")[1]["cancelled"] is True
    eventually(lambda: here.ask("GET", f"/sales/{key}")[1]["cancelled"], what="the cancellation")
    assert here.ask("POST", "/sales", BOOK, Idempotency_Key=key)[1]["cancelled"] is True

    system.set_states(sa_east_1="ACTIVE", us_east_1="PASSIVE")
    worker = system.start("sales_worker", FIRST)
    eventually(lambda: [e for e in worker.events("message_deleted") if e["sale"] == key], 30, what="its deletion")
    assert key not in system.lake()


def test_the_parameter_alone_is_enough_and_orderly_stops_are_clean(system):
    """As the reference images are deployed: no state table."""
    system.client("ssm", FIRST).put_parameter(Name=f"/sales/{FIRST}/state", Value="ACTIVE", Type="String")
    api = system.start("sales_api", FIRST, STATE_TABLE="")
    worker = system.start("sales_worker", FIRST, STATE_TABLE="")
    eventually(lambda: ready(worker) and ready(api), what="readiness")
    sale_id = api.ask("POST", "/sales", BOOK)[1]["id"]
    assert_each_once(system, [sale_id])

    assert worker.stop() == 0 and api.stop() == 0
    assert worker.events("stopped") and api.events("stopped")


def test_a_request_under_way_is_answered_before_the_api_ends(tmp_path):
    code = """
import time
from sales_api.serve import serve
from sales_common.log import start_logging

log = start_logging("test", "here")

def slow(environ, start_response):
    log.info("begun")
    time.sleep(4)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'"answered"']

serve(slow, "127.0.0.1", int(__import__("sys").argv[1]), 2, log)
"""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    path = f"{ROOT}/workloads:{ROOT}/plugins/module_utils"
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen([sys.executable, "-c", code, str(port)], env={"PYTHONPATH": path}, stdout=log)
    task = Task(process, port, tmp_path / "log")
    eventually(lambda: task.events("started"), what="the server")
    answers = []
    asking = threading.Thread(target=lambda: answers.append(task.ask("GET", "/")))
    asking.start()
    eventually(lambda: task.events("begun"), what="the request")
    assert task.stop() == 0
    asking.join(20)
    assert answers == [(200, "answered")]
    assert task.events("stopping")[0]["under_way"] == 1


def test_a_wrong_environment_ends_the_task_with_its_reason(system):
    task = system.start("sales_worker", FIRST, SQS_SALES_QUEUE="sales-queue", S3_SALES_BUCKET="")
    assert task.process.wait(10) == 2
    (event,) = task.events("not_started")
    assert "SQS_SALES_QUEUE is 'sales-queue'" in event["error"] and "S3_SALES_BUCKET is not set" in event["error"]
    system.tasks.remove(task)
