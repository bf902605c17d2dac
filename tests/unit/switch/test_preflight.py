# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target is checked before any epoch: what fails, what is skipped, and what nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import maps_of
from tests.support.switching import STATES, names


@pytest.fixture
def readiness(workload) -> dict[str, Any]:
    """Both regions run the same service, two tasks each as ECS tells it; a queue is only in the source."""
    for region in STATES:
        ecs = workload.client("ecs", region)
        ecs.create_cluster(clusterName="sales")
        ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": "api", "memory": 64}])
        ecs.create_service(cluster="sales", serviceName="api", taskDefinition="api", desiredCount=0)
    workload.client("sqs", "sa-east-1").create_queue(QueueName="orders")
    return {"readiness": {"services": [{"cluster": "sales", "name": "api"}], "queues": ["orders"], "quotas": False}}


def test_a_check_that_fails_stops_the_switch_before_any_epoch_and_check_mode_tells_it(workload, switch, readiness):
    foretold = switch(check=True, to="us-east-1", **readiness)
    assert names(foretold)[:2] == ["lease", "preflight"]
    assert {finding["check"] for finding in foretold["findings"]} == {"queues"}
    with pytest.raises(CollectionError, match=r"us-east-1 cannot take over yet(.|\n)*orders(.|\n)*-e skip_checks="):
        switch(to="us-east-1", **readiness)
    assert maps_of([workload.state_item("us-east-1")])["us-east-1"].epoch == 1


def test_a_skipped_check_is_told_and_recorded(workload, switch, readiness):
    checks = sorted({finding["check"] for finding in switch(check=True, to="us-east-1", **readiness)["findings"]})
    made = switch(to="us-east-1", skip_checks=checks, **readiness)
    assert made["epoch"] == 3
    assert sorted({finding["check"] for finding in workload.journal()[-1]["skipped"]}) == checks
    assert len(workload.journal()[-1]["evidence"]) == len(STATES)


def test_an_unknown_check_is_refused_with_the_names_of_those_there_are(workload, switch, readiness):
    with pytest.raises(CollectionError, match=r"skip_checks names luck; the checks are .*digests"):
        switch(to="us-east-1", skip_checks=["luck"], **readiness)
