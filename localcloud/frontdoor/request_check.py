# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a REST API demands of a request before it passes it on: parameters that must be there, and the form of the body.

A body is held against the model of its media type. One of another type is passed on as it is, and so is one of a type
that the API takes for binary: to bytes no model applies.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from localcloud.frontdoor.answers import Answer, refusal
from localcloud.frontdoor.asked import Asked

Table = dict[str, Any]

USUAL_TYPE = "application/json"
"""What API Gateway takes a body for that says nothing."""


def refused(demands: Table | None, asked: Asked) -> Answer | None:
    """What API Gateway answers a request that lacks what the method demands; None if it has all of it.

    demands: {headers: [name], query: [name], models: {media type: JSON schema}, binary: [media type]}
    """
    if demands is None:
        return None
    given = dict(parse_qsl(asked.query, keep_blank_values=True))
    missing = [name for name in demands["headers"] if not asked.header(name).strip()]
    missing += [name for name in demands["query"] if not given.get(name, "").strip()]
    if missing:
        return refusal(400, f"Missing required request parameters: [{', '.join(missing)}]")
    media_type = asked.header("Content-Type").partition(";")[0].strip().lower() or USUAL_TYPE
    model = demands["models"].get(media_type)
    is_binary = any(fnmatchcase(media_type, each) for each in demands["binary"])
    if model is None or is_binary or fits(json.dumps(model), asked.body or b""):
        return None
    return refusal(400, "Invalid request body")


def fits(schema: str, body: bytes) -> bool:
    """Whether a body is JSON that a schema of the fourth draft lets through."""
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return bool(_validator(schema).is_valid(told))


@lru_cache(64)
def _validator(schema: str) -> Any:
    # Few APIs have a model, and the import takes a quarter of a second.
    from jsonschema import Draft4Validator

    return Draft4Validator(json.loads(schema))
