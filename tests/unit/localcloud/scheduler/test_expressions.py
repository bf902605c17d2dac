# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What schedule expressions mean, and when a schedule's clock says that it is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from localcloud.scheduler.expressions import Clock, Cron, InvalidExpression, parse

MADE = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


def after(**passed: float) -> datetime:
    return MADE + timedelta(**passed)


@pytest.mark.parametrize(
    "text",
    [
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(5 weeks)",
        "at(2026-13-01T00:00:00)",
        "at(tomorrow)",
        "cron(0 3 * * *)",
        "cron(0 3 * * * *)",
        "cron(0 3 ? * ? *)",
        "cron(60 3 * * ? *)",
        "cron(0 3 * JANUARY ? *)",
        "cron(x 3 * * ? *)",
        "every minute",
    ],
)
def test_what_aws_does_not_take_is_no_expression(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse(text)


@pytest.mark.parametrize(
    ("text", "due", "not_due"),
    [
        ("cron(0 3 * * ? *)", "2026-03-02T03:00", "2026-03-02T03:01"),
        ("cron(0/15 8-10 ? * MON-FRI *)", "2026-03-02T08:45", "2026-03-01T08:45"),
        ("cron(*/20 * 1,15 * ? *)", "2026-03-15T00:40", "2026-03-14T00:40"),
        ("cron(0 0 L * ? *)", "2026-02-28T00:00", "2026-02-27T00:00"),
        ("cron(0 0 1W * ? *)", "2026-03-02T00:00", "2026-03-01T00:00"),
        ("cron(0 0 ? * 6L *)", "2026-03-27T00:00", "2026-03-20T00:00"),
        ("cron(0 0 ? * TUE#2 *)", "2026-03-10T00:00", "2026-03-03T00:00"),
        ("cron(0 0 1 JAN,APR ? 2027)", "2027-04-01T00:00", "2026-04-01T00:00"),
    ],
)
def test_a_cron_expression_is_due_in_its_minutes(text: str, due: str, not_due: str) -> None:
    expression = parse(text)
    assert isinstance(expression, Cron)
    assert expression.matches(datetime.fromisoformat(due))
    assert not expression.matches(datetime.fromisoformat(not_due))


def test_a_rate_runs_at_once_and_then_in_its_rhythm() -> None:
    clock = Clock(parse("rate(5 minutes)"), "UTC", MADE, 60.0)
    assert [clock.is_due(after(seconds=s)) for s in (0, 1, 299, 300, 301, 900)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]
    faster = Clock(parse("rate(5 minutes)"), "UTC", MADE, 1.0)
    assert [faster.is_due(after(seconds=s)) for s in (0, 4, 5)] == [True, False, True]


def test_nothing_that_was_missed_is_made_up_for() -> None:
    clock = Clock(parse("rate(1 minute)"), "UTC", MADE, 60.0)
    assert clock.is_due(after(seconds=0))
    clock.enable(after(minutes=30.5))
    assert [clock.is_due(after(minutes=m)) for m in (30.6, 31.1)] == [False, True]
    at = Clock(parse("at(2026-03-01T12:10:00)"), "UTC", MADE, 60.0)
    at.enable(after(minutes=30))
    assert not at.is_due(after(minutes=31))
    cron = Clock(parse("cron(0 12 * * ? *)"), "UTC", MADE, 60.0)
    assert not cron.is_due(after(seconds=5)), "the minute had begun before it was made"
    assert [cron.is_due(after(hours=24, seconds=s)) for s in (-31, 0, 10)] == [False, True, False]


def test_times_are_those_of_the_time_zone() -> None:
    at = Clock(parse("at(2026-03-01T10:00:00)"), "America/Sao_Paulo", MADE, 60.0)
    assert [at.is_due(after(minutes=m)) for m in (30, 60, 61)] == [False, True, False]
    cron = Clock(parse("cron(0 10 * * ? *)"), "America/Sao_Paulo", MADE, 60.0)
    assert [cron.is_due(datetime(2026, 3, 1, hour, 0, 1, tzinfo=UTC)) for hour in (10, 13)] == [False, True]
