# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch carried out.

asked           what the user asked for, and the command lines of it
goal, rollback  what is to be done, as `work`, and why it is refused (`refusals`)
run             one run of it, on `control` (the lease, the states) with its `journal`
steps           what a run does, one file for each step
signals         pause and cancel, from another terminal
"""
