# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The regions that are known without asking."""

from __future__ import annotations

from botocore.session import Session

from ansible_collections.multiregion.ecs.plugins.module_utils.aws.regions import known_regions


def test_they_are_those_in_which_botocore_knows_ec2() -> None:
    session = Session()
    partitions = session.get_available_partitions()
    assert known_regions() == {
        region for partition in partitions for region in session.get_available_regions("ec2", partition)
    }
