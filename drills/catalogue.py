# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drills: what happens in each, told in the words of an operator. Every one ends with everything back.

A new drill is an entry in `DRILLS`, or in `BASE` to be played throttled as well, and, if something new happens in it, a
function that says what.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from drills.exercise import CONTROL_REGIONS, Exercise
from drills.variants import (
    BOTH_ACTIVE,
    DROPS,
    FULL_QUEUE,
    GATED,
    QUOTA,
    RECORDS,
    REFERENCE,
    THREE_ACTIVE,
    TWO,
    UNDECLARED,
)
from harness.inventories import PRIMARY, RECOVERY
from harness.scene import AT_LEAST_ONCE, EXACTLY_ONCE, LOSES

UNGRACEFUL = ("-e", "execution=ungraceful")
OTHER_REPLICA = CONTROL_REGIONS[1]
"""Of the lease; no region of the workload."""


@dataclass(frozen=True)
class Drill:
    """One drill. `act` is what happens in it; graceful: whether every switch is, and no region fails.

    promise: what is promised of every sale in it.  bounds: figure → the most that it may be.
    """

    name: str
    about: str
    variant: str
    act: Callable[[Exercise], None]
    graceful: bool = False
    throttled: bool = False
    promise: str = EXACTLY_ONCE
    bounds: dict[str, float] = field(default_factory=dict)


def moved_within(seconds: float) -> dict[str, float]:
    """Where a switch takes seconds: how long the work may stand still, and from the grant to the first sale."""
    return {"rto_seconds": seconds, "first_sale_seconds": 1.0}


def move_there_and_back(exercise: Exercise) -> None:
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}")
    exercise.wait(5, f"{RECOVERY} serves")
    exercise.switch("failback.yml")


def move_there_and_back_slowly(exercise: Exercise) -> None:
    for region in (PRIMARY, RECOVERY):
        exercise.fault(region, "slow", latency=0.1)
    exercise.wait(3, "every call to AWS takes a tenth of a second longer")
    move_there_and_back(exercise)


def move_there(exercise: Exercise) -> None:
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}")


def lose_the_source(exercise: Exercise) -> None:
    exercise.fault(PRIMARY, "dead")
    exercise.wait(3, "the operator notices")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL)
    exercise.wait(3, f"{RECOVERY} serves alone")
    exercise.mend(PRIMARY)
    exercise.wait_until_ready(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def leave_the_sick_source(exercise: Exercise) -> None:
    """Most calls to it fail, and its traffic goes on: it is left in order, since it still answers now and then."""
    exercise.fault(PRIMARY, "sick", share=0.3)
    exercise.wait(3, "the operator notices")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", "-e", "may_turn_ungraceful=true")
    exercise.wait(3, f"{RECOVERY} serves")
    exercise.mend(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def declare_the_sick_source_dead(exercise: Exercise) -> None:
    exercise.fault(PRIMARY, "sick", share=0.7)
    exercise.control_plane("globalaccelerator", "sick", share=0.5)
    exercise.wait(3, "the operator notices")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", "-e", f"dead=[{PRIMARY}]", *UNGRACEFUL)
    exercise.wait(3, f"{RECOVERY} serves alone")
    exercise.mend(PRIMARY)
    exercise.control_plane("globalaccelerator", "ok")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def leave_the_flapping_source(exercise: Exercise) -> None:
    exercise.fault(PRIMARY, "sick", share=1.0, every=4.0)
    exercise.wait(5, "the operator notices")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL)
    exercise.wait(3, f"{RECOVERY} serves")
    exercise.mend(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def lose_sight_of_the_source(exercise: Exercise) -> None:
    exercise.fault(PRIMARY, "unreachable")
    exercise.wait(3, "the operator notices")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL)
    exercise.wait(3, f"{RECOVERY} serves, {PRIMARY} knows it from the replicas")
    exercise.mend(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def split_the_brain(exercise: Exercise) -> None:
    exercise.fault(PRIMARY, "unreachable")
    exercise.cut(PRIMARY, RECOVERY)
    exercise.wait(3, "the operator notices")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL)
    exercise.wait(3, "both regions process, and do not know of each other")
    exercise.heal(PRIMARY, RECOVERY)
    exercise.mend(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def move_without_control_planes(exercise: Exercise) -> None:
    exercise.silence("route53", "globalaccelerator")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}")
    exercise.wait(3, f"{RECOVERY} serves")
    exercise.switch("failback.yml")


def turn_off_and_on(exercise: Exercise) -> None:
    exercise.switch("toggle.yml", "-e", f"target={RECOVERY}", "-e", "turn=off", name="off")
    exercise.wait(5, f"the others do the work of {RECOVERY}")
    exercise.switch("toggle.yml", "-e", f"target={RECOVERY}", "-e", "turn=on", name="on")


def leave_workers_that_stand_still(exercise: Exercise) -> None:
    """For longer than the fence, then they go on with what they had begun."""
    exercise.freeze_workers(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}")
    exercise.wait(3, f"{RECOVERY} serves")
    exercise.thaw_workers()
    exercise.wait(3, "they find that they may not go on")
    exercise.switch("failback.yml")


def kill_workers_before_they_acknowledge(exercise: Exercise) -> None:
    exercise.freeze_workers(PRIMARY)
    exercise.when_held(PRIMARY, exercise.kill_workers, seconds=2.0)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}")
    exercise.wait(5, f"{RECOVERY} serves")
    exercise.switch("failback.yml")


def lose_sight_of_the_source_in_the_fence(exercise: Exercise) -> None:
    exercise.freeze_workers(PRIMARY)  # so that there is a fence to fall silent in
    exercise.when_held(PRIMARY, lambda: exercise.fault(PRIMARY, "unreachable"), seconds=1.0)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", "-e", "may_turn_ungraceful=true")
    exercise.thaw_workers()
    exercise.wait(3, f"{RECOVERY} serves")
    exercise.mend(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def leave_the_source_without_waiting(exercise: Exercise) -> None:
    exercise.fault(PRIMARY, "dead")
    exercise.wait(3, "the operator notices")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL, "-e", "fence=reachable")
    exercise.wait(3, f"{RECOVERY} serves alone")
    exercise.mend(PRIMARY)
    exercise.wait_until_ready(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def move_with_the_whole_fence(exercise: Exercise) -> None:
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", "-e", "fence=full")
    exercise.wait(5, f"{RECOVERY} serves")
    exercise.switch("failback.yml", "-e", "fence=full")


def build_without_the_control_region(exercise: Exercise) -> None:
    """The recovery region dies, through which the lock, the lease and the tables are asked first."""
    exercise.fault(RECOVERY, "dead")
    exercise.wait(3, "the operator notices, and has something to build")
    exercise.build("--limit", f"{PRIMARY},control", name="limited", changed=1)
    exercise.build("-e", f"dead={RECOVERY}", name="declared", changed=0)
    exercise.mend(RECOVERY)
    exercise.wait_until_ready(RECOVERY)
    exercise.build(name="paid", changed=1)
    exercise.fault(OTHER_REPLICA, "dead")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}")
    exercise.build("-e", f"dead={OTHER_REPLICA}", name="declared-other", changed=1)
    exercise.mend(OTHER_REPLICA)
    exercise.build(name="paid-other", changed=1)
    exercise.switch("failback.yml")


def lose_the_source_after_a_killed_site(exercise: Exercise) -> None:
    exercise.remove_log_groups()
    exercise.kill_build("Create the log groups")
    exercise.fault(PRIMARY, "dead")
    exercise.wait(3, "the operator notices")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL, "-e", "supersede=true")
    exercise.build("-e", f"dead={PRIMARY}", name="completed")
    exercise.build("-e", f"dead={PRIMARY}", name="completed-again", changed=0)
    exercise.wait(3, f"{RECOVERY} serves alone")
    exercise.mend(PRIMARY)
    exercise.wait_until_ready(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.build(name="paid")
    exercise.build(name="paid-again", changed=0)
    exercise.switch("failback.yml")


def lose_the_source_while_s3_is_behind(exercise: Exercise) -> None:
    exercise.service("s3", PRIMARY, "late", lag=20.0)
    exercise.wait(8, "S3 falls behind")
    exercise.fault(PRIMARY, "dead")
    exercise.wait(3, "the operator notices")
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL)
    exercise.look_into_the_lake(RECOVERY)
    exercise.wait(3, f"{RECOVERY} serves alone")
    exercise.mend(PRIMARY)
    exercise.wait_until_ready(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def lose_half_of_s3(exercise: Exercise) -> None:
    """For longer than a worker hides a message that failed once, and once more."""
    for region in (PRIMARY, RECOVERY):
        exercise.service("s3", region, "sick", share=0.5)
    exercise.wait(75, "half of S3's calls fail")
    exercise.look_for_dead_letters()
    for region in (PRIMARY, RECOVERY):
        exercise.service("s3", region, "ok")
    exercise.wait(5, "S3 is well")


def lose_the_source_beside_a_full_queue(exercise: Exercise) -> None:
    exercise.fault(PRIMARY, "dead")
    exercise.wait(20, "nobody decides, and customers go on buying")
    exercise.look_into_the_queue(RECOVERY, QUOTA)
    # The whole fence would outlast what the messages are hidden for.
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL, "-e", "fence=reachable")
    exercise.wait(5, f"{RECOVERY} serves alone")
    exercise.mend(PRIMARY)
    exercise.wait_until_ready(PRIMARY)
    exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    exercise.switch("failback.yml")


def lose_everything(exercise: Exercise) -> None:
    exercise.fault(PRIMARY, "dead")
    exercise.fault(RECOVERY, "dead")
    exercise.wait(8, "nobody answers")
    exercise.mend(PRIMARY)
    exercise.mend(RECOVERY)
    exercise.wait_until_ready(PRIMARY)
    exercise.wait(5, "both regions are back")


BASE = (
    Drill(
        "graceful",
        "the work moves to the other region, and back",
        TWO,
        move_there_and_back,
        True,
        bounds=moved_within(5),
    ),
    Drill("dead", "the source dies; it comes back later", TWO, lose_the_source),
    Drill("unreachable", "the source lives, and the operator cannot reach it", TWO, lose_sight_of_the_source),
    Drill("split-brain", "as unreachable, and nothing is replicated between the two regions", TWO, split_the_brain),
    Drill("toggle", "one of two ACTIVE regions, off and on again", BOTH_ACTIVE, turn_off_and_on, True),
    Drill("three-regions", "one of three ACTIVE regions, off and on again", THREE_ACTIVE, turn_off_and_on, True),
)
DRILLS = (
    *BASE,
    *(
        Drill(f"{d.name}-throttled", f"{d.about}; a fifth of all calls to AWS is throttled", d.variant, d.act,
              d.graceful, throttled=True)
        for d in BASE
    ),
    Drill("graceful-drops", "as graceful, and workers drop messages in PASSIVE", DROPS, move_there_and_back, True),
    Drill("dead-drops", "as dead, and workers drop messages in PASSIVE", DROPS, lose_the_source),
    Drill("graceful-reference", "as graceful, with the reference images and what is declared for them", REFERENCE,
          move_there_and_back, True, promise=AT_LEAST_ONCE),
    Drill("dead-reference", "as dead, with the reference images and what is declared for them", REFERENCE,
          lose_the_source, promise=AT_LEAST_ONCE),
    Drill("reference-undeclared", "a failover with the reference images and nothing declared: it loses sales",
          UNDECLARED, move_there, True, promise=LOSES),
    Drill("health-gate", "as graceful, by Route 53's health checks; no control plane answers that could move traffic",
          GATED, move_without_control_planes, True),
    Drill("dead-health-gate", "as dead, by Route 53's health checks", GATED, lose_the_source),
    Drill("route53", "as graceful, by the weights of Route 53's records, with a REST API", RECORDS,
          move_there_and_back, True),
    Drill("dead-route53", "as dead, by the weights of Route 53's records, with a REST API", RECORDS, lose_the_source),
    Drill("sick", "the source answers three calls of ten with a 5xx; it is left in order", TWO, leave_the_sick_source),
    Drill("sick-dead", "the source answers most calls with a 5xx, Global Accelerator half; it is declared dead", TWO,
          declare_the_sick_source_dead),
    Drill("flapping", "the source is sick and well in turn, four seconds each", TWO, leave_the_flapping_source),
    Drill("full-fence", "as graceful, and the whole fence is asked for", TWO, move_with_the_whole_fence, True),
    Drill("reachable-fence", "as dead, and the fence waits for the regions that answer", TWO,
          leave_the_source_without_waiting, bounds=moved_within(6)),
    Drill("slow-calls", "as graceful; every call to AWS takes 0.1 s longer, those of the tasks too", TWO,
          move_there_and_back_slowly, True, bounds={**moved_within(7), "controller_seconds": 8.0}),
    Drill("stopped-clock", "the source's workers stand still for longer than the fence, in the middle of what they do",
          TWO, leave_workers_that_stand_still, True),
    Drill("killed-workers", "the source's workers die after the hold, before they acknowledge it", TWO,
          kill_workers_before_they_acknowledge, True),
    Drill("silent-in-the-fence", "the operator loses sight of the source while the fence waits for its workers", TWO,
          lose_sight_of_the_source_in_the_fence),
    Drill("dead-control-region", "a region dies that is asked first for the lease; site.yml builds the other", TWO,
          build_without_the_control_region),
    Drill("killed-site-then-dead-region", "site.yml is killed, and then the source dies", TWO,
          lose_the_source_after_a_killed_site),
    Drill("lagging-lake", "the source dies while S3's replication is 20 s behind", TWO,
          lose_the_source_while_s3_is_behind),
    Drill("half-failing-s3", "half of S3's calls fail in both regions for more than a minute; no switch", TWO,
          lose_half_of_s3),
    Drill("full-hidden-queue", "the source dies, and the other's queue is full of messages that it hides", FULL_QUEUE,
          lose_the_source_beside_a_full_queue, bounds={"first_sale_seconds": 5.0}),
    Drill("cold-start", "both regions die at once, and come back", TWO, lose_everything),
)  # fmt: skip


def find(names: list[str]) -> list[Drill]:
    """The drills of these names, all without any, in an order that builds each variant once.

    Raises:
        ValueError: a name that no drill has; the message lists those that there are.
    """
    known = {drill.name: drill for drill in DRILLS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no drill is called {', '.join(unknown)}; the drills are {', '.join(known)}")
    chosen = [known[name] for name in names] or list(DRILLS)
    order = list(dict.fromkeys(drill.variant for drill in chosen))
    return sorted(chosen, key=lambda drill: order.index(drill.variant))
