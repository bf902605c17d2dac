# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Route 53's requests: moto's, with changes that take a while to arrive and health checks that somebody looks at."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.route53.responses import Route53 as MotoResponse


class Route53Response(MotoResponse):
    """Answers REST requests, which all bear the version of the API first."""

    def change_resource_record_sets(self) -> ActionResult:
        super().change_resource_record_sets()
        return self._told(self._backend.begin_change())

    def get_change(self) -> ActionResult:
        return self._told(self._get_param("Id"))

    def _told(self, change: str) -> ActionResult:
        identifier = change.rpartition("/")[2]
        status = self._backend.change_status(identifier)
        info = {"Id": f"/change/{identifier}", "Status": status, "SubmittedAt": utcnow()}
        return ActionResult({"ChangeInfo": info})

    def update_health_check(self) -> ActionResult:
        names = {
            "ip_address": "IPAddress",
            "port": "Port",
            "resource_path": "ResourcePath",
            "fqdn": "FullyQualifiedDomainName",
            "search_string": "SearchString",
            "failure_threshold": "FailureThreshold",
            "health_threshold": "HealthThreshold",
            "inverted": "Inverted",
            "disabled": "Disabled",
            "enable_sni": "EnableSNI",
            "children": "ChildHealthChecks",
            "regions": "Regions",
            "version": "HealthCheckVersion",
        }
        given = {key: self._get_param(name) for key, name in names.items()}
        check = self._backend.update_health_check(self._get_param("HealthCheckId"), given)
        return ActionResult({"HealthCheck": check})

    def get_health_check_status(self) -> ActionResult:
        check = self._backend.get_health_check(self._get_param("HealthCheckId"))
        return ActionResult({"HealthCheckObservations": check.observations()})

    @property
    def _backend(self) -> Any:
        return self.backend
