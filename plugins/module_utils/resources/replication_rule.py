# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule by which a region's registry replicates repositories to other regions of the account.

The registry has one configuration, with the rules of everybody in the account, and AWS replaces it as a whole. So it is
read immediately before it is written, and every other rule is written back as it was. Rules have no names: ours is the
one whose only filter is our prefix. Its destinations in other accounts are not ours either, and stay.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource

MOST_RULES = 25
"""Rules of a registry, of everybody together."""

Rule = dict[str, Any]


class ReplicationRule(Resource):
    """Wanted: `regions` (the destinations). Its name is the prefix of the repositories."""

    kind = "ecr_replication_rule"
    unordered: ClassVar[frozenset[str]] = frozenset({"regions"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ReplicationRule], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        account, rules = _read(cloud, region)
        actual = {}
        for resource in resources:
            regions = [r for rule in rules if resource._is_own(rule) for r in _regions(rule, account)]
            if regions:
                actual[resource.name] = {"regions": sorted(set(regions))}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        account, rules = _read(cloud, self.region)
        own = next((rule for rule in rules if self._is_own(rule)), None)
        others = [rule for rule in rules if rule is not own]
        if own is None and len(rules) >= MOST_RULES:
            raise CollectionError(
                f"the registry of {self.region} has {len(rules)} replication rules, and AWS allows {MOST_RULES}. "
                "Remove one that nobody needs, or push to each region instead (image_replication: push)."
            )
        rule = own or {"repositoryFilters": [{"filter": self.name, "filterType": "PREFIX_MATCH"}], "destinations": []}
        ours = [{"region": region, "registryId": account} for region in sorted(wanted["regions"])]
        _write(cloud, self.region, [*others, {**rule, "destinations": [*_foreign(rule, account), *ours]}])
        return {"regions": sorted(wanted["regions"])}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        account, rules = _read(cloud, self.region)
        left = [rule for rule in rules if not self._is_own(rule)]
        for rule in rules:
            if self._is_own(rule) and (foreign := _foreign(rule, account)):
                left.append({**rule, "destinations": foreign})
        _write(cloud, self.region, left)

    def _is_own(self, rule: Rule) -> bool:
        return [each["filter"] for each in rule.get("repositoryFilters", [])] == [self.name]


def _read(cloud: Cloud, region: str) -> tuple[str, list[Rule]]:
    """The account, and the rules of everybody."""
    registry = cloud.client("ecr", region).describe_registry()
    return registry["registryId"], registry.get("replicationConfiguration", {}).get("rules", [])


def _write(cloud: Cloud, region: str, rules: list[Rule]) -> None:
    cloud.client("ecr", region).put_replication_configuration(replicationConfiguration={"rules": rules})


def _regions(rule: Rule, account: str) -> list[str]:
    return [each["region"] for each in rule["destinations"] if each["registryId"] == account]


def _foreign(rule: Rule, account: str) -> list[dict[str, str]]:
    return [each for each in rule["destinations"] if each["registryId"] != account]
