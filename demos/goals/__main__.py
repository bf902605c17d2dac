# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo-goals`: exits with 1 when a figure is not as it should be. Everything it leaves is in `--folder`."""

from __future__ import annotations

import sys

from demos.goals.story import GoalsStory
from harness.story import tell_story

if __name__ == "__main__":
    sys.exit(tell_story(GoalsStory, "goals", __doc__))
