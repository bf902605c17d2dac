# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose credentials these are: the account that computed names and ARNs are made of."""

from __future__ import annotations

from typing import Any

from ..aws.names import partition
from ..kernel import Cloud
from ..kernel.run import ModuleDefinition


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    identity = cloud.client("sts").get_caller_identity()
    return {
        "account_id": identity["Account"],
        "caller_arn": identity["Arn"],
        "partition": partition(params["region"] or ""),
    }


MODULE = ModuleDefinition(arguments={}, services=("sts",), read=read)
