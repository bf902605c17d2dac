# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules that only look read from the table of the lease: the items of a journal, and others by their names."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError, absent_is_none
from ..kernel.cloud import replica_clients
from .arguments import lease_regions, lease_table
from .errors import LeaseUnreachable
from .table import LeaseTable


def read_items(params: dict[str, Any], cloud: Cloud, *names: str, prefix: str = "") -> dict[str, Any]:
    """Identifier → item, as DynamoDB returns it: those of these names, and those that begin with the prefix.

    Strongly consistent, from the first replica that answers. Without the table there are none. `params` are the
    module's, see `arguments`.

    Raises:
        CollectionError: no replica answers.
    """
    replicas = replica_clients(cloud, "dynamodb", lease_regions(params))
    table = LeaseTable(lease_table(params), replicas, dead=params.get("dead") or ())
    items: list[dict[str, Any]] = []
    try:
        with absent_is_none("ResourceNotFoundException"):
            items = table.scan(prefix, *names) if prefix else table.get(*names)
    except LeaseUnreachable as error:
        raise CollectionError(f"Nothing can be told: {error}.") from error
    return {item["id"]["S"]: item for item in items}
