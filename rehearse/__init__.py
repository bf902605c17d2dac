# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drills: the sales system sells on the embedded cloud while regions fail and switches run, and every sale is counted.

`drills.py` says what happens, `stage.py` where, `sampler.py` watches, `figures.py` counts, `page.py` draws.
"""

from __future__ import annotations

import sys
from pathlib import Path

# The protocol's pure functions are imported as the workloads import them.
_PROTOCOL = str(Path(__file__).resolve().parents[1] / "plugins" / "module_utils")
if _PROTOCOL not in sys.path:
    sys.path.append(_PROTOCOL)
