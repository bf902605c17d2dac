# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What botocore drops of an answer is not lost without a word where a request is made from that answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.task_definition import described, whole

ANSWER: dict[str, Any] = {
    "taskDefinition": {
        "taskDefinitionArn": "arn:aws:ecs:sa-east-1:123456789012:task-definition/api:3",
        "family": "api",
        "revision": 3,
        "containerDefinitions": [{"name": "api", "image": "api:1"}],
    }
}


class Raw:
    """The body of an answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.body = json.dumps(answer).encode()

    def stream(self, **_others: Any) -> Any:
        yield self.body


def answered(answer: dict[str, Any]) -> Any:
    """What the collection makes of an answer that AWS sends byte by byte."""
    cloud = Cloud({"region": "sa-east-1", "access_key": "tests-only", "secret_key": "tests-only"})
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    cloud.client("ecs").meta.events.register(
        "before-send", lambda request, **_others: AWSResponse(request.url, 200, headers, Raw(answer))
    )
    return described(cloud, "sa-east-1", "api")


def test_an_answer_that_is_understood_may_be_a_base() -> None:
    found = answered(ANSWER)
    assert found["unknown_members"] == []
    assert whole(found) is found


def test_a_member_that_botocore_does_not_know_is_named() -> None:
    task = dict(ANSWER["taskDefinition"], isolationOfTomorrow={"mode": "STRICT"}, emptyOfTomorrow=[])
    task["containerDefinitions"] = [{"name": "api", "image": "api:1", "portsOfTomorrow": [80]}]
    with pytest.raises(CollectionError) as caught:
        whole(answered({"taskDefinition": task}))
    told = str(caught.value)
    assert "api:3 has containerDefinitions[0].portsOfTomorrow, isolationOfTomorrow, which the installed" in told
    assert "Update botocore, or give a whole definition" in told and "emptyOfTomorrow" not in told
