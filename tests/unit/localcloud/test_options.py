# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A slow cloud: all that takes time takes a multiple of it."""

from __future__ import annotations

from pathlib import Path

from localcloud.options import Options
from localcloud.runner.options import SLOWED, RunnerOptions
from localcloud.world import World


def test_everything_that_takes_time_takes_a_multiple() -> None:
    slow = Options(slow=20.0)
    assert slow.delayed(slow.accelerator_delay) == 20 * Options().accelerator_delay
    assert World(slow).links.lag == 20 * World(Options()).links.lag
    usual, slowed = (
        RunnerOptions.build(options, Path()) for options in (with_endpoint(Options()), with_endpoint(slow))
    )
    assert SLOWED and all(getattr(slowed, name) == 20 * getattr(usual, name) for name in SLOWED)
    assert slowed.tick == usual.tick  # rounds are no delay


def with_endpoint(options: Options) -> object:
    return type("Given", (), {**vars(options), "endpoint": "http://127.0.0.1", "door": ""})()
