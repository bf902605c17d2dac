# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Task definitions as data: read in any spelling, brought to one form, compared, checked, laid over one another.

Only `images.py`, `verify.py` and `usage.py` ask AWS, and they change nothing.
"""
