# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service Quotas' requests and answers that moto lacks."""

from __future__ import annotations

import json

from moto.servicequotas.responses import ServiceQuotasResponse as MotoResponse

from localcloud.servicequotas.models import ServiceQuotasBackend


class ServiceQuotasResponse(MotoResponse):
    """Answers ServiceQuotasV20190624 targets."""

    @property
    def backend(self) -> ServiceQuotasBackend:
        """The region's quotas."""
        backend = super().backend
        assert isinstance(backend, ServiceQuotasBackend)
        return backend

    def list_service_quotas(self) -> str:
        """All on one page: there are few."""
        asked = json.loads(self.body)
        return json.dumps({"Quotas": self.backend.list_service_quotas(asked["ServiceCode"])})

    def get_aws_default_service_quota(self) -> str:
        """What is applied, since nobody asks what it was before an increase."""
        return str(self.get_service_quota())

    def request_service_quota_increase(self) -> str:
        """Granted at once."""
        asked = json.loads(self.body)
        granted = self.backend.request_service_quota_increase(
            asked["ServiceCode"], asked["QuotaCode"], float(asked["DesiredValue"])
        )
        return json.dumps({"RequestedQuota": granted})
