# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random operators on the embedded cloud, under traffic: switches, deployments, kills with -9, regions that fail.

`RANDOM_RUNS=20` makes twenty runs instead of one. The seed is printed; `RANDOM_SEED` repeats its choices.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.evidence import gather
from harness.playbooks import RECAP_LINE, run_playbook, start_playbook
from harness.traffic import Sales, Traffic
from localcloud import Cloud
from protocol import ACTIVE
from tests.support.images import build_images
from tests.support.switch_records import (
    arguments_of,
    dials,
    own_map,
    parameter,
    quick_inventory,
    read_lease,
)

RUNS = int(os.environ.get("RANDOM_RUNS", "1"))
SEED = int(os.environ.get("RANDOM_SEED", "20"))
REGIONS = ("sa-east-1", "us-east-1")
RATE = 5.0
PATIENCE = 75.0
"""Seconds after which an operator kills a deployment that does not end; of a switch, three times as long."""

INSISTENCE = 4
NO_DIALS = "without its control plane"
APPROVED = ("-e", "reason=random", "-e", "approve=true")


class Operators:
    """What operators do to the cloud, and how it ended: `told` is a line for each command and each fault."""

    def __init__(self, cloud: Cloud, inventory: Path, folder: Path, choose: random.Random) -> None:
        self.cloud, self.inventory, self.folder, self.choose = cloud, inventory, folder, choose
        self.told: list[str] = []
        self._began = time.monotonic()

    def tell(self, line: str) -> None:
        self.told.append(f"{time.monotonic() - self._began:6.1f} s  {line}")
        print(self.told[-1], flush=True)

    def one_run(self) -> None:
        """One choice of trouble, one command, perhaps killed, perhaps with a rival; perhaps the same again."""
        choose = self.choose
        trouble = choose.choice([None, None, "dead", "unreachable", "throttled", NO_DIALS])
        active = read_lease(self.cloud).map.in_state(ACTIVE)
        sick = choose.choice(active if active and choose.random() < 0.8 else REGIONS)
        if trouble == NO_DIALS:
            sick = "globalaccelerator"
        playbook, arguments = self._command(trouble, sick)
        killed_after = choose.uniform(0.5, 12.0) if choose.random() < 0.4 else None
        rival = self._command(trouble, sick) if choose.random() < 0.25 else None
        healed_before_the_second_time = choose.random() < 0.5
        twice = choose.random() < 0.5 or killed_after is not None

        if trouble:
            self._fault(sick, trouble)
        began = [self._start(playbook, arguments)]
        if rival:
            began.append(self._start(*rival))
        if killed_after is not None:
            time.sleep(killed_after)
            os.killpg(began[0][1].pid, signal.SIGKILL)
        for each in began:
            self._end(*each)
        self._no_orphans()
        if trouble and healed_before_the_second_time:
            self._fault(sick, "ok")
        if twice:
            self._end(*self._start(playbook, arguments))
        if trouble and not healed_before_the_second_time:
            self._fault(sick, "ok")

    def settle(self) -> None:
        """Everything is well again, and whoever had begun something asks for the same again."""
        for ill in (*REGIONS, "globalaccelerator"):
            self._fault(ill, "ok")
        self._wait_for_tasks()
        plan = read_lease(self.cloud).plan or {}
        if plan.get("kind") == "switch":
            asked = plan["asked"]
            playbook = "toggle.yml" if asked["target"] else "failover.yml"
            self._insist(f"playbooks/{playbook}", [*arguments_of(asked), *APPROVED])
        to = read_lease(self.cloud).map.in_state(ACTIVE)[0]
        self._insist("playbooks/failover.yml", ["-e", f"to={to}", *APPROVED])
        self._insist("site.yml", [])

    def _insist(self, playbook: str, arguments: list[str]) -> None:
        """Ask for the same again until it is done; tasks that just started may not be healthy yet."""
        for _ in range(INSISTENCE):
            if self._end(*self._start(playbook, arguments), patience=300) == 0:
                return
        raise AssertionError("\n".join([f"{playbook} does not end well", *self.told]))

    def _command(self, trouble: str | None, sick: str) -> tuple[str, list[str]]:
        """Mostly what an operator would do now, away from a region in trouble; now and then anything."""
        choose = self.choose
        lease = read_lease(self.cloud)
        active = lease.map.in_state(ACTIVE)
        anything = choose.random() < 0.15
        healthy = [each for each in REGIONS if not trouble or each != sick]
        to = choose.choice(REGIONS if anything else [each for each in healthy if each not in active] or healthy)
        (other,) = [each for each in REGIONS if each != to]
        execution = ["-e", "execution=ungraceful"] if trouble and choose.random() < 0.8 else []
        if lease.plan and lease.plan["kind"] == "switch" and not anything:
            way = choose.choice(["again", "again", "back", "elsewhere"])
            asked = lease.plan["asked"]
            if way == "again":
                playbook = "playbooks/toggle.yml" if asked["target"] else "playbooks/failover.yml"
                return playbook, [*arguments_of(asked), *execution, *APPROVED]
            if way == "back":
                return "playbooks/cancel.yml", [*APPROVED]
            execution += ["-e", "supersede=true"]
        kind = choose.choice(["failover", "failover", "failover", "toggle", "toggle", *([] if trouble else ["site"])])
        if kind == "failover":
            left = ["-e", f"from={other}"] if len(active) == 2 else []
            return "playbooks/failover.yml", ["-e", f"to={to}", *left, *execution, *APPROVED]
        if kind == "toggle":
            target, turn = (to, "on") if to not in active else (other, "off")
            turn = choose.choice(["on", "off"]) if anything else turn
            return "playbooks/toggle.yml", ["-e", f"target={target}", "-e", f"turn={turn}", *execution, *APPROVED]
        return "site.yml", []

    def _start(self, playbook: str, arguments: list[str]) -> tuple[str, subprocess.Popen[str]]:
        line = " ".join([Path(playbook).name, *(word for word in arguments if word not in ("-e", *APPROVED))])
        self.tell(f"begins: {line}")
        return line, start_playbook(playbook, self.inventory, self.cloud.env(), *arguments)

    def _end(self, line: str, process: subprocess.Popen[str], patience: float = 0) -> int:
        """Wait for its end, killing it after `patience` seconds; its return code."""
        patience = patience or (PATIENCE if line.startswith("site.yml") else 3 * PATIENCE)
        try:
            output, _nothing = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:  # a deployment to a region that does not answer takes long
            os.killpg(process.pid, signal.SIGKILL)
            output, _nothing = process.communicate()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        (self.folder / f"{len(self.told):03d}.log").write_text(output)
        for word in ("Traceback", "MODULE FAILURE", "Unexpected"):
            assert word not in output, f"{line} ended without a word for its user:\n{output[-6000:]}"
        if process.returncode == -signal.SIGKILL:
            ending = "killed"
        elif process.returncode == 0:
            ending = f"done, {sum(int(found[2]) for found in RECAP_LINE.findall(output))} changed"
        else:
            ending = "refused or failed: " + next(
                (text.strip()[:300] for text in output.splitlines() if "fatal:" in text or "ERROR" in text), "?"
            )
        self.tell(f"ended:  {line}: {ending}")
        return process.returncode

    def _fault(self, ill: str, state: str) -> None:
        self.tell(f"{ill} is {state}")
        if ill in REGIONS:
            self.cloud.fault(ill, state)
        else:
            self.cloud.control_plane(ill, "off" if state == NO_DIALS else state)

    def _wait_for_tasks(self) -> None:
        deadline = time.monotonic() + 60
        for region in REGIONS:
            ecs = self.cloud.client("ecs", region)
            for service in ("sales-api", "sales-worker"):
                while True:
                    found = ecs.describe_services(cluster="sales", services=[service])["services"][0]
                    if found["runningCount"] >= found["desiredCount"] or time.monotonic() > deadline:
                        break
                    time.sleep(0.5)

    def _no_orphans(self) -> None:
        """`kill -9` of ansible-playbook leaves workers that end at their next change; the next command may come now."""
        mark = f"AWS_ENDPOINT_URL={self.cloud.endpoint}".encode()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                ours = entry.name.isdigit() and b"ansible-playbook" in (entry / "cmdline").read_bytes()
                if ours and mark in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running


def test_random_operators_lose_and_double_nothing(cloud: Cloud, tmp_path: Path) -> None:
    print(f"RANDOM_SEED={SEED} RANDOM_RUNS={RUNS}")
    inventory = quick_inventory(tmp_path / "inventory")
    build_images(cloud, inventory)
    run_playbook("site.yml", inventory, cloud.env(), tmp_path / "site.log")
    accelerator = cloud.client("globalaccelerator", "us-west-2").list_accelerators()["Accelerators"][0]
    operators = Operators(cloud, inventory, tmp_path, random.Random(SEED))
    traffic = Traffic(cloud.door, accelerator["DnsName"], rate=RATE).start()
    for number in range(RUNS):
        operators.tell(f"--- run {number + 1} of {RUNS}")
        operators.one_run()
    operators.settle()
    sold = traffic.stop()
    nothing_is_lost_or_doubled(cloud, sold, operators.told)
    everybody_agrees(cloud)


def nothing_is_lost_or_doubled(cloud: Cloud, sold: Sales, told: list[str]) -> None:
    deadline = time.monotonic() + 300
    while True:
        evidence = gather(cloud.client, "sales", list(REGIONS), sold.acknowledged)
        if not evidence.lost or time.monotonic() > deadline:
            break
        time.sleep(1)
    print(f"{sold.posted} acknowledged, {len(sold.failures)} requests failed, lost {len(evidence.lost)}, duplicated "
          f"{len(evidence.duplicated)}, wrong content {len(evidence.wrong_content)}")  # fmt: skip
    assert sold.posted > 0
    assert (evidence.lost, evidence.duplicated, evidence.wrong_content) == (set(), set(), set()), "\n".join(told)


def everybody_agrees(cloud: Cloud) -> None:
    lease = read_lease(cloud)
    assert lease.is_settled and not lease.holder, lease
    assert lease.map.in_state(ACTIVE)
    for region in REGIONS:
        assert own_map(cloud, region) == lease.map
        assert parameter(cloud, region) == lease.map.ssm_value(region)
    assert dials(cloud) == {region: 100 if lease.map.state_of(region) == ACTIVE else 0 for region in REGIONS}
