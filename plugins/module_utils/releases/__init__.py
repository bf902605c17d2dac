# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments of a workload, region by region: new images in waves, watched, and gone back from.

A deployment changes images and nothing else, and never a state or an epoch. It holds the lease while it runs, and its
journal is the lease's unfinished plan (`lease.deployment_plan`).

wishes, waves      what is asked for; which regions come first
present            what the services run now
goal               what is to be done, as `work`, and why it is refused
journal, record    what is written down: while it runs, and when it has ended; which release is in force
run                one run of it, on `control` (the lease)
steps              what a run does, as resources: a job, a service, a bake, a pause, the record
jobs               what runs with a new revision before a service gets it
service_revision   the revision with the wanted images; the service moved to it
scans              what ECR found in the new images
watch, error_rate  what is looked at while a region bakes
"""
