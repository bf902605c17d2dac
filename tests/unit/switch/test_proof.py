# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The synthetic sale that proves a switch is processed by an ACTIVE region, or another one is posted."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError, NotReadyInTime
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import claim_id
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import proof as proving
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.proof import Proof

A, B = "sa-east-1", "us-east-1"
PROOF = {
    "table": "sales",
    "claims": "idempotency",
    "done_attribute": "done",
    "path": "/sales",
    "body": "{}",
    "id": "id",
    "timeout": 1,
}


class Journal(dict):
    def remember(self, **what: Any) -> None:
        self.update(what)


@pytest.fixture
def make_proof(monkeypatch) -> Callable[..., Proof]:
    """Makes the proof of a switch after which A is ACTIVE. processed: sale → the region that does it, if any."""

    def make(processed: dict[str, str], **posted: Any) -> Proof:
        ids = iter(["second", "third"])
        monkeypatch.setattr(
            proving, "ask_until_answered", lambda _asked: {"body": f'{{"id": "{next(ids)}"}}', "served_by": A}
        )
        there = {claim_id(sale, region) for sale, region in processed.items()}

        def get_item(TableName: str, Key: dict[str, Any], ConsistentRead: bool) -> dict[str, Any]:
            key = Key["id"]["S"]
            if TableName == "sales" and key in processed:
                return {"Item": {"done": {"BOOL": True}}}
            return {"Item": {"id": Key["id"]}} if key in there else {}

        def wait_until(what: str, reached: Callable[[], Any], timeout: float) -> None:
            if not reached():
                raise NotReadyInTime(what)

        control = SimpleNamespace(
            params={"proof": PROOF},
            work=SimpleNamespace(states={A: "ACTIVE", B: "PASSIVE"}, takers=[A]),
            maps={A: {}},
            client=lambda region: SimpleNamespace(get_item=get_item),
            cloud=SimpleNamespace(wait_until=wait_until),
        )
        traffic = SimpleNamespace(reach=dict, public_url="http://shop")
        return Proof(control, Journal(posted), traffic)

    return make


FIRST = {"posted": {"id": "first", "served_by": B}}


def test_what_was_posted_early_and_processed_where_it_should_be_proves_it(make_proof):
    seen = make_proof({"first": A}, **FIRST).prove()
    assert (seen["id"], seen["processed_by"]) == ("first", [A])


@pytest.mark.parametrize("processed", [{}, {"first": B}], ids=["nowhere", "elsewhere"])
def test_another_one_is_posted_if_it_was_processed_nowhere_or_elsewhere(make_proof, processed):
    seen = make_proof({**processed, "second": A}, **FIRST).prove()
    assert (seen["id"], seen["processed_by"]) == ("second", [A])


def test_one_that_was_posted_just_now_is_what_counts(make_proof):
    with pytest.raises(CollectionError, match="second was processed by none of the ACTIVE regions"):
        make_proof({"second": B}).prove()
    with pytest.raises(CollectionError, match="second was processed by none of the ACTIVE regions"):
        make_proof({"first": B, "second": B}, **FIRST).prove()
