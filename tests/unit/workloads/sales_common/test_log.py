# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines as a machine reads them."""

from __future__ import annotations

import json
import logging

from sales_common.log import Log, _JsonLine


def test_a_log_line_is_one_json_object(capsys):
    logger = logging.getLogger("sales")
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logger.addHandler(handler)
    try:
        Log().warning("attempt_failed", sale="s-1", error="a\nb")
        try:
            raise ValueError("deep")
        except ValueError:
            Log().crash("crashed")
    finally:
        logger.removeHandler(handler)
    lines = [_JsonLine("sales-worker", "sa-east-1").format(each) for each in records]
    assert all("\n" not in line for line in lines)
    first, second = map(json.loads, lines)
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "warning",
        "service": "sales-worker",
        "region": "sa-east-1",
        "event": "attempt_failed",
        "sale": "s-1",
        "error": "a\nb",
    }
    assert "ValueError: deep" in second["traceback"]
