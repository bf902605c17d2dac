# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused about alarms and the dashboard before anything is made: what could never go off, or never be told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from tests.support.modules import checked

SOUND: dict[str, Any] = {
    "workload": "sales",
    "regions": [{"name": "sa-east-1"}],
    "topics": [{"name": "sales-processing"}],
    "queues": [{"name": "sales-queue"}],
    "container_insights": "disabled",
}


def findings(enabled: bool = True, insights: str = "disabled", **told: Any) -> list[str]:
    given = {f"observability_{key}": value for key, value in {"enabled": enabled, **told}.items()}
    return problems(checked(MODULE, **{**SOUND, "container_insights": insights, "observability": given}))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            {"missing_tasks": 0},
            "observability_missing_tasks is 0, and cluster_container_insights is 'disabled'; then nothing tells",
        ),
        ({"queue_age": "long"}, "observability_queue_age is 'long'; give a number from 0 on, or null"),
        ({"latency_p99": -1}, "observability_latency_p99 is -1; give a number from 0 on, or null"),
        ({"dead_letters": True}, "observability_dead_letters is True; give a number"),
        ({"topic": "sales-processing"}, "observability_topic is 'sales-processing', which is one of messaging_topics"),
        ({"topic": "sales alarms"}, "observability_topic.name is 'sales alarms'; SNS takes"),
        ({"topic_kms_key_id": "alias/aws/sns"}, "AWS's own key, which CloudWatch may not use"),
        ({"dashboard": "sales board"}, "observability_dashboard: name is 'sales board'; CloudWatch takes"),
    ],
)
def test_each_mistake_is_found_and_named(told: dict[str, Any], words: str) -> None:
    (found,) = findings(**told)
    assert words in found


def test_a_name_that_cloudwatch_does_not_take() -> None:
    queue = "q" * 300
    given = {**SOUND, "queues": [{"name": queue}], "observability": {"observability_enabled": True}}
    assert any("CloudWatch takes 255" in each for each in problems(checked(MODULE, **given)))


def test_what_is_not_watched_is_not_checked_and_null_is_no_alarm() -> None:
    assert findings() == []
    assert findings(enabled=False, queue_age="long") == []
    assert findings(missing_tasks=None, queue_age=None, dead_letters=2.5) == []
    assert findings(missing_tasks=0, insights="enhanced") == []
