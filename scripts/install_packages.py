#!/usr/bin/env python3
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs what a file of requirements names beside the Python that runs this: `… requirements/test.txt`.

uv does it in a sixth of pip's time. It reads none of pip's settings, so it is told those that say where packages come
from. Where uv cannot be had, or fails, pip installs. Needs nothing but the standard library and pip.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys

UV = "uv>=0.9,<1"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
# Of the thousands of files in the package `ansible` few are ever imported; those are compiled then.
INSTALL = ("install", "--quiet", "--no-compile")

OPTIONS = {
    "find-links": "--find-links",
    "constraint": "--constraint",
    "trusted-host": "--allow-insecure-host",
}
"""The name of a setting of pip's, whose value is a list, and the option of uv's that takes one."""

VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
}
"""The same for what may hold a password, which a command line would show, and for what has no option."""

SECTIONS = ("global", "install", ":env:")
"""Those of pip's settings that count here. The later one wins."""


def pip_settings(listing: str) -> dict[str, str]:
    """The settings in what `pip config list` prints, by their names."""
    found = {}
    for section in SECTIONS:
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.*)$", listing, re.MULTILINE):
            found[name] = str(ast.literal_eval(value))
    return found


def uv_options(settings: dict[str, str]) -> list[str]:
    """What uv is told of pip's settings. Like pip, it then takes the best version of all indexes."""
    told = []
    for name, option in OPTIONS.items():
        for value in settings.get(name, "").split():
            told += [option, value]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        told.append("--no-index")
    return ["--index-strategy", "unsafe-best-match", *told]


def uv_environment(settings: dict[str, str]) -> dict[str, str]:
    """As above, for what uv reads from its environment. What is there already stays."""
    told = {variable: " ".join(settings[name].split()) for name, variable in VARIABLES.items() if name in settings}
    return told | dict(os.environ)


def install_with_uv(requirements: str) -> bool:
    if subprocess.run([*PIP, *INSTALL, UV], check=False).returncode:
        return False
    listing = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=True).stdout
    settings = pip_settings(listing)
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    command += [*uv_options(settings), "--requirement", requirements]
    return subprocess.run(command, env=uv_environment(settings), check=False).returncode == 0


def main() -> int:
    (requirements,) = sys.argv[1:]
    if install_with_uv(requirements):
        return 0
    return subprocess.run([*PIP, *INSTALL, "--requirement", requirements], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
