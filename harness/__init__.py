# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What demos, drills and tests share: playbooks run as a user runs them, clients that sell, counts from the outside.

`playbooks.py` runs them, `inventories.py` changes copies of the shipped inventory, `sales_system.py` is where they run;
`traffic.py` sells, `sampler.py` watches, `scene.py` has all of it at once, `evidence.py` and `leftovers.py` count, and
`report/` makes of it what people look at. Nothing in here knows a demo, a drill or a test.
"""

from __future__ import annotations

import sys
from pathlib import Path

# The protocol's pure functions are imported as the workloads import them.
_PROTOCOL = str(Path(__file__).resolve().parents[1] / "plugins" / "module_utils")
if _PROTOCOL not in sys.path:
    sys.path.append(_PROTOCOL)
