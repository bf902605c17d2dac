# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API Gateway's requests for REST APIs: moto's, and tags of more than stages."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.apigateway.responses import APIGatewayResponse as MotoResponse

import localcloud.apigateway.models  # noqa: F401 - its backends take the place of moto's


class ApiGatewayResponse(MotoResponse):
    """Answers REST requests outside /v2."""

    def get_resources(self) -> str:
        embedded = "methods" in (self.querystring.get("embed") or [])
        told = json.loads(super().get_resources())
        for resource in told["item"] if not embedded else ():
            resource["resourceMethods"] = {method: {} for method in resource.get("resourceMethods") or {}}
        return json.dumps(told)

    def tag_resource(self) -> str:
        self._holder().tags.update(self._get_param("tags") or {})
        return "{}"

    def untag_resource(self) -> str:
        for key in self.querystring.get("tagKeys", []):
            self._holder().tags.pop(key, None)
        return "{}"

    def get_tags(self) -> str:
        return json.dumps({"tags": self._holder().tags})

    def _holder(self) -> Any:
        backend: Any = self.backend
        return backend.holder_of_tags(unquote(self.path.split("/tags/")[1]))
