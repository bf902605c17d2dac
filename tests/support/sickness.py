# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions and global services that are sick in moto, as in the embedded cloud: the SDK's own parsers read it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from moto.core.botocore_stubber import BotocoreStubber

from localcloud.dispatch import credential_of
from localcloud.faults import GLOBAL_SERVICES
from localcloud.http_server import Request
from localcloud.sickness import draw, ill


class Sickness:
    """shares: region, or signing name of a global service → the share of its calls that meet a server's fault.

    felt: how many did. asked: the region or global service of every call.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.shares: dict[str, float] = {}
        self.felt = 0
        self.asked: list[str] = []
        self.chance = Random(0)
        process = BotocoreStubber.process_request

        def perhaps(stubber: BotocoreStubber, request: Any) -> Any:
            asked = Request(request.method, request.url, as_text(request.headers), b"")
            _key, service, region = credential_of(asked)
            where = service if service in GLOBAL_SERVICES else region
            self.asked.append(where)
            if self.chance.random() >= self.shares.get(where, 0):
                return process(stubber, request)
            self.felt += 1
            form, status, carried_out = draw(self.chance)
            if carried_out:
                process(stubber, request)
            answer = ill(service, asked, form, status)
            return answer.status, answer.headers, answer.body

        patch.setattr(BotocoreStubber, "process_request", perhaps)
        # Its pauses between two tries are none of what is tested.
        patch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)


def as_text(headers: Any) -> dict[str, str]:
    return {name.lower(): value.decode() if isinstance(value, bytes) else str(value) for name, value in headers.items()}
