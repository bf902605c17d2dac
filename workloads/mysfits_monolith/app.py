# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes. A like or an adoption is in the table once it is acknowledged.

The image decides which of the routes that change something it has: `like` processes a like and keeps it, and
`fulfill-like` only keeps one that another service has processed.
"""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError
from flask import Flask, Response, request

from web_common.answers import admit_pages, answer, refuse, refuse_in_json

from .log import write
from .store import INDEXES, Mysfit, MysfitStore


def make_app(store: MysfitStore, routes: frozenset[str]) -> Flask:
    """The WSGI application, with these of `settings.ROUTES`."""
    app = Flask("mysfits_monolith", static_folder=None)
    refuse_in_json(app)
    admit_pages(app)

    @app.get("/")
    def tell_health() -> Response:
        return answer(200, {"status": "alive"})

    @app.get("/mysfits")
    def list_some() -> Response:
        attribute, value = request.args.get("filter"), request.args.get("value")
        if attribute is None:
            return answer(200, {"mysfits": store.list()})
        if attribute not in INDEXES or not value:
            return refuse(400, "bad_request", f"expected filter={'|'.join(INDEXES)} and a value")
        return answer(200, {"mysfits": store.list(attribute, value)})

    @app.get("/mysfits/<identifier>")
    def show(identifier: str) -> Response:
        return shown(identifier, store.find(identifier))

    def change(route: str, work: Callable[[str], Mysfit | None], line: str) -> None:
        def view(identifier: str) -> Response:
            mysfit = work(identifier)
            if mysfit and line:
                print(line, flush=True)
            return shown(identifier, mysfit)

        if route in routes:
            app.add_url_rule(f"/mysfits/<identifier>/{route}", route, view, methods=["POST"])

    change("like", store.like, "Like processed.")
    change("fulfill-like", store.like, "")
    change("adopt", store.adopt, "Adoption processed.")
    change("fulfill-adopt", store.adopt, "")

    @app.errorhandler(BotoCoreError)
    @app.errorhandler(ClientError)
    def refuse_while_aws_fails(error: Exception) -> Response:
        write("error", "aws_failed", path=request.path, error=type(error).__name__)
        return refuse(503, "unavailable", "the mysfits could not be reached; try again")

    return app


def shown(identifier: str, mysfit: Mysfit | None) -> Response:
    return answer(200, mysfit) if mysfit else refuse(404, "not_found", f"there is no mysfit {identifier[:80]}")
