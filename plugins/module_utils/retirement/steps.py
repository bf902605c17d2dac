# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes before a region leaves the map: its services run no more, and no sale of it is left unprocessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..aws.names import arn
from ..deployments.service_tasks import ServiceTasks
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none
from ..kernel.cloud import SHORT
from ..readiness import LagUnknown, measure_lag, read_counts
from ..switch.reconcile_pass import CALLS_AT_ONCE, reconcile_region
from ..switch.reconciliation import scanned_since
from ..switch.workers import stop
from .control import RetirementControl

LOOK_SECONDS = 1.0
"""Between two looks for a marker."""

NO_MORE = "It is left in the map; its services run no more."
"""What became of a region whose services were stopped, and that cannot leave yet."""

SERVICES_AT_ONCE = 10
"""How many services DescribeServices takes."""


class StoppedServices(Resource):
    """Wanted: `desired`, of each service of the cluster that there is: 0. Nobody accepts a sale there any more."""

    kind = "ecs_services"
    owned: ClassVar[bool] = False

    def __init__(self, control: RetirementControl, region: str, **options: Any) -> None:
        self.control = control
        self.cluster = control.params["cluster"]
        self.counts = _counts(control.cloud, region, self.cluster, control.params["services"])
        super().__init__(self.cluster, region, desired=dict.fromkeys(self.counts, 0), **options)

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[StoppedServices], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {each.name: {"desired": {n: _most(was) for n, was in each.counts.items()}} for each in resources}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.control.renew()
        stop(cloud, self.counts)
        return dict(wanted)

    def wait(self) -> None:
        """Wait until every task is seen STOPPED, also those that an earlier run had told to."""
        cloud = self.control.cloud
        tasks = [ServiceTasks(cloud, self.region, self.cluster, name) for name in self.counts]
        what = f"the tasks of {', '.join(self.counts)} in {self.region} to be STOPPED"
        cloud.wait_until(what, lambda: not any(each.living() for each in tasks))


def _counts(cloud: Cloud, region: str, cluster: str, names: list[str]) -> dict[str, dict[str, Any]]:
    """As `readiness.read_counts`, of those services that exist."""
    counts: dict[str, dict[str, Any]] = {}
    client = cloud.client("ecs", region, **SHORT)
    with absent_is_none("ClusterNotFoundException"):
        for start in range(0, len(names), SERVICES_AT_ONCE):
            some = names[start : start + SERVICES_AT_ONCE]
            answer = client.describe_services(cluster=cluster, services=some)
            there = [each["serviceName"] for each in answer["services"] if each["status"] == "ACTIVE"]
            counts |= read_counts(cloud, region, cluster, there) if there else {}
    return counts


def _most(count: dict[str, Any]) -> int:
    """The most tasks that a service may come to by itself."""
    return max(count["desired"], (count["scaling"] or {}).get("max") or 0)


class Reconciled(Resource):
    """That no sale is left unprocessed, as the region's own endpoint tells it. It is never found so: it is seen to."""

    kind = "region_reconciled"
    owned: ClassVar[bool] = False
    shown_late: ClassVar[bool | None] = False

    def __init__(
        self, control: RetirementControl, region: str, stopped: StoppedServices | None, needs: list[Resource]
    ) -> None:
        tables = [each["table"] for each in control.params["reconcile"]]
        super().__init__(region, region, needs=needs, tables=tables)
        self.control, self.stopped = control, stopped

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Reconciled], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        control = self.control
        control.renew()
        if self.stopped is not None:
            self.stopped.wait()
        reconcile(control, cloud, self.region, NO_MORE)
        for what in control.params["reconcile"]:
            self._see_sent(cloud, what)
        return dict(wanted)

    def _see_sent(self, cloud: Cloud, what: Mapping[str, Any]) -> None:
        """See that what was written here is in the regions that stay: a marker that is written last arrives there.

        What a replica has not sent when it is removed is lost, such as that a sale of this region is done.
        """
        spec = {"lag": {"table": what["table"], "key": "id", "timeout": what["timeout"]}}
        for region in self.control.params["regions"]:
            try:
                measure_lag(cloud, self.region, region, spec, sleep=lambda seconds: self.control.rest(LOOK_SECONDS))
            except LagUnknown as error:
                raise CollectionError(
                    f"{self.region} is left in the map, and its services run no more: what was written there may not "
                    f"be in {region} yet ({error}). Run this again when it replicates"
                ) from error


def reconcile(control: RetirementControl, cloud: Cloud, region: str, said: str) -> None:
    """Publish again what nobody has processed, as the endpoint of this region tells it, until nothing is left.

    CollectionError: something is, when the time is over. said: what became of the region that leaves by then.
    """
    for what in control.params["reconcile"]:
        limits = {**SHORT, "max_pool_connections": CALLS_AT_ONCE}
        outcome = reconcile_region(
            cloud.client("dynamodb", region, **limits),
            cloud.client("sns", region, **limits),
            scanned_since(control.table, region, what),
            arn("sns", region, cloud.account_id, what["topic"]),
            lambda cursors: control.heed(),
            control.rest,
            tell=cloud.tell,
            name=f"{region}/{what['table']}",
        )
        if not outcome.ended:
            raise CollectionError(
                f"{region} still has items in table {what['table']} that nobody has processed, after "
                f"{what['timeout']:g} s in which {outcome.published} were published again. {said} See that the ACTIVE "
                "regions process (playbooks/status.yml), and that their dead-letter queues are empty "
                "(playbooks/redrive.yml), then run this again; or without the retirement, to keep the region"
            )
        cloud.tell(f"  {region}: published {outcome.published} unprocessed items of {what['table']} again")
