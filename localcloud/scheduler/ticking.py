# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread that looks a few times a second which schedules are due."""

from __future__ import annotations

import logging
import threading

from moto.scheduler.models import scheduler_backends

from localcloud.lock import LOCK
from localcloud.world import WORLD

log = logging.getLogger("localcloud.scheduler")

PERIOD_SECONDS = 0.25


def start_ticking() -> None:
    """Start it; it ends with the process."""
    threading.Thread(target=_tick, name="schedules", daemon=True).start()


def _tick() -> None:
    pause = threading.Event()
    while not pause.wait(PERIOD_SECONDS):
        try:
            with LOCK:
                for account in list(scheduler_backends.values()):
                    for backend in list(account.values()):
                        if not WORLD.faults.is_dead(backend.region_name):
                            backend.run_what_is_due()
        except Exception:
            # A round that fails must not end the world: the next one starts from what is.
            log.exception("schedules could not be looked at")
