# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the embedded cloud say often: that a call is refused, that something becomes so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import Cloud

LAG = 0.15
"""Replication lag of the shared cloud, seconds."""

IN_FLIGHT = 20
"""Messages that a queue of the shared cloud may have in flight."""


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    """The error code a call is refused with; fails the test if it is not refused."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def refusal(call: Callable[..., Any], **arguments: Any) -> str:
    """Error code and message a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return f"{caught.value.response['Error']['Code']}: {caught.value.response['Error']['Message']}"


@contextmanager
def cut(cloud: Cloud, one: str = "sa-east-1", other: str = "us-east-1") -> Iterator[None]:
    """Nothing that either region sends the other arrives meanwhile, however slow the machine."""
    cloud.link(one, other, "cut")
    try:
        yield
    finally:
        cloud.link(one, other, "ok")
