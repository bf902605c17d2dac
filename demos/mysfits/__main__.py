# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo-mysfits`: exits with 1 when a request failed, or a figure is not as it should be."""

from __future__ import annotations

import sys

from demos.mysfits.story import MysfitsStory
from harness.story import tell_story

if __name__ == "__main__":
    sys.exit(tell_story(MysfitsStory, "mysfits", __doc__))
