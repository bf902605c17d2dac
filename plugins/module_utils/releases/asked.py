# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked for, and why it is refused: whatever else is unfinished, regions that are HELD or do not answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..lease import Lease, messages
from ..lease.deployment_plan import DEPLOYMENT, tell_ways
from ..protocol import HELD, ProtocolError
from ..protocol.schema import check_schema
from ..switch.asked import Asked as AskedOfSwitch
from ..switch.asked import tell_ways as tell_ways_of_switch
from ..switch.journal import KIND as SWITCH


@dataclass(frozen=True)
class Asked:
    """What the user asked for: `images` (service → container → wish), or to go back (`rollback`).

    waves: as they were given, None where they follow the states.  whole: whether every service is given a wish.
    """

    images: dict[str, dict[str, str]]
    waves: list[list[str]] | None = None
    rollback: bool = False
    whole: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Asked:
        images = {each["name"]: dict(each["images"]) for each in params["services"] if each["images"]}
        waves = [list(wave) for wave in params["waves"]] if params["waves"] else None
        if params["rollback"]:
            return cls({}, waves, rollback=True)
        return cls(images, waves, whole=len(images) == len(params["services"]))

    def to_dict(self) -> dict[str, Any]:
        return {"images": self.images, "waves": self.waves, "rollback": self.rollback, "whole": self.whole}

    def continues(self, journal: Mapping[str, Any]) -> bool:
        """Whether this is the request that the journal was begun with."""
        before = journal["asked"]
        return all(before[key] == self.to_dict()[key] for key in ("images", "waves", "rollback"))

    def ends(self, journal: Mapping[str, Any]) -> bool:
        """Whether it asks to go back from the deployment that is unfinished, instead of from one that has ended."""
        return self.rollback and not journal["asked"]["rollback"]


def require_free(lease: Lease | None, asked: Asked, continues: str | None) -> dict[str, Any]:
    """The journal to go on with, empty for none. ProtocolError: something else is unfinished."""
    plan = dict(lease.plan) if lease and lease.plan else {}
    if continues and plan.get("id") != continues:
        raise ProtocolError(
            f"deployment {continues} is not unfinished any more: somebody has ended it, or a switch has put it aside. "
            "Ask for the plan again"
        )
    if not plan or lease is None:
        return {}
    if plan.get("kind") == SWITCH:
        ways = tell_ways_of_switch(plan)
        raise ProtocolError(messages.switch_unfinished(lease, AskedOfSwitch(**plan["asked"]).arguments(), ways))
    if plan.get("kind") != DEPLOYMENT:
        raise ProtocolError(f"a plan of kind {plan.get('kind')!r} is unfinished; run site.yml, which finishes it")
    check_schema("deployment", plan.get("schema"))
    if not asked.continues(plan) and not asked.ends(plan):
        raise ProtocolError(messages.deployment_unfinished(lease, tell_ways(plan)))
    return plan


def require_states(lease: Lease | None, regions: Iterable[str]) -> None:
    """No region of the workload is HELD, and the recorded map has those to be deployed to. ProtocolError."""
    if lease is None or lease.map is None:
        return
    held = lease.map.in_state(HELD)
    if held:
        raise ProtocolError(
            f"{', '.join(held)} {'is' if len(held) == 1 else 'are'} HELD: a switch was begun and has not ended. End "
            "that first: playbooks/status.yml shows how"
        )
    if strangers := [region for region in regions if region not in lease.map.states]:
        raise ProtocolError(
            f"{', '.join(strangers)} {'is' if len(strangers) == 1 else 'are'} not in the recorded map, which has "
            f"{', '.join(lease.map.regions)}; run site.yml to add what is new, or correct the inventory"
        )


def require_answers(
    regions: Collection[str], silent: Mapping[str, str], all_regions: Collection[str], is_resumed: bool = False
) -> None:
    """Every region that is to be changed answers. ProtocolError."""
    missing = [region for region in regions if region in silent]
    if missing:
        left = [region for region in all_regions if region not in silent]
        told = "; ".join(f"{region}: {silent[region]}" for region in missing)
        one_by_one = "[" + ",".join(f"[{region}]" for region in left) + "]"
        out = "end the deployment without it: playbooks/rollback.yml" if is_resumed else "leave it out for now, with"
        raise ProtocolError(
            f"{', '.join(missing)} {'does' if len(missing) == 1 else 'do'} not answer ({told}). Wait until that is "
            f"over, or {out} -e waves={one_by_one}"
        )
