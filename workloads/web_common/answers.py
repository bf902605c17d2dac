# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers in JSON that a page of any origin may read, and refusals with a reason."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException


def answer(status: int, body: dict[str, Any]) -> Response:
    response = Response(json.dumps(body, ensure_ascii=False) + "\n", status, mimetype="application/json")
    # The page comes from a bucket: another origin than the load balancer's.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def refuse(status: int, error: str, message: str) -> Response:
    response = answer(status, {"error": error, "message": message})
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response


def refuse_in_json(app: Flask) -> None:
    """Let every refusal of the framework be JSON too."""

    @app.errorhandler(HTTPException)
    def refuse_http(error: HTTPException) -> Response:
        response = refuse(error.code or 500, error.name.lower().replace(" ", "_"), error.description or error.name)
        if error.code == 405:
            response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        return response
