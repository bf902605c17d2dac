# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS clients as a small, quick task wants them.

botocore's low-level clients, without boto3's resources. Every client has a bounded patience, because the time from
a claim to its effects is bounded (`protocol.md`), and `longest_call` tells that bound to whoever must not start a call
that could end too late.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config

from protocol.service_errors import readable, says_throttled


@dataclass(frozen=True)
class Patience:
    """How long one call may take: seconds to connect, seconds between answered bytes, attempts in all."""

    connect: float = 2.0
    read: float = 4.0
    attempts: int = 2

    @property
    def longest_call(self) -> float:
        """Seconds after which a call has surely ended, botocore's pause between two attempts (at most 1 s for the
        first, doubling) included. Looking up a name or renewing credentials is not covered: botocore has no bound."""
        pauses = sum(2.0**attempt for attempt in range(self.attempts - 1))
        return self.attempts * (self.connect + self.read) + pauses


def patience_within(seconds: float) -> Patience:
    """The patience whose `longest_call` is at most `seconds`: two attempts if they fit, else one."""
    if seconds >= 6:
        return Patience(connect=1.0, read=min(4.0, (seconds - 1) / 2 - 1), attempts=2)
    return Patience(connect=seconds / 3, read=seconds * 2 / 3, attempts=1)


class ThrottlingPause:
    """Asks again, soon and often, while a service throttles; never so long that `longest_call` would not hold.

    botocore counts a refusal that comes back in a millisecond like a time-out of seconds: after two of them it gives
    up, and every twenty-fifth call fails where a fifth is throttled.
    """

    def __init__(self, patience: Patience, clock=time.monotonic) -> None:
        self._patience = patience
        self._clock = clock

    def begin(self, params, **_) -> None:
        """Remember when the call began."""
        params["context"]["began"] = self._clock()

    def decide(self, response, attempts: int, request_dict, **_) -> float | None:
        """Seconds to wait before the next attempt; None leaves the decision to botocore's own rules."""
        code = response[1].get("Error", {}).get("Code", "") if response else ""
        if not says_throttled(code):
            return None
        pause = random.uniform(0.02, 0.06) * 2 ** min(attempts - 1, 4)
        patience = self._patience
        left = patience.longest_call - (self._clock() - request_dict["context"]["began"])
        return pause if pause + patience.connect + patience.read <= left else None


class Aws:
    """Makes clients of one region (or, for a peer's state table, of another) on one shared session."""

    def __init__(self, region: str, session: botocore.session.Session | None = None) -> None:
        self.region = region
        self._session = session or botocore.session.Session()
        self._making = threading.Lock()

    def client(
        self, service: str, patience: Patience | None = None, region: str | None = None, connections: int = 10
    ) -> Any:
        """A botocore client. Thread-safe to make and to use; `connections` is how many calls may run side by side."""
        patience = patience or Patience()
        config = Config(
            connect_timeout=patience.connect,
            read_timeout=patience.read,
            retries={"mode": "standard", "total_max_attempts": patience.attempts},
            max_pool_connections=connections,
            tcp_keepalive=True,
            # The callers are ours and tested; validating each of their arguments again costs a tenth of every call.
            parameter_validation=False,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        with self._making:
            client = self._session.create_client(service, region_name=region or self.region, config=config)
        throttling, name = ThrottlingPause(patience), client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-call.{name}", throttling.begin)
        client.meta.events.register("before-parse", readable)
        # First, since botocore's own handler always answers.
        client.meta.events.register_first(f"needs-retry.{name}", throttling.decide)
        return client
