# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module tells in moto, and what it refuses before it asks anything."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_readiness_info import MODULE
from tests.support.aws_clients import one_session as one_session
from tests.support.modules import checked
from tests.support.readiness_evidence import LAG, SOURCE, TARGET, make_table
from tests.support.readiness_evidence import cloud as cloud

QUEUES = {"queues": ["sales-queue"], "quotas": False}


def tell(**arguments: Any) -> dict[str, Any]:
    given = {"workload": "sales", "sources": [SOURCE], "targets": [TARGET], "readiness": QUEUES, **arguments}
    return run(MODULE, checked(MODULE, region=TARGET, **given))


def test_a_target_that_lacks_something_is_not_ready(cloud: Cloud) -> None:
    told = tell(states={TARGET: {"state": "PASSIVE", "epoch": 2}})
    assert (told["ready"], told["changed"]) == (False, False)
    (finding,) = told["findings"]
    assert (finding["check"], finding["region"], finding["skipped"]) == ("queues", TARGET, False)
    assert told["sentences"] == [
        f"{SOURCE} (no state): queue sales-queue does not exist",
        f"{TARGET} PASSIVE at epoch 2: queue sales-queue does not exist",
        f"queues in {TARGET}: expected the queue sales-queue; found it does not exist. Build it there (site.yml).",
    ]
    assert told["lag"] == {}


def test_a_skipped_check_does_not_count_and_is_told(cloud: Cloud) -> None:
    told = tell(skip_checks=["queues"])
    assert told["ready"]
    assert [finding["skipped"] for finding in told["findings"]] == [True]


def test_a_target_that_has_everything_is_ready(cloud: Cloud) -> None:
    cloud.client("sqs", TARGET).create_queue(QueueName="sales-queue")
    told = tell()
    assert (told["ready"], told["findings"], told["missing_capacity"]) == (True, [], [])


def test_a_lag_that_is_not_known_is_a_finding_with_its_reason(cloud: Cloud) -> None:
    make_table(cloud, SOURCE)
    make_table(cloud, TARGET)
    told = tell(measure_lag=True, readiness={"quotas": False, "lag": {**LAG, "threshold": 0.1, "timeout": 0.2}})
    assert told["lag"] == {TARGET: None}
    assert [finding["check"] for finding in told["findings"]] == ["lag"]
    assert any("was not seen" in sentence for sentence in told["sentences"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"targets": []}, "targets is empty"),
        ({"targets": ["us-esat-1"]}, "Did you mean .*us-east-1"),
        ({"sources": [TARGET]}, "cannot take over from itself"),
        ({"skip_checks": ["digest"]}, "expected some of reachable, digests,"),
        ({"timeout": 0}, "timeout is 0"),
        ({"measure_lag": True}, "does not say in which table"),
        ({"readiness": {"capacity_percentage": 0}}, "readiness.capacity_percentage is 0"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_asked(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        tell(**given)
