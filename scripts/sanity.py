#!/usr/bin/env python3
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `ansible-test sanity` on the artifact that users install, not on the work tree.

`ansible-test` insists on a path `…/ansible_collections/<namespace>/<name>`, and its findings should be about what is
shipped. So the collection is built, unpacked below build/sanity/, and the collections it depends on are linked next to
it. `ansible-test` makes virtual environments below `~/.ansible/test`; a home of our own keeps them in build/, where
they are reused by the next run. Arguments are handed on: `scripts/sanity.py --test validate-modules`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
WORK = REPOSITORY / "build" / "sanity"
HOME = WORK / "home"
COLLECTION = WORK / "ansible_collections" / "multiregion" / "ecs"
DEPENDENCIES = ("amazon/aws",)
BIN = Path(sys.executable).parent

# ansible-test downloads get-pip.py for each of its environments; the standard library brings a pip that will do.
GET_PIP = '''\
"""Stands in for get-pip.py: unpacks Python's own pip. Installing it, and then another one, takes 40 seconds in all."""
import ensurepip
import sysconfig
import zipfile
from pathlib import Path

folders = [Path(ensurepip.__file__).parent / "_bundled", Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or "/nowhere")]
wheel = next(wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl")))
zipfile.ZipFile(wheel).extractall(sysconfig.get_path("purelib"))
'''


def install_artifact() -> None:
    """Build the collection and unpack it where ansible-test looks for it."""
    archives = WORK / "archive"
    shutil.rmtree(archives, ignore_errors=True)
    shutil.rmtree(COLLECTION, ignore_errors=True)
    command = [BIN / "ansible-galaxy", "collection", "build", "--output-path", archives, REPOSITORY]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = archives.glob("*.tar.gz")
    COLLECTION.mkdir(parents=True)
    with tarfile.open(archive) as content:
        # Debian 12's own Python has no filters yet; the archive is the one just built.
        content.extractall(COLLECTION, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    # Otherwise ansible-test asks the repository around build/, which ignores it, and finds nothing to test.
    subprocess.run(["git", "init", "--quiet", COLLECTION], check=True)
    print(f"sanity: {archive.name}, {archive.stat().st_size // 1024} KiB", flush=True)


def link_dependencies() -> None:
    """Link the collections that documentation fragments and imports come from, out of the package `ansible`."""
    places = [Path(place) for place in find_spec("ansible_collections").submodule_search_locations]
    for name in DEPENDENCIES:
        link = WORK / "ansible_collections" / name
        target = next((place / name for place in places if (place / name).is_dir()), None)
        if target is None:
            sys.exit(f"sanity: collection {name} is in none of {places}; `make venv` installs it with `ansible`.")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def furnish_home() -> None:
    """Give ansible-test's home a get-pip and the pip settings in force, which it would otherwise drop."""
    import ansible_test._internal.python_requirements as requirements

    version = re.search(r"pip='([0-9.]+)'", Path(requirements.__file__).read_text(encoding="utf-8")).group(1)
    get_pip = HOME / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    get_pip.parent.mkdir(parents=True, exist_ok=True)
    get_pip.write_text(GET_PIP, encoding="utf-8")

    listing = [sys.executable, "-m", "pip", "config", "list"]
    settings = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    lines = ["[install]", "no-compile = true", "[global]", "quiet = 2"]
    for name, value in re.findall(r"^(?:global|:env:)\.(\S+?)='(.*)'$", settings, re.MULTILINE):
        lines.append(f"{name} = {value}")
    pip_conf = HOME / ".config" / "pip" / "pip.conf"
    pip_conf.parent.mkdir(parents=True, exist_ok=True)
    pip_conf.write_text("\n".join(dict.fromkeys(lines)) + "\n", encoding="utf-8")
    pip_conf.chmod(0o600)


def main() -> int:
    install_artifact()
    link_dependencies()
    furnish_home()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = [BIN / "ansible-test", "sanity", "--local", "--requirements", "--color", "no", "--python", python]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment.update(HOME=str(HOME), PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    result = subprocess.run([*command, *sys.argv[1:]], cwd=COLLECTION, env=environment, check=False)
    print("sanity: nothing to mend" if result.returncode == 0 else "sanity: see above", flush=True)
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
