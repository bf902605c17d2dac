# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of a drill, on records small enough to count by hand."""

from __future__ import annotations

from typing import Any

import pytest

from drills.catalogue import moved_within
from harness.evidence import Evidence
from harness.report.contents import build_report
from harness.report.figures import (
    controller_seconds,
    count,
    first_sale_seconds,
    longest_gap,
    processed_at,
    rpo_sales,
    rto_seconds,
    steps_of,
)
from harness.report.gates import judge
from harness.scene import AT_LEAST_ONCE, LOSES, Record
from harness.traffic import Request, Sales

OLD, NEW, OTHER = "sa-east-1", "us-east-1", "eu-west-1"
MOVED = {"changes": {OLD: "PASSIVE", NEW: "ACTIVE"}, "epoch": 3, "execution": "graceful", "outcome": "done"}


def journal(**changes: Any) -> dict[str, Any]:
    steps = [
        {"step": name, "sentence": f"did {name}", "milliseconds": milliseconds}
        for name, milliseconds in (("hold", 100), ("fence", 30_000), ("grant", 200), ("traffic", 700), ("prove", 5_000))
    ]
    return {**MOVED, "steps": steps, "states": {OLD: "PASSIVE", NEW: "ACTIVE"}, **changes}


def switch(entry: dict[str, Any] | None, began: float = 100.0, ended: float = 140.0, lines: Any = ()) -> dict[str, Any]:
    return {"name": "failover", "began": began, "ended": ended, "calls": 7, "lines": list(lines), "journal": entry}


def post(sale: str, ended: float, region: str = OLD, status: int = 201) -> Request:
    return Request(ended - 0.1, 0.1, "POST", status, region, sale, "Dom Casmurro", "1.00")


def lake(region: str, written: float, sale: str, replica: bool = False) -> dict[str, Any]:
    return {"region": region, "written": written, "key": f"sales/20261121/{sale}.json", "replica": replica}


class TestControllerSeconds:
    def test_the_journal_s_own_figure_counts(self):
        assert controller_seconds(journal(controller_ms=1250)) == 1.25

    def test_without_it_the_steps_up_to_the_traffic_are_summed_less_the_fence(self):
        assert controller_seconds(journal()) == 1.0

    def test_a_switch_that_only_settled_has_none(self):
        assert controller_seconds(journal(changes={})) is None


class TestRpo:
    requests = (post("seen", 99.0), post("late", 99.9), post("afterwards", 100.2), post("refused", 99.0, status=503))

    def grant(self, region: str = NEW, epoch: int = 3, visible: tuple[str, ...] = ("seen",)) -> dict[str, Any]:
        return {"region": region, "epoch": epoch, "at": 100.0, "seen_at": 100.02, "visible": list(visible)}

    def test_acknowledged_before_the_grant_and_not_visible_counts(self):
        assert rpo_sales([self.grant()], self.requests, MOVED) == 1
        assert rpo_sales([self.grant(visible=("seen", "late"))], self.requests, MOVED) == 0

    def test_grants_of_other_switches_do_not_count(self):
        assert rpo_sales([self.grant(epoch=5, visible=())], self.requests, MOVED) is None

    def test_a_region_turned_on_takes_over_nothing(self):
        assert rpo_sales([self.grant()], self.requests, {"changes": {NEW: "ACTIVE"}, "epoch": 3}) is None

    def test_of_a_region_turned_off_its_own_sales_count_where_the_work_goes_on(self):
        off = {"changes": {OLD: "PASSIVE"}, "epoch": 3}
        requests = [post("its own", 99.9, OLD), post("of another", 99.9, OTHER)]
        assert rpo_sales([self.grant(visible=())], requests, off) == 1


class TestProcessing:
    objects = (
        lake(OLD, 90.0, "a"),
        lake(OLD, 95.0, "b"),
        lake(NEW, 95.0, "b", replica=True),
        lake(NEW, 130.5, "c"),
        lake(OLD, 131.0, "d"),
    )

    def test_replicas_are_nobody_s_work(self):
        assert processed_at(self.objects) == {OLD: [(90.0, "a"), (95.0, "b"), (131.0, "d")], NEW: [(130.5, "c")]}

    def test_rto_is_from_the_old_region_s_last_to_the_new_one_s_first(self):
        assert rto_seconds(switch(journal()), processed_at(self.objects)) == 35.5

    def test_rto_needs_work_that_moved_between_two_regions(self):
        times = processed_at(self.objects)
        assert rto_seconds(switch(journal(changes={NEW: "ACTIVE"})), times) is None
        assert rto_seconds(switch(None), times) is None
        assert rto_seconds(switch(journal()), {OLD: times[OLD]}) is None

    def test_the_first_sale_is_counted_from_the_grant_where_the_work_goes_on(self):
        times = processed_at(self.objects)
        grant = {"region": NEW, "epoch": 3, "at": 130.0, "seen_at": 130.0, "visible": []}
        assert first_sale_seconds([grant], MOVED, times) == 0.5
        assert first_sale_seconds([{**grant, "at": 129.0}], MOVED, times) == 1.5
        assert first_sale_seconds([{**grant, "epoch": 5}], MOVED, times) is None
        assert first_sale_seconds([{**grant, "at": 130.6}], MOVED, times) is None
        assert first_sale_seconds([grant], {"changes": {NEW: "ACTIVE"}, "epoch": 3}, times) is None

    def test_the_longest_gap_counts_all_regions_together(self):
        assert longest_gap(processed_at(self.objects), 89.0, 133.0) == 35.5
        assert longest_gap({}, 10.0, 12.5) == 2.5


class TestSteps:
    def test_the_journal_s_times_count(self):
        entry = journal(steps=[{"step": "hold", "sentence": "held", "milliseconds": 500, "at": 101_000}])
        assert steps_of(switch(entry)) == [{"step": "hold", "sentence": "held", "began": 101.0, "ended": 101.5}]

    def test_without_them_the_playbook_s_lines_tell_when_a_step_ended(self):
        lines = [
            [102.0, "hold: did hold (0.1 s)"],
            [132.0, "fence: did fence (30.0 s)"],
            [150.0, "record: kept (0.4 s)"],
        ]
        steps = {step["step"]: (step["began"], step["ended"]) for step in steps_of(switch(journal(), lines=lines))}
        assert steps["hold"] == pytest.approx((101.9, 102.0))
        assert steps["fence"] == pytest.approx((102.0, 132.0))
        assert steps["grant"] == pytest.approx((132.0, 132.2))
        assert steps["record"] == pytest.approx((149.6, 150.0))

    def test_a_switch_with_nothing_to_do_has_no_steps(self):
        assert steps_of(switch(None)) == []


def a_record(**changes: Any) -> Record:
    record = Record("graceful", "there and back", True, [OLD, NEW], 90.0, 150.0, quiet_seconds=1.0)
    record.sales = Sales()
    for request in (post("a", 91.0), post("b", 92.0), post("c", 101.0, NEW)):
        record.sales.add(request)
    every = {"a", "b", "c"}
    record.evidence = Evidence(every, every, set(), set(), set(), in_every_lake=every)
    record.objects = [lake(OLD, 91.5, "a"), lake(OLD, 92.5, "b"), lake(NEW, 131.0, "c")]
    record.switches = [switch(journal())]
    record.grants = [{"region": NEW, "epoch": 3, "at": 130.0, "seen_at": 130.0, "visible": ["a", "b", "c"]}]
    for name, value in changes.items():
        setattr(record, name, value)
    return record


def failed(record: Record) -> set[str]:
    gates = judge(count(record), record.graceful, record.trouble, record.promise, record.bounds)
    return {gate["gate"] for gate in gates if not gate["passed"]}


class TestGates:
    def test_a_drill_in_which_all_is_well_passes(self):
        record = a_record()
        figures = count(record)
        assert failed(record) == set()
        assert (figures["posted"], figures["processed"], figures["rto_seconds"]) == (3, 3, 38.5)
        assert figures["controller_seconds"] == 1.0 and figures["aws_calls"] == 7
        assert (figures["first_sale_seconds"], figures["catch_up_seconds"], figures["lake_rpo_sales"]) == (
            1.0,
            1.0,
            None,
        )

    def test_a_bound_and_an_expectation_of_its_own_are_gates(self):
        record = a_record(bounds={"first_sale_seconds": 0.5})
        record.expectations.append({"gate": "dead letters", "expected": "0", "found": 3, "passed": False})
        report = build_report(record)
        assert {gate["gate"] for gate in report["gates"] if not gate["passed"]} == {
            "first_sale_seconds",
            "dead letters",
        }

    def test_the_rpo_of_the_lake_is_that_of_the_worst_region(self):
        lake = {NEW: {"sales": {"looked_at": 9, "put": 4}}, OLD: {"sales": {"looked_at": 9, "put": 1}}}
        assert count(a_record(switches=[switch({**journal(), "lake": lake})]))["lake_rpo_sales"] == 4

    @pytest.mark.parametrize("name", ["lost", "duplicated", "wrong_content"])
    def test_one_sale_is_one_too_many(self, name):
        evidence = a_record().evidence.__dict__ | {name: {"a"}}
        assert failed(a_record(evidence=Evidence(**evidence))) == {name}

    @pytest.mark.parametrize(("name", "passes"), [("lost", False), ("duplicated", True), ("wrong_content", False)])
    def test_at_least_once_allows_two_spellings_of_a_sale(self, name, passes):
        evidence = Evidence(**a_record().evidence.__dict__ | {name: {"a"}})
        assert failed(a_record(evidence=evidence, promise=AT_LEAST_ONCE)) == (set() if passes else {name})

    def test_where_sales_are_to_be_lost_none_lost_is_a_failure(self):
        assert failed(a_record(promise=LOSES)) == {"lost"}
        evidence = a_record().evidence.__dict__
        assert failed(a_record(promise=LOSES, evidence=Evidence(**evidence | {"lost": {"a"}}))) == set()
        assert "lost" in failed(a_record(promise=LOSES, evidence=None))
        # What is lost is in no lake.
        assert "lake_in_both_regions" not in failed(a_record(promise=LOSES, evidence=None))

    def test_a_failed_request_counts_in_a_graceful_drill_only(self):
        record = a_record()
        record.sales.add(Request(99.0, 0.1, "POST", 503, error="HTTP 503"))
        assert failed(record) == {"failed_requests"}
        record.graceful = False
        assert failed(record) == set()

    def test_a_get_that_does_not_find_the_sale_yet_is_no_failed_request(self):
        record = a_record()
        record.sales.add(Request(99.0, 0.1, "GET", 404, NEW, "a"))
        assert failed(record) == set()
        record.sales.add(Request(99.0, 0.1, "GET", 0, error="TimeoutError"))
        assert failed(record) == {"failed_requests"}

    def test_rpo_of_a_graceful_drill_is_zero(self):
        record = a_record()
        record.grants[0]["visible"].remove("c")
        assert failed(record) == {"failover: rpo_sales"}

    @pytest.mark.parametrize(("execution", "seconds", "passes"), [
        ("graceful", 4.0, True), ("graceful", 4.01, False), ("ungraceful", 12.0, True), ("ungraceful", 12.01, False),
    ])  # fmt: skip
    def test_the_controller_s_time_is_limited_by_how_the_switch_was_asked_for(self, execution, seconds, passes):
        record = a_record(switches=[switch(journal(controller_ms=seconds * 1000, execution=execution))])
        assert failed(record) == (set() if passes else {"failover: controller_seconds"})

    @pytest.mark.parametrize(("within", "granted", "missed"), [
        (38.5, 130.0, set()), (38.4, 130.0, {"rto_seconds"}), (38.5, 129.9, {"first_sale_seconds"}),
        (None, 120.0, set()),
    ])  # fmt: skip
    def test_where_the_standstill_is_limited_the_first_sale_after_the_grant_is_too(self, within, granted, missed):
        record = a_record(bounds=moved_within(within) if within else {})
        record.grants[0]["at"] = granted
        assert failed(record) == missed

    def test_a_drill_may_say_how_long_its_controller_takes(self):
        switches = [switch(journal(controller_ms=5000))]
        assert failed(a_record(switches=switches, bounds={"controller_seconds": 5.0})) == set()
        assert failed(a_record(switches=switches, bounds={"controller_seconds": 4.9})) == {
            "failover: controller_seconds"
        }

    def test_the_traffic_of_a_health_gate_follows_the_grant_so_that_the_last_lag_is_not_there_yet(self):
        moved = [{"way": "the readiness of the regions", "arrived": "seen by the health checks", "milliseconds": 1}]
        record = a_record(switches=[switch(journal(traffic=moved))])
        record.grants[0]["visible"].remove("c")
        assert failed(record) == set()

    def test_a_sale_that_is_in_one_region_s_lake_only_is_told(self):
        evidence = a_record().evidence.__dict__ | {"in_every_lake": {"a", "b"}}
        assert failed(a_record(evidence=Evidence(**evidence))) == {"lake_in_both_regions"}

    def test_what_never_came_to_rest_and_what_failed_are_told(self):
        assert failed(a_record(quiet_seconds=None)) == {"quiet"}
        assert failed(a_record(trouble="ansible-playbook ended with 2\n…")) == {"playbooks"}

    def test_without_a_count_nothing_passes(self):
        assert {"lost", "duplicated", "wrong_content"} <= failed(a_record(evidence=None))
