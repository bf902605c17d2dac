# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is missing in an inventory, or misspelled, is told before anything is made: not by the layer that misses it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from tests.support.modules import checked

Item = dict[str, Any]

SOUND: Item = {
    "workload": "shop",
    "site": True,
    "regions": [{"name": "sa-east-1", "cidr": "10.10.0.0/16", "nat": "single"}],
    "services": [{"name": "api", "cpu": 256, "memory": 512}],
    "security_groups": [{"name": "edge", "ingress": [{"port": 80, "cidrs": ["0.0.0.0/0"]}]}, {"name": "tasks"}],
    "load_balancers": [
        {
            "name": "shop",
            "security_groups": ["edge"],
            "target_groups": [{"name": "api", "port": 8080, "health_check": {"path": "/"}}],
            "listeners": [
                {
                    "port": 80,
                    "default": {"target_group": "api"},
                    "rules": [{"priority": 1, "paths": ["/gone"], "fixed_response": {"status_code": 404}}],
                }
            ],
        }
    ],
    "tables": [
        {
            "name": "carts",
            "hash_key": "id",
            "attributes": {"id": "S", "by": "S"},
            "indexes": [{"name": "by-owner", "hash_key": "by"}],
        }
    ],
    "topics": [{"name": "orders"}],
    "queues": [{"name": "orders", "subscribes_to": ["orders"], "dlq": {"max_receive_count": 5}}],
    "buckets": [{"name": "lake"}],
    "file_systems": [{"name": "files", "clients": ["tasks"], "access_points": [{"name": "data", "uid": 1, "gid": 1}]}],
    "schedules": [{"name": "nightly", "task": "api", "rate": "1 day"}],
    "accelerator": {"name": "shop", "load_balancer": "shop", "listeners": [{"ports": [80]}]},
}

NEEDLESS = frozenset(
    {"ingress", "cidrs", "port", "health_check", "path", "rules", "indexes", "attributes", "subscribes_to", "dlq"}
    | {"max_receive_count", "access_points", "target_groups", "listeners", "security_groups", "paths"}
)
"""Words without which something else is meant, rather than nothing; those that are needed in one place stand below."""

NEEDED_HERE = {("target_groups", "port"), ("listeners", "port"), ("accelerator", "listeners"), ("rules", "paths")}


def places(value: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """The path of every word of an inventory."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from places(item, *path, key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, *path, number)


def is_needed(path: tuple[Any, ...]) -> bool:
    if path[0] in ("workload", "site") or len(path) < 2 or "attributes" in path[:-1]:
        return False
    within = next(word for word in reversed(path[:-1]) if isinstance(word, str))
    return isinstance(path[-1], str) and (path[-1] not in NEEDLESS or (within, path[-1]) in NEEDED_HERE)


NEEDED = [path for path in places(SOUND) if is_needed(path)]


def findings(inventory: Item) -> list[str]:
    return problems(checked(MODULE, **inventory))


def at(inventory: Item, path: tuple[Any, ...]) -> Any:
    value: Any = inventory
    for step in path:
        value = value[step]
    return value


def test_the_inventory_is_sound() -> None:
    assert findings(SOUND) == []


@pytest.mark.parametrize("path", [p for p in NEEDED if p[0] != "regions" or p[-1] != "name"], ids=str)
def test_what_a_layer_cannot_do_without_is_missed_before_anything_is_made(path: tuple[Any, ...]) -> None:
    inventory = copy.deepcopy(SOUND)
    del at(inventory, path[:-1])[path[-1]]
    assert findings(inventory)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("security_groups", 0, "ingres"), [], "security_groups[edge]: unknown word ingres. Supported"),
        (("security_groups", 0, "ingress", 0, "prot"), "tcp", "unknown word ingress.prot. Supported"),
        (("load_balancers", 0, "target_groups", 0, "port"), "http", "unable to convert to int"),
        (("load_balancers", 0, "listeners", 0, "defualt"), {}, "load_balancers[shop]: unknown word listeners.defualt"),
        (("queues", 0, "raw_delivery"), "perhaps", "queues[orders]"),
        (("tables", 0, "indexes", 0, "projection"), "SOME", "must be one of: ALL, KEYS_ONLY, INCLUDE, got: SOME"),
        (("file_systems", 0, "throughput_mode"), "fast", "must be one of: bursting, elastic, provisioned, got: fast"),
        (("accelerator", "listeners", 0, "protocol"), "HTTP", "must be one of: TCP, UDP, got: HTTP"),
    ],
)
def test_what_a_module_would_refuse_later_is_refused_now(path: tuple[Any, ...], value: Any, expected: str) -> None:
    inventory = copy.deepcopy(SOUND)
    at(inventory, path[:-1])[path[-1]] = value
    assert any(expected in text for text in findings(inventory)), findings(inventory)


@pytest.mark.parametrize("word", ["cidr", "nat"])
def test_without_a_site_to_build_a_region_may_say_less(word: str) -> None:
    inventory = copy.deepcopy(SOUND)
    del inventory["regions"][0][word]
    assert findings({**inventory, "site": False}) == []
