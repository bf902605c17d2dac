# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the repository importable under the name Ansible gives it, `ansible_collections.multiregion.ecs`.

The link below `collections/` is what a bare clone uses too, so the tests import exactly what a playbook runs. The
collections of the PyPI package `ansible` merge into the same namespace, since neither has an `__init__.py`.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]

sys.path.insert(0, str(REPOSITORY / "collections"))

if yaml.__with_libyaml__:
    yaml.SafeLoader = yaml.CSafeLoader  # type: ignore[misc]  # what safe_load reads with: the same, in a tenth of the time

# How long an example takes says what else the machine does, and nothing of the code.
settings.register_profile("multiregion", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("multiregion")

# A test must never reach a real account, whatever the environment of whoever runs it says.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="AKIATESTSONLY0000000",
    AWS_SECRET_ACCESS_KEY="tests-only",
    AWS_DEFAULT_REGION="sa-east-1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
)


def pytest_collection_finish() -> None:
    """Keep the collector away from what lives as long as the process: modules and service models.

    It would go through them again and again, five times more when pytest ends. What the tests make it looks at less
    often: a tenth of what most of them cost is its work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Path of the repository root, which is also the collection's root."""
    return REPOSITORY
