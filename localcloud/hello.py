# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m localcloud.hello`: the local command of the image `nginx`, with its default page and nothing else."""

from __future__ import annotations

import argparse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from localcloud.ports import on_this_machine

PAGE = b"<!DOCTYPE html><title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>\n"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        found = self.path.partition("?")[0] in ("/", "/index.html")
        content = PAGE if found else b"404 Not Found\n"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, form: str, *values: Any) -> None:
        print(f"{self.client_address[0]} - - {form % values}", flush=True)


class Server(ThreadingHTTPServer):
    request_queue_size = 128


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m localcloud.hello", description=__doc__)
    parser.add_argument("--address", default="0.0.0.0")
    where = parser.parse_args()
    print("start worker processes", flush=True)
    Server((where.address, on_this_machine(80)), Handler).serve_forever()


if __name__ == "__main__":
    main()
