# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region that a limit leaves out is dead, or one of the lease alone; and the run after it is back pays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.playbooks import PlaybookFailed
from localcloud import Cloud
from tests.support.dead_region import LEASE_ONLY, OWED, PAID, A, B, debts, status
from tests.support.site import Play


@pytest.mark.usefixtures("built")
def test_what_a_limit_leaves_out_may_be_dead(cloud: Cloud, play: Play) -> None:
    """Of the region through which the lock, the lease and the tables are asked first; and it hangs."""
    cloud.fault(B, "dead", hang=True)
    try:
        run, made = play("site.yml", "--limit", f"{A},control")
        said = " ".join(run.output.split())
        assert debts(made) == [(OWED, B)]
        assert f"Nothing is asked of {B}." in said and "It is owed a run of site.yml" in said
        assert f"{B} does not answer: " in said
        assert f"Still owed: {B} (site)." in status(play)
        run, made = play("site.yml", "-e", f"dead={B}")
        assert made == [], "it is owed already"
        with pytest.raises(PlaybookFailed) as failure:
            play("site.yml")
    finally:
        cloud.fault(B, "ok")
    told = " ".join(str(failure.value).split())
    assert f"{B} does not answer, and this run is to build it: " in told and f"say -e dead={B};" in told
    assert debts(play("site.yml", "--limit", f"{B},control")[1]) == [], "not all is built by it"
    assert debts(play("site.yml")[1]) == [(PAID, B)]


@pytest.mark.usefixtures("built")
def test_a_region_of_the_lease_alone_may_be_dead(
    cloud: Cloud, play: Play, typed: Callable[..., tuple[str, list[dict[str, Any]]]]
) -> None:
    cloud.fault(LEASE_ONLY, "dead")
    try:
        _said, made = typed("A region of the lease is dead, and none of the workload's")
        assert debts(made) == [(OWED, LEASE_ONLY)]
        assert f"Still owed: {LEASE_ONLY} (site)." in status(play)
    finally:
        cloud.fault(LEASE_ONLY, "ok")
    assert debts(play("site.yml")[1]) == [(PAID, LEASE_ONLY)]
