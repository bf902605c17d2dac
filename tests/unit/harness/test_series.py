# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened in each second of a scene, and from when to when something was so."""

from __future__ import annotations

from typing import Any

from harness.report.series import backlog_series, fault_spans, request_series, state_spans
from harness.traffic import Request

HERE, THERE = "sa-east-1", "us-east-1"


def test_requests_are_counted_in_the_second_they_began_in():
    requests = [
        Request(100.2, 0.01, "POST", 201, HERE, "a"),
        Request(100.9, 0.03, "POST", 201, HERE, "b"),
        Request(101.5, 0.02, "POST", 201, THERE, "c"),
        Request(101.6, 0.5, "POST", 0, error="TimeoutError"),
        Request(101.7, 0.5, "GET", 200, THERE, "a"),
        Request(99.0, 0.5, "POST", 201, HERE, "before"),
    ]
    series = request_series(requests, 100.0, 3)
    assert series["requests"] == {HERE: [2, 0, 0], THERE: [0, 1, 0]}
    assert series["errors"] == [0, 1, 0]
    assert series["latency"]["median"] == [20.0, 20.0, None]
    assert series["latency"]["slowest"] == [30.0, 20.0, None]


def moment(at: float, **seen: Any) -> dict[str, Any]:
    empty = {"backlog": {}, "dials": {}, "readers": {}, "ready": {}, "calls": {}}
    return {"at": at, "faults": {"regions": {}, "links": [], "services": []}, **empty, **seen}


def test_equal_moments_make_one_span_and_a_silent_reader_leaves_a_hole():
    states = ["ACTIVE", "ACTIVE", "HELD", None, "HELD"]
    samples = [
        moment(100 + number / 2, readers={HERE: [state, 1]} if state else {}) for number, state in enumerate(states)
    ]
    assert [(span["from"], span["to"], span["state"]) for span in state_spans(samples, 100.0)[HERE]] == [
        (0.0, 1.0, "ACTIVE"),
        (1.0, 1.0, "HELD"),
        (2.0, 2.0, "HELD"),
    ]


def test_a_span_reaches_to_the_moment_at_which_the_next_was_seen():
    samples = [moment(100.0, readers={HERE: ["ACTIVE", 1]}), moment(100.5, readers={HERE: ["HELD", 2]})]
    first, second = state_spans(samples, 100.0)[HERE]
    assert (first["from"], first["to"], first["state"]) == (0.0, 0.5, "ACTIVE")
    assert (second["from"], second["state"]) == (0.5, "HELD")


def test_faults_of_regions_and_lines_are_spans():
    late = {"service": "s3", "region": THERE, "state": "late", "lag": 20}
    faults = {"regions": {HERE: {"state": "dead"}}, "links": [[HERE, THERE]], "services": [late]}
    spans = fault_spans([moment(100.0), moment(100.5, faults=faults), moment(101.0, faults=faults)], 100.0)
    assert spans == {
        f"link {HERE} – {THERE}": [{"from": 0.5, "to": 1.0, "state": "cut"}],
        HERE: [{"from": 0.5, "to": 1.0, "state": "dead"}],
        f"s3 of {THERE}": [{"from": 0.5, "to": 1.0, "state": "late"}],
    }


def test_queues_that_never_held_anything_are_left_out():
    samples = [moment(100.0, backlog={"a": 0, "b": 0}), moment(100.5, backlog={"a": 3, "b": 0})]
    assert backlog_series(samples, 100.0) == {"a": {"at": [0.0, 0.5], "messages": [0, 3]}}
