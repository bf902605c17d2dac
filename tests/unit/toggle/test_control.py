# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run asks for the lease, and for how long it keeps it."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import ONCE, SHORT
from ansible_collections.multiregion.ecs.plugins.module_utils.toggle.control import Control
from tests.support.waiting import eventually

PARAMS = {
    "workload": "sales",
    "lease_table": None,
    "state_table": None,
    "operator": "Ana",
    "reason": "test",
    "lease_duration": 0.5,
    "lease_heartbeat": 0.01,
}


class Recording:
    """Remembers with which limits a client was made."""

    def __init__(self) -> None:
        self.limits: dict[str, dict[str, Any]] = {}

    def client(self, service: str, region: str, **limits: Any) -> object:
        self.limits[region] = limits
        return object()


@pytest.mark.parametrize(
    ("regions", "limits"), [(["us-east-1", "us-east-2"], ONCE), (["us-east-1"], SHORT)], ids=["replicas", "alone"]
)
def test_of_several_replicas_none_is_waited_for_long(regions, limits):
    cloud = Recording()
    Control({**PARAMS, "lease_regions": regions}, cloud)
    assert cloud.limits == dict.fromkeys(regions, limits)


def test_a_run_whose_ansible_playbook_was_killed_stops_beating(workload, monkeypatch):
    control = Control({**PARAMS, "lease_regions": ["us-east-2"]}, Cloud({"region": "us-east-2"}))
    with control.holding(lambda: None):
        began = control.tenure.lease.heartbeat
        eventually(lambda: control.tenure.lease.heartbeat > began)
        monkeypatch.setattr(os, "getppid", lambda: 1)
        (beating,) = [thread for thread in threading.enumerate() if thread.name == "lease-heartbeat"]
        beating.join(10)
        assert not beating.is_alive()
        last = control.tenure.lease.heartbeat
        threading.Event().wait(0.1)
        assert control.tenure.lease.heartbeat == last
