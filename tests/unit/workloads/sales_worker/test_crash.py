# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker dies at every call, the request not sent or the answer lost; its successor finishes the work."""

from __future__ import annotations

import pytest

# receive, facts, (claim, object) per sale, DONE, sale items, delete
CALLS_OF_TWO_SALES = 9


def finish(world) -> None:
    """What a successor meets a minute later: claims have run out, messages are visible again."""
    world.clock.pass_time(60)
    world.reveal()
    clerk, inbox = world.make_clerk()
    while world.run(clerk, inbox):
        world.reveal()


def test_an_undisturbed_batch_makes_the_calls_that_the_crashes_below_cut(world):
    sales = [world.accept(), world.accept()]
    aws, tap = world.tapped()

    world.run(*world.make_clerk(aws))

    assert tap.calls == [
        "ReceiveMessage",
        "BatchGetItem",
        *["UpdateItem", "PutObject"] * 2,
        "BatchWriteItem",
        "BatchWriteItem",
        "DeleteMessageBatch",
    ]
    assert len(tap.calls) == CALLS_OF_TWO_SALES
    world.assert_processed_once(*sales)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", range(CALLS_OF_TWO_SALES))
def test_a_crash_loses_and_doubles_nothing(world, call, moment):
    sales = [world.accept(), world.accept(amount="0.1")]
    aws, tap = world.tapped()
    tap.crash_at = (call, moment)
    with pytest.raises(world.Crash):
        world.run(*world.make_clerk(aws))

    for sale in sales:
        # At every moment: DONE only with an object, processed only with DONE.
        if world.done(sale):
            assert (sale.lake_key, sale.lake_bytes) in world.lake_versions()
        if world.sale_item(sale)["sale_processed"]:
            assert world.done(sale)
    if not all(world.sale_item(sale)["sale_processed"] for sale in sales):
        assert world.queued() == 2

    finish(world)
    world.assert_processed_once(*sales)


def test_three_crashes_in_a_row_still_leave_an_attempt(world):
    sale = world.accept()
    for _ in range(3):
        aws, tap = world.tapped()
        tap.crash_at = (3, "after")
        with pytest.raises(world.Crash):
            world.run(*world.make_clerk(aws))
        world.clock.pass_time(60)
        world.reveal()

    finish(world)
    world.assert_processed_once(sale)
    assert world.claim(sale)["attempts"] == 4
