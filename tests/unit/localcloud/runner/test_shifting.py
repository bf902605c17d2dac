# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps in which traffic moves to new tasks, and when the next one is due."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from moto.ecs.exceptions import InvalidParameterException

from localcloud.ecs import shifting_rules
from localcloud.ecs.shifting_rules import check_shifting
from localcloud.runner.shifting import side_of, steps_of, take_side


@pytest.mark.parametrize(
    ("configuration", "steps"),
    [
        ({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5}, [(100, 5)]),
        (
            {"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": 3}},
            [(10, 3), (100, 0)],
        ),
        (
            {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 40, "stepBakeTimeInMinutes": 2}},
            [(40, 2), (80, 2), (100, 0)],
        ),
    ],
)
def test_each_strategy_has_its_steps_and_ends_with_everything(configuration: dict, steps: list) -> None:
    assert steps_of(configuration) == steps


def service(**others: Any) -> SimpleNamespace:
    given = {
        "name": "api", "region_name": "sa-east-1", "_account_id": "123456789012", "load_balancers": [], "events": [],
        "deployments": [{"id": "new"}], "completed_deployment": None,
        "deployment_configuration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1},
    }  # fmt: skip
    return SimpleNamespace(**{**given, **others})


def test_the_sides_alternate() -> None:
    it = service()
    take_side(it, "new")
    assert side_of(it, "new") == 0
    it.completed_deployment = {"id": "new"}
    it.deployments = [{"id": "next"}, {"id": "new"}]
    take_side(it, "next")
    assert (side_of(it, "next"), side_of(it, "new")) == (1, 0)


def group(port: int = 80) -> SimpleNamespace:
    return SimpleNamespace(port=port, target_type="ip")


def role(name: str, trusted: str) -> SimpleNamespace:
    admitted = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    return SimpleNamespace(
        arn=f"arn:aws:iam::123456789012:role/{name}", assume_role_policy_document={"Statement": admitted}
    )


SHIFTER, STRANGER = role("shifter", "ecs.amazonaws.com"), role("stranger", "ecs-tasks.amazonaws.com")
MEANS = {"alternateTargetGroupArn": "arn:other", "productionListenerRule": "arn:rule", "roleArn": SHIFTER.arn}


@pytest.mark.parametrize(
    ("means", "complaint"),
    [
        (MEANS, None),
        (None, "advancedConfiguration field is required"),
        ({**MEANS, "alternateTargetGroupArn": "arn:gone"}, "arn:gone does not exist"),
        ({**MEANS, "alternateTargetGroupArn": "arn:group"}, "must be two target groups"),
        ({**MEANS, "alternateTargetGroupArn": "arn:elsewhere"}, "differ in port"),
        ({**MEANS, "productionListenerRule": None}, "productionListenerRule None does not exist"),
        ({**MEANS, "testListenerRule": "arn:gone"}, "testListenerRule arn:gone does not exist"),
        ({**MEANS, "roleArn": None}, "unable to assume the role 'None'"),
        ({**MEANS, "roleArn": STRANGER.arn}, "its trust policy does not admit"),
    ],
)
def test_a_balancer_without_the_means_to_shift_is_refused(
    monkeypatch: pytest.MonkeyPatch, means: dict[str, Any] | None, complaint: str | None
) -> None:
    groups = {"arn:group": group(), "arn:other": group(), "arn:elsewhere": group(81)}
    region = SimpleNamespace(target_groups=groups)
    monkeypatch.setattr(shifting_rules, "elbv2_backends", {"123456789012": {"sa-east-1": region}})
    monkeypatch.setattr(shifting_rules, "rules_by_arn", lambda account, region: {"arn:rule": object()})
    monkeypatch.setattr(shifting_rules, "roles_of", lambda account: [SHIFTER, STRANGER])
    backend = SimpleNamespace(account_id="123456789012", region_name="sa-east-1")
    balancers = [{"targetGroupArn": "arn:group", "advancedConfiguration": means}]
    check_shifting(backend, {"strategy": "ROLLING"}, balancers)
    if complaint is None:
        check_shifting(backend, {"strategy": "CANARY"}, balancers)
    else:
        with pytest.raises(InvalidParameterException, match=complaint):
            check_shifting(backend, {"strategy": "CANARY"}, balancers)
