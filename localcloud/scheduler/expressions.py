# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a schedule is due: `rate(…)`, `at(…)` and `cron(…)` as EventBridge Scheduler takes them. Pure.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

RATE = re.compile(r"rate\(([1-9]\d*) (minute|minutes|hour|hours|day|days)\)")
AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
CRON = re.compile(r"cron\((.+)\)")
MINUTES = {"minute": 1, "hour": 60, "day": 1440}

MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
"""Sunday is 1."""

FIELDS = (
    ("minutes", 0, 59, {}),
    ("hours", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, MONTHS),
    ("day of week", 1, 7, WEEKDAYS),
    ("year", 1970, 2199, {}),
)


def zone_of(name: str) -> tzinfo:
    """The time zone of this name; UTC is known on a machine without a database of them, too.

    Raises:
        ZoneInfoNotFoundError, ValueError: there is none.
    """
    return UTC if name == "UTC" else ZoneInfo(name)


class InvalidExpression(ValueError):
    """No schedule expression."""


@dataclass(frozen=True)
class Rate:
    """Every so many minutes, from when the schedule was made."""

    minutes: int


@dataclass(frozen=True)
class At:
    """Once, at a local time."""

    time: datetime

    def moment(self, zone: str) -> datetime:
        return self.time.replace(tzinfo=zone_of(zone)).astimezone(UTC)


@dataclass(frozen=True)
class Cron:
    """The six fields; each is a set of numbers, or None for any; the two for days may be rules instead."""

    minutes: frozenset[int] | None
    hours: frozenset[int] | None
    day: frozenset[int] | str | None
    months: frozenset[int] | None
    weekday: frozenset[int] | str | None
    years: frozenset[int] | None

    def matches(self, local: datetime) -> bool:
        """Whether it is due in the minute of this local time."""
        plain = (
            (self.minutes, local.minute),
            (self.hours, local.hour),
            (self.months, local.month),
            (self.years, local.year),
        )
        return all(field is None or now in field for field, now in plain) and self._is_day(local)

    def _is_day(self, local: datetime) -> bool:
        last = calendar.monthrange(local.year, local.month)[1]
        weekday = local.isoweekday() % 7 + 1
        if isinstance(self.day, frozenset):
            return local.day in self.day
        if isinstance(self.day, str):
            return local.day == _ruled_day(self.day, local, last)
        if isinstance(self.weekday, frozenset):
            return weekday in self.weekday
        if isinstance(self.weekday, str):
            wanted, _mark, number = self.weekday.partition("#")
            if number:
                return weekday == int(wanted) and (local.day - 1) // 7 + 1 == int(number)
            return weekday == int(wanted.rstrip("L")) and local.day + 7 > last
        return True


def _ruled_day(rule: str, local: datetime, last: int) -> int:
    """The day of the month that `L` (the last) or `15W` (the weekday nearest the 15th) means."""
    if rule == "L":
        return last
    day = min(int(rule.rstrip("W")), last)
    weekday = local.replace(day=day).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 7:
        return day + 1 if day < last else day - 2
    return day


Expression = Rate | At | Cron


def parse(text: str) -> Expression:
    """What an expression means.

    Raises:
        InvalidExpression: it means nothing.
    """
    if found := RATE.fullmatch(text):
        count, unit = int(found[1]), found[2]
        if (count == 1) == unit.endswith("s"):  # rate(1 minute), rate(5 minutes)
            raise InvalidExpression(text)
        return Rate(count * MINUTES[unit.rstrip("s")])
    if found := AT.fullmatch(text):
        try:
            return At(datetime.fromisoformat(found[1]))
        except ValueError:
            raise InvalidExpression(text) from None
    if found := CRON.fullmatch(text):
        words = found[1].split()
        if len(words) == len(FIELDS) and (words[2] == "?") != (words[4] == "?"):
            return Cron(*(_field(word, *field) for word, field in zip(words, FIELDS, strict=True)))
    raise InvalidExpression(text)


def _field(word: str, name: str, low: int, high: int, names: dict[str, int]) -> frozenset[int] | str | None:
    word = word.upper()
    if word == "*" or (word == "?" and name.startswith("day")):
        return None
    if name == "day of month" and re.fullmatch(r"L|([1-9]|[12]\d|3[01])W", word):
        return word
    if name == "day of week" and (found := re.fullmatch(r"([1-7]|[A-Z]{3})(L|#[1-5])", word)):
        return f"{names.get(found[1], found[1])}{found[2]}"
    numbers: set[int] = set()
    for part in word.split(","):
        span, _slash, step = part.partition("/")
        first, _dash, end = span.partition("-")
        start = low if first == "*" else _number(first, names, part)
        stop = _number(end, names, part) if end else (high if step or first == "*" else start)
        if not (low <= start <= high and low <= stop <= high) or (step and not step.isdigit()):
            raise InvalidExpression(part)
        numbers.update(range(start, stop + 1, int(step or 1) or 1))
    if not numbers:
        raise InvalidExpression(word)
    return frozenset(numbers)


def _number(word: str, names: dict[str, int], part: str) -> int:
    if word in names:
        return names[word]
    if not word.isdigit():
        raise InvalidExpression(part)
    return int(word)


class Clock:
    """When one schedule is due. It knows since when it has been enabled: nothing that was missed is made up for.

    `minute`: how many seconds a minute of a rate lasts.
    """

    def __init__(self, expression: Expression, zone: str, made: datetime, minute: float) -> None:
        self.expression, self.zone, self.minute = expression, zone, minute
        self.made = self.enabled_since = made
        self._rounds = -1
        self._done_minute: datetime | None = None

    def enable(self, now: datetime) -> None:
        """From now on, and not for what lies before."""
        self.enabled_since = now
        self._rounds = self._round(now)

    def is_due(self, now: datetime) -> bool:
        """Whether to run it now; each occasion is told once."""
        expression = self.expression
        if isinstance(expression, Rate):
            rounds = self._round(now)
            due, self._rounds = rounds > self._rounds, max(rounds, self._rounds)
            return due
        if isinstance(expression, At):
            moment = expression.moment(self.zone)
            is_due = moment <= now and moment >= self.enabled_since and self._done_minute is None
            self._done_minute = moment if is_due else self._done_minute
            return is_due
        this = now.replace(second=0, microsecond=0)
        if this == self._done_minute or this + timedelta(minutes=1) <= self.enabled_since or this < self._first():
            return False
        if not expression.matches(now.astimezone(zone_of(self.zone))):
            return False
        self._done_minute = this
        return True

    def _first(self) -> datetime:
        """The first minute that began after it was enabled."""
        since = self.enabled_since
        whole = since.replace(second=0, microsecond=0)
        return whole if whole == since else whole + timedelta(minutes=1)

    def _round(self, now: datetime) -> int:
        if not isinstance(self.expression, Rate):
            return -1
        return int((now - self.made).total_seconds() // (self.expression.minutes * self.minute))
