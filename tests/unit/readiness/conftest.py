# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account in moto that the readiness of regions is read from."""

from __future__ import annotations

from tests.support.aws_clients import one_session as one_session
from tests.support.readiness_evidence import cloud as cloud
