# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What state an alarm is in, by its latest data points. Pure.

The rules are those of "Configuring how CloudWatch alarms treat missing data" (CloudWatch User Guide): more points are
looked at than the alarm has evaluation periods, so that those that came count before those that did not.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
MISSING, IGNORE, BREACHING, NOT_BREACHING = "missing", "ignore", "breaching", "notBreaching"

FURTHER_POINTS = 2
"""How many periods before the evaluation periods are looked at too; AWS shows five points for three periods."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}

ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def judge(breaching: Sequence[bool | None], periods: int, to_alarm: int, treat: str, state: str) -> str:
    """The state by the points of the evaluation range, the latest last; None is a point that is missing.

    periods:  the alarm's evaluation periods.  to_alarm: how many of those must breach.
    treat:    what a missing point counts as.  state: the one that the alarm is in now.
    """
    there = [point for point in breaching if point is not None]
    if len(there) >= periods:
        return ALARM if sum(there[-periods:]) >= to_alarm else OK
    if treat in (BREACHING, NOT_BREACHING):
        filled = sum(there) + (periods - len(there)) * (treat == BREACHING)
        return ALARM if filled >= to_alarm else OK
    if sum(there) >= to_alarm:
        return ALARM
    if not there:
        return INSUFFICIENT_DATA if treat == MISSING else state
    if not all(there):
        return OK
    if treat == IGNORE:
        return state
    # No premature alarm: the next point may be good. Only what has lasted long enough by now is taken for the whole.
    age = len(breaching) - next(number for number, point in enumerate(breaching) if point is not None)
    return ALARM if age >= to_alarm else OK


def calculate(expression: str, values: Mapping[str, float]) -> float | None:
    """The value of a metric math expression of one moment; None where one of its metrics has none, or it divides by 0.

    Known are numbers, the ids of metrics, + - * / and brackets.

    Raises:
        ValueError: it holds something else.
    """
    try:
        return _value(ast.parse(expression, mode="eval").body, values)
    except SyntaxError as error:
        raise ValueError(f"{expression!r} is no expression") from error
    except (KeyError, ZeroDivisionError):
        return None


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, values)
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        return ARITHMETIC[type(node.op)](_value(node.left, values), _value(node.right, values))
    raise ValueError(f"{ast.unparse(node)!r} is not known here; use numbers, ids of metrics, + - * / and brackets")


def statistic(values: Sequence[float], name: str) -> float:
    """A statistic of the values of one period, of which there is one at least.

    Raises:
        ValueError: it is none that is known here.
    """
    simple: dict[str, Callable[[Sequence[float]], float]] = {
        "Sum": sum,
        "Average": lambda some: sum(some) / len(some),
        "Minimum": min,
        "Maximum": max,
        "SampleCount": len,
    }
    if name in simple:
        return float(simple[name](values))
    ordered = sorted(values)
    # By linear interpolation between the two values next to it.
    place = percentile(name) / 100 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def percentile(name: str) -> float:
    """The number in `p99` or `p99.9`. ValueError: it is something else."""
    number = name[1:] if name.startswith("p") else ""
    if not number.replace(".", "", 1).isdigit() or not 0 <= float(number) <= 100:
        raise ValueError(f"the statistic {name} is not known here")
    return float(number)
