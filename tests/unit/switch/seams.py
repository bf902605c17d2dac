# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a test lets a switch break, or looks at it: the action of each step, by the step's name."""

from __future__ import annotations

from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.drain import Drain
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.order import ORDER
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step

STEP_CLASSES: dict[str, type[Step]] = {**{each.title: each for each in ORDER}, "drain": Drain}
"""A step of a switch has its method `do` replaced."""
