# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan kernel: wanted resources and actual ones become a plan, and exactly that plan is carried out."""

from __future__ import annotations

from ..protocol.service_errors import error_code, is_throttled
from .cloud import Cloud, absent_is_none
from .errors import ChangeFailed, CollectionError, InvalidInput, NotReadyInTime
from .execute import carry_out
from .plan import Change, Known, Plan, make_plan
from .resource import Attributes, Difference, Resource
from .values import KNOWN_AFTER_APPLY, Ref, is_unknown

__all__ = [
    "KNOWN_AFTER_APPLY",
    "Attributes",
    "Change",
    "ChangeFailed",
    "Cloud",
    "CollectionError",
    "Difference",
    "InvalidInput",
    "Known",
    "NotReadyInTime",
    "Plan",
    "Ref",
    "Resource",
    "absent_is_none",
    "carry_out",
    "error_code",
    "is_throttled",
    "is_unknown",
    "make_plan",
]
