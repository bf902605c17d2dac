# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ACTIVE region dies after a failover; the workload moves without it, and settles with it once it is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.evidence import gather
from harness.inventories import default_inventory
from harness.playbooks import PlaybookFailed, Run, run_playbook
from harness.traffic import Traffic
from localcloud import Cloud
from tests.support.deployed_sales import accelerator, lease_item, recorded_states
from tests.support.images import build_images
from tests.support.waiting import eventually

STATES = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as running:
        build_images(running)
        run_playbook("site.yml", default_inventory(), running.env(), tmp_path / "site.log")
        moved = ("-e", "to=us-east-1", "-e", "reason=test", "-e", "approve=true")
        run_playbook("playbooks/failover.yml", default_inventory(), running.env(), tmp_path / "moved.log", *moved)
        yield running


def test_an_active_region_dies_and_the_workload_settles_with_it_once_it_is_back(cloud: Cloud, tmp_path: Path) -> None:
    def failback(log: str, *more: str) -> Run:
        given = ("-e", "reason=test", "-e", "approve=true", *more)
        return run_playbook("playbooks/failback.yml", default_inventory(), cloud.env(), tmp_path / log, *given)

    cloud.fault("us-east-1", "dead")
    with pytest.raises(PlaybookFailed, match="us-east-1 would change and does not answer"):
        failback("refused.log")
    moved = failback("back.log", "-e", "execution=ungraceful")
    assert "still owed: us-east-1" in moved.output
    assert lease_item(cloud)["owed"]["M"].keys() == {"us-east-1"}
    sold = Traffic(cloud.door, accelerator(cloud)["DnsName"], rate=8).start().stop_after(20, patience=30)
    assert sold.failures == [] and set(sold.served_by) == {"sa-east-1"}

    # The lock of a run is in the table of which one replica is dead. What changes is what is remembered of us-east-1.
    left = ("--limit", "sa-east-1,control", "--tags", "service")
    built = run_playbook("site.yml", default_inventory(), cloud.env(), tmp_path / "left.log", *left)
    assert built.changed == 1 and "It is owed a run of site.yml" in " ".join(built.output.split())

    cloud.fault("us-east-1", "ok")
    failback("settled.log")
    after = lease_item(cloud)
    # A switch settles what switches left; what site.yml left alone is site.yml's.
    assert (
        after["owed"]["M"] == {"us-east-1": {"L": [{"S": "site"}]}}
        and "NULL" in after["plan"]
        and recorded_states(cloud, STATES) == STATES
    )

    def each_once() -> bool:
        evidence = gather(cloud.client, "sales", list(STATES), sold.acknowledged)
        assert evidence.duplicated == evidence.wrong_content == set()
        return not evidence.lost

    eventually(each_once, 240, pause=1, what="every sale processed; what came too early is hidden for a while")
