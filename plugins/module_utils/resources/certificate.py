# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate of AWS Certificate Manager for one domain in one region, and its validation by DNS."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, NotReadyInTime, Resource, absent_is_none
from ..kernel.cloud import ROUTE53_REGION
from ..kernel.retrying import let_go
from .hosted_zone import change_records, full_name, records_named
from .listing import Listing

ISSUED, PENDING = "ISSUED", "PENDING_VALIDATION"
NO_CERTIFICATE = "ResourceNotFoundException"
RECORD_TTL = 300


class CertificateListing(Listing):
    """The certificates of one domain in one region: those of the workload, as ACM describes them, and the others."""

    def __init__(self, cloud: Cloud, region: str, workload: str, domain: str) -> None:
        super().__init__(cloud, region)
        self.workload = workload
        self.domain = domain

    def _all(self) -> list[tuple[str, dict[str, str]]]:
        def ask() -> list[tuple[str, dict[str, str]]]:
            client = self.cloud.client("acm", self.region)
            found = []
            for each in self.cloud.paginate("acm", "list_certificates", self.region):
                if each.get("DomainName", "").lower() == self.domain:
                    with absent_is_none(NO_CERTIFICATE):
                        answer = client.list_tags_for_certificate(CertificateArn=each["CertificateArn"])
                        found.append((each["CertificateArn"], from_tag_list(answer["Tags"])))
            return found

        return self.once("certificates", ask)

    def own(self) -> list[dict[str, Any]]:
        """Those of the workload, each with its `tags`; oldest first."""
        client = self.cloud.client("acm", self.region)

        def ask(arn: str, tags: dict[str, str]) -> dict[str, Any] | None:
            with absent_is_none(NO_CERTIFICATE):
                return {**client.describe_certificate(CertificateArn=arn)["Certificate"], "tags": tags}
            return None

        def ask_all() -> list[dict[str, Any]]:
            mine = [each for each in self._all() if each[1].get("workload") == self.workload]
            answers = self.side_by_side([lambda arn=arn, tags=tags: ask(arn, tags) for arn, tags in mine])
            return sorted(filter(None, answers), key=lambda each: (str(each.get("CreatedAt")), each["CertificateArn"]))

        return self.once("own", ask_all)

    def has_others(self) -> bool:
        """Whether somebody else has one for the same domain, which the same records validate."""
        return any(tags.get("workload") != self.workload for _arn, tags in self._all())


class Certificate(Resource):
    """Wanted: `domain`, `names` (all names it is for), `tags`. Gives `arn`, `status`, and `records`, a list of
    `{name, value}` of the CNAMEs that validate it.

    ACM changes none: with other names it is another one. `identifier` is the ARN of one that is to go.
    """

    kind = "acm_certificate"
    unordered: ClassVar[frozenset[str]] = frozenset({"names"})

    def __init__(
        self, name: str, region: str, *, listing: CertificateListing, identifier: str | None = None, **others: Any
    ) -> None:
        super().__init__(name, region, **others)
        self.listing: CertificateListing = listing
        self.identifier = identifier
        # ACM takes two requests with one token, within an hour, for one.
        self.token = uuid.uuid4().hex

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Certificate], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            certificate = next((each for each in resource.listing.own() if resource._is(each)), None)
            if certificate is not None:
                actual[resource.name] = read(certificate)
        return actual

    @property
    def names(self) -> list[str]:
        """The names of one that is to go."""
        (certificate,) = [each for each in self.listing.own() if each["CertificateArn"] == self.identifier]
        return names_in(certificate)

    def _is(self, certificate: dict[str, Any]) -> bool:
        if self.identifier is not None:
            return bool(certificate["CertificateArn"] == self.identifier)
        return is_for(certificate, self.wanted["names"])

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("acm", self.region)
        others = [name for name in wanted["names"] if name != wanted["domain"]]
        arn = client.request_certificate(
            DomainName=wanted["domain"],
            ValidationMethod="DNS",
            IdempotencyToken=self.token,
            Tags=to_tag_list(wanted["tags"]),
            **({"SubjectAlternativeNames": others} if others else {}),
        )["CertificateArn"]

        def told() -> Attributes | None:
            certificate = {**client.describe_certificate(CertificateArn=arn)["Certificate"], "tags": wanted["tags"]}
            options = certificate.get("DomainValidationOptions") or []
            if certificate["Status"] == PENDING and not all("ResourceRecord" in each for each in options):
                return None
            return read(certificate) if options else None

        # Some seconds pass until ACM tells the records.
        return cloud.wait_until(f"the validation records of the certificate for {self.wanted['domain']}", told)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        to_set, to_remove = tag_changes(*differences["tags"])
        client, arn = cloud.client("acm", self.region), actual["arn"]
        if to_remove:
            client.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": key} for key in to_remove])
        if to_set:
            client.add_tags_to_certificate(CertificateArn=arn, Tags=to_tag_list(to_set))
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        def remove() -> None:
            with absent_is_none(NO_CERTIFICATE):
                cloud.client("acm", self.region).delete_certificate(CertificateArn=actual["arn"])

        # What used it is told for a while after it has gone.
        let_go(
            cloud,
            f"certificate {actual['arn']}",
            remove,
            busy=("ResourceInUseException",),
            users=lambda: users_of(cloud, self.region, actual["arn"]),
        )


def users_of(cloud: Cloud, region: str, arn: str) -> list[str]:
    """The ARNs of what uses a certificate."""
    with absent_is_none(NO_CERTIFICATE):
        return list(cloud.client("acm", region).describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"])
    return []


def in_tag(domain: str) -> str:
    """A domain as a tag can hold it, which takes no asterisk."""
    return domain.replace("*", "@")


def from_tag(text: str) -> str:
    """The domain that `in_tag` has put there."""
    return text.replace("@", "*")


def names_in(certificate: dict[str, Any]) -> list[str]:
    """All names that a certificate is for."""
    return sorted(name.lower() for name in certificate.get("SubjectAlternativeNames") or [certificate["DomainName"]])


def is_for(certificate: dict[str, Any], names: list[str]) -> bool:
    """Whether a certificate is for exactly these names, and works or can still work."""
    return names_in(certificate) == sorted(names) and certificate["Status"] in (ISSUED, PENDING)


def read(certificate: dict[str, Any]) -> Attributes:
    options = certificate.get("DomainValidationOptions") or []
    told = [each["ResourceRecord"] for each in options if "ResourceRecord" in each]
    records = {full_name(each["Name"]): each["Value"] for each in told}
    return {
        "arn": certificate["CertificateArn"],
        "domain": certificate["DomainName"],
        "names": names_in(certificate),
        "status": certificate["Status"],
        "records": [{"name": name, "value": value} for name, value in sorted(records.items())],
        "tags": certificate["tags"],
    }


class ValidationRecords(Resource):
    """The CNAMEs that validate the certificates of a domain. Wanted: `zone` (id), `records` (for each certificate those
    it tells).

    They are the same in all regions. While they stand, ACM renews the certificates by itself. Those that are to go do
    so before the certificates, which alone tell them, and not those of the names in `keeping`.
    """

    kind = "route53_validation_records"
    find_after: ClassVar[tuple[type[Resource], ...]] = (Certificate,)
    owned: ClassVar[bool] = False

    def __init__(
        self, name: str, *, zone: str, certificates: list[Certificate], keeping: Iterable[str] = (), **others: Any
    ) -> None:
        super().__init__(name, ROUTE53_REGION, **others)
        self.zone = zone
        self.certificates = certificates
        self.keeping = {name.removeprefix("*.") for name in keeping}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ValidationRecords], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            told = [found[each.address]["records"] for each in resource.certificates if each.address in found]
            asked = [record for record in distinct(told) if domain_of(record) not in resource.keeping]
            there = [record for record in asked if resource._is_there(cloud, record)]
            if there:
                # In the form of `wanted`, so that a certificate whose records are there does not differ.
                kept = [[record for record in records if record in there] for records in told]
                actual[resource.name] = {"zone": resource.zone, "records": kept}
        return actual

    def _is_there(self, cloud: Cloud, record: dict[str, str]) -> bool:
        return any(
            each["Type"] == "CNAME" and [value["Value"] for value in each["ResourceRecords"]] == [record["value"]]
            for each in records_named(cloud, self.zone, record["name"])
        )

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        records = [("UPSERT", _cname(each)) for each in distinct(wanted["records"])]
        change_records(cloud, self.zone, records)
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        self._wait_until_unused(cloud)
        there = [each for each in distinct(actual["records"]) if self._is_there(cloud, each)]
        if there:
            change_records(cloud, self.zone, [("DELETE", _cname(each)) for each in there])

    def _wait_until_unused(self, cloud: Cloud) -> None:
        """A certificate that something still uses could not be renewed without its records.

        Raises:
            NotReadyInTime: one is still used; the message names what uses it.
        """
        for each in self.certificates:
            arn = each.identifier or ""
            try:
                cloud.wait_until(
                    f"certificate {arn} to be unused", lambda arn=arn, at=each: not users_of(cloud, at.region, arn)
                )
            except NotReadyInTime as error:
                users = "; ".join(users_of(cloud, each.region, arn))
                raise NotReadyInTime(f"{error.message} Still there: {users}", **error.details) from error


def distinct(told: list[list[dict[str, str]]]) -> list[dict[str, str]]:
    """The records of several certificates, each once."""
    return [dict(pairs) for pairs in dict.fromkeys(tuple(each.items()) for records in told for each in records)]


def domain_of(record: dict[str, str]) -> str:
    """The name that a validation record is for; with an asterisk it is validated like without."""
    return record["name"].partition(".")[2].rstrip(".")


def _cname(record: dict[str, str]) -> dict[str, Any]:
    return {
        "Name": record["name"],
        "Type": "CNAME",
        "TTL": RECORD_TTL,
        "ResourceRecords": [{"Value": record["value"]}],
    }


class Validation(Resource):
    """That ACM has issued a certificate. Wanted: `certificate` (ARN), `status`. Nothing is made but waited for."""

    kind = "acm_validation"
    find_after: ClassVar[tuple[type[Resource], ...]] = (Certificate,)
    owned: ClassVar[bool] = False

    def __init__(self, name: str, region: str, *, certificate: Certificate, **others: Any) -> None:
        super().__init__(name, region, certificate=certificate.ref("arn"), status=ISSUED, **others)
        self.certificate = certificate

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Validation], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        told = {each.name: found.get(each.certificate.address) for each in resources}
        return {
            name: {"certificate": actual["arn"], "status": actual["status"]}
            for name, actual in told.items()
            if actual is not None
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("acm", self.region)

        def issued() -> bool:
            certificate = client.describe_certificate(CertificateArn=wanted["certificate"])["Certificate"]
            if certificate["Status"] not in (ISSUED, PENDING):
                raise CollectionError(
                    f"ACM does not issue the certificate for {self.name} in {self.region}: it is "
                    f"{certificate['Status']} ({certificate.get('FailureReason', 'no reason is told')}). Does a CAA "
                    "record of the domain allow amazon.com, and is the domain delegated to the hosted zone?"
                )
            return bool(certificate["Status"] == ISSUED)

        if cloud.wait:
            cloud.wait_until(f"ACM to validate {self.name} in {self.region} by DNS", issued)
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)
