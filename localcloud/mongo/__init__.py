# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for `mongo` on a machine without it: enough of MongoDB for an API that keeps documents.

It speaks MongoDB's wire protocol, keeps its data under its dbPath with an fsync before every acknowledgement, and takes
MongoDB's exclusive lock there: a second instance on the same path ends with MongoDB's own message. That lock is why it
exists: what a rolling deployment does to a database on a shared volume can be seen without a database.

wire.py       messages on a connection          store.py      collections, journal, lock
commands.py   what can be asked                 query.py      filters, order, projections
server.py     connections                       update.py     update operators
log.py        lines as mongod writes them       shell.py      `mongosh --eval`, for health checks
"""
