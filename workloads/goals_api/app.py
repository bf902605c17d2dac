# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes. A 201 means that the goal is on the database's disk; every refusal is JSON with a reason."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, request
from pymongo.errors import PyMongoError

from web_common.answers import admit_pages, answer, refuse, refuse_in_json

from .log import write
from .store import Goal, GoalStore

BODY_BYTES = 64 * 1024
TEXT_CHARACTERS = 1000


class BadRequest(ValueError):
    """The client's fault; the message is for the client."""


def make_app(store: GoalStore) -> Flask:
    """The WSGI application."""
    app = Flask("goals_api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    refuse_in_json(app)
    admit_pages(app)

    @app.post("/goals")
    def add() -> Response:
        goal = store.add(read_text(request.get_data(cache=False)))
        write("info", "goal_added", goal=str(goal["_id"]))
        return answer(201, shown(goal))

    @app.get("/goals")
    def list_all() -> Response:
        return answer(200, {"goals": [shown(goal) for goal in store.list()]})

    @app.delete("/goals/<identifier>")
    def remove(identifier: str) -> Response:
        if not store.remove(identifier):
            return refuse(404, "not_found", f"there is no goal {identifier[:80]}")
        write("info", "goal_deleted", goal=identifier)
        return answer(200, {"id": identifier, "deleted": True})

    @app.get("/healthcheck")
    def tell_health() -> Response:
        """Whether this process lives. The database has a health check of its own, in its container."""
        return answer(200, {"status": "alive"})

    @app.get("/readiness")
    def tell_readiness() -> Response:
        ready = store.is_there()
        return answer(200 if ready else 503, {"database": "answers" if ready else "does not answer"})

    @app.errorhandler(BadRequest)
    def refuse_bad_request(error: BadRequest) -> Response:
        return refuse(400, "bad_request", str(error))

    @app.errorhandler(PyMongoError)
    def refuse_without_database(error: PyMongoError) -> Response:
        # The kind alone: a message may hold the URL. An addition may have been kept nevertheless.
        write("error", "database_failed", path=request.path, error=type(error).__name__)
        return refuse(503, "unavailable", "the goals could not be reached; try again")

    return app


def read_text(body: bytes) -> str:
    """The text of a goal, from a body such as `{"text": "Learn ECS"}`, whatever its Content-Type.

    Raises:
        BadRequest: the body is malformed.
    """
    try:
        fields = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is no JSON: {error or type(error).__name__}") from error
    text = fields.get("text") if isinstance(fields, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise BadRequest('expected {"text": "what you want to achieve"}')
    if len(text) > TEXT_CHARACTERS:
        raise BadRequest(f"text: expected at most {TEXT_CHARACTERS} characters, found {len(text)}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRequest("text: half of a character (a lone surrogate) cannot be kept") from error
    return text.strip()


def shown(goal: Goal) -> dict[str, Any]:
    """A goal as clients see it."""
    return {"id": str(goal["_id"]), "text": goal["text"], "created_at": goal["created_at"].isoformat()}
