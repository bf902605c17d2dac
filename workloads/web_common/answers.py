# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers in JSON that a page of any origin may read, and refusals with a reason."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

PREFLIGHT_SECONDS = 600
"""How long a browser need not ask again."""


def answer(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False) + "\n", status, mimetype="application/json")


def refuse(status: int, error: str, message: str) -> Response:
    response = answer(status, {"error": error, "message": message})
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response


def admit_pages(app: Flask) -> None:
    """Let pages of any origin send requests and read every answer: they come from a bucket, not from here.

    Before a request that a form could not have sent, such as DELETE or one with JSON, a browser asks with OPTIONS (a
    preflight of CORS); Flask answers that with `Allow`, and this says that the page may.
    """

    @app.after_request
    def admit(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        if request.method == "OPTIONS" and "Allow" in response.headers:
            response.headers["Access-Control-Allow-Methods"] = response.headers["Allow"]
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        return response


def refuse_in_json(app: Flask) -> None:
    """Let every refusal of the framework be JSON too."""

    @app.errorhandler(HTTPException)
    def refuse_http(error: HTTPException) -> Response:
        response = refuse(error.code or 500, error.name.lower().replace(" ", "_"), error.description or error.name)
        if error.code == 405:
            response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        return response
