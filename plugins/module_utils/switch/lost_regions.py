# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going on without a region that stops answering in the middle of a switch, where that is allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from ..kernel import CollectionError
from ..lease import OWED_WRITE
from ..protocol import ACTIVE
from ..protocol.service_errors import is_ill, is_silent
from .control import SwitchControl
from .journal import LEFT, Journal


class LostRegions:
    """The regions that one run leaves behind. granted: regions that hold its grant, and act on no older epoch."""

    def __init__(self, control: SwitchControl, journal: Journal) -> None:
        self.control, self.journal = control, journal
        self.granted: set[str] = set()

    @contextmanager
    def doing_without(self, region: str) -> Iterator[None]:
        """Go on when a region that may be left behind stops answering. CollectionError: it may not be."""
        try:
            yield
        except Exception as error:
            if not is_ill(error) or region in self.control.work.gaining or self._alone_untold(region):
                raise
            if not self.control.may_skip and self._matters(region):
                raise CollectionError(
                    f"{region} does not answer any more ({error}); to go on without it, unfenced, add "
                    "-e may_turn_ungraceful=true"
                ) from error
            self._lose(region, error)

    def ask_each(self, regions: Iterable[str], do: Callable[[str], Any]) -> dict[str, Any]:
        """As `every`, of the regions that answer: one that falls silent is left behind, if it may be."""
        answers = {}

        def attempt(region: str) -> tuple[Any, Exception | None]:
            try:
                return ask_twice(lambda: do(region)), None
            except Exception as error:
                return None, error

        for region, (answer, error) in every([each for each in regions if each in self.control.maps], attempt).items():
            with self.doing_without(region):
                if error is not None:
                    raise error
                answers[region] = answer
        return answers

    def _lose(self, region: str, error: Exception) -> None:
        """Go on without a region that has stopped answering: owed what it misses, and unfenced if it may still act."""
        control = self.control
        control.suspects.add(region)
        control.maps.pop(region, None)
        control.unreachable[region] = f"{type(error).__name__}: {error}"
        if control.work.before.get(region) == ACTIVE:  # whatever it has been told since: S3 may be behind
            self.journal.put(**{LEFT: sorted({*self.journal.get(LEFT, ()), region})})
        told = f"  {region} does not answer any more; going on without it"
        if self._matters(region) and region not in self.granted:
            self.journal.remember(unfenced=sorted({*self.journal["unfenced"], region}), execution="ungraceful")
            told += ", unfenced"
        control.cloud.tell(told)

    def _alone_untold(self, region: str) -> bool:
        """Whether nothing changes, and nobody else that answers is ACTIVE, and this one may not know that it is."""
        control = self.control
        untold = not control.work.changes and OWED_WRITE in control.tenure.lease.owed.get(region, ())
        active = {each for each, state in control.work.states.items() if state == ACTIVE}
        return untold and region in active and not active & control.maps.keys() - {region}

    def _matters(self, region: str) -> bool:
        """Whether a region changes, or goes on acting: one that stays PASSIVE was not needed from the start."""
        work = self.control.work
        return region in work.changes or work.states[region] == ACTIVE


def ask_twice(do: Callable[[], Any]) -> Any:
    """Do it again if nobody answered: one lost packet does not mean that the region is dead."""
    try:
        return do()
    except Exception as error:
        if not is_silent(error):
            raise
    return do()


def every(regions: list[str], do: Callable[[str], Any]) -> dict[str, Any]:
    """What `do` answers for each region, asked side by side."""
    if not regions:
        return {}
    with ThreadPoolExecutor(max_workers=len(regions)) as pool:
        return dict(zip(regions, pool.map(do, regions), strict=True))
