# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SNS accepts as attributes of a topic or a subscription. Pure: no backend is asked."""

from __future__ import annotations

from moto.sns.exceptions import SNSInvalidParameter

from localcloud.policies import json_object


def check_json(name: str, value: str | None) -> None:
    """Refuse a policy that is no JSON object.

    Raises:
        SNSInvalidParameter: it is none.
    """
    if value and json_object(value) is None:
        raise SNSInvalidParameter(f"Invalid parameter: {name}: not a JSON object")
