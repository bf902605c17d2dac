# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user asked for, and the command lines that ask for it, go on with it, go back from it or go elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """What the user asked for: `to` (and maybe `source`), or `target` turned `on` or `off`."""

    to: str | None = None
    source: str | None = None
    target: str | None = None
    turn: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"to": self.to, "source": self.source, "target": self.target, "turn": self.turn}

    def continues(self, journal: Mapping[str, Any]) -> bool:
        """Whether this is the request that the journal was begun with; a source may be left out the second time."""
        before = journal["asked"]
        same = all(before[key] == self.to_dict()[key] for key in ("to", "target", "turn"))
        return same and self.source in (None, before["source"], journal["changes_source"])

    def command(self, reason: str) -> str:
        """The playbook that makes this request, with its arguments. `reason` is the one given the first time."""
        playbook = "toggle.yml" if self.target else "failover.yml"
        plain = reason if reason and not set(reason) & set("\"\\$`!\n'{") else "…"
        # The inner quotes are for Ansible, which splits at spaces what the shell keeps together.
        return f"playbooks/{playbook} {self.arguments()} -e 'reason=\"{plain}\"'"

    def arguments(self) -> str:
        """The request as it is written on a command line."""
        given = {"to": self.to, "from": self.source, "turn": self.turn, "target": self.target}
        return " ".join(f"-e {name}={value}" for name, value in given.items() if value)


def tell_ways(journal: Mapping[str, Any]) -> str:
    """The commands that go on, back or elsewhere from an unfinished switch, as a sentence."""
    command = Asked(**journal["asked"]).command(journal.get("reason", ""))
    if journal["rolls_back"]:
        return f"It is being rolled back: playbooks/cancel.yml completes that, then {command} can be asked for again"
    return (
        f"To go on, ask for the same again: {command}. To go back, run playbooks/cancel.yml. To go elsewhere, add "
        "-e supersede=true to another request"
    )
