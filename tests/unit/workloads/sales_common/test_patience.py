# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a call may take at the longest."""

from __future__ import annotations

import pytest

from sales_common.aws import Patience, patience_within


@pytest.mark.parametrize("seconds", [0.5, 3, 6, 10, 60])
def test_a_call_s_longest_time_fits_what_it_was_made_for(seconds):
    assert patience_within(seconds).longest_call <= seconds
    assert Patience(2, 4, 2).longest_call == 13
