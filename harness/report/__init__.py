# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a scene: `contents.py` is all of it as plain data, `page.py` shows it to people.

`figures.py` counts, `gates.py` judges; `series.py` says what happened in each second, `response_times.py` how long
requests took, and `charts.py` draws both.
"""
