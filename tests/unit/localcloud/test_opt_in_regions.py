# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded cloud imports nothing of the collection, so both list the opt-in regions; the lists agree."""

from __future__ import annotations

from ansible_collections.multiregion.ecs.plugins.module_utils.aws import regions
from localcloud import policies


def test_the_collection_and_the_embedded_cloud_know_the_same_opt_in_regions() -> None:
    assert regions.OPT_IN_REGIONS == policies.OPT_IN_REGIONS
