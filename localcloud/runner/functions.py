# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which local command stands for a Lambda function: it reads the event on its standard input, and prints the answer.

Of Lambda there is nothing here; only ECS invokes functions, as hooks of deployments. Files like this name them:

functions:
  - match: ["smoke-*"]                    # globs of the functions' names
    command: [python, "{root}/smoke.py"]  # {root} is this repository
    environment: {SHOP: web}
"""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from localcloud.runner.images import in_place, local_words

TIMEOUT_SECONDS = 900
"""The longest that a Lambda function runs."""

WORDS = {"match", "command", "environment"}


class FunctionFailed(Exception):
    """It is not there, ended with an error, or answered what is no JSON object."""


class FunctionTable:
    """Globs of functions' names in order; the first that matches decides."""

    def __init__(self, paths: Iterable[str | Path], endpoint: str) -> None:
        self._endpoint = endpoint
        self._rows = [row for path in paths for row in _read(Path(path))]

    def invoke(self, arn: str, event: dict[str, Any]) -> dict[str, Any]:
        """What a function answers.

        Raises:
            FunctionFailed: it does not, and why.
        """
        name = arn.split(":")[6]
        row = next((row for row in self._rows if any(fnmatch.fnmatchcase(name, glob) for glob in row["match"])), None)
        if row is None:
            raise FunctionFailed(f"ResourceNotFoundException: Function not found: {arn}")
        given = {key: in_place(str(value)) for key, value in row.get("environment", {}).items()}
        region = {"AWS_ENDPOINT_URL": self._endpoint, "AWS_REGION": arn.split(":")[3]}
        ended = subprocess.run(
            local_words([in_place(str(word)) for word in row["command"]]),
            input=json.dumps(event), capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False,
            env={**os.environ, **region, **given},
        )  # fmt: skip
        if ended.returncode:
            raise FunctionFailed(f"{name} ended with {ended.returncode}: {ended.stderr.strip()[-500:]}")
        try:
            answer = json.loads(ended.stdout)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise FunctionFailed(f"{name} answered {ended.stdout[:100]!r}, which is no JSON object")
        return answer


def _read(path: Path) -> list[dict[str, Any]]:
    rows = yaml.safe_load(path.read_text())["functions"]
    for row in rows:
        if set(row) - WORDS or not row.get("match") or not row.get("command"):
            raise ValueError(f"{path}: a function needs match and command, and may have environment: {row}")
    return list(rows)
