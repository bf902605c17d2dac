# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loses the first answer to every distinct write of every module: its run succeeds, and makes nothing twice.

A write is carried out by AWS, and then the connection breaks before the answer arrives.
"""

from __future__ import annotations

import re
import threading
from typing import Any

import botocore.httpsession
import botocore.retries.standard
import pytest
from botocore.exceptions import ConnectionClosedError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import cloud as kernel_cloud
from localcloud import Cloud
from tests.contract import case as cases
from tests.contract.plays import inventory
from tests.contract.runs import MAKERS, filled_in, left_behind, run_here, set_up

LOST = "lost-"
"""How names begin here."""


IDENTIFIER = re.compile(r"arn:aws[\w-]*:[^\s\"'<>,()]+|(?<![\w-])[a-z]{2,12}-[0-9a-f]{8,17}\b|\becs-svc/\d+")
"""What AWS calls what it makes. A part of a UUID is no such name."""


LATER = {"ecs.RunTask": ("eni-", "subnet-")}
"""What an answer tells of the same thing a moment later: the network interface of a task."""


class Post:
    """Loses the first answer to each write: to each operation with each set of parameters' names.

    lost: those writes. doubled: what was made by the same write made again, beside what the lost answer tells of.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.losing = False
        self.lost: list[tuple[str, ...]] = []
        self.doubled: list[str] = []
        self._made: dict[str, set[str]] = {}
        self._call = threading.local()
        new_session, send = kernel_cloud._new_session, botocore.httpsession.URLLib3Session.send

        def watched(profile: str | None) -> Any:
            session = new_session(profile)
            session.register("before-parameter-build", self._note)
            return session

        def send_and_lose(http: Any, request: Any) -> Any:
            answer = send(http, request)
            call, whole = getattr(self._call, "now", (None, ""))
            if not (self.losing and call and answer.status_code < 300):
                return answer
            told = {each for each in IDENTIFIER.findall(answer.text) if not each.startswith(LATER.get(call[0], ()))}
            if call not in self.lost:
                self.lost.append(call)
                self._made[whole] = told
                raise ConnectionClosedError(endpoint_url=f"http://lost/{call[0]}")
            # A Put takes the place of what is there, its parts' new identifiers included.
            if told - self._made.get(whole, told) and ".Put" not in call[0]:
                self.doubled.append(f"{call[0]} made {sorted(told - self._made[whole])} when it was tried again")
            return answer

        monkeypatch.setattr(kernel_cloud, "_session", watched)
        monkeypatch.setattr(botocore.httpsession.URLLib3Session, "send", send_and_lose)
        monkeypatch.setattr(botocore.retries.standard.ExponentialBackoff, "delay_amount", lambda *_: 0.01)

    def _note(self, params: dict[str, Any], model: Any, **_others: Any) -> None:
        call = (f"{model.service_model.service_name}.{model.name}", *sorted(params))
        self._call.now = (None if model.name.startswith(kernel_cloud.READS) else call, f"{call[0]} {params}")


@pytest.mark.parametrize("module", MAKERS)
def test_the_first_lost_answer_to_every_write_is_settled_within_the_run(
    module: str, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in cloud.env().items():
        monkeypatch.setenv(name, value)
    post = Post(monkeypatch)
    case = cases.load(module, LOST)
    variables = set_up(case)
    before = inventory({"msg": cloud.ask("inventory")})
    found = []
    for step in (each for each in cases.whole_life(case) if each.expects == "does"):
        params = filled_in(step.params, variables)
        post.losing, known = True, len(post.lost)
        try:
            run_here(module, params)
        except CollectionError as error:
            found.append(f"{step.name}, lost {sorted(each[0] for each in post.lost[known:])}: {error.message}")
        finally:
            post.losing = False
        found += [f"{step.name}: {each}" for each in post.doubled]
        post.doubled.clear()
        left = run_here(module, params, check_mode=True)["changes"]
        if left:
            found.append(f"{step.name}: it still has {left}")
    assert post.lost, "it wrote nothing"
    if case.absent:
        found += left_behind(case, before, inventory({"msg": cloud.ask("inventory")}))
    assert not found, f"{module}:\n" + "\n".join(found)
