# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sales_api`: reads the environment, starts the view, serves until SIGTERM, ends what is under way."""

from __future__ import annotations

import sys

from sales_common.aws import Aws
from sales_common.listen import parse_address
from sales_common.log import describe, start_logging
from sales_common.settings import SettingsError, read_api_settings
from sales_common.view_watch import ViewWatch, choose_register, choose_source


def main() -> int:
    """Serve until told to stop; 0 after an orderly stop, 2 when the environment or the address cannot be used."""
    where = parse_address("python -m sales_api")
    try:
        settings = read_api_settings()
    except SettingsError as error:
        start_logging("sales-api", "unknown").error("not_started", error=str(error))
        return 2
    log = start_logging("sales-api", settings.region)

    # Only now: a wrong environment is told before half of the start-up time is spent on these.
    from .app import make_app
    from .serve import serve
    from .store import SaleStore

    aws = Aws(settings.region)
    register = choose_register(aws, settings.view)
    view = ViewWatch(settings.view, choose_source(aws, settings.view), log, register=register)
    store = SaleStore(aws, settings, log)
    app = make_app(settings.region, store, view, log)
    view.start()
    store.unpublished.start()
    try:
        serve(app, where.address, where.port, settings.threads, log)
    except OSError as error:
        log.error("not_started", address=where.address, port=where.port, error=describe(error))
        return 2
    store.unpublished.stop()
    view.stop()
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
