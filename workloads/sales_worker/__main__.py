# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sales_worker`: reads the environment, starts the view and the health routes, works until SIGTERM."""

from __future__ import annotations

import signal
import sys

from sales_common.aws import Aws, patience_within
from sales_common.listen import parse_address
from sales_common.log import Log, describe, start_logging
from sales_common.settings import SettingsError, WorkerSettings, read_worker_settings
from sales_common.view_watch import ViewWatch, choose_register, choose_source

from .clerk import Clerk
from .drops import DropsUnlessActive
from .health import serve_health
from .inbox import Inbox
from .ledger import Ledger
from .loop import Loop
from .steady import SteadyPass


def make_loop(settings: WorkerSettings, aws: Aws, view: ViewWatch, log: Log) -> Loop:
    """Put the parts of a worker together."""
    # Two calls must fit between a claim and the end of its effects: the lake object and DONE.
    patience = patience_within(settings.claim_to_effect / 2)
    # The facts' reading before a claim, the sale items and the deletion after its effects.
    visibility = settings.claim_to_effect + 4 * patience.longest_call
    inbox = Inbox(aws, settings.queue_url, settings.receive_wait, visibility, log)
    clerk = Clerk(
        settings.region,
        view,
        inbox,
        Ledger(aws, settings, patience),
        log,
        claim_to_effect=settings.claim_to_effect,
        longest_call=patience.longest_call,
        threads=settings.threads,
        stopping=lambda: loop.is_stopping(),
    )
    process = clerk.process
    if settings.drops:
        process = DropsUnlessActive(settings.region, view, inbox, process, log).process
    loop = Loop(settings.region, view, inbox, process, log, works_while_held=settings.drops)
    return loop


def main() -> int:
    """Work until told to stop; 0 after an orderly stop, 2 when the environment or the address cannot be used."""
    where = parse_address("python -m sales_worker")
    try:
        settings = read_worker_settings()
    except SettingsError as error:
        start_logging("sales-worker", "unknown").error("not_started", error=str(error))
        return 2
    log = start_logging("sales-worker", settings.region)
    aws = Aws(settings.region)
    register = choose_register(aws, settings.view, settings.claim_to_effect)
    view = ViewWatch(settings.view, choose_source(aws, settings.view), log, register=register)
    loop = make_loop(settings, aws, view, log)
    steady = SteadyPass(aws, settings, view, log)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    routes = {
        "/healthcheck": lambda: (loop.is_alive(), {"status": "alive" if loop.is_alive() else "stuck"}),
        "/readiness": view.readiness,
    }
    try:
        serve_health(where.address, where.port, routes)
    except OSError as error:
        log.error("not_started", address=where.address, port=where.port, error=describe(error))
        return 2
    view.start()
    log.info("started", address=where.address, port=where.port)
    steady.start()
    loop.run()
    steady.stop()
    view.stop()
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
