# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto's hosted zones, which keep apart what Route 53 keeps apart.

moto deletes every record of the zone that has the set identifier of the one that is to go, and lets records of one name
stand beside each other that cannot. A change is known to all servers at once there, and here a little later.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from moto.route53 import models as moto_models
from moto.route53.exceptions import NoSuchHealthCheck
from moto.route53.models import FakeZone, RecordSet, route53_backends
from moto.route53.models import Route53Backend as MotoBackend

from localcloud.route53.health_checks import (
    Check,
    HealthCheckAlreadyExists,
    HealthCheckVersionMismatch,
    check_numbers,
    check_request,
)
from localcloud.route53.rules import NoSuchChange, check_changes
from localcloud.world import WORLD


class Zone(FakeZone):
    """A hosted zone whose records are told apart by name, type and set identifier."""

    def drop(self, record: dict[str, Any]) -> None:
        """Delete one record set, and no other."""
        self.rrsets = [each for each in self.rrsets if key_of(each) != key_of(RecordSet(record))]


def key_of(record: RecordSet) -> tuple[str, str, str | None]:
    return record.name.lower().rstrip("."), str(record.type), record.set_identifier


class Route53Backend(MotoBackend):
    """The hosted zones and health checks of an account.

    changes:    id of a change of records → when all servers know it (monotonic seconds).
    references: those of callers that made a health check, also of one that is gone.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.changes: dict[str, float] = {}
        self.references: dict[str, Check] = {}

    def change_resource_record_sets(self, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = self.get_hosted_zone(zoneid)
        check_changes(zone, change_list)
        for each in change_list:
            check = each["ResourceRecordSet"].get("HealthCheckId")
            if check and each["Action"] != "DELETE":
                self.get_health_check(check)
        removed = [each for each in change_list if each["Action"] == "DELETE"]
        rest = [each for each in change_list if each["Action"] != "DELETE"]
        for each in removed:
            zone.drop(each["ResourceRecordSet"])  # type: ignore[attr-defined]
        super().change_resource_record_sets(zoneid, rest)

    def begin_change(self) -> str:
        """The id of a change that was just made."""
        identifier = f"C{uuid.uuid4().hex[:20].upper()}"
        self.changes[identifier] = time.monotonic() + WORLD.options.delayed(WORLD.options.record_delay)
        return identifier

    def change_status(self, identifier: str) -> str:
        """PENDING, or INSYNC when all servers know it. NoSuchChange."""
        known = self.changes.get(identifier.rpartition("/")[2])
        if known is None:
            raise NoSuchChange(identifier)
        return "PENDING" if time.monotonic() < known else "INSYNC"

    def create_health_check(self, caller_reference: str, health_check_args: dict[str, Any]) -> Check:
        check_request(caller_reference, health_check_args)
        made = self.references.get(caller_reference)
        if made is not None:
            if self.health_checks.get(made.id) is not made or made.asked != health_check_args:
                raise HealthCheckAlreadyExists(caller_reference)
            return made
        check = Check(str(uuid.uuid4()), caller_reference, health_check_args)
        check.set_children(health_check_args.get("children", []))
        check.set_regions(health_check_args.get("regions", []))
        self.references[caller_reference] = self.health_checks[check.id] = check
        return check

    def update_health_check(self, health_check_id: str, health_check_args: dict[str, Any]) -> Check:
        check: Any = self.get_health_check(health_check_id)
        version = health_check_args.pop("version", None)
        if version is not None and int(version) != check.health_check_version:
            raise HealthCheckVersionMismatch()
        check_numbers(health_check_args)
        super().update_health_check(health_check_id, health_check_args)
        check.health_check_version += 1
        return check  # type: ignore[no-any-return]

    def delete_health_check(self, health_check_id: str) -> None:
        self.get_health_check(health_check_id)
        super().delete_health_check(health_check_id)
        self.resource_tags.pop(health_check_id, None)

    def change_tags_for_resource(
        self,
        resource_type: str,
        resource_id: str,
        add_tags: list[dict[str, str]],
        remove_tag_keys: list[str],
    ) -> None:
        if resource_type == "healthcheck" and resource_id not in self.health_checks:
            raise NoSuchHealthCheck(resource_id)
        super().change_tags_for_resource(resource_type, resource_id, add_tags, remove_tag_keys)


moto_models.FakeZone = Zone  # type: ignore[misc]
route53_backends.backend = Route53Backend
