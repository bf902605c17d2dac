# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a switch, one file each: when it is due, the sentence that foretells it, and what it does.

`order` lists them. Each step renews the lease before it changes anything, and can be repeated.
"""
