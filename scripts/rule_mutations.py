# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes each rule of the protocol, one after the other, and sees its tests fail. Takes minutes; not in `make test`.

Each mutation of tests/protocol_mutations.yml is applied to a copy of the tree and taken back. Every test that it names
must fail. `python scripts/rule_mutations.py fence owner` tries only those whose rule or file has one of the words.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.unit.protocol.rule_table import Mutation, nodes_of, read_mutations  # noqa: E402

CACHES = ("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".ansible")
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "build", *CACHES)
FAILED = re.compile(r"^(?:FAILED|ERROR) ([^\s\[]+::[^\s\[]+)", re.MULTILINE)


def main(words: list[str]) -> int:
    chosen = [
        each for each in read_mutations(ROOT) if not words or any(word in f"{each.rule} {each.file}" for word in words)
    ]
    with tempfile.TemporaryDirectory(prefix="rules-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=LEFT_OUT)
        survived = [problem for each in chosen if (problem := try_one(copy, each))]
    print(f"{len(chosen)} mutations, {len(survived)} not noticed by every test that should")
    for problem in survived:
        print(f"  {problem}")
    return 1 if survived else 0


def try_one(copy: Path, mutation: Mutation) -> str:
    """Why the mutation was not noticed as it should be, or an empty text."""
    began = time.monotonic()
    file = copy / mutation.file
    source = file.read_text(encoding="utf-8")
    if source.count(mutation.old) != 1:
        return f"{mutation.rule}: {mutation.file} does not hold {mutation.old!r} exactly once"
    wanted = nodes_of(copy, mutation.fails)
    file.write_text(source.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *wanted],
            cwd=copy,
            capture_output=True,
            text=True,
            timeout=600,
        )
    finally:
        file.write_text(source, encoding="utf-8")
    failed = set(FAILED.findall(done.stdout))
    passed = [node for node in wanted if node not in failed]
    verdict = "noticed" if not passed else "NOT NOTICED"
    print(f"{time.monotonic() - began:5.1f} s  {verdict}: {mutation.rule} ({mutation.file})", flush=True)
    if not passed:
        return ""
    return f"{mutation.rule}: {mutation.old.strip()!r} → {mutation.new.strip()!r}: passes {', '.join(passed)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
