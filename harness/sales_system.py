# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sales system on an embedded cloud, as an operator runs it and as an onlooker sees it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from harness.inventories import ZONE, domain_of, regions_of
from harness.playbooks import Run, run_playbook
from localcloud import Cloud
from protocol.encoding import from_attributes

WORKLOAD = "sales"
STATE_TABLE, LEASE_TABLE, PARAMETER = "sales-state", "sales-lease", "/sales/region/state"
QUEUE, DEAD_LETTERS = "sales-queue", "sales-queue-dlq"
LEASE_REPLICAS = ("us-east-1", "us-east-2")
"""Of the lease table; one of them may be dead."""


LOGS_ROLE = "api-gateway-logs"
MAY_WRITE_LOGS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def allow_api_logs(client: Callable[..., Any], regions: Iterable[str]) -> None:
    """Name a new role for the logs of API Gateway in the account's settings of these regions."""
    role = client("iam").create_role(RoleName=LOGS_ROLE, AssumeRolePolicyDocument=json.dumps(MAY_WRITE_LOGS))["Role"]
    for region in regions:
        change = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role["Arn"]}
        client("apigateway", region).update_account(patchOperations=[change])


class SalesSystem:
    """A cloud and an inventory: where playbooks run, and what an onlooker sees of it.

    Logs of playbooks go into the folder `logs` of `folder`.
    is_reference: whether it runs the reference images, whose sales are in no index and whose tasks tell of no map.
    """

    def __init__(self, cloud: Cloud, inventory: Path, folder: Path, is_reference: bool = False) -> None:
        self.cloud, self.inventory, self.folder = cloud, inventory, folder
        self.is_reference = is_reference

    @property
    def regions(self) -> list[str]:
        return list(regions_of(self.inventory))

    @property
    def domain(self) -> str:
        """The domain of its API, or "" if customers come by an accelerator."""
        return domain_of(self.inventory)

    @property
    def authorities(self) -> str:
        """The file of the authorities by which its certificate is trusted, or "" if it speaks no TLS."""
        return str(self.cloud.env()["MULTIREGION_CA_FILE"]) if self.domain else ""

    def prepare_account(self) -> None:
        """What the account has before a workload with an API is built: the hosted zone of its domain, and in each
        region the role with which API Gateway writes the access logs of REST APIs.
        """
        if self.domain:
            self.cloud.client("route53").create_hosted_zone(Name=ZONE, CallerReference=ZONE)
            allow_api_logs(self.cloud.client, self.regions)

    def restore_account(self) -> None:
        """Give that back. ClientError: something left a record in the zone."""
        if not self.domain:
            return
        client = self.cloud.client("route53")
        for zone in client.list_hosted_zones()["HostedZones"]:
            client.delete_hosted_zone(Id=zone["Id"])
        self.cloud.client("iam").delete_role(RoleName=LOGS_ROLE)

    @property
    def host(self) -> str:
        """The public name of the workload, once it is built.

        Raises:
            RuntimeError: there is none, or several.
        """
        if self.domain:
            return self.domain
        accelerators = self.cloud.client("globalaccelerator", "us-west-2").list_accelerators()["Accelerators"]
        if len(accelerators) != 1:
            raise RuntimeError(f"Expected one accelerator, found {len(accelerators)}.")
        return accelerators[0]["DnsName"]

    def play(self, name: str, playbook: str, *arguments: str) -> Run:
        """Run a playbook as an operator would; its output is in logs/<name>.log.

        Raises:
            PlaybookFailed: it ended with an error.
        """
        log = self.folder / "logs" / f"{name}.log"
        return run_playbook(playbook, self.inventory, self.cloud.env(), log, *arguments)

    def build_images(self) -> Run:
        """Build and push the images, of the source as it is here, committed or not."""
        return self.play("images", "playbooks/build.yml", "-e", "image_allow_dirty=true")

    def observe(self) -> dict[str, Any]:
        """The moment as an onlooker sees it, see localcloud/observation.py."""
        return self.cloud.ask(f"observe?table={STATE_TABLE}&parameter={PARAMETER}")

    def queued(self) -> int:
        """How many messages are in the queues of sales, hidden ones included."""
        counts = [queues[QUEUE] for queues in self.observe()["queues"].values() if QUEUE in queues]
        return sum(each["visible"] + each["hidden"] for each in counts)

    def journal(self) -> list[dict[str, Any]]:
        """The recorded switches, the oldest first, as an onlooker sees them: a replica of the lease may be dead."""
        seen = [self.cloud.ask(f"observe/items?region={region}&table={LEASE_TABLE}") for region in LEASE_REPLICAS]
        found = {item["id"]["S"]: item for items in seen for item in items}
        return [from_attributes(found[name]) for name in sorted(found) if name.startswith("journal#")]
