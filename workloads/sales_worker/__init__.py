# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sales worker: consumes its region's queue and processes, once, the sales that the map says are this region's.

`python -m sales_worker [--address A] [--port P]`; README.md says what it is told by its environment. The judgement
about a message is `protocol.decision`; here is what gathers the facts for it, and what carries it out.
"""
