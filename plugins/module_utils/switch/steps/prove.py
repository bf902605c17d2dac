# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `prove`: a synthetic request through the public name is processed, which tells the recovery time."""

from __future__ import annotations

from ...protocol import ACTIVE
from ...protocol.service_errors import is_ill
from ..run import SwitchRun
from .step import Step


class Prove(Step):
    title = "prove"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        work = run.control.work
        return bool(run.control.params["proof"]) and ACTIVE in work.states.values() and not work.rolls_back

    def will(self) -> str:
        return f"post a synthetic request to {self.run.control.params['proof']['path']} and see it processed"

    def do(self) -> str:
        run, params = self.run, self.run.control.params
        run.control.renew()
        if run.traffic.is_astray:
            return "nothing is proven: the public name may still lead to the old region"
        try:
            url = f"{run.traffic.public_url}{params['proof']['path']}"
        except Exception as error:
            if not is_ill(error):
                raise
            return f"nothing is proven: the public name cannot be looked up ({error})"
        seen = run.proof.prove()
        sentence = f"a synthetic sale through {url} was processed by {', '.join(seen['processed_by'])}"
        if "held_at" not in run.journal:
            return sentence
        measured = max(0, seen["done_at"] * 1000 - run.journal["held_at"])
        declared = params["rto"]
        run.journal.put(rto={"declared_ms": declared and round(declared * 1000), "measured_ms": measured})
        if declared is None:
            return f"{sentence}; nothing was processed for {measured / 1000:.0f} s at most"
        verdict = "kept" if measured <= declared * 1000 else "MISSED"
        return f"{sentence}; the declared RTO of {declared:g} s was {verdict}: {measured / 1000:.0f} s"
