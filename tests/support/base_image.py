# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A base image out of this machine's own programs: its interpreter, and what the RUN lines of a Dockerfile call.

It stands for `python:3.13-slim` where no registry can be reached. The packages that the workloads need are in it, so
pip finds them installed and asks no index.
"""

from __future__ import annotations

import importlib.metadata
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

PROGRAMS = ("sh", "find", "rm", "useradd")
PACKAGES = ("pip", "botocore", "jmespath", "python-dateutil", "six", "urllib3")
SERVICES = ("dynamodb", "s3", "sns", "sqs", "ssm", "sts", "ec2instanceconnect")
"""Those of botocore that are in it: the ones that the images keep, and one that they remove."""

LEFT_OUT = {
    "test",
    "idlelib",
    "tkinter",
    "ensurepip",
    "lib2to3",
    "turtledemo",
    "pydoc_data",
    "site-packages",
    "dist-packages",
}
NOT_NEEDED = re.compile(r"EXTERNALLY-MANAGED|\.opt-|_tkinter|_test")
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/group": "root:x:0:\n",
    "etc/shadow": "root:*:19000:0:99999:7:::\n",
    "etc/gshadow": "root:*::\n",
    "etc/login.defs": "SYS_UID_MIN 100\nSYS_UID_MAX 999\n",
}


def make_base_image(name: str, folder: Path, environment: Mapping[str, str]) -> None:
    """Make it in the store of buildah."""
    root = folder / "base.tar"
    with tarfile.open(root, "w") as archive:
        for place in ("tmp", "root", "usr/local/bin", "etc"):
            member = tarfile.TarInfo(place)
            member.type, member.mode = tarfile.DIRTYPE, 0o1777 if place == "tmp" else 0o755
            archive.addfile(member)
        for place, text in FILES.items():
            member = tarfile.TarInfo(place)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        for place, source in sorted(_files().items()):
            archive.add(source, place, recursive=False, filter=_of_root)
        for alias in ("python", "python3"):
            member = tarfile.TarInfo(f"usr/local/bin/{alias}")
            member.type, member.linkname = tarfile.SYMTYPE, _interpreter().name
            archive.addfile(member)
        script = b'#!/bin/sh\nexec python -m pip "$@"\n'
        member = tarfile.TarInfo("usr/local/bin/pip")
        member.size, member.mode = len(script), 0o755
        archive.addfile(member, io.BytesIO(script))

    def buildah(*words: str) -> str:
        done = subprocess.run(["buildah", *words], env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    container = buildah("from", "scratch")
    buildah("add", container, str(root), "/")
    path = "PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin"
    buildah("config", "--env", path, "--env", "PYTHONPATH=/usr/local/packages", container)
    buildah("commit", "--quiet", "--rm", "--timestamp", "0", container, name)


def _files() -> dict[str, Path]:
    """Where in the image, and where here."""
    found: dict[str, Path] = {}
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = Path(sysconfig.get_path("stdlib"))
    for path in _below(library):
        found[f"usr/local/lib/{version}/{path.relative_to(library)}"] = path
    interpreter = _interpreter()
    found[f"usr/local/bin/{interpreter.name}"] = interpreter
    programs = [Path(shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin") or name) for name in PROGRAMS]
    found |= {f"usr/bin/{program.name}": program.resolve() for program in programs}
    found["bin/sh"] = found["usr/bin/sh"]
    extensions = [path for path in found.values() if path.suffix == ".so"]
    for library_file in _linked([interpreter, *programs, *extensions]):
        found[str(library_file).lstrip("/")] = library_file.resolve()
    for package in PACKAGES:
        for file in importlib.metadata.files(package) or ():
            path = Path(str(file.locate()))
            parts = file.parts
            unneeded = parts[:2] == ("botocore", "data") and len(parts) > 3 and parts[2] not in SERVICES
            if ".." not in parts and not unneeded and path.is_file():
                found[f"usr/local/packages/{file}"] = path
    return found


def _interpreter() -> Path:
    return Path(sys.executable).resolve()


def _below(library: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(library):
        names[:] = [name for name in names if name not in LEFT_OUT and not name.startswith("config-")]
        yield from (Path(folder, name) for name in files if not NOT_NEEDED.search(name))


def _linked(programs: list[Path]) -> set[Path]:
    """The shared libraries that programs are linked with, and the loader."""
    told = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False).stdout
    return {Path(path) for path in re.findall(r"(?:=> |^\s+)(/\S+)(?= \()", told, re.M)}


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member
