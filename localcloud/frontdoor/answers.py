# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the front door answers itself, and how it chooses among several ways."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """An answer that a load balancer gives itself, or the lack of anybody to ask."""

    status: int
    body: str = ""
    content_type: str = "text/plain"
    location: str = ""
    balancer: str = ""
    """The Application Load Balancer that has nobody to ask."""


SILENCE = Answer(0)
"""What a load balancer in a dead region says: nothing, and the connection is gone."""


def refusal(status: int, message: str) -> Answer:
    """What API Gateway answers itself, in its own form."""
    return Answer(status, json.dumps({"message": message}), "application/json")


def weighted(choices: list[tuple[Any, float]], chance: random.Random) -> Any:
    """One of the choices, by weight; with no weight above 0 all are equal."""
    total = sum(weight for _choice, weight in choices)
    if total <= 0:
        return chance.choice([choice for choice, _weight in choices])
    point = chance.random() * total
    for choice, weight in choices:
        point -= weight
        if point < 0:
            return choice
    return choices[-1][0]
