# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a test asks moto in its own process, it is answered as fast as by the embedded cloud."""

from __future__ import annotations

from functools import cache
from typing import Any

import moto.core.models
from botocore.loaders import JSONFileLoader
from moto.core.botocore_stubber import BotocoreStubber

from localcloud.lock import LOCK
from localcloud.serialization import install

install()

_process_request = BotocoreStubber.process_request


def _one_at_a_time(stubber: BotocoreStubber, request: Any) -> Any:
    """Answer one request at a time, as the embedded cloud does: neither moto nor the making of its routes is safe for
    threads (Python before 3.11.5 fails where two threads make syntax trees: github.com/python/cpython/issues/106905).
    """
    with LOCK:
        return _process_request(stubber, request)


BotocoreStubber.process_request = _one_at_a_time  # type: ignore[method-assign]

# With each start of its mock, moto registers a thousand addresses with the library `requests`, which nothing here uses:
# botocore's clients reach moto without it.
moto.core.models.RESPONSES_METHODS = []

# A mock of moto starts with a session of its own, and a session reads every file of botocore's anew: the regions of all
# services, and each service's own.
_read_once = cache(JSONFileLoader().load_file)
JSONFileLoader.load_file = lambda _loader, path: _read_once(path)  # type: ignore[method-assign]
