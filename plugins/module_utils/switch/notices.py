# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells an SNS topic that a switch begins and how it ended. It never stands in the way of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..aws.names import arn
from ..kernel import Cloud
from ..kernel.cloud import SHORT
from .asked import Asked
from .control import SwitchControl
from .journal import Journal

SUBJECT_CHARACTERS = 100
"""What SNS takes as a subject."""


def publish(cloud: Cloud, topic: str, regions: Iterable[str], subject: str, message: Mapping[str, Any]) -> str:
    """Publish on the topic of the first region that takes it. Why nobody heard it, or an empty text."""
    regions, failures = list(regions), []
    try:
        account = cloud.find_account(regions)
    except Exception as error:  # whatever it is, the switch goes on
        return f"nobody was notified ({error})"
    for region in regions:
        try:
            cloud.client("sns", region, **SHORT).publish(
                TopicArn=arn("sns", region, account, topic),
                Subject=subject[:SUBJECT_CHARACTERS],
                Message=json.dumps(message, indent=2, default=str),
            )
            return ""
        except Exception as error:  # the next region may take it
            failures.append(f"{region}: {error}")
    return f"nobody was notified ({'; '.join(failures) or 'no region answers'})"


class Notices:
    """What one run tells its topic, if it has one."""

    def __init__(self, control: SwitchControl, journal: Journal) -> None:
        self.control, self.journal = control, journal

    def send(self, event: str, asked: Asked, details: Mapping[str, Any]) -> None:
        control = self.control
        topic, workload = control.params["notify_topic"], control.params["workload"]
        if not topic:
            return
        message = {
            "workload": workload,
            "event": event,
            "asked": asked.to_dict(),
            **{key: self.journal.get(key) for key in ("operator", "reason", "execution")},
            **details,
        }
        regions = sorted(control.maps, key=lambda each: (each in control.suspects, each not in control.work.takers))
        trouble = publish(control.cloud, topic, regions, f"{workload}: switch {asked.arguments()} {event}", message)
        if trouble:
            control.cloud.tell(f"  {trouble}")
