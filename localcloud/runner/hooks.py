# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle hooks of deployments while they run: functions, asked until they decide, and pauses, until somebody does.

"Lambda hooks for Amazon ECS service deployments" and "Pause hooks …" in the developer guide say how.
"""

from __future__ import annotations

import logging
import secrets
import subprocess
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from localcloud.policies import allow, covers, documents_of, roles_of, statements_of
from localcloud.runner.functions import FunctionFailed, FunctionTable

log = logging.getLogger(__name__)

PAUSE, LAMBDA = "PAUSE", "AWS_LAMBDA"
CONTINUE, ROLLBACK = "CONTINUE", "ROLLBACK"
CALL_BACK_SECONDS = 30
TIMEOUT_MINUTES = 1440


def kind_of(hook: dict[str, Any]) -> str:
    return str(hook.get("targetType") or LAMBDA)


class Execution:
    """One hook at one stage. `outcome`: "" while nobody has decided, CONTINUE, or ROLLBACK.

    minute: how many seconds a minute lasts here.
    """

    def __init__(self, hook: dict[str, Any], event: dict[str, Any], account: str, minute: float) -> None:
        self.hook, self.account, self.minute = hook, account, minute
        self.id = f"ecs-{'pause' if kind_of(hook) == PAUSE else 'lambda'}-{secrets.token_urlsafe(32)}"
        self.event = {"executionId": str(uuid.uuid4()), **event}
        if hook.get("hookDetails"):
            self.event["hookDetails"] = hook["hookDetails"]
        self.status = "AWAITING_ACTION" if kind_of(hook) == PAUSE else "IN_PROGRESS"
        self.outcome = ""
        given = hook.get("timeoutConfiguration") or {}
        self.timeout_action = given.get("action") or ROLLBACK
        self._seconds = (given.get("timeoutInMinutes") or TIMEOUT_MINUTES) * minute
        self._end, self._next = time.monotonic() + self._seconds, 0.0
        self._expires_at = datetime.now(UTC) + timedelta(seconds=self._seconds)
        self._thread: threading.Thread | None = None
        self._answer: dict[str, Any] = {}

    def look(self, functions: FunctionTable) -> None:
        """Ask a function if it is time for that, and take up what it has answered."""
        if self.outcome:
            return
        if time.monotonic() >= self._end:
            self.status, self.outcome = "TIMED_OUT", self.timeout_action
        elif kind_of(self.hook) == LAMBDA and self._thread is None and time.monotonic() >= self._next:
            self.invoke(functions)
        elif self._thread is not None and not self._thread.is_alive():
            self._thread = None
            self._take_up(self._answer)

    def invoke(self, functions: FunctionTable) -> None:
        """In a thread: nobody else waits for it."""
        problem = self._role_problem()
        self._thread = threading.Thread(target=self._run, args=(functions, problem), name="hook", daemon=True)
        self._thread.start()

    def _run(self, functions: FunctionTable, problem: str) -> None:
        self._answer = {}
        try:
            if problem:
                raise FunctionFailed(problem)
            self._answer = functions.invoke(self.hook["hookTargetArn"], self.event)
        except (FunctionFailed, OSError, subprocess.TimeoutExpired) as error:
            log.warning("a hook at %s failed: %s", self.event["lifecycleStage"], error)

    def _role_problem(self) -> str:
        arn, function = self.hook["roleArn"], self.hook["hookTargetArn"]
        role = next((each for each in roles_of(self.account) if each.arn == arn), None)
        statements = [s for document in documents_of(role) for s in statements_of(document)] if role else []
        if allow(each for each in statements if covers(each, "lambda:InvokeFunction", function)):
            return ""
        return f"{arn} is not authorized to perform lambda:InvokeFunction on {function}"

    def _take_up(self, answer: dict[str, Any]) -> None:
        status = answer.get("hookStatus")
        if status == "IN_PROGRESS":
            seconds = float(answer.get("callBackDelay") or CALL_BACK_SECONDS)
            self._next = time.monotonic() + seconds * self.minute / 60
            if answer.get("hookDetails"):
                self.event["hookDetails"] = {**self.event.get("hookDetails", {}), **answer["hookDetails"]}
            return
        self.decide(CONTINUE if status == "SUCCEEDED" else ROLLBACK)

    def decide(self, action: str) -> None:
        self.outcome, self.status = action, "SUCCEEDED" if action == CONTINUE else "FAILED"

    def describe(self) -> dict[str, Any]:
        """As DescribeServiceDeployments tells it."""
        told = {
            "hookId": self.id,
            "targetType": kind_of(self.hook),
            "status": self.status,
            "expiresAt": self._expires_at,
            "timeoutAction": self.timeout_action,
        }
        return told if kind_of(self.hook) == PAUSE else {**told, "targetArn": self.hook["hookTargetArn"]}
