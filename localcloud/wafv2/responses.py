# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS WAF's requests: moto's, and what a web ACL stands in front of."""

from __future__ import annotations

import json
from typing import Any

from moto.wafv2.responses import WAFV2Response as MotoResponse

import localcloud.wafv2.models  # noqa: F401 - its backends take the place of moto's


class WafResponse(MotoResponse):
    """Answers requests for web ACLs and IP sets."""

    def list_resources_for_web_acl(self) -> tuple[int, dict[str, str], str]:
        backend: Any = self.wafv2_backend
        kind = self._get_param("ResourceType") or "APPLICATION_LOAD_BALANCER"
        found = backend.list_resources_for_web_acl(self._get_param("WebACLArn"), kind)
        return 200, {"Content-Type": "application/json"}, json.dumps({"ResourceArns": found})
