# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes: a like is processed here, and kept by the monolith."""

from __future__ import annotations

from flask import Flask, Response, request

from web_common.answers import admit_pages, answer, refuse, refuse_in_json

from .log import write
from .monolith import Monolith, MonolithFailed


def make_app(monolith: Monolith) -> Flask:
    """The WSGI application."""
    app = Flask("mysfits_like", static_folder=None)
    refuse_in_json(app)
    admit_pages(app)

    @app.get("/")
    def tell_health() -> Response:
        return answer(200, {"status": "alive"})

    @app.post("/mysfits/<identifier>/like")
    def like(identifier: str) -> Response:
        status, mysfit = monolith.fulfill_like(identifier)
        if status == 200:
            print("Like processed.", flush=True)
        else:
            write("warning", "like_not_kept", mysfit=identifier, status=status)
        return answer(status, mysfit)

    @app.errorhandler(MonolithFailed)
    def refuse_without_monolith(error: MonolithFailed) -> Response:
        write("error", "monolith_failed", path=request.path, error=str(error))
        return refuse(503, "unavailable", "the like could not be kept; it may count nevertheless")

    return app
