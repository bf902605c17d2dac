# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credentials of tasks: each has those of its task role, and a task without a role has none, as on ECS."""

from __future__ import annotations

from dataclasses import dataclass

from localcloud.faults import TASK_KEY_PREFIX

TASK_SECRET_KEY = "embedded-cloud-accepts-any-secret-key-01"


@dataclass(frozen=True)
class Session:
    """Whose an access key is: a task that acts as its task role."""

    account: str
    role: str
    task_id: str


_SESSIONS: dict[str, Session] = {}


def task_access_key(name: str) -> str:
    """An access key of a task, told from an operator's by how it begins, so that one can be cut off alone."""
    return (TASK_KEY_PREFIX + name.upper().replace("-", "") + "000000000000")[:20]


def issue(account: str, task_id: str, role: str) -> str:
    """The access key of a task that starts, good until it is withdrawn."""
    key = task_access_key(task_id)
    _SESSIONS[key] = Session(account, role, task_id)
    return key


def withdraw(task_id: str) -> None:
    """The task is over."""
    _SESSIONS.pop(task_access_key(task_id), None)


def session_of(access_key: str) -> Session | None:
    """Whose a key is; None for one that no task has."""
    return _SESSIONS.get(access_key)
