# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of one region: moto's, issued once the CNAMEs that validate them are in public hosted zones.

moto issues a certificate a minute after it was asked for, whatever the zone holds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from moto import settings
from moto.acm import models as moto_models
from moto.acm.models import AWSCertificateManagerBackend as MotoBackend
from moto.acm.models import CertBundle, acm_backends
from moto.core.base_backend import BackendDict
from moto.core.exceptions import AWSError
from moto.elbv2.models import elbv2_backends

from localcloud.acm.rules import check_names
from localcloud.route53.answers import values_of
from localcloud.world import WORLD

TELLING = 0.1
"""How long a new certificate tells no records (seconds; some on AWS)."""

VALIDATING = 0.3
"""How long ACM takes to see the records (seconds; minutes on AWS)."""

GATEWAYS = ("apigateway", "apigatewayv2")
PENDING, ISSUED = "PENDING_VALIDATION", "ISSUED"

settings.ACM_VALIDATION_WAIT = float("inf")  # type: ignore[assignment]  # moto's own way to issue one


class ResourceInUse(AWSError):
    """Something still uses the certificate."""

    TYPE = "ResourceInUseException"


class Certificate(CertBundle):
    """A certificate that is validated by DNS, if ACM is to issue it."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.made_at = time.monotonic()
        self.seen_at: float | None = None
        """When its records were seen first."""

    def check(self) -> None:
        super().check()
        if self.type != "AMAZON_ISSUED" or self.status != PENDING:
            return
        if not all(self._is_there(record) for record in self.records()):
            self.seen_at = None
        elif self.seen_at is None:
            self.seen_at = time.monotonic()
        elif time.monotonic() - self.seen_at >= WORLD.options.delayed(VALIDATING):
            self.status = ISSUED

    def records(self) -> list[dict[str, str]]:
        """The records that validate it, as it tells them."""
        options = CertBundle.describe(self)["Certificate"]["DomainValidationOptions"]
        return [option["ResourceRecord"] for option in options]

    def _is_there(self, record: dict[str, str]) -> bool:
        account = self.arn.split(":")[4]
        return record["Value"].rstrip(".") in [v.rstrip(".") for v in values_of(account, record["Name"], "CNAME")]

    def describe(self) -> dict[str, Any]:
        told = super().describe()
        certificate = told["Certificate"]
        if self.status != ISSUED:
            for member in ("IssuedAt", "NotBefore", "NotAfter", "Serial"):
                certificate.pop(member, None)
        if time.monotonic() - self.made_at < WORLD.options.delayed(TELLING):
            for option in certificate.get("DomainValidationOptions", []):
                option.pop("ResourceRecord")
        return told


class AWSCertificateManagerBackend(MotoBackend):
    """The certificates of one region, and what uses them."""

    def request_certificate(self, domain_name: str, *arguments: Any, **settings: Any) -> str:
        names = settings.get("subject_alt_names") or (arguments[1] if len(arguments) > 1 else None) or []
        check_names([domain_name, *names])
        return super().request_certificate(domain_name, *arguments, **settings)

    def get_certificate(self, arn: str) -> CertBundle:
        certificate = super().get_certificate(arn)
        certificate.in_use_by = list(self._users(arn))
        return certificate

    def delete_certificate(self, arn: str) -> None:
        if arn in self._certificates and any(self._users(arn)):
            raise ResourceInUse(f"Certificate {arn} in account {self.account_id} is in use.")
        super().delete_certificate(arn)

    def _users(self, arn: str) -> Iterator[str]:
        """The ARNs of the load balancers and custom domains that have it."""
        for balancer in elbv2_backends[self.account_id][self.region_name].load_balancers.values():
            if any(arn in listener.certificates for listener in balancer.listeners.values()):
                yield balancer.arn
        place = f"arn:{self.partition}:apigateway:{self.region_name}::/domainnames"
        # Not imported, which takes long, but found if somebody has.
        gateways = [each for each in BackendDict._instances if each.service_name in GATEWAYS]  # type: ignore[misc]
        for registry in gateways:
            for domain in registry[self.account_id][self.region_name].domain_names.values():
                if arn in certificates_of(domain):
                    yield f"{place}/{domain.name}"


def certificates_of(domain: Any) -> list[str]:
    """The certificates of a custom domain of API Gateway's, of either version."""
    told = [getattr(domain, "regional_certificate_arn", None), getattr(domain, "certificate_arn", None)]
    told += [each.get("certificateArn") for each in getattr(domain, "domain_name_configurations", None) or []]
    return [arn for arn in told if arn]


moto_models.CertBundle = Certificate  # type: ignore[misc]
acm_backends.backend = AWSCertificateManagerBackend
