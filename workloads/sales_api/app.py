# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes. A 201 means that the sale is recorded, so that nothing loses it; every refusal is JSON with a reason."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from protocol.attributes import UNPROCESSED_ATTRIBUTE
from protocol.encoding import canonical_json
from protocol.sale_id import canonical_uuid
from sales_common.batches import Incomplete
from sales_common.log import Log, describe
from sales_common.view_watch import ViewWatch

from .request import BadRequest, read_sale
from .store import Found, KeyReused, SaleStore

BODY_BYTES = 64 * 1024


def make_app(region: str, store: SaleStore, view: ViewWatch, log: Log) -> Flask:
    """The WSGI application of one region."""
    app = Flask("sales_api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES

    @app.post("/sales")
    def create_sale() -> Response:
        # The raw body, before anything looks at it as a form: see request.py.
        sale = read_sale(request.get_data(cache=False), request.headers.get("Idempotency-Key"), region)
        try:
            with view.acting():
                found = store.record(sale)
                view.wrote(store.table, [sale.id])
        except (BotoCoreError, ClientError, Incomplete) as error:
            # Perhaps recorded. Repeated under the id that it has it is the same sale, and under another a second one.
            log.error("sale_not_recorded", sale=sale.id, error=describe(error))
            why = f"it is not known whether the sale is recorded; repeat it with Idempotency-Key: {sale.id}"
            return refuse(503, "unavailable", why, id=sale.id)
        log.info("sale_accepted", sale=sale.id, keyed="Idempotency-Key" in request.headers)
        return answer(201, shown(found))

    @app.get("/sales/<sale_id>")
    def read_one(sale_id: str) -> Response:
        found = find(sale_id)
        return answer(200, shown(found)) if found.sale else unknown(sale_id)

    @app.delete("/sales/<sale_id>")
    def cancel_sale(sale_id: str) -> Response:
        found = find(sale_id)
        if not found.sale:
            return unknown(sale_id)
        if not found.cancellation:
            found = Found(found.sale, store.cancel(found.sale))
            log.info("sale_cancelled", sale=found.sale["id"], sale_processed=found.sale.get("sale_processed"))
        return answer(200, shown(found))

    def find(sale_id: str) -> Found:
        known = canonical_uuid(sale_id)
        return store.find(known) if known else Found(None)

    @app.get("/healthcheck")
    def tell_health() -> Response:
        return answer(200, {"status": "alive", "region": region})

    @app.get("/readiness")
    def tell_readiness() -> Response:
        ready, facts = view.readiness()
        return answer(200 if ready else 503, facts)

    @app.errorhandler(BadRequest)
    def refuse_bad_request(error: BadRequest) -> Response:
        return refuse(400, "bad_request", str(error))

    @app.errorhandler(KeyReused)
    def refuse_reused_key(error: KeyReused) -> Response:
        return refuse(422, "key_reused", str(error))

    @app.errorhandler(HTTPException)
    def refuse_http(error: HTTPException) -> Response:
        if error.code == 413:
            return refuse(413, "too_large", f"the body may have at most {BODY_BYTES} bytes")
        response = refuse(error.code or 500, error.name.lower().replace(" ", "_"), error.description or error.name)
        if error.code == 405:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    @app.errorhandler(BotoCoreError)
    @app.errorhandler(ClientError)
    @app.errorhandler(Incomplete)
    def refuse_while_aws_fails(error: Exception) -> Response:
        log.error("aws_failed", path=request.path, error=describe(error))
        return refuse(503, "unavailable", "the sales could not be reached; try again")

    @app.errorhandler(Exception)
    def refuse_after_crash(error: Exception) -> Response:
        log.crash("crashed", path=request.path, error=describe(error))
        return refuse(500, "internal", "the request could not be answered; the log says why")

    return app


def shown(found: Found) -> dict[str, Any]:
    """A sale as clients see it: the item without the index's attribute, and whether it was cancelled."""
    facts = {name: value for name, value in (found.sale or {}).items() if name != UNPROCESSED_ATTRIBUTE}
    facts["cancelled"] = found.cancellation is not None
    if found.cancellation:
        facts["cancelled_at"] = found.cancellation["cancelled_at"]
    return facts


def answer(status: int, body: dict[str, Any]) -> Response:
    return Response(canonical_json(body) + b"\n", status, mimetype="application/json")


def refuse(status: int, error: str, message: str, **others: str) -> Response:
    response = answer(status, {"error": error, "message": message, **others})
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response


def unknown(sale_id: str) -> Response:
    return refuse(404, "not_found", f"no sale {sale_id[:80]}")
