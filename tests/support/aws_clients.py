# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients made once and kept, for tests whose account is in moto: making them takes longer than most of the tests."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import moto  # noqa: F401  # a session that was made before this import speaks to AWS itself
import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import cloud as kernel_cloud

ACCOUNT = "123456789012"
"""The account that moto plays."""

SESSION = kernel_cloud._new_session(None)


@cache
def aws_client(service: str, region: str) -> Any:
    """A client, made once: making them anew for every run would take most of these tests' time."""
    return SESSION.create_client(service, region_name=region)


@cache
def _own_handlers(service: str, region: str) -> Any:
    """Those that the client had before a run registered its own."""
    return copy.copy(aws_client(service, region).meta.events._emitter)


class OneSession:
    """Stands in for the session of every run. What a run registered on a client, the next one does not find there."""

    def create_client(self, service: str, *, region_name: str, **_others: Any) -> Any:
        client, handlers = aws_client(service, region_name), _own_handlers(service, region_name)
        client.meta.events._emitter = copy.copy(handlers)
        return client


@pytest.fixture(scope="module", autouse=True)
def one_session() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel_cloud, "_session", lambda profile: OneSession())
        yield
