# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `preflight`: whether the regions that take over can, before any epoch is handed out."""

from __future__ import annotations

from typing import Any

from ...kernel import CollectionError
from ...readiness import alarms_on, evidence_sentences
from ..run import SwitchRun
from .step import Step


class Preflight(Step):
    title = "preflight"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        work = run.control.work
        return run.preparation.spec is not None and work.begins and bool(work.changes) and not work.rolls_back

    def will(self) -> str:
        skipped = self.run.control.params["skip_checks"]
        told = f"check that {', '.join(self.run.control.work.takers)} can take over"
        return f"{told}; failures of {', '.join(skipped)} are recorded and do not stop it" if skipped else told

    def foretold_details(self) -> dict[str, Any]:
        return {"skip_checks": sorted(self.run.control.params["skip_checks"])}

    def do(self) -> str:
        """Every check of the regions that take over; more tasks for them first, where that is all they lack.

        Raises:
            CollectionError: a check fails that is not skipped.
        """
        control, preparation = self.run.control, self.run.preparation
        control.renew()
        lag = preparation.measure_lag_of_takers()
        known = [seconds for seconds in lag.values() if seconds is not None]
        self.run.reconciliation.lag = max(known) if known and len(known) == len(lag) else None
        preparation.look_if_stale(lag)
        given = preparation.give_tasks()
        if given:
            preparation.look(lag)
        self.run.journal.remember(
            evidence=evidence_sentences(preparation.evidence, control.told_states(), lag),
            alarms=alarms_on(preparation.evidence),
            skipped=[each for each in preparation.findings if each["skipped"]],
        )
        takers = ", ".join(control.work.takers)
        standing = [each for each in preparation.findings if not each["skipped"]]
        if standing:
            checks = ",".join(sorted({each["check"] for each in standing}))
            told = "".join(f"\n  * {each['sentence']}" for each in standing)
            raise CollectionError(
                f"{takers} cannot take over yet:{told}\nFix that, or go on regardless with "
                f"-e skip_checks={checks}, which is recorded"
            )
        sentence = f"{takers} can take over"
        for region, seconds in lag.items():
            sentence += f", {region} lags " + ("unknown" if seconds is None else f"{seconds * 1000:.0f} ms")
        if given:
            sentence += f"; more tasks for {', '.join(given)}"
        if preparation.findings:
            sentence += f"; failed and skipped: {', '.join(sorted({each['check'] for each in preparation.findings}))}"
        return sentence
