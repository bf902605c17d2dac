# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a web ACL keeps out at the front door."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.frontdoor.asked import Asked
from localcloud.frontdoor.guard import Rates, is_blocked


def rule(name: str, action: str = "BLOCK", **what: Any) -> dict[str, Any]:
    return {"name": name, "action": action, **what}


ALLOWED = rule("allowed", "ALLOW", addresses=["203.0.113.0/24"])
BLOCKED = rule("blocked", addresses=["203.0.113.0/24", "2001:0db8:0000:0000:0000:0000:0000:0000/32"])
SHORT = rule("largest-body", longer_than=3)


def blocked(*rules: dict[str, Any], client: str = "203.0.113.7", default: str = "ALLOW", **asked: Any) -> bool:
    guard = {"arn": "a", "default": default, "rules": list(rules)}
    return is_blocked(guard, Asked("a", client=client, **asked), Rates())


@pytest.mark.parametrize(
    ("rules", "request_", "expected"),
    [
        ((), {}, False),
        ((), {"default": "BLOCK"}, True),
        ((BLOCKED,), {}, True),
        ((BLOCKED,), {"client": "203.0.114.7"}, False),
        ((BLOCKED,), {"client": "2001:db8::7"}, True),
        ((ALLOWED, BLOCKED), {}, False),
        ((ALLOWED,), {"default": "BLOCK"}, False),
        # The first rule that decides decides, and one that counts does not.
        ((BLOCKED, ALLOWED), {}, True),
        (({**BLOCKED, "action": "COUNT"},), {}, False),
        (({**BLOCKED, "action": "COUNT"}, BLOCKED), {}, True),
        (({**BLOCKED, "action": "COUNT"},), {"default": "BLOCK"}, True),
        ((SHORT,), {"body": b"123"}, False),
        ((SHORT,), {"body": b"1234"}, True),
        ((SHORT,), {"body": None}, True),
    ],
)
def test_the_first_rule_that_decides(rules: tuple[Any, ...], request_: dict[str, Any], expected: bool) -> None:
    assert blocked(*rules, **request_) is expected


def test_who_asks_too_often_is_blocked_until_the_window_has_passed() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])
    guard = {"arn": "a", "default": "ALLOW", "rules": [rule("rate", rate={"limit": 2, "window": 60})]}

    def ask(client: str = "203.0.113.7") -> bool:
        return is_blocked(guard, Asked("a", client=client), rates)

    assert [ask(), ask(), ask()] == [False, False, True]
    assert ask(client="203.0.113.8") is False
    now[0] = 60.0
    assert ask() is False
