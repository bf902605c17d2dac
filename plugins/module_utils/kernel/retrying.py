# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three ways in which AWS tries one's patience: lost answers, things not visible yet, and things still in use."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..protocol.service_errors import error_code, is_ill, is_throttled
from .cloud import BotoCoreError, ClientError, Cloud
from .errors import NotReadyInTime
from .visibility import PATIENCE_SECONDS, is_absent

MAKE_ATTEMPTS = 6
LOOKS = 3
"""How often AWS is asked, for 3.5 s in all, for what may have been made, before it is made again."""


def make_once(make: Callable[[], Any], find_again: Callable[[], Any]) -> Any:
    """Call `make`, which must not be retried by botocore, and after a lost answer look before calling it again.

    For operations that take no client token, and which twice is not once: a second VPC, a second forced deployment.
    """
    for attempt in range(MAKE_ATTEMPTS):
        try:
            return make()
        except (BotoCoreError, ClientError) as error:
            if not is_ill(error) or attempt == MAKE_ATTEMPTS - 1:
                raise
            # What was throttled was not made; what was made is not visible at once.
            found = look_again(find_again, 1 if is_throttled(error) else LOOKS, attempt)
            if found:
                return found


def look_again(find: Callable[[], Any], looks: int = LOOKS, before: int = 0) -> Any:
    """What `find` tells of something that was perhaps just made, asked until it tells something; else its last answer.

    before: how often it was looked for already, which makes the pauses longer. A look that gets no answer either does
    not count, since what it would have shown must not be made twice.
    """
    found, unheard = None, 0
    for look in range(looks):
        time.sleep(min(0.5 * 2 ** (before + look), 5))
        while True:
            try:
                found = find()
                break
            except (BotoCoreError, ClientError) as error:
                unheard += 1
                if not is_ill(error) or unheard >= MAKE_ATTEMPTS:
                    raise
                time.sleep(0.5)
        if found:
            break
    return found


def once_visible(cloud: Cloud, what: str, ask: Callable[[], Any]) -> Any:
    """Wait until AWS admits that something exists: made in another region, by whichever run, or by a lost call."""

    def ready() -> Any:
        try:
            return ask()
        except ClientError as error:
            if is_absent(error):
                return None
            raise

    return cloud.wait_until(f"{what} to become visible", ready, timeout=min(PATIENCE_SECONDS, cloud.wait_timeout))


def let_go(
    cloud: Cloud,
    what: str,
    remove: Callable[[], Any],
    busy: tuple[str, ...] = ("DependencyViolation",),
    timeout: float | None = None,
    users: Callable[[], list[str]] = list,
) -> None:
    """Remove something as soon as nothing uses it any more. Already gone is success.

    Network interfaces of load balancers, tasks and mount targets disappear some time after their owners.

    Raises:
        NotReadyInTime: it is still used after `timeout` seconds; the message names what `users` finds.
    """

    def removed() -> bool:
        try:
            remove()
        except ClientError as error:
            code = error_code(error)
            if code in busy:
                return False
            if code.endswith("NotFound"):
                return True
            raise
        return True

    try:
        cloud.wait_until(f"{what} to be let go by what still uses it", removed, timeout=timeout)
    except NotReadyInTime as error:
        standing = users()
        if not standing:
            raise
        raise NotReadyInTime(f"{error.message} Still there: {'; '.join(standing)}", **error.details) from error
