# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public side of the embedded cloud: one HTTP port that stands for every public name.

A request's Host says which name was meant: an accelerator's, a load balancer's, or that of a bucket's website. `choice`
decides where it goes, as AWS would; `proxy` carries it there.
"""
