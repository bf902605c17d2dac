# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drills: the sales system sells on the embedded cloud while regions fail and switches run, and every sale is counted.

`catalogue.py` says which drills there are and what happens in each, `exercise.py` what can happen in a drill, and
`variants.py` on what they are played. What is counted, drawn and judged is in `harness/report/`.
"""
