"""The real Supabase CLI, from npm: its package brings a binary that needs neither Docker nor an account."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

VERSION = "3.1.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autolynx-tests" / f"supabase-{VERSION}"


def install() -> Path:
    """The program, installed outside of the repository at the first use."""
    CACHE.mkdir(parents=True, exist_ok=True)
    program = CACHE / "node_modules" / ".bin" / "supabase"
    with (CACHE / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            command = [
                "npm",
                "install",
                "--no-audit",
                "--no-fund",
                "--prefix",
                str(CACHE),
                f"supabase@{VERSION}",
            ]
            subprocess.run(command, check=True, cwd=CACHE, capture_output=True, text=True)
    return program


def is_installable() -> bool:
    return shutil.which("npm") is not None


def run(project: Path, *arguments: str) -> str:
    """Run the CLI on the folder that holds `supabase/`; returns what it printed."""
    with tempfile.TemporaryDirectory() as home:
        result = subprocess.run(
            [str(install()), *arguments],
            cwd=project,
            env={"PATH": os.environ["PATH"], "HOME": home, "DO_NOT_TRACK": "1"},
            capture_output=True,
            text=True,
            timeout=180,
        )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr
