# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sales API and the sales worker share: settings, AWS clients, log lines and the view of the map.

No rule of the switch lives here: those are the pure functions of `protocol`, the same ones the modules use.
"""
