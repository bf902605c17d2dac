# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What S3 takes of the metrics of a replication, of Replication Time Control, and of what is copied."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from moto.s3.exceptions import S3ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.resources.bucket_replication import rules
from localcloud.s3.rules import LARGEST_COPY, check_copy, check_metrics

ON: dict[str, Any] = {"Status": "Enabled"}
MINUTES = {"Minutes": "15"}
LATE = {"Minutes": "30"}


def check(timed: dict[str, Any] | None, metrics: dict[str, Any] | None, **rule: Any) -> None:
    given = {"ReplicationTime": timed, "Metrics": metrics}
    destination = {key: value for key, value in given.items() if value is not None}
    check_metrics({"Filter": {"Prefix": ""}, "Destination": destination, **rule})


@pytest.mark.parametrize(
    ("timed", "metrics", "words"),
    [
        ({**ON, "Time": MINUTES}, None, "Metrics with an EventThreshold"),
        ({**ON, "Time": MINUTES}, ON, "Metrics with an EventThreshold"),
        ({**ON, "Time": MINUTES}, {"Status": "Disabled", "EventThreshold": MINUTES}, "Metrics with an EventThreshold"),
        ({**ON, "Time": LATE}, {**ON, "EventThreshold": MINUTES}, "valid value for Minutes is 15"),
        (None, {**ON, "EventThreshold": LATE}, "valid value for Minutes is 15"),
    ],
)
def test_replication_time_control_needs_metrics_and_fifteen_minutes(timed: Any, metrics: Any, words: str) -> None:
    with pytest.raises(S3ClientError) as refusal:
        check(timed, metrics)
    assert words in str(refusal.value)


def test_metrics_need_a_rule_with_a_filter() -> None:
    check(None, ON)
    with pytest.raises(S3ClientError):
        check_metrics({"Prefix": "", "Destination": {"Metrics": ON}})


@pytest.mark.parametrize(("metrics", "timed", "keys"), [
    (False, False, set()), (True, False, {"Metrics"}), (False, True, {"Metrics", "ReplicationTime"}),
    (True, True, {"Metrics", "ReplicationTime"}),
])  # fmt: skip
def test_the_rules_that_are_made_are_taken(metrics: bool, timed: bool, keys: set[str]) -> None:
    asked: dict[str, Any] = {"delete_markers": False, "modifications": False, "kms_keys": None}
    (rule,) = rules("us-east-1", ["lake"], metrics=metrics, time_control=timed, **asked)
    check_metrics(rule)
    assert rule["Destination"].keys() - {"Bucket"} == keys


def test_a_copy_takes_five_gigabytes() -> None:
    sizes = [SimpleNamespace(size=size) for size in (LARGEST_COPY, LARGEST_COPY + 1)]
    check_copy(sizes[0], None, "*")  # type: ignore[arg-type]
    with pytest.raises(S3ClientError, match="larger than the maximum allowable size for a copy source: 5368709120"):
        check_copy(sizes[1], None, "")  # type: ignore[arg-type]
