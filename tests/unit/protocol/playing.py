# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets hypothesis make up worlds: what happens in each, and when."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.internal.conjecture import providers
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def play(machine: type[RuleBasedStateMachine], worlds: int, steps: int, number: int | None = None) -> None:
    """So many worlds come to pass, each of so many events: always the same ones of a number, any without one.

    Hypothesis also draws from the constants of whatever modules are loaded. Not here: the worlds would not be the same
    in each process that runs these tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", providers.Constants)
        run_state_machine_as_test(
            machine if number is None else seed(number)(machine),
            settings=settings(
                max_examples=worlds,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=number is not None,
                database=None,
                report_multiple_bugs=False,
                phases=[Phase.generate],  # to shrink a world of so many events takes longer than to read it
            ),
        )
