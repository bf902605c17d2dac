# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where moto looks for the URLs of a backend when it answers inside a process, as in unit tests: they stay moto's."""

from __future__ import annotations

from moto.s3.urls import url_bases, url_paths

__all__ = ["url_bases", "url_paths"]
