# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for `fidelissauro/sales-rest-api` and `fidelissauro/sales-worker`, weaknesses included.

Written from what is known of how they behave (docs/switch.md, "The reference images"), to show on a laptop what they
lose, and that they lose nothing with `inventories/multiregion-reference`. They share no code with `workloads/`, so that
none of its care hides a difference.
"""
