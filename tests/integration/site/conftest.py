# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from tests.support.dead_region import built, typed  # noqa: F401
from tests.support.played_site import cloud, play  # noqa: F401
