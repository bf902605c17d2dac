# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the fence may end before its time: the readers of all regions have let go, and what they did last has arrived.

Any region counts, and not only those that change: one that stays ACTIVE may own by the old map what another owns by the
new one. What cannot be asked leaves the time, after which nobody can act, whatever became of it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..kernel import error_code
from ..kernel.cloud import ONCE
from ..protocol.limits import HELD_REFRESH_SECONDS
from ..protocol.service_errors import is_ill, is_silent, is_throttled
from ..toggle.arguments import FULL, REACHABLE
from .control import SwitchControl
from .lost_regions import ask_twice, every
from .region_readers import GONE, RegionReaders
from .strong_reads import read_items

TIME, ACKNOWLEDGED = "time", "acknowledged"
"""Which fence it came to be, in the journal."""


class LettingGo:
    """The readers of all regions, in one fence. `look` asks; nothing is asked where `time_because` says why.

    unseen: id → table, of what readers told that a region which takes over does not hold yet.
    """

    def __init__(self, control: SwitchControl, usual_seconds: float) -> None:
        self.control, self.usual_seconds = control, usual_seconds
        work, params = control.work, control.params
        concerned = [region for region in work.states if region not in control.left_out]
        self.silent = [region for region in concerned if region not in control.maps]
        self.regions = {
            region: RegionReaders(control, region, work.grant_epoch - 1)
            for region in concerned
            if region not in self.silent
        }
        self.time_because = ""
        if params["fence"] == FULL:
            self.time_because = "the whole fence was asked for"
        elif params["drops"]:
            self.time_because = "workers that drop messages tell nothing of what they do"
        elif not params["cluster"]:
            self.time_because = "nothing says in which cluster the tasks run that are to be asked"
        elif self.silent and params["fence"] != REACHABLE:
            self.time_because = f"{', '.join(self.silent)} cannot be asked"
        self.unseen: dict[str, str] = {}
        self._arrived: set[tuple[str, str]] = set()

    @property
    def asks(self) -> bool:
        """Whether there is anything that may end the fence before its time."""
        lost = any(each.unreadable and each.waited_for for each in self.regions.values())
        return not (self.time_because or lost)

    def look(self) -> None:
        """Ask every region once, and those that take over for what has been told."""
        every(list(self.regions), lambda region: self.regions[region].look())
        if self.have_let_go and self.have_told:
            self._look_for_told()

    def notice_silence(self) -> None:
        """See which regions answer, while it is the time that is waited for: the grant waits long for one that does
        not, unless it knows.
        """
        answered = [region for region in self.regions if region not in self.control.suspects]
        self.control.suspects |= {region for region, silent in every(answered, self._is_silent).items() if silent}

    def _is_silent(self, region: str) -> bool:
        client = self.control.cloud.client("dynamodb", region, **ONCE)
        try:
            ask_twice(lambda: self.control.scan_states(region, client))
        except Exception as error:
            if is_silent(error):
                return True
            if not (error_code(error) in GONE or is_ill(error) or is_throttled(error)):
                raise  # the others answer, and the grant will meet them
        return False

    @property
    def have_let_go(self) -> bool:
        """Whether nobody acts on the old epoch any more."""
        return self.asks and not any(each.waited_for for each in self.regions.values())

    @property
    def have_told(self) -> bool:
        """Whether every reader of a region that is HELD, and beats therefore, has told what it wrote last.

        One whose items go nowhere is not waited for: what it wrote is where the work goes on.
        """
        changing = self.control.work.changes
        return all(
            each.has_told for region, each in self.regions.items() if region in changing and self._takers_of(region)
        )

    @property
    def has_ended(self) -> bool:
        """Whether the grant may be given before the time is over."""
        return self.have_let_go and self.have_told and not self.unseen

    def fence_seconds(self) -> float:
        """How long after the last write nobody can act any more, whatever the readers tell."""
        return max(
            (each.fence_seconds(self.usual_seconds) for each in self.regions.values()), default=self.usual_seconds
        )

    def why_not(self) -> str:
        """Why it was the time that ended the fence, reader by reader."""
        if self.time_because:
            return self.time_because
        told = [
            f"{region} cannot be asked: {each.unreadable}" for region, each in self.regions.items() if each.unreadable
        ]
        for region, each in self.regions.items():
            told += [f"{name} of {region} {why}" for name, why in each.waited_for.items() if not each.unreadable]
        if self.have_let_go and not self.have_told:
            told.append(f"readers do not tell what they did last, which they do every {HELD_REFRESH_SECONDS:g} s")
        if self.unseen:
            told.append(f"{len(self.unseen)} of the items that the readers wrote last have not arrived")
        return "; ".join(told)

    def counted(self) -> str:
        """How the readers let go, region by region, in words."""
        told = []
        for region, each in self.regions.items():
            ways = Counter(each.let_go.values())
            told.append(f"{region}: {', '.join(f'{count} {how}' for how, count in ways.items()) or 'none'}")
        return "; ".join(told)

    def to_journal(self, kind: str, why: str) -> dict[str, Any]:
        """The fence as plain data: `kind`, `why`, `readers` (region → reader → how it let go, or why not), `unseen`."""
        return {
            "kind": kind,
            "why": why,
            "readers": {
                region: {**each.let_go, **each.waited_for} for region, each in self.regions.items() if self.asked
            },
            "unseen": len(self.unseen),
        }

    @property
    def asked(self) -> bool:
        return not self.time_because

    def _look_for_told(self) -> None:
        told: dict[str, dict[str, set[str]]] = {}
        for region, each in self.regions.items():
            for taker in self._takers_of(region):
                for table, ids in each.told.items():
                    told.setdefault(taker, {}).setdefault(table, set()).update(ids)
        self.unseen = {}
        for missing in every(sorted(told), lambda taker: self._missing(taker, told[taker])).values():
            self.unseen.update(missing)

    def _takers_of(self, region: str) -> list[str]:
        """The regions that take over, answer, and have yet to get what was written in this one."""
        return [each for each in self.control.work.takers if each in self.control.maps and each != region]

    def _missing(self, region: str, told: dict[str, set[str]]) -> dict[str, str]:
        """What a region does not hold yet of what was told. What it has held once is not asked for again."""
        missing = {}
        for table, ids in told.items():
            wanted = sorted(each for each in ids if (region, each) not in self._arrived)
            try:
                found = read_items(self.control.client(region), table, wanted)
            except Exception as error:  # the grant will meet it too; here it only shows nothing
                if not (error_code(error) in GONE or is_ill(error)):
                    raise
                found = {}
            self._arrived |= {(region, each) for each in found}
            missing.update({each: table for each in wanted if each not in found})
        return missing
