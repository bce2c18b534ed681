"""A workflow that can be killed: controller and jobs in one process group, watched while it runs."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from tests.support import ROOT
from tests.support.running import command

NOTICE = 0.02
"""Seconds between two looks at a running workflow."""


def run_until(folder, configfile, targets, doomed, look=lambda: None):
    """Run until ``doomed(seconds since the start)``, then kill -9 the whole process group.

    ``look`` is called all the while. Returns the exit code, or None for a run that was killed.
    """
    log = Path(folder).with_name(f"{Path(folder).name}.log")
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command(folder, *targets, configfile=configfile),
            cwd=ROOT,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        started = time.monotonic()
        try:
            while process.poll() is None:
                look()
                if doomed(time.monotonic() - started):
                    return None
                time.sleep(NOTICE)
            return process.returncode
        finally:
            # The leader's group holds the jobs too: they share its session and nobody starts another.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            left = time.monotonic() + 20
            while survivors(process.pid) and time.monotonic() < left:
                time.sleep(NOTICE)
            assert survivors(process.pid) == []


def survivors(session):
    """Processes of a session that are still there, zombies aside."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # Fields after the command's name in parentheses: state, parent, group, session.
            state, _, _, owner = stat.read_text().rsplit(")", 1)[1].split()[:4]
        except OSError:
            continue
        if int(owner) == session and state not in "ZX":
            found.append(int(stat.parent.name))
    return found
