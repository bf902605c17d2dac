# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task is told by its environment, read once and checked before anything starts.

The contract's variables (the reference images' own) are required; ours are optional and have defaults that work
without. A task with a wrong environment ends at once, and its last log line names every wrong variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from protocol.limits import (
    CLAIM_TO_EFFECT_SECONDS,
    JOIN_PATIENCE_SECONDS,
    RECEIVE_WAIT_SECONDS,
    STEADY_SECONDS,
    VIEW_REFRESH_SECONDS,
    VIEW_TTL_SECONDS,
)

# The reference images cache the parameter this long; without a state table so do ours.
PARAMETER_CACHE_SECONDS = 30.0


class SettingsError(Exception):
    """The environment cannot be used. The message names each variable, what was found and what would be valid."""


@dataclass(frozen=True)
class ViewSettings:
    """Where the map of region states is read, and how long a reading counts. Times in seconds."""

    region: str
    state_parameter: str
    state_table: str | None
    peer_regions: tuple[str, ...]
    ttl: float
    refresh: float
    join_patience: float


@dataclass(frozen=True)
class ApiSettings:
    """What the sales API needs to know."""

    view: ViewSettings
    topic_arn: str
    sales_table: str
    threads: int

    @property
    def region(self) -> str:
        return self.view.region


@dataclass(frozen=True)
class WorkerSettings:
    """What the sales worker needs to know. Times in seconds."""

    view: ViewSettings
    queue_url: str
    sales_table: str
    idempotency_table: str
    bucket: str
    claim_to_effect: float
    receive_wait: int
    threads: int
    drops: bool = False
    """Whether messages are deleted in a region that is not ACTIVE, as the reference image does; for tests."""
    steady_seconds: float = STEADY_SECONDS
    """Between two passes over what nobody has processed; 0 for none."""

    @property
    def region(self) -> str:
        return self.view.region


def read_api_settings(environment: Mapping[str, str] = os.environ) -> ApiSettings:
    """Settings of the API.

    Raises:
        SettingsError: a variable is missing or wrong.
    """
    reader = _Reader(environment)
    settings = ApiSettings(
        view=_read_view(reader),
        topic_arn=reader.text("SNS_SALES_PROCESSING_TOPIC", r"arn:[^:]+:sns:[^:]+:\d{12}:\S+", "an SNS topic's ARN"),
        sales_table=reader.text("DYNAMO_SALES_TABLE"),
        threads=int(reader.number("API_THREADS", 8, 1, 64)),
    )
    reader.finish()
    return settings


def read_worker_settings(environment: Mapping[str, str] = os.environ) -> WorkerSettings:
    """Settings of the worker.

    Raises:
        SettingsError: a variable is missing or wrong.
    """
    reader = _Reader(environment)
    settings = WorkerSettings(
        view=_read_view(reader),
        queue_url=reader.text("SQS_SALES_QUEUE", r"https?://\S+/\S+", "the URL of an SQS queue"),
        sales_table=reader.text("DYNAMO_SALES_TABLE"),
        idempotency_table=reader.text("DYNAMO_SALES_IDEMPOTENCY_TABLE"),
        bucket=reader.text("S3_SALES_BUCKET"),
        claim_to_effect=reader.number("CLAIM_TO_EFFECT_SECONDS", CLAIM_TO_EFFECT_SECONDS, 1, 600),
        receive_wait=int(reader.number("RECEIVE_WAIT_SECONDS", RECEIVE_WAIT_SECONDS, 0, 20)),
        threads=int(reader.number("WORKER_THREADS", 5, 1, 10)),
        drops=reader.choice("PASSIVE_BEHAVIOUR", "keeps", "drops") == "drops",
        steady_seconds=reader.number("STEADY_SECONDS", STEADY_SECONDS, 0, 86_400),
    )
    reader.finish()
    return settings


def _read_view(reader: _Reader) -> ViewSettings:
    table = reader.optional("STATE_TABLE")
    ttl = reader.number("VIEW_TTL_SECONDS", VIEW_TTL_SECONDS if table else PARAMETER_CACHE_SECONDS, 1, 300)
    # Several readings fit in one ttl, so that one lost reading does not stop the region.
    refresh = reader.number("VIEW_REFRESH_SECONDS", min(VIEW_REFRESH_SECONDS, ttl / 3) if table else ttl / 3, 0.1, 300)
    if refresh >= ttl:
        reader.refuse("VIEW_REFRESH_SECONDS", refresh, f"less than VIEW_TTL_SECONDS ({ttl:g})")
    return ViewSettings(
        region=reader.text("AWS_REGION", r"[a-z]{2}(-[a-z]+)+-\d", "a region name such as sa-east-1"),
        state_parameter=reader.text("SSM_PARAMETER_STORE_STATE"),
        state_table=table,
        peer_regions=tuple(filter(None, (name.strip() for name in (reader.optional("PEER_REGIONS") or "").split(",")))),
        ttl=ttl,
        refresh=refresh,
        join_patience=reader.number("JOIN_PATIENCE_SECONDS", JOIN_PATIENCE_SECONDS, 0, 3600),
    )


class _Reader:
    """Reads variables and collects what is wrong with them, to tell it all at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._problems: list[str] = []

    def optional(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def text(self, name: str, pattern: str = r"\S+", expected: str = "a name without spaces") -> str:
        value = self.optional(name)
        if value is None:
            self._problems.append(f"{name} is not set; expected {expected}")
            return ""
        if not re.fullmatch(pattern, value):
            self.refuse(name, value, expected)
        return value

    def number(self, name: str, default: float, least: float, most: float) -> float:
        value = self.optional(name)
        if value is None:
            return default
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            self.refuse(name, value, f"a number from {least:g} to {most:g}")
            return default
        return number

    def choice(self, name: str, default: str, *others: str) -> str:
        value = self.optional(name) or default
        if value not in (default, *others):
            self.refuse(name, value, " or ".join((default, *others)))
            return default
        return value

    def refuse(self, name: str, value: object, expected: str) -> None:
        self._problems.append(f"{name} is {value!r}; expected {expected}")

    def finish(self) -> None:
        if self._problems:
            raise SettingsError("environment: " + "; ".join(self._problems))
