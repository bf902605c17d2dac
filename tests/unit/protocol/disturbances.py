# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What befalls workers, operators, regions and the lines between them in the simulation: rules of its state machine."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.unit.protocol.workers import Worker
from tests.unit.protocol.world import EDGE, REGIONS, World

regions = st.sampled_from(REGIONS)


class Disturbances(RuleBasedStateMachine):
    """Of a machine that has a `world` with `workers`, and tells the operators that are `working`."""

    world: World
    workers: list[Worker]
    random: Any

    def working(self) -> list[Any]:
        """Told by the machine that these rules belong to."""
        raise NotImplementedError(type(self))

    @rule(
        number=st.integers(0, 5),
        seconds=st.sampled_from([8, 20, 60, 150]),
        how=st.sampled_from(["crash", "stop", "hang", "stall", "pause", "blind", "mute", "late"]),
    )
    def disturb_a_worker(self, number: int, seconds: int, how: str) -> None:
        """It dies or stops in order, and another starts; or it stands still, or what it has begun does; or its reads of
        the state table fail, or what it writes there; or it starts, and registers late."""
        worker = self.workers[number]
        if how == "crash":
            worker.start()
        elif how == "late":
            worker.start()
            worker.step()
            worker.paused_until = self.world.now + min(seconds, 8)
        elif how == "stop":
            if worker.job is None and self.world.now >= worker.paused_until:
                worker.start(after="stop")
        elif how in ("hang", "stall"):  # with a claim, if it gets one
            for _ in range(20):
                if worker.claimed:
                    break
                worker.step()
            if how == "hang":
                worker.paused_until = self.world.now + seconds
            else:
                worker.stalled_until = self.world.now + seconds
        elif how == "pause":
            worker.paused_until = self.world.now + seconds
        elif how == "blind":
            worker.blind_until = self.world.now + seconds
        else:
            worker.mute_until = self.world.now + seconds

    @precondition(lambda self: self.working())
    @rule(
        calls=st.integers(0, 30),
        seconds=st.sampled_from([5, 15, 40]),
        how=st.sampled_from(["killed", "dies", "lost", "twice", "throttled", "paused"]),
    )
    def disturb_an_operator(self, calls: int, seconds: int, how: str) -> None:
        """Some calls later: it dies before or after a call, its call is lost or repeated, or it stands still."""
        operator = self.random.choice(self.working())
        for _ in range(calls):
            operator.step()
        if operator.outcome is not None:
            return
        if how == "killed":
            operator.kill()
        elif how == "paused":
            operator.paused_until = self.world.now + seconds
        elif operator.cloud is not None:
            operator.cloud.next_mishap = how

    @rule(region=regions, how=st.sampled_from(["killed", "silent topic"]))
    def disturb_an_api(self, region: str, how: str) -> None:
        """Its tasks are killed, with what they have not published yet; or SNS does not answer there, or does again."""
        if how == "killed":
            self.world.apis[region].die()
        else:
            self.world.silent_topics ^= {region}

    @rule(one=regions, other=regions)
    def cut_or_mend_replication(self, one: str, other: str) -> None:
        if one != other:
            self.world.cut ^= {frozenset((one, other))}

    @rule(region=st.sampled_from([*REGIONS, "us-east-2"]), how=st.sampled_from(["dead", "out of reach", "sick"]))
    def lose_or_regain_a_region(self, region: str, how: str) -> None:
        """Dead: its tasks start anew when it returns. Or alive, and out of the operators' reach, or ill."""
        if how == "sick":
            self.world.sick ^= {region}
        elif how == "dead":
            self.world.dead ^= {region}
            self.world.died_at[region] = self.world.now
            if region in self.world.apis:
                self.world.apis[region].die()
            for worker in self.workers:
                if worker.region == region:
                    worker.start()
        else:
            self.world.no_operator ^= {region}

    @rule(sick=st.booleans())
    def lose_or_regain_the_edge(self, sick: bool) -> None:
        if sick:
            self.world.sick ^= {EDGE}
        else:
            self.world.edge_is_off = not self.world.edge_is_off
