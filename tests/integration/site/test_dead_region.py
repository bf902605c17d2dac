# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One region is dead: site.yml builds the others, asks nothing of it, and remembers what it is owed.

The commands are those of docs/runbook.md, read from there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from harness.playbooks import ROOT, PlaybookFailed
from localcloud import Cloud
from tests.support.site import Play

A, B, LEASE_ONLY = "sa-east-1", "us-east-1", "us-east-2"
"""ACTIVE and the first region; the lease's first; the lease's second."""

RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
OWED, PAID = "create", "delete"


@pytest.fixture(scope="module")
def built(play: Play) -> None:
    play("site.yml")


@pytest.fixture
def typed(play: Play) -> Callable[..., tuple[str, list[dict[str, Any]]]]:
    """Plays the commands with site.yml of a section of the runbook; gives what was printed, and the changes."""

    def type_it(section: str, number: int = 0) -> tuple[str, list[dict[str, Any]]]:
        text = RUNBOOK.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
        lines = re.findall(r"^ansible-playbook (site.yml -i inventories/multiregion.*)$", text, re.MULTILINE)
        playbook, _option, _inventory, *words = shlex.split(lines[number])
        done, changes = play(playbook, *words)
        return " ".join(done.output.split()), changes

    return type_it


def debts(changes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Those of what is owed, which are all that there are."""
    assert {change["kind"] for change in changes} <= {"region_debt"}, changes
    return sorted((change["action"], change["name"]) for change in changes)


def status(play: Play) -> str:
    return " ".join(play("playbooks/status.yml")[0].output.split())


def asked_of(cloud: Cloud, region: str) -> int:
    return int(cloud.ask("observe?table=sales-state&parameter=/p")["asked"].get(region, 0))


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
def test_nothing_is_asked_of_what_is_declared_dead_and_nothing_of_it_changes(
    cloud: Cloud, play: Play, typed: Callable[..., tuple[str, list[dict[str, Any]]]]
) -> None:
    """Of the first region, from which all that is global is managed. It answers, which nobody finds out."""
    before = cloud.ask("inventory")
    cloud.client("logs", B).delete_log_group(logGroupName="/ecs/sales/sales-api")
    asked = asked_of(cloud, A)
    said, made = typed("A region is dead, and something must be built in the others")
    assert asked_of(cloud, A) == asked
    assert f"Nothing is asked of {A}." in said
    assert {change["kind"] for change in made if change["region"] == A} == {"region_debt"}
    assert (OWED, "region_debt", A) in {(c["action"], c["kind"], c["name"]) for c in made}
    assert "log_group" in {c["kind"] for c in made if c["region"] == B}
    assert typed("site.yml was killed, and then a region died")[1] == []
    assert debts(typed("A region is dead, and something must be built in the others", 1)[1]) == [(PAID, A)]
    assert play("site.yml")[1] == []
    assert cloud.ask("inventory") == before


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


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["dead=eu-west-1"], f"dead names eu-west-1; the regions are {A}, {B}, {LEASE_ONLY}."),
        ([f"dead={A},{B}"], "dead names every region of the workload; one must answer."),
        ([f"dead={B},{LEASE_ONLY}"], f"dead names every replica of the lease ({B}, {LEASE_ONLY}); one must answer."),
        (["dead=us-east-1", "retire=us-east-1", "delete_data=true"], "A region is retired when all regions answer"),
        ([f"give_up={B}"], f"give_up names {B}, which is not in both retire and dead."),
    ],
)
def test_what_cannot_be_left_alone_is_refused_in_words(play: Play, said: list[str], why: str) -> None:
    with pytest.raises(PlaybookFailed) as failure:
        play("site.yml", *[word for each in said for word in ("-e", each)])
    assert why in " ".join(str(failure.value).split())


@pytest.mark.usefixtures("built")
def test_a_dead_region_leaves_the_map_and_all_that_others_have_of_it_stays(cloud: Cloud, play: Play) -> None:
    """The last test of this file: from then on the cloud has a region that is in no map."""
    before, asked = cloud.ask("inventory"), asked_of(cloud, B)
    run, made = play("site.yml", *(word for each in ("retire", "dead", "give_up") for word in ("-e", f"{each}={B}")))
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
