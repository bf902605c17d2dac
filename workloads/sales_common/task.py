# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who this task is, as ECS tells the containers of each task: by the task metadata endpoint, version 4."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

METADATA = "ECS_CONTAINER_METADATA_URI_V4"
TIMEOUT_SECONDS = 2.0


def find_task_arn(environment: Mapping[str, str] = os.environ) -> str:
    """The ARN of the ECS task that this process runs in; "" outside ECS, or where ECS does not answer."""
    where = urlsplit(environment.get(METADATA, ""))
    if not where.hostname:
        return ""
    connection = http.client.HTTPConnection(where.hostname, where.port or 80, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{where.path}/task")
        return str(json.loads(connection.getresponse().read()).get("TaskARN") or "")
    except (AttributeError, OSError, http.client.HTTPException, ValueError):
        return ""
    finally:
        connection.close()
