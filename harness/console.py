# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of demos and drills have in common: a clean folder to begin with, lines, and a verdict."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path


def say(line: str) -> None:
    print(line, flush=True)


def empty_folder(folder: Path) -> Path:
    """The folder by its full path, with nothing left in it."""
    folder = folder.resolve()
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def verdict(wrong: Iterable[str], if_none: str) -> str:
    """The sentence that names what is wrong; `if_none` when nothing is."""
    names = ", ".join(wrong)
    return f"Not as it should be: {names}." if names else if_none
