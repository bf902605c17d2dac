# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mysfits system, built by its playbook: a like takes the way through the rule, and is kept by the monolith."""

from __future__ import annotations

from tests.support.mysfits import Mysfits
from tests.support.waiting import eventually


def test_the_job_before_the_first_revision_has_put_the_mysfits(mysfits: Mysfits) -> None:
    status, told = mysfits.ask("GET", "/mysfits?filter=law_chaos&value=Lawful")
    assert (status, [each["name"] for each in told["mysfits"]]) == (200, ["Dusk", "Quill", "Tarn"])


def test_a_like_is_processed_by_its_service_and_counted_by_the_monolith(mysfits: Mysfits) -> None:
    before = mysfits.ask("GET", "/mysfits/dusk")[1]["likes"]
    status, liked = mysfits.ask("POST", "/mysfits/dusk/like")
    assert (status, liked["likes"]) == (200, before + 1)
    assert mysfits.ask("GET", "/mysfits/dusk")[1]["likes"] == before + 1
    eventually(lambda: "Like processed." in mysfits.lines("like"), 15, what=lambda: mysfits.lines("like"))
    # Its own route is still there, and no longer asked.
    assert "Like processed." not in mysfits.lines("monolith")
    # What is no like goes to the monolith, which has processed it.
    assert mysfits.ask("POST", "/mysfits/dusk/adopt")[1]["adopted"] is True
    eventually(lambda: "Adoption processed." in mysfits.lines("monolith"), 15)


def test_a_like_of_nobody_is_refused_by_the_monolith_through_the_like_service(mysfits: Mysfits) -> None:
    assert mysfits.ask("POST", "/mysfits/nobody/like")[0] == 404
