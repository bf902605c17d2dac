# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one lock around every backend.

moto's backends call one another (SNS puts into SQS queues of another region, ECS asks ELBv2, ELBv2 asks EC2) and few of
them are safe for threads. A lock per backend would need an order among them that moto does not know; one lock for all
needs none, and costs nothing: Python runs one of the threads at a time anyway. Hold it for work, never for waiting.
"""

from __future__ import annotations

import threading

LOCK = threading.RLock()
