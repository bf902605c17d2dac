# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dead region is taken out of the map; a plain run is refused with what to type when it is back."""

from __future__ import annotations

import pytest

from harness.playbooks import PlaybookFailed
from localcloud import Cloud
from tests.support.dead_region import A, B, asked_of, status
from tests.support.site import Play


@pytest.mark.usefixtures("built")
def test_a_dead_region_leaves_the_map_and_all_that_others_have_of_it_stays(cloud: Cloud, play: Play) -> None:
    before, asked = cloud.ask("inventory"), asked_of(cloud, B)
    _run, made = play("site.yml", *(word for each in ("retire", "dead", "give_up") for word in ("-e", f"{each}={B}")))
    kinds = {"region_retirement", "region_given_up", "region_lease", "region_state", "region_fence", "region_debt"}
    assert {change["kind"] for change in made} == kinds
    assert asked_of(cloud, B) == asked and cloud.ask("inventory") == before
    assert [change["before"]["states"] for change in made if change["kind"] == "region_lease"] == [
        {A: "ACTIVE", B: "PASSIVE"}
    ]
    assert f"{B} was given up while it was dead" in status(play)
    with pytest.raises(PlaybookFailed) as failure:
        play("site.yml")
    told = " ".join(str(failure.value).split())
    assert f"{B} was given up while it was dead" in told and f"-e retire={B} -e delete_data=true" in told
