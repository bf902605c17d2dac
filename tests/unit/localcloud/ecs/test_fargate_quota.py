# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tasks count towards Fargate's vCPU, and how many more fit."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.ecs import fargate_quota
from localcloud.ecs.fargate_quota import ON_DEMAND, SPOT, room


@pytest.fixture(autouse=True)
def quotas(monkeypatch: pytest.MonkeyPatch) -> None:
    vcpu = {ON_DEMAND: 2.0, SPOT: 0.5}
    monkeypatch.setattr(fargate_quota, "quota_of", lambda _account, _region, _service, code: vcpu[code])


def task(cpu: str | None, launch_type: str | None = None, provider: str | None = None) -> Any:
    return SimpleNamespace(cpu=cpu, launch_type=launch_type, capacity_provider_name=provider)


RUNNING = [
    task("512", "FARGATE"),
    task(".5 vCPU", "FARGATE", "FARGATE"),
    task("256", "FARGATE", "FARGATE_SPOT"),
    task("4096", "EC2"),
    task(None, "EC2"),
]


@pytest.mark.parametrize(
    ("cpu", "launch_type", "provider", "more"),
    [
        ("256", "FARGATE", None, 4),
        ("1 vCPU", "FARGATE", None, 1),
        ("2048", "FARGATE", None, 0),
        ("256", None, "FARGATE", 4),
        ("256", None, "FARGATE_SPOT", 1),
        ("512", None, "FARGATE_SPOT", 0),
        ("4096", "EC2", None, math.inf),
        ("4096", None, "instances", math.inf),
        (None, "FARGATE", None, math.inf),
    ],
)
def test_what_fits(cpu: str | None, launch_type: str | None, provider: str | None, more: float) -> None:
    assert room("123456789012", "sa-east-1", RUNNING, cpu, launch_type, provider) == more


def test_a_quota_that_was_lowered_below_what_runs_admits_nothing() -> None:
    assert room("123456789012", "sa-east-1", [task("4096", "FARGATE")], "256", "FARGATE", None) == 0
