# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an ordinary module repeats of its parameters holds no secret, however short."""

from __future__ import annotations

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import HIDDEN, without


def test_a_secret_is_hidden_wherever_it_stands_alone() -> None:
    params = {"name": "pin-123", "containers": [{"environment": {"PIN_KEY": "123", "A": 123, "ON": True, "B": None}}]}
    shown = without(params, {"123"})
    assert shown["containers"][0]["environment"] == {"PIN_KEY": HIDDEN, "A": HIDDEN, "ON": True, "B": None}
    assert shown["name"] == "pin-123"
    assert params["containers"][0]["environment"]["PIN_KEY"] == "123"
