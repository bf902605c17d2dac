# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our rule among those of everybody in the account, of whom nothing is ever lost."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.replication_rule import ReplicationRule

OURS, THEIRS = "123456789012", "999999999999"


def rule(*prefixes: str, to: tuple[str, ...] = ("us-east-1",), account: str = OURS, **others: Any) -> dict[str, Any]:
    filters = [{"filter": prefix, "filterType": "PREFIX_MATCH"} for prefix in prefixes]
    destinations = [{"region": region, "registryId": account} for region in to]
    return {"destinations": destinations, **({"repositoryFilters": filters} if filters else {}), **others}


class OneRegistry:
    """The client and the cloud in one."""

    def __init__(self, *rules: dict[str, Any]) -> None:
        self.rules = list(rules)

    def client(self, service: str, region: str | None = None) -> Any:
        return self

    def describe_registry(self) -> dict[str, Any]:
        return {"registryId": OURS, "replicationConfiguration": {"rules": copy.deepcopy(self.rules)}}

    def put_replication_configuration(self, replicationConfiguration: dict[str, Any]) -> None:
        self.rules = replicationConfiguration["rules"]


OTHERS = [
    rule(to=("eu-west-1",)),
    rule("sales/", "shop/"),
    rule("sales/api", deleteReplication={"enabled": True}),
]
"""Of everything, of several prefixes, and of a longer one."""


def wanted(*regions: str) -> ReplicationRule:
    return ReplicationRule("sales/", "sa-east-1", regions=list(regions))


def found(cloud: Any) -> Any:
    return ReplicationRule.find(cloud, "sa-east-1", [wanted()], {}).get("sales/")


def test_our_rule_comes_and_goes_and_the_others_stay() -> None:
    cloud: Any = OneRegistry(*OTHERS)
    assert found(cloud) is None
    made = wanted("us-east-1", "eu-west-1").create(cloud, {"regions": ["us-east-1", "eu-west-1"]})
    assert made == found(cloud) == {"regions": ["eu-west-1", "us-east-1"]} and cloud.rules[:3] == OTHERS
    wanted("us-east-1").update(cloud, made, {"regions": ["us-east-1"]}, {})
    assert found(cloud) == {"regions": ["us-east-1"]} and len(cloud.rules) == 4
    wanted().delete(cloud, {})
    assert cloud.rules == OTHERS


def test_destinations_in_other_accounts_stay_in_our_rule() -> None:
    foreign = rule("sales/", account=THEIRS, deleteReplication={"enabled": True})
    cloud: Any = OneRegistry(foreign)
    assert found(cloud) is None
    wanted("us-east-1").create(cloud, {"regions": ["us-east-1"]})
    (mixed,) = cloud.rules
    assert [each["registryId"] for each in mixed["destinations"]] == [THEIRS, OURS]
    assert mixed["deleteReplication"] == {"enabled": True}
    wanted().delete(cloud, {})
    assert cloud.rules == [foreign]


def test_a_registry_that_is_full_says_so() -> None:
    cloud: Any = OneRegistry(*(rule(f"team{number}/") for number in range(25)))
    with pytest.raises(CollectionError, match="has 25 replication rules, and AWS allows 25"):
        wanted("us-east-1").create(cloud, {"regions": ["us-east-1"]})
    assert len(cloud.rules) == 25
