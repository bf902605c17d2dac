# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto's hosted zones, which keep apart what Route 53 keeps apart.

moto deletes every record of the zone that has the set identifier of the one that is to go, and lets records of one name
stand beside each other that cannot.
"""

from __future__ import annotations

from typing import Any

from moto.route53 import models as moto_models
from moto.route53.models import FakeZone, RecordSet, route53_backends
from moto.route53.models import Route53Backend as MotoBackend

from localcloud.route53.rules import check_changes


class Zone(FakeZone):
    """A hosted zone whose records are told apart by name, type and set identifier."""

    def drop(self, record: dict[str, Any]) -> None:
        """Delete one record set, and no other."""
        self.rrsets = [each for each in self.rrsets if key_of(each) != key_of(RecordSet(record))]


def key_of(record: RecordSet) -> tuple[str, str, str | None]:
    return record.name.lower().rstrip("."), str(record.type), record.set_identifier


class Route53Backend(MotoBackend):
    """The hosted zones of an account."""

    def change_resource_record_sets(self, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = self.get_hosted_zone(zoneid)
        check_changes(zone, change_list)
        removed = [each for each in change_list if each["Action"] == "DELETE"]
        rest = [each for each in change_list if each["Action"] != "DELETE"]
        for each in removed:
            zone.drop(each["ResourceRecordSet"])  # type: ignore[attr-defined]
        super().change_resource_record_sets(zoneid, rest)


moto_models.FakeZone = Zone  # type: ignore[misc]
route53_backends.backend = Route53Backend
