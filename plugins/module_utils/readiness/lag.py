# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a write in one region takes to be seen in another, measured with a marker item of its own."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ..kernel import Cloud, CollectionError, is_throttled
from ..kernel.cloud import ONCE, SHORT, BotoCoreError, ClientError

MARKER = "lag-marker#"
"""Keys begin with it: no sale, claim or cancellation is called so."""

KEEP_SECONDS = 3600
"""After this DynamoDB may expire a marker whose deletion was lost."""

PAUSE_SECONDS = 0.1


class LagUnknown(CollectionError):
    """The marker did not arrive in time, or a region did not answer."""


def measure_lag(
    cloud: Cloud,
    source: str,
    target: str,
    spec: Mapping[str, Any],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Seconds from the sending of a write in `source` until a strongly consistent read in `target` sees it.

    Never less than the true lag, which ends between two reads 0.1 s apart. The marker is deleted afterwards.

    Raises:
        LagUnknown: it was not seen within `lag.timeout` seconds, or a region does not answer.
    """
    lag = spec["lag"]
    table, key = lag["table"], {lag["key"]: {"S": f"{MARKER}{uuid.uuid4()}"}}
    marker: dict[str, Any] = {**key, "marker_from": {"S": source}, "marker_to": {"S": target}}
    if lag.get("ttl_attribute"):
        marker[lag["ttl_attribute"]] = {"N": str(int(time.time()) + KEEP_SECONDS)}
    place = f"the lag of table {table} from {source} to {target}"
    writing = cloud.client("dynamodb", source, **ONCE)
    try:
        began = _send(lambda: writing.put_item(TableName=table, Item=marker), lag["timeout"], clock, sleep)
    except (ClientError, BotoCoreError) as error:
        raise LagUnknown(f"{place} is not known: {source} took no marker: {error}") from error
    reading = cloud.client("dynamodb", target, **ONCE)
    trouble = ""
    try:
        while True:
            try:
                if "Item" in reading.get_item(TableName=table, Key=key, ConsistentRead=True):
                    return clock() - began
            except (ClientError, BotoCoreError) as error:
                trouble = f"; the last read answered: {error}"
            if clock() - began >= lag["timeout"]:
                raise LagUnknown(
                    f"{place} is not known: a marker written in {source} was not seen in {target} within "
                    f"{lag['timeout']:g} s{trouble}. Look at the replicas of {table}, or raise readiness.lag.timeout."
                )
            sleep(PAUSE_SECONDS)
    finally:
        with suppress(ClientError, BotoCoreError):  # the measurement stands, and the marker harms nobody
            cloud.client("dynamodb", source, **SHORT).delete_item(TableName=table, Key=key)


def _send(
    write: Callable[[], Any], timeout: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> float:
    """When the try that succeeded was sent. A throttled one was not carried out, and is repeated."""
    first = clock()
    while True:
        sent = clock()
        try:
            write()
            return sent
        except ClientError as error:
            if not is_throttled(error) or sent - first >= timeout:
                raise
        sleep(PAUSE_SECONDS)
