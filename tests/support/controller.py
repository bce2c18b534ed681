"""The snakemake command as a process that a test can watch, wait for and kill."""

import contextlib
import os
import signal
import subprocess
import threading

import pytest

from tests.support import ROOT
from tests.support.running import command

TARGETS = ("results/scores.csv", "results/table1.md")


class Controller:
    """A running snakemake command, its output collected as it comes."""

    def __init__(self, folder, configfile, environment, options=(), targets=TARGETS, cores=None):
        self.process = subprocess.Popen(
            command(folder, *targets, configfile=configfile, cores=cores, options=options),
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self._reader.start()

    @property
    def output(self):
        return "".join(self.lines)

    def wait(self, seconds=400):
        """The exit code; the command is killed, and the test fails, when it takes longer."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"snakemake did not end within {seconds} s:\n{self.output[-4000:]}")
        self._reader.join(10)
        return code

    def kill(self):
        """As a node that fails does: without a chance to tidy up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
