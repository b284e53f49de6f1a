"""Make .venv, install a requirements file into it when it changed, and keep people posted meanwhile.

Runs before anything is installed: the standard library only.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
_PINS = ("requirements.txt", "requirements-dev.txt", "constraints.txt")
_NEWS_SECONDS = 10  # between two lines where a line cannot be rewritten


class Failed(Exception):
    """A step failed; the message is what it said itself."""


def main(requirements: str) -> int:
    """Install, unless exactly this was installed before."""
    stamp = VENV / f"installed-{requirements}.sha256"
    try:
        if not _works(PYTHON):
            _make_environment()
        wanted = _fingerprint()
        if not stamp.exists() or stamp.read_text() != wanted:
            _forget_what_was_not(wanted)
            _install(requirements)
            stamp.write_text(wanted)
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _works(python: Path) -> bool:
    """False for an environment that was never finished, or whose Python has been removed or is too old."""
    probe = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _fingerprint() -> str:
    digest = hashlib.sha256(subprocess.check_output([PYTHON, "--version"]))
    for name in _PINS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _forget_what_was_not(wanted: str) -> None:
    """An installation that fails may leave half of it, and one that succeeds replaces what others had."""
    for stamp in VENV.glob("installed-*.sha256"):
        if stamp.read_text() != wanted:
            stamp.unlink()


def _make_environment() -> None:
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    _run("Making the virtual environment", command, "Debian and Ubuntu keep it in the package python3-venv.")


def _install(requirements: str) -> None:
    what = "what AutoLynx needs" if requirements == "requirements.txt" else "what the tests need"
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    _run(f"Installing {what}", [*command, "-r", str(ROOT / requirements)], "")


def _run(what: str, command: list[str], hint: str) -> None:
    """Run a step, saying how long it takes; its own words are only shown when it fails."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        step = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT)
        try:
            _tell_until_over(step, what, started)
        except KeyboardInterrupt:
            step.terminate()
            step.wait()
            raise
        if step.returncode:
            output.seek(0)
            raise Failed(f"{what} failed:\n{_reason(output.read())}\n{hint}".rstrip())


def _tell_until_over(step: subprocess.Popen[bytes], what: str, started: float) -> None:
    is_terminal = sys.stdout.isatty()
    _say(f"{what} ...", "" if is_terminal else "\n")
    told = started
    while True:
        try:
            step.wait(timeout=1 if is_terminal else 0.2)
            break
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - started
        if is_terminal:
            _say(f"\r{what} ... {seconds:.0f} s")
        elif time.monotonic() - told >= _NEWS_SECONDS:
            told = time.monotonic()
            _say(f"{what} ... {seconds:.0f} s", "\n")
    ending = "done" if step.returncode == 0 else "failed"
    _say(f"{chr(13) * is_terminal}{what}: {ending} in {time.monotonic() - started:.0f} s", "\n")


def _say(text: str, end: str = "") -> None:
    print(text, end=end, flush=True)


def _reason(output: str) -> str:
    """The errors, or else the last words."""
    lines = output.splitlines()
    errors = [line for line in lines if line.lower().startswith("error")]
    return "\n".join(errors or lines[-20:])


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1]))
