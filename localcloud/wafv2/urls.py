# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where moto looks for the URLs of a backend when it answers inside a process, as in unit tests."""

from __future__ import annotations

from moto.wafv2.urls import url_bases
from moto.wafv2.urls import url_paths as moto_paths

from localcloud.wafv2.responses import WafResponse

url_paths = dict.fromkeys(moto_paths, WafResponse.dispatch)

__all__ = ["url_bases", "url_paths"]
