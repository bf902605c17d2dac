# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which zones a network stands in, whatever zones an account has and however AWS orders them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.aws import zones as facts
from ansible_collections.multiregion.ecs.plugins.module_utils.aws.zones import ZoneError, choose_zones
from localcloud.ec2 import zones as embedded


def zone(letter: str, number: int, region: str = "eu-west-1", **others: Any) -> dict[str, Any]:
    short = {"eu-west-1": "euw1", "us-west-1": "usw1", "ap-northeast-1": "apne1", "us-east-1": "use1"}[region]
    told = {"ZoneName": f"{region}{letter}", "ZoneId": f"{short}-az{number}", "State": "available"}
    return {**told, "ZoneType": "availability-zone", "OptInStatus": "opt-in-not-required", **others}


IRELAND = [zone("a", 3), zone("b", 1), zone("c", 2)]
TOKYO = [zone(letter, number, "ap-northeast-1") for letter, number in (("d", 2), ("a", 4), ("c", 1))]
BOSTON = zone("-bos-1a", 9, "us-east-1", ZoneType="local-zone")


def chosen(
    told: list[dict[str, Any]], asked: list[str] | None = None, count: int = 2, used: dict[str, str] | None = None
) -> list[str]:
    region = told[0]["ZoneName"].rstrip("abcdef")
    return [name.removeprefix(region) for name in choose_zones(region, lambda: told, asked, count, used or {})]


def test_the_first_zones_by_name_are_taken() -> None:
    assert chosen(IRELAND) == ["a", "b"] == chosen(IRELAND[::-1])
    assert chosen(TOKYO) == ["a", "c"] and chosen(TOKYO, count=3) == ["a", "c", "d"]


@pytest.mark.parametrize("state", ["impaired", "unavailable", "constrained"])
def test_a_zone_that_does_not_take_new_things_is_passed_over(state: str) -> None:
    assert chosen([zone("a", 3, State=state), *IRELAND[1:]]) == ["b", "c"]


def test_zones_without_fargate_local_and_closed_zones_are_passed_over() -> None:
    california = [zone(letter, number, "us-west-1") for letter, number in (("a", 2), ("b", 1), ("c", 3))]
    assert chosen(california) == ["b", "c"]
    virginia = [zone(letter, number, "us-east-1") for letter, number in (("a", 3), ("b", 1), ("c", 2))]
    assert chosen([virginia[0], BOSTON, *virginia[1:]]) == ["b", "c"]
    assert chosen(virginia, count=3) == ["a", "b", "c"], "what lacks a part is taken if nothing else is left"
    assert chosen([zone("a", 3, OptInStatus="not-opted-in"), *IRELAND[1:]]) == ["b", "c"]


def test_what_stands_stays_whatever_happens_to_a_zone() -> None:
    used = {"eu-west-1b": "euw1-az1", "eu-west-1c": "euw1-az2"}
    ill = [{**each, "State": "unavailable"} for each in IRELAND]
    for told in (IRELAND, IRELAND[::-1], ill):
        assert chosen(told, used=used) == ["b", "c"]
        assert chosen(told, ["c", "b"], used=used) == ["c", "b"]
    assert chosen(IRELAND, count=3, used=used) == ["a", "b", "c"]
    assert chosen([IRELAND[0], *ill[1:]], ["a", "b", "c"], used=used) == ["a", "b", "c"], "one is added, and is well"
    assert chosen(IRELAND, used={"eu-west-1c": "euw1-az2"}) == ["a", "c"], "a run that was killed between two subnets"


def test_letters_names_and_ids_are_given() -> None:
    assert chosen(IRELAND, ["euw1-az2", "eu-west-1a"]) == ["c", "a"]


@pytest.mark.parametrize(
    ("told", "asked", "count", "said"),
    [
        (TOKYO, ["a", "b"], 2, "zones has 'b', which this account does not have in ap-northeast-1. Valid are a ("),
        (TOKYO, ["a", "apne1-az3"], 2, "zones has 'apne1-az3'"),
        ([zone("a", 2, "us-west-1"), zone("b", 1, "us-west-1")], ["a", "b"], 2, "usw1-az2) has no Fargate"),
        ([zone("a", 1, State="impaired"), *IRELAND[1:]], ["a", "b"], 2, "is impaired"),
        ([zone("a", 1, "us-east-1"), BOSTON], ["a", "us-east-1-bos-1a"], 2, "is a local-zone"),
        (IRELAND[:1], None, 2, "zone_count is 2, and this account can use 1 zones in eu-west-1: a (eu-west-1a"),
    ],
)
def test_zones_that_cannot_be_had_are_refused(told: Any, asked: Any, count: int, said: str) -> None:
    with pytest.raises(ZoneError) as refused:
        chosen(told, asked, count)
    assert said in str(refused.value)


def test_the_collection_and_the_embedded_cloud_know_the_same_zones_without_fargate() -> None:
    assert facts.FARGATE_ONLY_IN == embedded.FARGATE_ONLY_IN
