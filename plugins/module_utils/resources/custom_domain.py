# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A custom domain of API Gateway in one region, what it leads to, and the record that leads to it."""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none
from ..kernel.cloud import ROUTE53_REGION
from ..services.routing import LATENCY, WEIGHTED
from .api_listing import NOT_FOUND, ApiResource
from .hosted_zone import change_records, records_named

API_GATEWAY_NAME = ".execute-api."
"""What the names have in them under which API Gateway serves custom domains."""


POLICIES = {WEIGHTED: "Weight", LATENCY: "Region", None: "SetIdentifier"}
"""What a record of a policy has, and no other; None stands for any policy."""


class CustomDomain(ApiResource):
    """Wanted: `certificate` (ARN), `tls_policy`, `tags`. Gives `target` (the name to lead its records to), `zone` (the
    hosted zone of that). Its name is the domain.
    """

    kind = "apigatewayv2_domain_name"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[CustomDomain], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            item = next((each for each in resource.listing.domains() if each["DomainName"] == resource.name), None)
            if item is not None:
                actual[resource.name] = cls._read(item)
        return actual

    @staticmethod
    def _read(item: dict[str, Any]) -> Attributes:
        configuration = item["DomainNameConfigurations"][0]
        return {
            "certificate": configuration.get("CertificateArn"),
            "tls_policy": configuration.get("SecurityPolicy"),
            "target": configuration.get("ApiGatewayDomainName"),
            "zone": configuration.get("HostedZoneId"),
            "tags": item.get("Tags") or {},
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # A domain has its name once in a region: a second one is refused, and the kernel finds the first.
        item = self.client(cloud).create_domain_name(
            DomainName=self.name, DomainNameConfigurations=[self._configuration(wanted)], Tags=wanted["tags"]
        )
        self._settle(cloud)
        return {**self._read(item), **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if differences.keys() - {"tags"}:
            self.client(cloud).update_domain_name(
                DomainName=self.name, DomainNameConfigurations=[self._configuration(wanted)]
            )
            self._settle(cloud)
        self.retag(cloud, f"/domainnames/{self.name}", differences)
        return {**actual, **wanted}

    @staticmethod
    def _configuration(wanted: Attributes) -> dict[str, Any]:
        return {
            "CertificateArn": wanted["certificate"],
            "EndpointType": "REGIONAL",
            "SecurityPolicy": wanted["tls_policy"],
        }

    def _settle(self, cloud: Cloud) -> None:
        def available() -> bool:
            item = self.client(cloud).get_domain_name(DomainName=self.name)
            status = item["DomainNameConfigurations"][0].get("DomainNameStatus", "AVAILABLE")
            return bool(status == "AVAILABLE")

        if cloud.wait:
            cloud.wait_until(f"custom domain {self.name} in {self.region} to be available", available)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(NOT_FOUND):
            self.client(cloud).delete_domain_name(DomainName=self.name)


class ApiMapping(ApiResource):
    """What a custom domain serves under every path. Wanted: `api` (id), `stage`. Its name is the domain.

    It goes with its domain.
    """

    kind = "apigatewayv2_api_mapping"
    owned: ClassVar[bool] = False

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ApiMapping], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            item = resource._item()
            if item is not None:
                actual[resource.name] = {"id": item["ApiMappingId"], "api": item["ApiId"], "stage": item["Stage"]}
        return actual

    def _item(self) -> dict[str, Any] | None:
        if all(each["DomainName"] != self.name for each in self.listing.domains()):
            return None
        return next((each for each in self.listing.mappings(self.name) if not each.get("ApiMappingKey")), None)

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # A path has one mapping: a second one is refused, and the kernel finds the first.
        made = self.client(cloud).create_api_mapping(DomainName=self.name, ApiId=wanted["api"], Stage=wanted["stage"])
        return {**wanted, "id": made["ApiMappingId"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.client(cloud).update_api_mapping(
            ApiMappingId=actual["id"], DomainName=self.name, ApiId=wanted["api"], Stage=wanted["stage"]
        )
        return {**actual, **wanted}


class DomainRecord(Resource):
    """The record of one region under which a custom domain is found. Wanted: `zone` (id), `target`, `target_zone`,
    `policy` (weighted or latency), `weight` (None with latency), `health_check` (the id of the one that it is bound
    to, or None). Its name is the domain, and its set identifier the region.

    With `keep_weight` the weight is set when the record is made and never again: it belongs to whoever fails over.
    """

    kind = "route53_record"
    # Route 53 takes no two policies under one name, and each region has a record of it.
    fixed: ClassVar[frozenset[str]] = frozenset({"policy"})
    instead: ClassVar[str] = (
        "All records of one name have one policy. Keep the one that they have, or remove the records of all regions "
        "first, while nobody needs them."
    )
    owned: ClassVar[bool] = False

    def __init__(self, name: str, *, served_in: str, zone: str, keep_weight: bool = True, **others: Any) -> None:
        super().__init__(f"{name} {served_in}", ROUTE53_REGION, **others)
        self.keep_weight = keep_weight
        self.domain = name
        self.served_in = served_in
        self.zone = zone

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[DomainRecord], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            record = resource._there(cloud)
            if record is not None:
                alias = record.get("AliasTarget") or {}
                actual[resource.name] = {
                    "target": str(alias.get("DNSName", "")).rstrip("."),
                    "target_zone": alias.get("HostedZoneId"),
                    "policy": WEIGHTED if "Weight" in record else LATENCY,
                    "weight": record.get("Weight"),
                    "health_check": record.get("HealthCheckId"),
                }
        return actual

    def _there(self, cloud: Cloud) -> dict[str, Any] | None:
        """The record, if it is ours: what leads elsewhere than to API Gateway somebody else has made.

        Raises:
            CollectionError: somebody else's record stands where this one is to be.
        """
        records = [each for each in records_named(cloud, self.zone, self.domain) if each["Type"] in ("A", "CNAME")]
        own = [each for each in records if each.get("SetIdentifier") == self.served_in]
        if own and API_GATEWAY_NAME in str((own[0].get("AliasTarget") or {}).get("DNSName")):
            return own[0]
        others = [each for each in records if each not in own and POLICIES[self.wanted.get("policy")] not in each]
        strange = [*own, *others]
        if strange and self.state == "present":
            told, policy = strange[0].get("SetIdentifier"), self.wanted["policy"]
            elsewhere = API_GATEWAY_NAME not in str((strange[0].get("AliasTarget") or {}).get("DNSName"))
            raise CollectionError(
                f"The zone {self.zone} has a record {self.domain} of type {strange[0]['Type']}"
                f"{f' with the set identifier {told}' if told else f', which is not {policy}'}, that "
                f"{'does not lead to API Gateway' if elsewhere else f'is not {policy}'}. Remove it, or choose another "
                "domain; nothing was changed."
            )
        return None

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        found = super().differences(actual, wanted)
        if self.keep_weight:
            found.pop("weight", None)
        return found

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        change_records(cloud, self.zone, [("UPSERT", self._record(wanted))])
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, {**wanted, "weight": actual["weight"]} if self.keep_weight else wanted)

    def _record(self, wanted: Attributes) -> dict[str, Any]:
        return {
            "Name": self.domain,
            "Type": "A",
            "SetIdentifier": self.served_in,
            **({"Weight": wanted["weight"]} if wanted["policy"] == WEIGHTED else {"Region": self.served_in}),
            "AliasTarget": {
                "HostedZoneId": wanted["target_zone"],
                "DNSName": wanted["target"],
                "EvaluateTargetHealth": False,
            },
            **({"HealthCheckId": wanted["health_check"]} if wanted["health_check"] else {}),
        }

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        record = self._there(cloud)
        if record is not None:
            change_records(cloud, self.zone, [("DELETE", record)])
