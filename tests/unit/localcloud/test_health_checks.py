# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks and changes of Route 53: what it refuses, and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

import localcloud.route53.models  # noqa: F401 - its rules take the place of moto's
from localcloud.route53 import health_checks
from localcloud.world import WORLD

CONFIG = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.com", "ResourcePath": "/readiness", "EnableSNI": True}


@pytest.fixture
def dns() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("route53", "us-east-1")


def code(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    return str(refusal.value.response["Error"]["Code"])


def make(dns: Any, reference: str = "one", **changed: Any) -> dict[str, Any]:
    made: dict[str, Any] = dns.create_health_check(CallerReference=reference, HealthCheckConfig={**CONFIG, **changed})[
        "HealthCheck"
    ]
    return made


def test_a_reference_is_for_one_health_check_for_ever(dns: Any) -> None:
    made = make(dns)
    assert (made["HealthCheckConfig"]["Port"], made["HealthCheckConfig"]["RequestInterval"]) == (443, 30)
    assert make(dns)["Id"] == made["Id"] and len(dns.list_health_checks()["HealthChecks"]) == 1
    other = {"CallerReference": "one", "HealthCheckConfig": {**CONFIG, "ResourcePath": "/other"}}
    assert code(dns.create_health_check, **other) == "HealthCheckAlreadyExists"
    dns.delete_health_check(HealthCheckId=made["Id"])
    assert code(dns.delete_health_check, HealthCheckId=made["Id"]) == "NoSuchHealthCheck"
    assert code(make, dns=dns) == "HealthCheckAlreadyExists"


@pytest.mark.parametrize(
    "changed",
    [
        {"RequestInterval": 15},
        {"SearchString": "ready"},
        {"Type": "HTTPS_STR_MATCH"},
        {"Type": "TCP"},
        {"FullyQualifiedDomainName": ""},
    ],
)
def test_route53_refuses_health_checks_that_cannot_be(dns: Any, changed: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refusal:
        make(dns, **changed)
    assert refusal.value.response["Error"]["Code"] == "InvalidInput"


def test_an_update_is_of_the_version_that_it_names(dns: Any) -> None:
    made = make(dns)
    updated = dns.update_health_check(HealthCheckId=made["Id"], HealthCheckVersion=1, FailureThreshold=1)["HealthCheck"]
    assert (updated["HealthCheckVersion"], updated["HealthCheckConfig"]["FailureThreshold"]) == (2, 1)
    stale = {"HealthCheckId": made["Id"], "HealthCheckVersion": 1, "FailureThreshold": 2}
    assert code(dns.update_health_check, **stale) == "HealthCheckVersionMismatch"


def test_a_record_is_bound_to_a_health_check_that_there_is(dns: Any) -> None:
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]

    def change(action: str, check: str | None) -> dict[str, Any]:
        bound = {} if check is None else {"HealthCheckId": check}
        record = {
            "Name": "w.example.com",
            "Type": "CNAME",
            "TTL": 60,
            "ResourceRecords": [{"Value": "a.example.org"}],
            "SetIdentifier": "a",
            "Weight": 1,
            **bound,
        }
        made: dict[str, Any] = dns.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        )["ChangeInfo"]
        return made

    assert code(change, action="CREATE", check="unknown") == "NoSuchHealthCheck"
    check = make(dns)["Id"]
    change("CREATE", check)
    # Whoever deletes a record says what it is bound to.
    assert code(change, action="DELETE", check=None) == "InvalidChangeBatch"
    change("DELETE", check)


def test_a_change_is_pending_until_all_servers_know_it(dns: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": "t.example.com", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"a"'}]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    now = [100.0]
    monkeypatch.setattr("localcloud.route53.models.time.monotonic", lambda: now[0])
    change = dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]
    assert change["Status"] == "PENDING" == dns.get_change(Id=change["Id"])["ChangeInfo"]["Status"]
    now[0] += WORLD.options.record_delay
    assert dns.get_change(Id=change["Id"])["ChangeInfo"]["Status"] == "INSYNC"
    assert code(dns.get_change, Id="/change/C0") == "NoSuchChange"


def test_the_checkers_tell_what_they_saw(dns: Any) -> None:
    check, off = make(dns)["Id"], make(dns, "off", Disabled=True)["Id"]
    assert dns.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"] == []
    health_checks.observe({check: {"status": "Failure: HTTP Status Code 503", "at": 1_700_000_000.0}})
    told = dns.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
    assert {each["StatusReport"]["Status"] for each in told} == {"Failure: HTTP Status Code 503"}
    assert len({each["Region"] for each in told}) == len(told) == 8
    # The front door asks those that are not disabled, and sooner than the real ones.
    (asked,) = health_checks.table()
    assert (asked["id"], off != check, asked["interval"]) == (check, True, WORLD.options.dns_check_interval)
