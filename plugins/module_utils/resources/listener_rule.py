# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule of a listener: which requests it wants, and what it does with them."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import to_tag_list
from ..kernel import Attributes, Cloud, Difference, absent_is_none
from ..kernel.cloud import ClientError
from ..protocol.service_errors import error_code
from .listener_action import Action, as_actions, read_action
from .load_balancer_listing import ElbResource

CONFIGURATIONS = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "source-ip": "SourceIpConfig",
    "http-header": "HttpHeaderConfig",
    "query-string": "QueryStringConfig",
}

ANY_KEY = "*"
"""The pattern of a parameter's name in the query, for a condition of AWS that gives none."""

Condition = dict[str, Any]
"""`field` (a key of `CONFIGURATIONS`), `values` (sorted), and for a header or a parameter of the query its `name`."""


class ListenerRule(ElbResource):
    """Wanted: `listener` (ARN), `priority`, `conditions`, `action`, `tags`. Gives `arn`.

    Instead of `action` there may be `shares`: two target groups (ARN) between which somebody else moves the traffic; it
    begins at the first.

    Its name is `<load balancer>:<port>/<priority>`.
    """

    kind = "elbv2_listener_rule"
    fixed: ClassVar[frozenset[str]] = frozenset({"listener"})
    unordered: ClassVar[frozenset[str]] = frozenset({"conditions", "shares"})

    def __init__(self, name: str, region: str, *, port: int, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.port = port

    def _comparable(self, key: str, value: Any) -> Any:
        if key == "action" and "forward" in (value or {}):  # AWS tells shares in any order
            return sorted(value["forward"], key=repr)
        return super()._comparable(key, value)

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ListenerRule], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            for listener, item in resource.listing.rules():
                place = (listener["Port"], int(item["Priority"]))
                wanted_place = (resource.port, resource.wanted.get("priority"))
                if item["RuleArn"] == resource.identifier if resource.identifier else place == wanted_place:
                    actual[resource.name] = resource._read(listener["ListenerArn"], item)
        return actual

    def _read(self, listener: str, item: dict[str, Any]) -> Attributes:
        arn = item["RuleArn"]
        return {
            "arn": arn,
            "listener": listener,
            "priority": int(item["Priority"]),
            "conditions": [read_condition(condition) for condition in item["Conditions"]],
            **self._read_aim(read_action(item["Actions"])),
            "tags": self.listing.tags([arn])[arn],
        }

    def _read_aim(self, action: Action) -> Attributes:
        if "shares" not in self.wanted:
            return {"action": action}
        return {"shares": [each["target_group"] for each in action.get("forward", [])]}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = self.elb(cloud)
        arguments = {
            "Conditions": [as_condition(condition) for condition in wanted["conditions"]],
            "Actions": as_actions(_action(wanted)),
        }
        try:
            rule = client.create_rule(
                ListenerArn=wanted["listener"],
                Priority=wanted["priority"],
                Tags=to_tag_list(wanted["tags"]),
                **arguments,
            )["Rules"][0]
        except ClientError as error:
            if error_code(error) != "PriorityInUse":
                raise
            arn = self.made_before(cloud)["arn"]
            client.modify_rule(RuleArn=arn, **arguments)
            return {**wanted, "arn": arn}
        return {**wanted, "arn": rule["RuleArn"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        change: dict[str, Any] = {}
        if "conditions" in differences:
            change["Conditions"] = [as_condition(condition) for condition in wanted["conditions"]]
        if differences.keys() & {"action", "shares"}:
            change["Actions"] = as_actions(_action(wanted))
        if change:
            self.elb(cloud).modify_rule(RuleArn=actual["arn"], **change)
        self.retag(cloud, actual["arn"], differences)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("RuleNotFound"):
            self.elb(cloud).delete_rule(RuleArn=actual["arn"])


def _action(wanted: Attributes) -> Action:
    if "action" in wanted:
        return wanted["action"]
    return {"forward": [{"target_group": arn, "weight": int(not n)} for n, arn in enumerate(wanted["shares"])]}


def condition(field: str, values: list[str], name: str | None = None) -> Condition:
    """A condition in normal form."""
    return {"field": field, "values": sorted(values), **({"name": name} if name else {})}


PARKED = condition("host-header", ["parked.invalid"])
"""Of a rule that attaches a target group and gets no request: nobody asks for a name below `invalid` (RFC 2606)."""


def is_parked(conditions: list[Condition]) -> bool:
    """Whether a rule, by its conditions in normal form, only attaches a target group."""
    return conditions == [PARKED]


def read_condition(item: dict[str, Any]) -> Condition:
    """The normal form of a condition that AWS tells; those it does not know stay as they are, and differ."""
    field = item["Field"]
    config = item.get(CONFIGURATIONS.get(field, ""))
    if config is None and (field not in CONFIGURATIONS or not item.get("Values")):
        return {"other": item}
    values = (config or {}).get("Values") or item.get("Values") or []
    if field == "query-string":
        keys = {pair.get("Key") or ANY_KEY for pair in values}
        return condition(field, [pair["Value"] for pair in values], keys.pop()) if len(keys) == 1 else {"other": item}
    return condition(field, values, (config or {}).get("HttpHeaderName"))


def as_condition(wanted: Condition) -> dict[str, Any]:
    """A condition in the form in which AWS takes it."""
    config: dict[str, Any] = {"Values": wanted["values"]}
    if wanted["field"] == "query-string":
        config["Values"] = [{"Key": wanted["name"], "Value": value} for value in wanted["values"]]
    elif "name" in wanted:
        config["HttpHeaderName"] = wanted["name"]
    return {"Field": wanted["field"], CONFIGURATIONS[wanted["field"]]: config}
