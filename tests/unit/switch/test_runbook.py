# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command of docs/runbook.md, read from there and carried out on the trouble that it is for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import (
    region_debt,
    region_retirement,
    region_states_info,
    region_toggle,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import to_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.reports.status_table import status_table
from ansible_collections.multiregion.ecs.plugins.module_utils.reports.switch_history import switches_table
from ansible_collections.multiregion.ecs.plugins.module_utils.retirement.giving_up import Outwaited
from tests.support.lakes import LAKE, Lake
from tests.support.modules import checked
from tests.support.sickness import Sickness
from tests.support.switching import STATES, A, B, call

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
MOVED, BACK = {A: "PASSIVE", B: "ACTIVE"}, {A: "ACTIVE", B: "PASSIVE"}
DNS = "api.example.test"


def commands(section: str) -> list[tuple[str, dict[str, str]]]:
    """The playbooks of a section, each with what is said to it."""
    found = []
    for line in re.findall(r"^ansible-playbook .*$", SECTIONS[section], re.MULTILINE):
        _program, playbook, *words = shlex.split(line)
        pairs = list(zip(words[::2], words[1::2], strict=True))
        assert pairs[0] == ("-i", "inventories/multiregion") and {option for option, _ in pairs[1:]} <= {"-e"}
        found.append((playbook, dict(word.split("=", 1) for _option, word in pairs[1:])))
    return found


def understood(playbook: str, said: dict[str, str]) -> dict[str, Any]:
    """What the role makes of it for the module."""
    given: dict[str, Any] = {name: text for name, text in said.items() if name not in ("approve",)}
    given |= {name: True for name in ("supersede", "may_turn_ungraceful") if name in said}
    given |= {name: re.findall(r"[A-Za-z0-9_-]+", said[name]) for name in ("dead", "skip_checks") if name in said}
    ways = {"failback": {"to": A}, "cancel": {"rollback": True, "reason": "cancelled"}}
    return {**given, **ways.get(Path(playbook).stem, {})}


class Trouble:
    def __init__(self, workload: Any, switch: Any, silent: set[str], broken: Any, patch: Any) -> None:
        self.workload, self.switch, self.silent, self.broken, self.patch = workload, switch, silent, broken, patch
        self.more: dict[str, Any] = {}

    def kill_a_switch(self) -> None:
        self.broken(self.switch, "fence", to=B)

    def die(self) -> None:
        self.kill_a_switch()
        self.silent.add(A)

    def die_after_site(self) -> None:
        item = to_attributes({**self.workload.lease(), "plan": {"kind": "write"}, "owed": {B: ["write"]}})
        self.workload.client("dynamodb", "us-east-2").put_item(TableName="sales-lease", Item=item)
        self.silent.add(A)

    def fall_ill(self) -> None:
        sick = Sickness(self.patch)
        sick.shares = {A: 0.7}

    def fall_ill_midway(self) -> None:
        self.broken(self.switch, "fence", to=B)
        self.silent.add(A)

    def lose_records(self) -> None:
        self.zone = self._zone()
        self.more = {"dns": {"zone": self.zone, "names": [DNS]}}
        self.silent.add(A)

    def owe_traffic(self) -> None:
        self.lose_records()
        self.silent.clear()
        self.switch(to=B, skip_checks=["traffic"], **self.more)
        assert set(self.workload.lease()["owed"]) == {A, B}
        client = self.workload.client("route53", "us-east-1")
        for region in STATES:
            record = {"Name": DNS, "Type": "CNAME", "TTL": 60, "SetIdentifier": region, "Weight": 50}
            change = {"Action": "CREATE", "ResourceRecordSet": {**record, "ResourceRecords": [{"Value": "lb.test"}]}}
            client.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch={"Changes": [change]})

    def come_back(self) -> None:
        self.silent.add(A)
        self.switch(to=B, execution="ungraceful")
        self.silent.clear()
        assert self.workload.lease()["owed"]

    def owe_the_lake(self) -> None:
        self.lake = Lake(self.workload)
        self.sale = self.lake.done(known=False)
        self.more = {"lake": LAKE}
        self.silent.add(A)
        self.switch(to=B, execution="ungraceful", **self.more)
        assert self.workload.lease()["owed"] == {A: ["write"], B: ["lake"]}
        self.lake.dynamodb.put_item(TableName="sales", Item=self.sale.to_attributes(processed=True))

    def set_late(self) -> None:
        self.switch(to=B)
        self.workload.parameter(A, "ACTIVE")

    def _zone(self) -> str:
        client = self.workload.client("route53", "us-east-1")
        return client.create_hosted_zone(Name="example.test", CallerReference="1")["HostedZone"]["Id"].split("/")[-1]


TROUBLES: dict[str, tuple[Callable[[Trouble], None], dict[str, str], set[str]]] = {
    "A region is dead, and whatever else is unfinished": (Trouble.die, MOVED, {A}),
    "site.yml was killed, and then a region died": (Trouble.die_after_site, MOVED, {A}),
    "A region answers, but ill": (Trouble.fall_ill, MOVED, {A}),
    "A region fails now and then, and there is time": (Trouble.fall_ill_midway, MOVED, {A}),
    "The accelerator or a record is missing": (Trouble.lose_records, MOVED, {A, B}),
    "The traffic is owed": (Trouble.owe_traffic, MOVED, set()),
    "A lake is owed": (Trouble.owe_the_lake, MOVED, {A}),
    "A switch is stuck in the middle, and its target is no good": (Trouble.kill_a_switch, BACK, set()),
    "The dead region is back": (Trouble.come_back, BACK, set()),
    "The status says that a parameter differs": (Trouble.set_late, MOVED, set()),
}
"""Section → what happens, the states that its commands lead to, and who is owed something then."""


LEAVING = "A region will not come back, or not for weeks"
RETURNED = "A region that was given up is back"

PLAYED = {
    "A region is dead, and something must be built in the others",
    "A region of the lease is dead, and none of the workload's",
    "An alarm tells of dead letters",
}
"""Sections whose commands are played: by tests/integration/site/test_dead_region.py, tests/long/dead_region, and the
last one by tests/integration/site/test_plan.py."""


def build_without(dead: list[str]) -> dict[str, Any]:
    """What site.yml does of the lease and the states while a region is dead."""
    call(region_toggle.MODULE, {"regions": STATES, "dead": dead})
    return call(region_debt.MODULE, {"regions": dead, "dead": dead})


@pytest.mark.parametrize("section", TROUBLES)
def test_what_is_typed_leads_out(workload, switch, silent, broken, monkeypatch, section):
    happens, states, owed = TROUBLES[section]
    trouble = Trouble(workload, switch, silent, broken, monkeypatch)
    happens(trouble)
    assert commands(section)
    for playbook, said in commands(section):
        given = understood(playbook, said)
        done = build_without(given["dead"]) if playbook == "site.yml" else switch(**given, **trouble.more)
        assert done["changed"]
    lease = workload.lease()
    assert (lease["plan"], workload.states(), set(lease["owed"])) == (None, states, owed)
    for region in STATES.keys() - silent - owed:
        assert workload.parameter(region) == states[region]


def test_a_region_is_given_up_and_seen_to_when_it_is_back(workload, switch, silent, monkeypatch):
    monkeypatch.setattr(Outwaited, "create", lambda each, cloud, wanted: dict(wanted))  # it only waits

    def retire(section: str) -> dict[str, Any]:
        ((playbook, said),) = commands(section)
        assert (playbook, said["retire"]) == ("site.yml", A)
        lists = {name: [said[name]] for name in ("retire", "dead", "give_up") if name in said}
        return call(region_retirement.MODULE, {"regions": [B], "reason": said["reason"], **lists})

    silent.add(A)
    switch(to=B, execution="ungraceful")
    assert retire(LEAVING)["left"] == [A]
    assert (workload.states(), workload.lease()["owed"]) == ({B: "ACTIVE"}, {})
    silent.clear()
    assert not switch(to=B, regions=[A, B])["changed"]
    assert [change["kind"] for change in retire(RETURNED)["changes"]][:2] == ["region_reconciled", "region_retirement"]
    assert not retire(RETURNED)["changed"]


def test_the_lake_is_whole_after_its_command(workload, switch, silent, broken, monkeypatch):
    trouble = Trouble(workload, switch, silent, broken, monkeypatch)
    trouble.owe_the_lake()
    ((playbook, said),) = commands("A lake is owed")
    switch(**understood(playbook, said), **trouble.more)
    assert list(trouble.lake.objects()) == [trouble.sale.lake_key]


def test_where_nothing_is_owed_its_command_changes_nothing(workload, switch):
    switch(to=B)
    ((playbook, said),) = commands("The backlog does not shrink after a failover")
    assert not switch(**understood(playbook, said))["changed"]


def test_the_report_names_what_was_cancelled_and_processed(workload, switch):
    switch(to=B)
    (entry,) = workload.journal()
    ((playbook, said),) = commands("Customers ask about a cancelled sale that was charged")
    assert (playbook, said) == ("playbooks/report.yml", {})
    told = switches_table([{**entry, "cancelled_and_processed": {"count": 1, "ids": ["0190-sale"]}}])
    assert "1 cancelled on one side and processed on the other: 0190-sale" in " ".join(told.split())


def test_the_status_tells_what_is_unfinished_and_what_to_type(workload, switch, broken):
    broken(switch, "fence", to=B)
    for section in ("You do not know what is wrong", "Half of S3's calls fail"):
        assert commands(section) == [("playbooks/status.yml", {})]
    asked = {"workload": "sales", "region": B, "regions": list(STATES), "lease_regions": ["us-east-2"]}
    told = status_table([], run(region_states_info.MODULE, checked(region_states_info.MODULE, **asked)), {})
    assert "A switch is unfinished" in told and "playbooks/cancel.yml" in told and "Still owed: " in told


def test_each_command_says_what_its_playbook_knows():
    known = {each["name"]: each for each in yaml.safe_load((ROOT / "docs/variables.yml").read_text())["playbooks"]}
    looked_at = {"You do not know what is wrong", "Half of S3's calls fail"}
    asked = {"The backlog does not shrink after a failover", "Customers ask about a cancelled sale that was charged"}
    assert SECTIONS.keys() == {*looked_at, *asked, LEAVING, RETURNED, *TROUBLES, *PLAYED}
    for section in SECTIONS:
        for playbook, said in commands(section):
            variables = {each["name"] for each in known[Path(playbook).stem]["variables"]}
            assert said.keys() <= variables, (playbook, said)
