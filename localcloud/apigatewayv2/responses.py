# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API Gateway's requests for HTTP APIs: moto's, and the updates that moto does not know."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.apigatewayv2.responses import ApiGatewayV2Response as MotoResponse


class ApiGatewayV2Response(MotoResponse):
    """Answers REST requests under /v2."""

    def update_stage(self) -> tuple[int, dict[str, str], str]:
        _v2, _apis, api_id, _stages, name = self.path.strip("/").split("/")
        stage = self._backend.update_stage(api_id, unquote(name), json.loads(self.body))
        return 200, {}, json.dumps(stage.to_json())

    def update_domain_name(self) -> tuple[int, dict[str, str], str]:
        given = json.loads(self.body)
        domain = self._backend.update_domain_name(self.path.split("/")[-1], given["domainNameConfigurations"])
        return 200, {}, json.dumps(domain.to_json())

    def update_api_mapping(self) -> tuple[int, dict[str, str], str]:
        given, parts = json.loads(self.body), self.path.strip("/").split("/")
        mapping = self._backend.update_api_mapping(parts[4], parts[2], given["apiId"], given["stage"])
        return 200, {}, json.dumps(mapping.to_json())

    @property
    def _backend(self) -> Any:
        return self.apigatewayv2_backend
