# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What DynamoDB demands before it changes replicas; the integration tests see the same through the API."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from localcloud.dynamodb.rules import Refused, ReplicaChange, TableFacts, check_replica_change, check_source_region

REGIONS = {"us-east-1", "us-east-2", "us-west-2", "sa-east-1", "eu-west-1", "eu-central-1", "eu-west-2"}
TABLE = TableFacts(name="sales", region="us-east-1", stream_view="NEW_AND_OLD_IMAGES")
STRONG = dataclasses.replace(
    TABLE, strong=True, replicas={"us-east-1": "ACTIVE", "us-east-2": "ACTIVE"}, witnesses=("us-west-2",)
)


def table(**facts: Any) -> TableFacts:
    return dataclasses.replace(TABLE, **facts)


def strong(create: list[str], witness: list[str]) -> ReplicaChange:
    return ReplicaChange(create=create, create_witness=witness, strong=True)


@pytest.mark.parametrize(
    ("facts", "change"),
    [
        (TABLE, ReplicaChange(create=["sa-east-1"])),
        (table(on_demand=False, write_autoscaled=True), ReplicaChange(create=["sa-east-1"])),
        (table(stream_view=None), strong(["us-east-2", "us-west-2"], [])),
        (table(), strong(["us-east-2"], ["us-west-2"])),
        (table(region="eu-west-1"), strong(["eu-central-1"], ["eu-west-2"])),
        (table(replicas={"us-east-1": "ACTIVE", "sa-east-1": "ACTIVE"}), ReplicaChange(delete=["sa-east-1"])),
        (STRONG, ReplicaChange(delete=["us-east-2"], delete_witness=["us-west-2"])),
    ],
)
def test_what_is_allowed(facts: TableFacts, change: ReplicaChange) -> None:
    check_replica_change(facts, change, REGIONS)


@pytest.mark.parametrize(
    ("facts", "change", "complaint"),
    [
        (TABLE, ReplicaChange(create=["sa-east-1", "eu-west-1"]), "more than one"),
        (TABLE, ReplicaChange(create=["us-east-1"]), "local region"),
        (TABLE, ReplicaChange(create=["mars-1"]), "not supported"),
        (table(stream_view="NEW_IMAGE"), ReplicaChange(create=["sa-east-1"]), "NEW_AND_OLD_IMAGES"),
        (table(on_demand=False), ReplicaChange(create=["sa-east-1"]), "^Table write capacity"),
        (
            table(on_demand=False, write_autoscaled=True, indexes_write_autoscaled=False),
            ReplicaChange(create=["sa-east-1"]),
            "^GSI write capacity",
        ),
        (table(taken_regions=frozenset({"sa-east-1"})), ReplicaChange(create=["sa-east-1"]), "already existed"),
        (TABLE, ReplicaChange(delete=["sa-east-1"]), "not part of the global table"),
        (TABLE, strong(["us-east-2"], []), "exactly three"),
        (TABLE, strong(["us-east-2"], ["us-east-2"]), "exactly three"),
        (TABLE, strong(["sa-east-1"], ["us-east-2"]), "region set"),
        (table(is_empty=False), strong(["us-east-2"], ["us-west-2"]), "empty"),
        (table(has_ttl=True), strong(["us-east-2"], ["us-west-2"]), "Time to live"),
        (table(has_local_indexes=True), strong(["us-east-2"], ["us-west-2"]), "Local secondary"),
        (table(replicas={"us-east-1": "ACTIVE"}), strong(["us-east-2"], ["us-west-2"]), "existing global table"),
        (STRONG, ReplicaChange(create=["us-west-2"]), "strong MultiRegionConsistency"),
        (STRONG, ReplicaChange(delete=["us-east-2"]), "all witnesses"),
        (STRONG, ReplicaChange(delete_witness=["us-west-2"]), "without the replicas"),
    ],
)
def test_what_is_refused(facts: TableFacts, change: ReplicaChange, complaint: str) -> None:
    with pytest.raises(Refused, match=complaint) as caught:
        check_replica_change(facts, change, REGIONS)
    assert caught.value.code == "ValidationException"


@pytest.mark.parametrize("status", ["CREATING", "DELETING", "UPDATING"])
def test_one_change_at_a_time(status: str) -> None:
    busy = table(replicas={"us-east-1": "ACTIVE", "sa-east-1": status})
    with pytest.raises(Refused, match=status) as caught:
        check_replica_change(busy, ReplicaChange(create=["eu-west-1"]), REGIONS)
    assert caught.value.code == "ResourceInUseException"


def test_a_source_stays_while_what_was_made_from_it_is_younger_than_a_day() -> None:
    made = {"us-east-1": ("sa-east-1", 1000.0)}
    with pytest.raises(Refused, match="source region"):
        check_source_region("sa-east-1", made, now=1000.0 + 24 * 3600 - 1)
    check_source_region("us-east-1", made, now=1000.0 + 3600)
    check_source_region("sa-east-1", made, now=1000.0 + 24 * 3600)
    check_source_region("sa-east-1", {}, now=1000.0)


@pytest.mark.parametrize(
    ("updates", "witnesses", "consistency", "complaint"),
    [
        ([{}], [], None, "no actions"),
        ([{"Create": {"RegionName": "a"}}, {"Delete": {"RegionName": "b"}}], [], None, "more than one type"),
        ([{"Create": {"RegionName": "a"}}], [{"Create": {"RegionName": "b"}}], None, "must be set as STRONG"),
        ([{"Delete": {"RegionName": "a"}}], [], "STRONG", "Only Replica Create"),
    ],
)
def test_requests_that_make_no_sense(
    updates: list[Any], witnesses: list[Any], consistency: str | None, complaint: str
) -> None:
    with pytest.raises(Refused, match=complaint):
        ReplicaChange.parse(updates, witnesses, consistency)


def test_the_same_region_twice_is_once() -> None:
    twice = [{"Create": {"RegionName": "sa-east-1"}}] * 2
    assert ReplicaChange.parse(twice, [], None).create == ["sa-east-1"]
