"""How a job ends that fails: what is on the terminal, in the log and beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from topicbench.core.errors import TopicbenchError, explained

WORKFLOW = ROOT / "workflow"
JOB = """
import sys
sys.path.insert(0, {workflow!r})
from topicbench.core.errors import TopicbenchError
from topicbench.core.jobs import logged
with logged({log!r}):
    print("chatter of a library")
    {statement}
"""


def job(log, statement, **environment):
    """A job that does ``statement``, as a script of the workflow would."""
    text = JOB.format(workflow=str(WORKFLOW), log=str(log), statement=statement)
    variables = {**os.environ, "TOPICBENCH_VERBOSE": "", **environment}
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, env=variables)


def test_what_a_user_can_mend_is_a_message_and_no_traceback(tmp_path):
    log = tmp_path / "logs/job.log"
    result = job(log, "raise TopicbenchError('a.csv', 'is empty', 'fill it')")
    assert (result.returncode, result.stderr) == (1, "topicbench: a.csv: is empty\n  fill it\n")
    assert log.read_text() == "chatter of a library\ntopicbench: a.csv: is empty\n  fill it\n"
    assert list(log.parent.iterdir()) == [log]


def test_a_defect_is_two_lines_and_a_traceback_beside_the_log(tmp_path):
    log = tmp_path / "job.log"
    result = job(log, "{}['beta']")
    assert result.returncode == 1
    first, second = result.stderr.splitlines()
    assert first == "topicbench: KeyError: 'beta'"
    assert second.endswith(f"please report it; the traceback is in {log}.traceback")
    assert "Traceback" not in log.read_text()
    assert "Traceback" in Path(f"{log}.traceback").read_text()
    # A job that then succeeds leaves nothing of it.
    assert job(log, "pass").returncode == 0
    assert list(tmp_path.iterdir()) == [log]


def test_verbose_puts_tracebacks_on_the_terminal(tmp_path):
    for statement in ("{}['beta']", "raise TopicbenchError('a.csv', 'is empty')"):
        result = job(tmp_path / "job.log", statement, TOPICBENCH_VERBOSE="1")
        assert result.stderr.startswith("topicbench: ")
        assert "Traceback (most recent call last)" in result.stderr


def test_no_secret_of_the_environment_is_printed(tmp_path):
    secrets = {"HF_TOKEN": "hf_abcdefgh", "MY_JUDGE_KEY": "sk-12345678"}
    for statement in ("raise TopicbenchError('x', 'sent sk-12345678')", "raise ValueError('hf_abcdefgh')"):
        result = job(tmp_path / "job.log", statement, TOPICBENCH_VERBOSE="1", **secrets)
        written = [path.read_text() for path in tmp_path.iterdir()]
        assert not [
            text for text in (*written, result.stdout, result.stderr) for key in secrets.values() if key in text
        ]
        assert "[MY_JUDGE_KEY]" in result.stderr or "[HF_TOKEN]" in result.stderr


def test_a_log_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "logs").write_text("a file where the folder should be")
    result = job(tmp_path / "logs/job.log", "pass")
    assert result.returncode == 1
    assert result.stderr.startswith("topicbench: ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device", "x.npy"), "x.npy: there is no room left on the disk"),
        (OSError(122, "Disk quota exceeded", "x.npy"), "x.npy: there is no room left"),
        (OSError(30, "Read-only file system", "x.npy"), "x.npy: the file system is read-only"),
        (PermissionError(13, "Permission denied", "x.npy"), "x.npy: permission denied"),
        (OSError("1000 requested and 16 written"), "there is no room left"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "there is no room left"),
        (OSError("[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left"), "there is no room left"),
        (MemoryError(), "this job: there is not enough memory"),
        (TopicbenchError("a", "b"), "a: b"),
    ],
)
def test_errors_of_the_system_are_explained(error, message):
    assert message in str(explained(error))


@pytest.mark.parametrize("error", [KeyError("x"), OSError("odd"), FileNotFoundError(2, "No such file", "x")])
def test_defects_are_not(error):
    assert explained(error) is None
