# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every message about another run: it holds the lease, had it in between, went first, or left something unfinished.

Two operators who meet read these. Each names who, why and since when, says what was changed, and what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..protocol.states import ACTIVE
from .deployment_plan import is_deployment, tell
from .item import Lease

NOTHING_CHANGED = "Nothing was changed."

END_IT = "playbooks/cancel.yml ends it at its next step, and returns the regions that it changed"
"""How a deployment that runs is ended from another terminal."""

ASK_ANEW = "Read the states again (check mode does), and if the wish still holds, run this again with"
"""What to do when somebody was at it between looking and wishing."""


# --- Who it is. ---


def tell_holder(lease: Lease) -> str:
    """Who holds it, why and since when, as a sentence's end."""
    who = f"{lease.operator} (run {lease.holder})" if lease.operator else f"run {lease.holder}"
    return f"{who} since {lease.since or 'an unknown time'}, reason: {lease.reason or 'none given'}"


def is_held(lease: Lease) -> str:
    """`held by` whom, or `free`."""
    return f"held by {tell_holder(lease)}" if lease.holder else "free"


def tell_reported(report: Mapping[str, Any]) -> str:
    """The same in short, from the plain data of `lease_report`."""
    who = report["operator"] or report["holder"]
    return f"{who} since {report['since']}: {report['reason'] or 'no reason given'}"


# --- Somebody is at it: the lease is not taken. ---


def held(lease: Lease) -> str:
    return f"the lease is {is_held(lease)}{_at_what(lease)}"


def _at_what(lease: Lease) -> str:
    """What a deployment that holds the lease does, and how it is ended sooner."""
    if not lease.holder or not lease.plan or not is_deployment(lease.plan):
        return ""
    return f"; it is {tell(lease.plan)}, and {END_IT}"


def moved(lease: Lease) -> str:
    return f"this lease has moved to {lease.moved_to}; correct the inventory"


def contended(place: str) -> str:
    """Other regions' writes come in between again and again."""
    return f"the lease in {place} is being written by somebody else again and again; try again later"


def other_run(workload: str, why: object, place: str) -> str:
    """why: `held`, `moved` or `contended`."""
    return (
        f"Another run is changing workload {workload}: {why} (lease {place}). {NOTHING_CHANGED} Wait until it has "
        "ended and run this again; should it have died, its lease is taken over by itself once it has not beaten for "
        "its duration."
    )


def plan_will_be_refused(report: Mapping[str, Any]) -> str:
    """A line of a plan."""
    plan = report.get("unfinished")
    what = f" It is {tell(plan)}; {END_IT}." if plan and is_deployment(plan) else ""
    return f"lease: ANOTHER RUN HOLDS IT, of {tell_reported(report)}.{what} While it lives, this one is refused."


def cancel_question(lease: Lease) -> str:
    """What is under way, and what comes of cancelling it, for whoever is asked whether to."""
    who = f"run by {lease.operator or lease.holder} since {lease.since}: {lease.reason or 'no reason given'}."
    if is_deployment(lease.plan):
        return (
            f"{_begin(tell(lease.plan or {}))} is under way, {who} It will be ended at its next step, and every region "
            "that it changed returns to what ran there before."
        )
    return f"A switch is under way, {who} It will be rolled back to the previous states."


def cancelled_dead(lease: Lease, ways: str) -> str:
    """The run of a deployment that was signalled has died. ways: the commands that go on or back from it."""
    return (
        f"the signal was set, but the run that deployed has died, so nobody acts on it: {tell(lease.plan or {})} is "
        f"unfinished. {ways}"
    )


def _begin(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def signal_for_another(workload: str, meant: str, lease: Lease) -> str:
    """meant: the run for which somebody left the signal."""
    return (
        f"The run of workload {workload} was not signalled: the signal was meant for run {meant}, and by now "
        f"{held(lease)}. {NOTHING_CHANGED} Look who is at it, and ask again."
    )


# --- Somebody left something unfinished, or is about to end it. ---


def other_kind_unfinished(lease: Lease) -> str:
    """What is unfinished is of a kind that this run cannot finish."""
    holder = f", and its lease is {is_held(lease)}" if lease.holder else ""
    kind = lease.plan.get("kind") if lease.plan else None
    return (
        f"a plan of kind {kind!r} is unfinished at epoch {lease.epoch}{holder}. {NOTHING_CHANGED} "
        "Run it again to finish it or roll it back first."
    )


def deployment_unfinished(lease: Lease, ways: str) -> str:
    """ways: the commands that go on or back from it."""
    told = tell(lease.plan or {})
    if not lease.holder:
        return f"{told} is unfinished. {ways}"
    return (
        f"{told} is under way, of {tell_holder(lease)}. Wait until it has ended; {END_IT}. Should that run have died, "
        f"its lease is taken over by itself once it has not beaten for {lease.duration:g} s. {ways}"
    )


def switch_unfinished(lease: Lease, asked: str, ways: str) -> str:
    """asked: what the unfinished switch was asked for; ways: the commands that go on or back from it."""
    if not lease.holder:
        return f"a switch ({asked}) is unfinished at epoch {lease.epoch}. {ways}"
    return (
        f"a switch ({asked}) is under way at epoch {lease.epoch}, of {tell_holder(lease)}. Wait until it has ended. "
        "Should that run have died, its lease is taken over by itself once it has not beaten for "
        f"{lease.duration:g} s. {ways}"
    )


def taken_over(dead: Lease) -> str:
    """dead: the lease as the run that died left it."""
    return f"over from {tell_holder(dead)}: it had stopped beating"


# --- Somebody took it meanwhile. ---


def lost(lease: Lease, run_id: str, generation: int) -> str:
    """lease: what is there instead of this run's tenure."""
    return (
        f"run {run_id} lost the lease (its generation {generation}; now {lease.generation}, {is_held(lease)}). "
        "It has stopped; whoever holds the lease finishes or rolls back what it began."
    )


def changed_at_removal(place: str) -> str:
    return f"the lease in {place} changed while it was about to be removed"


def token_lost(token: str, now: str, lease: Lease) -> str:
    """token: the lease_token of a wish; now: that of the lease."""
    return (
        f"the lease was lost: lease_token is {token}, and the lease is now {now}: somebody had it in between. It is "
        f"{is_held(lease)}, at epoch {lease.epoch} ({_recorded_by(lease)}). {NOTHING_CHANGED} {ASK_ANEW} the "
        "lease.token returned then."
    )


def tenure_in_between(read: int, taken: int) -> str:
    """read: the generation as this run had read it; taken: that of its own tenure."""
    return (
        f"the lease was lost: its generation was {read} when this run read it, and somebody had it before this run "
        f"took it as generation {taken}. {NOTHING_CHANGED} {ASK_ANEW} the lease.token returned then."
    )


# --- Somebody went first: the plan is stale. ---


def plan_stale(lease: Lease, planned: int) -> str:
    return (
        f"the plan was made on epoch {planned} and the lease is at epoch {lease.epoch}: another run went first. "
        f"{NOTHING_CHANGED} Run again to plan on what is there now."
    )


def changed_since_planned() -> str:
    return "another run changed the lease after this one had made its plan; run it again"


def wish_stale(lease: Lease, wished: int, place: str) -> str:
    """wished: the epoch on which a wish was made."""
    return (
        f"the epoch is stale: the wish was made on epoch {wished}, and the lease {place} is at epoch {lease.epoch} "
        f"({_recorded_by(lease)}; the lease is {is_held(lease)}). {NOTHING_CHANGED} {ASK_ANEW} epoch {lease.epoch}."
    )


def approval_stale(workload: str, planned: int, epoch: int) -> str:
    """planned: the epoch of the plan that somebody approved."""
    return (
        f"Workload {workload} was not switched: the plan was made on epoch {planned}, and epoch {epoch} is recorded by "
        f"now: somebody switched it in between. {NOTHING_CHANGED} Look at the plan again."
    )


def _recorded_by(lease: Lease) -> str:
    return f"recorded by run {lease.map.run_id}" if lease.map else "nothing is recorded yet"


# --- A region leaves the map. ---


def leaves_as(region: str, state: str) -> str:
    """It is not PASSIVE."""
    if state == ACTIVE:
        return (
            f"{region} is ACTIVE, and only a PASSIVE region leaves the map. Turn it off first: playbooks/toggle.yml "
            f"-e target={region} -e turn=off -e 'reason=\"…\"', or move the workload away with playbooks/failover.yml"
        )
    return (
        f"{region} is {state}, and only a PASSIVE region leaves the map: a switch left it so. Ask for that switch "
        f"again, or turn {region} off: playbooks/toggle.yml -e target={region} -e turn=off -e 'reason=\"…\"'"
    )


def nobody_stays_active(leaving: Iterable[str], staying: Mapping[str, str]) -> str:
    told = ", ".join(f"{region} {state}" for region, state in staying.items()) or "no region"
    return (
        f"after {', '.join(leaving)} there would be {told}, and nobody would process sales. Turn a region on that "
        "stays, with playbooks/toggle.yml; to remove the whole workload, run playbooks/destroy.yml"
    )
