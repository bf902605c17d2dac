# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `record`: what was set late is set back, and the switch is recorded beside the lease and in each region."""

from __future__ import annotations

from typing import Any

from ...lease import owed_by_switches
from ...resources.parameter import to_text
from ..journal import CANCELLED, LAKE, controller_milliseconds, last_switch
from ..run import SwitchRun
from ..traffic_shares import TRAFFIC
from .step import Step

SHORT_KEYS = ("asked", "epoch", "operator", "reason", "execution", "outcome", "unfenced")
"""What each region's own parameter tells of the entry."""


class Record(Step):
    title = "record"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return True

    def will(self) -> str:
        unfenced = self.run.control.work.unfenced
        return "record it and let the lease go" + (f"; {', '.join(unfenced)} unfenced" if unfenced else "")

    def foretold_details(self) -> dict[str, Any]:
        return {"unfenced": self.run.control.work.unfenced}

    def do(self) -> str:
        run, control = self.run, self.run.control
        control.renew()
        run.read_back()
        run.preparation.put_back()
        for region in list(control.maps):
            entry = entry_of(run)
            with run.lost.doing_without(region):
                short = to_text({key: entry[key] for key in SHORT_KEYS})
                name = last_switch(control.parameter)
                control.quick("ssm", region).put_parameter(Name=name, Value=short, Type="String", Overwrite=True)
        entry = entry_of(run)
        # One switch has one entry, whichever run of it wrote it.
        control.table.keep(f"journal#{control.work.grant_epoch:010d}#{run.journal['began']}", entry)
        run.notices.send("ended", run.asked, {key: entry[key] for key in ("outcome", "epoch", "states", "rto", "owed")})
        return f"recorded under the lease and in {', '.join(control.maps)}; lease released"


def entry_of(run: SwitchRun) -> dict[str, Any]:
    """The switch as plain data: what was asked, by whom, why, the epochs, each step's time, and how it ended."""
    journal, work, owed = run.journal, run.control.work, run.control.owed()
    done = "rolled back" if work.rolls_back else "done"
    return {
        "asked": journal["asked"],
        "changes": dict(work.changes),
        "epoch": work.grant_epoch,
        "base_epoch": journal["base_epoch"],
        "before": journal["before"],
        "states": dict(work.states),
        "unfenced": journal["unfenced"],
        **{key: journal[key] for key in ("operator", "reason", "execution", "began", "schema")},
        **{key: journal.get(key) for key in ("taken_at", "held_at", "granted_at", "traffic_at", "rto", "fence")},
        **{key: journal.get(key, []) for key in (TRAFFIC, "evidence", "alarms", "skipped")},
        "controller_ms": controller_milliseconds(journal),
        "fence_ms": journal.get("fenced_ms"),
        "steps": journal["steps"],
        "published": run.reconciliation.published,
        LAKE: journal.get(LAKE, {}),
        CANCELLED: journal.get(CANCELLED, {}),
        "proof": run.proof.seen,
        "owed": owed,
        "outcome": f"{done}, something owed" if owed_by_switches(owed) else done,
    }
