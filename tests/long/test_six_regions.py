# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Six regions from hosts only: the demonstration passes, and two of them are retired while sales go on.

The run that retires them is killed in the middle, and completed by the same command.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demos.sales.story import Story
from harness.evidence import Evidence, count_unprocessed, gather
from harness.inventories import copy_inventory, edit_regions
from harness.sales_system import WORKLOAD
from harness.traffic import Sales, Traffic
from localcloud import Cloud
from tests.support.deployed_sales import lease_item, traffic_dials
from tests.support.retiring import Site
from tests.support.site import identities

FIRST = ["sa-east-1", "us-east-1"]
MORE = ["eu-west-1", "ap-northeast-1", "us-west-1", "eu-central-1"]
GONE, STAY = ["ap-northeast-1", "us-west-1"], [*FIRST, "eu-west-1", "eu-central-1"]
PATIENCE = 120


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as running:
        yield running


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    made = copy_inventory(tmp_path / "inventory")
    with edit_regions(made) as regions:
        for number, region in enumerate(MORE, start=3):
            said = {"region_role": "recovery", "region_state": "PASSIVE", "region_cidr": f"10.{number}0.0.0/16"}
            regions[region] = said
    return made


def peerings(cloud: Cloud, regions: list[str]) -> set[str]:
    found = set()
    for region in regions:
        listed = cloud.client("ec2", region).describe_vpc_peering_connections()["VpcPeeringConnections"]
        found |= {each["VpcPeeringConnectionId"] for each in listed if each["Status"]["Code"] == "active"}
    return found


class SixRegions(Story):
    """The demonstration, and the retirement of two regions before everything is taken down."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.sales_meanwhile = Sales()
        self.evidence_meanwhile: Evidence | None = None

    def _destroy(self) -> list[str]:
        assert len(peerings(self.cloud, [*FIRST, *MORE])) == 15
        site = Site(self.cloud, self.inventory, self.folder)
        site.refuse_to_forget(GONE[0])
        (_check, foretold), system = site.play("--check", "-e", f"retire={','.join(GONE)}"), self.system
        file = self.folder / "logs" / "meanwhile.jsonl"
        traffic = Traffic(self.cloud.door, system.host, self.rate, file, system.authorities).start()
        try:
            site.kill_a_retirement(GONE)
            made = identities(site.retire(GONE))
        finally:
            self.sales_meanwhile = traffic.stop_after(50, PATIENCE)
        # What the run that was killed had made is not made again.
        assert set(made) < set(identities(foretold)) and len(made) == len(set(made))
        self._look_at_what_stays(site)
        return super()._destroy()

    def _look_at_what_stays(self, site: Site) -> None:
        assert site.left_in(GONE) == []
        assert len(peerings(self.cloud, STAY)) == 6
        assert traffic_dials(self.cloud) == {region: 100 if region == "us-east-1" else 0 for region in STAY}
        assert site.states().keys() == set(STAY) and lease_item(self.cloud)["owed"]["M"] == {}
        # As long as the hosts are there, the same again changes nothing; and then the rest of the inventory does.
        assert site.retire(GONE) == []
        site.forget(GONE)
        assert site.play()[1] == []
        deadline = time.monotonic() + PATIENCE
        while count_unprocessed(self.cloud.client, WORKLOAD, STAY) and time.monotonic() < deadline:
            time.sleep(1)
        while time.monotonic() < deadline:
            evidence = gather(self.cloud.client, WORKLOAD, STAY, self.sales_meanwhile.acknowledged)
            self.evidence_meanwhile = evidence
            if evidence.in_every_lake == evidence.in_lake:
                break
            time.sleep(1)


def test_two_of_six_regions_are_retired_while_sales_go_on(cloud: Cloud, inventory: Path, tmp_path: Path) -> None:
    story = SixRegions(cloud, inventory, tmp_path / "results", rate=4)
    summary = story.run()
    assert summary["regions"] == [*FIRST, *MORE]
    assert summary["posted"] >= 300 and summary["processed"] == summary["in_lake"] == summary["posted"]
    assert summary["lake_in_both_regions"] == summary["posted"]  # in all six
    zero = ("lost", "duplicated", "wrong_content", "failed_requests", "second_run_changed", "destroyed_leftovers")
    assert {key: summary[key] for key in zero} == dict.fromkeys(zero, 0), summary["leftovers"]

    meanwhile, evidence = story.sales_meanwhile, story.evidence_meanwhile
    assert evidence is not None and meanwhile.posted >= 50 and meanwhile.failures == []
    assert (evidence.lost, evidence.duplicated, evidence.wrong_content) == (set(), set(), set())
    assert evidence.in_every_lake == meanwhile.acknowledged.keys()
