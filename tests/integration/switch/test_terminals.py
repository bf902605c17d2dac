# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People at terminals: one is asked before a failover, another pauses it, lets it go on, and makes one go back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.inventories import default_inventory
from harness.playbooks import PlaybookFailed, run_playbook
from localcloud import Cloud
from tests.support.deployed_sales import recorded_states
from tests.support.images import build_images
from tests.support.terminals import Terminal

STATES = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}
# Nobody sells here, so nobody is fenced off; the countdown is only as long as another playbook takes to come between.
FENCE = ("-e", "fence=full", "-e", "switch_view_ttl=10", "-e", "switch_claim_to_effect=20")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("terminals")
    with Cloud(folder / "cloud", port=0, door_port=0) as running:
        build_images(running)
        run_playbook("site.yml", default_inventory(), running.env(), folder / "site.log")
        yield running


@pytest.fixture
def terminal(cloud: Cloud) -> Iterator[Callable[..., Terminal]]:
    """Starts a playbook at a terminal; what still runs when the test ends is ended."""
    opened: list[Terminal] = []

    def start(playbook: str, *arguments: str) -> Terminal:
        opened.append(Terminal(cloud, playbook, default_inventory(), "-e", "reason=test", *FENCE, *arguments))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def states(cloud: Cloud) -> dict[str, str]:
    return recorded_states(cloud, STATES)


def test_without_a_terminal_and_without_approval_nothing_happens(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(PlaybookFailed, match="add -e approve=true"):
        run_playbook(
            "playbooks/failover.yml",
            default_inventory(),
            cloud.env(),
            tmp_path / "log",
            *("-e", "to=us-east-1", "-e", "reason=test"),
        )
    assert states(cloud) == STATES


def test_a_person_who_does_not_say_yes_changes_nothing(cloud: Cloud, terminal: Callable[..., Terminal]) -> None:
    failover = terminal("playbooks/failover.yml", "-e", "to=us-east-1")
    failover.read_until("Type yes to go on")
    failover.answer("no")
    assert failover.end() != 0 and "Nothing was changed" in failover.output
    assert states(cloud) == STATES


def test_a_failover_is_approved_paused_and_resumed(
    cloud: Cloud, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    outrun = terminal("playbooks/toggle.yml", "-e", "target=us-east-1", "-e", "turn=on")
    outrun.read_until("Type yes to go on")
    failover = terminal("playbooks/failover.yml", "-e", "to=us-east-1")
    failover.read_until("Type yes to go on")
    assert "lease: nobody holds it" in failover.output and "plan: read the lease" in failover.output
    failover.answer("yes")
    failover.read_until("hold: epoch 2")
    run_playbook("playbooks/pause.yml", default_inventory(), cloud.env(), tmp_path / "pause.log")
    failover.read_until("paused from another terminal")
    assert states(cloud) == {"sa-east-1": "PASSIVE", "us-east-1": "PASSIVE"}, "held: nobody processes"
    run_playbook("playbooks/resume.yml", default_inventory(), cloud.env(), tmp_path / "resume.log")
    assert failover.end() == 0, failover.output
    for told in ("hold: ", "shift: ", "fence: ", "grant: ", "traffic: ", "reconcile: ", "prove: ", "record: "):
        assert told in failover.output
    outrun.answer("yes")  # to a plan that was made on what is no longer so
    assert outrun.end() != 0 and "the plan was made on epoch 1" in " ".join(outrun.output.split())
    assert states(cloud) == {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"}
    repeated = ("-e", "to=us-east-1", "-e", "reason=test", "-e", "approve=true")
    again = run_playbook("playbooks/failover.yml", default_inventory(), cloud.env(), tmp_path / "again.log", *repeated)
    assert again.changed == 0


def test_a_failback_is_cancelled_from_another_terminal(
    cloud: Cloud, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    failback = terminal("playbooks/failback.yml", "-e", "approve=true")
    failback.read_until("hold: epoch 4")
    approved = ("-e", "approve=true")
    told = run_playbook("playbooks/cancel.yml", default_inventory(), cloud.env(), tmp_path / "cancel.log", *approved)
    assert failback.end() != 0 and "cancelled from another terminal" in failback.output
    assert states(cloud) == {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"}
    assert "is already so, no switch is unfinished or owed" in told.output
