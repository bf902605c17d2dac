# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The website of the mysfits as people see it: at the name that S3 gives it, in Chromium where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.visitor import ask

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,1040"]
DRAWN_MS = 5000
"""How long the page's clock runs: it asks for the mysfits, and draws them."""

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Page:
    """The page in the bucket `bucket` of a region, behind the embedded cloud's front door (host:port)."""

    door: str
    bucket: str
    region: str

    @property
    def name(self) -> str:
        return f"{self.bucket}.s3-website-{self.region}.amazonaws.com"

    @property
    def names(self) -> str:
        """The option that leads a browser to the front door, whichever of AWS's names it asks for."""
        return f"--host-resolver-rules=MAP *.amazonaws.com {self.door}"

    def served(self) -> bool:
        status, text = ask(self.door, "GET", "/", self.name)
        return status == 200 and "<title>Mysfits</title>" in str(text)

    def api(self) -> str:
        """The name that the page asks."""
        return str(ask(self.door, "GET", "/config.json", self.name)[1]["api"])

    def likes(self, mysfit: str) -> int | None:
        """The likes that a browser shows of a mysfit; None if it shows none."""
        drawn = self._browse("--dump-dom")
        card = drawn.partition(f'data-mysfit="{mysfit}"')[2].partition("</li>")[0]
        shown = re.search(r'class="count">(\d+)<', card)
        return int(shown[1]) if shown else None

    def photograph(self, file: Path) -> None:
        self._browse(f"--screenshot={file}")

    def _browse(self, *options: str) -> str:
        """What a browser prints of the page, once it is drawn.

        Raises:
            OSError: there is no browser, or it did not end well.
        """
        if BROWSER is None:
            raise OSError("no Chromium is here; on Debian: apt-get install chromium")
        with tempfile.TemporaryDirectory() as profile:
            own = [f"--user-data-dir={profile}", f"--virtual-time-budget={DRAWN_MS}", self.names]
            command = [BROWSER, *FLAGS, *own, *options, f"http://{self.name}"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True)
            except subprocess.SubprocessError as error:
                raise OSError(f"{BROWSER} did not show {self.name}: {error}") from error
        return done.stdout
