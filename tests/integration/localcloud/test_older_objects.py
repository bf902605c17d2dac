# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lakes that replicate, and one that joins them: it gets what is older, and sends none of it back."""

from __future__ import annotations

import time
from typing import Any

import pytest

from localcloud import Cloud
from tests.support.expectations import LAG
from tests.support.modules import run_named
from tests.support.waiting import eventually

FIRST, SECOND, LATE = "sa-east-1", "us-east-1", "eu-west-1"
ALL = [FIRST, SECOND, LATE]


class Lakes:
    """The lakes of one workload, by region, made as the role `storage` makes them."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud, self.common = cloud, {"prefix": name}
        self.account = cloud.client("sts").get_caller_identity()["Account"]

    def make(self, regions: list[str]) -> None:
        for region in regions:
            run_named("lake_bucket", region=region, **self.common)

    def replicate(self, regions: list[str]) -> None:
        for region in regions:
            run_named("lake_bucket", region=region, scope="replication", replicate_to=regions, **self.common)

    def copy_older(self, check_mode: bool = False) -> list[dict[str, Any]]:
        given = {"region": FIRST, "regions": ALL, **self.common}
        return list(run_named("lake_older_objects", check_mode=check_mode, **given)["changes"])

    def put(self, region: str, key: str, **said: Any) -> None:
        bucket = f"{self.common['prefix']}-{self.account}-{region}"
        self.cloud.client("s3", region).put_object(Bucket=bucket, Key=key, Body=b"sale", **said)

    def versions(self, region: str) -> list[str]:
        """The key of each version."""
        bucket = f"{self.common['prefix']}-{self.account}-{region}"
        listed = self.cloud.client("s3", region).list_object_versions(Bucket=bucket)
        return sorted(each["Key"] for each in listed.get("Versions", []))


@pytest.fixture
def lakes(cloud: Cloud, name: str, monkeypatch: pytest.MonkeyPatch) -> Lakes:
    for key, value in cloud.env().items():
        monkeypatch.setenv(key, value)
    return Lakes(cloud, name)


def test_a_lake_that_joins_gets_what_is_older_and_sends_none_of_it_back(lakes: Lakes) -> None:
    lakes.make([FIRST, SECOND])
    lakes.replicate([FIRST, SECOND])
    lakes.put(FIRST, "sales/1", Metadata={"home": FIRST})
    lakes.put(SECOND, "sales/2")
    eventually(lambda: lakes.versions(FIRST) == lakes.versions(SECOND) == ["sales/1", "sales/2"])
    lakes.make([LATE])
    lakes.replicate(ALL)
    lakes.put(SECOND, "sales/3")
    eventually(lambda: [lakes.versions(each) for each in ALL][:2] == [["sales/1", "sales/2", "sales/3"]] * 2)
    eventually(lambda: lakes.versions(LATE) == ["sales/3"])

    foretold = lakes.copy_older(check_mode=True)
    assert foretold[0]["before"]["owed"][LATE]["from"] == {FIRST: 2}
    assert lakes.copy_older() == foretold
    assert lakes.copy_older() == []

    lakes.put(LATE, "sales/4")
    eventually(lambda: lakes.versions(FIRST) == lakes.versions(SECOND) == lakes.versions(LATE))
    time.sleep(4 * LAG)  # long enough for a copy that is sent on
    for region in ALL:
        assert lakes.versions(region) == ["sales/1", "sales/2", "sales/3", "sales/4"]
