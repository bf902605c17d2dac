# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leads customers to the regions: one choice in the inventory, and what follows from it for every layer."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from ansible_collections.multiregion.ecs.plugins.module_utils.services.routing import routing
from tests.support.modules import checked

Item = dict[str, Any]
DIALS = {"routing_accelerator": {"name": "public"}}
API = {"edge_api": "http", "edge_api_domain": "api.example.com"}
CHECK = {"path": "/readiness", "interval": 10, "failure_threshold": 3}


@pytest.mark.parametrize(
    ("variables", "choice"),
    [
        ({}, "none"),
        (DIALS, "accelerator"),
        ({"edge_api": "none", **DIALS}, "accelerator"),
        # Customers come by the domain then.
        ({**API, **DIALS}, "route53"),
        ({**API, "routing": "health_gate"}, "health_gate"),
    ],
)
def test_what_is_not_said_follows_from_what_there_is(variables: Item, choice: str) -> None:
    assert routing(variables)["choice"] == choice


def test_the_accelerator_is_made_only_where_it_is_chosen() -> None:
    assert routing(DIALS)["accelerator"] == {"name": "public"} and routing(DIALS)["records"] == {}
    assert routing({**API, **DIALS})["accelerator"] == {}


@pytest.mark.parametrize(
    ("variables", "gate", "check"),
    [
        ({}, "none", None),
        ({"routing_health_check": {"path": "/ready"}}, "fallback", {**CHECK, "path": "/ready"}),
        ({"routing": "health_gate"}, "first", CHECK),
        ({"routing": "health_gate", "routing_health_check": {"interval": 30}}, "first", {**CHECK, "interval": 30}),
    ],
)
def test_records_are_bound_to_health_checks_where_these_may_move_the_traffic(
    variables: Item, gate: str, check: Item | None
) -> None:
    found = routing({**API, "edge_api_zone": "example.com", **variables})
    records = {"zone": "example.com", "names": ["api.example.com"], "gate": gate}
    assert found["records"] == (records if check is None else {**records, "health_check": check})
    # Under a health gate no switch moves weights, so nobody's are kept.
    assert (found["health_check"], found["keep_weight"]) == (check, gate != "first")


def findings(choice: str, check: Item | None = None, api: str = "http", **changed: Any) -> list[str]:
    listener = {"port": 80, "default": {"target_group": "web"}}
    group = {"name": "web", "port": 8080, "health_check": {"path": "/healthcheck"}}
    params = {
        "workload": "shop",
        "regions": [{"name": "us-east-1"}],
        "load_balancers": [
            {
                "name": "front",
                "security_groups": ["edge"],
                "target_groups": [group | changed.pop("group", {})],
                "listeners": [listener | changed.pop("listener", {})],
            }
        ],
        "security_groups": [{"name": "edge"}],
        "services": [],
        "api": {"kind": api, "domain": "api.example.com", "security_groups": ["edge"]},
        "routing": {"choice": choice, "said": True, **({} if check is None else {"health_check": check})},
        **changed,
    }
    return problems(checked(MODULE, **params))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"choice": "dns"}, "routing is 'dns'; valid are accelerator, route53, health_gate, none."),
        ({"choice": "accelerator", "api": "none"}, "routing_accelerator is missing"),
        ({"choice": "route53", "api": "none"}, "routing is route53, and edge_api is none"),
        ({"choice": "health_gate", "api": "none"}, "routing is health_gate, and edge_api is none"),
        ({"choice": "none"}, "customers come by the records of its"),
        ({"choice": "none", "api": "none", "check": {}}, "routing_health_check is given, and routing is none"),
        ({"choice": "route53", "check": {"interval": 20}}, "routing_health_check: value of interval must be one of"),
        ({"choice": "route53", "check": {"pth": "/"}}, "routing_health_check: pth. Supported parameters include"),
        ({"choice": "health_gate", "check": {"failure_threshold": 0}}, "failure_threshold is 0; 1 to 10"),
        ({"choice": "health_gate", "check": {"path": "ready"}}, "routing_health_check.path is 'ready'; a path that"),
        (
            {"choice": "health_gate", "check": {"path": "/healthcheck"}},
            "the path of the health check of target group web too: ECS would replace the tasks",
        ),
        (
            {
                "choice": "health_gate",
                "listener": {
                    "default": {"fixed_response": {"status_code": 404}},
                    "rules": [{"priority": 1, "paths": ["/sales/*"], "target_group": "web"}],
                },
            },
            "'/readiness', which the API does not let through, so every region would fail",
        ),
    ],
)
def test_what_cannot_be_right_is_told_before_any_call(asked: Item, words: str) -> None:
    found = findings(**asked)
    assert len(found) == 1 and words in found[0], found


@pytest.mark.parametrize(
    "asked",
    [
        {"choice": "route53"},
        {"choice": "route53", "check": {"interval": 30}},
        {"choice": "health_gate"},
        {"choice": "none", "api": "none"},
        {
            "choice": "health_gate",
            "check": {"path": "/sales/ready"},
            "listener": {
                "default": {"fixed_response": {"status_code": 404}},
                "rules": [{"priority": 1, "paths": ["/sales/*"], "target_group": "web"}],
            },
        },
    ],
)
def test_what_can_be_is_not_refused(asked: Item) -> None:
    assert findings(**asked) == []


def test_records_by_latency_need_the_health_gate() -> None:
    latency = {**API, "routing_records": "latency"}
    found = [routing({**latency, "routing": choice})["latency"] for choice in ("health_gate", "accelerator")]
    assert (found, routing({**API, "routing": "health_gate"})["latency"]) == ([True, False], False)

    def told(choice: str, records: str) -> list[str]:
        given = {"choice": choice, "records": records}
        texts = problems(checked(MODULE, workload="sales", regions=[{"name": "us-east-1"}], routing=given))
        return [text for text in texts if "routing_records" in text]

    assert told("health_gate", "latency") == []
    assert "a switch cannot move records that have no weight" in told("route53", "latency")[0]
    assert "valid are weighted" in told("route53", "nearest")[0]
