# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import this before anything of `module_utils`: then what is imported of it is compiled once, not in every run.

Ansible's importer of collections compiles a module each time (`_AnsibleCollectionPkgLoaderBase.get_code`), which is a
second of every run here. Python's own importer keeps the bytecode in `__pycache__`, where it may write there.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType

from ansible.utils.collection_loader import AnsibleCollectionConfig

PACKAGES = (
    "ansible_collections.multiregion.ecs.plugins.module_utils.",
    "ansible_collections.multiregion.ecs.plugins.plugin_utils.",
    "ansible_collections.amazon.aws.plugins.module_utils.",
)


@cache
def _files_in(directory: str) -> FileFinder:
    return FileFinder(directory, (SourceFileLoader, SOURCE_SUFFIXES))


class BytecodeFinder(MetaPathFinder):
    """Finds the files of `PACKAGES`, in the directories that Ansible's importer names; all else is Ansible's."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None or not fullname.startswith(PACKAGES):
            return None
        specs = (_files_in(directory).find_spec(fullname) for directory in path)
        # A directory without code is found without a loader; Ansible's importer knows what to make of it.
        return next((spec for spec in specs if spec and spec.loader), None)


def install() -> None:
    """Put the finder before Ansible's, once for the process. Where Ansible has none, Python's own is asked anyway."""
    ansible = AnsibleCollectionConfig.collection_finder
    if ansible in sys.meta_path and not any(type(each).__name__ == BytecodeFinder.__name__ for each in sys.meta_path):
        sys.meta_path.insert(sys.meta_path.index(ansible), BytecodeFinder())


install()
