# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of one region: moto's, no larger than AWS takes them."""

from __future__ import annotations

from typing import Any

from moto.ssm.models import Parameter, SimpleSystemManagerBackend, ssm_backends

from localcloud.ssm.rules import LARGEST, check_size


class SSMBackend(SimpleSystemManagerBackend):
    """Parameter Store (and the rest of Systems Manager, as moto has it)."""

    def put_parameter(self, name: str, description: str, value: str, *arguments: Any, **settings: Any) -> Parameter:
        tier = settings.get("tier") or self.default_parameter_tier
        size = len(value.encode())
        check_size(tier, size)
        parameter = super().put_parameter(name, description, value, *arguments, **settings)
        if tier == "Intelligent-Tiering":
            parameter.tier = "Advanced" if size > LARGEST["Standard"] else "Standard"
        return parameter


ssm_backends.backend = SSMBackend
