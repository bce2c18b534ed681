"""A real Slurm of one node on this machine, from Debian's packages: munged, slurmctld and slurmd, no accounting.

``python -m tests.support.cluster`` holds one up until it is interrupted; tests use `cluster`. Everything of it lies in
a folder of its own, its ports are free ones, and its daemons are children of this process that end with it. Only the
configuration has to be where Slurm looks for it, as a link: the executor plugin drops ``SLURM_CONF`` inside a job.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "sinfo", "setpriv")
PACKAGES = ("munge", "slurmctld", "slurmd", "slurm-client", "slurm-wlm-basic-plugins")

CONFIGURATION = Path("/etc/slurm/slurm.conf")

SETTINGS = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
KillWait=2
MinJobAge=600
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=2,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=32000 State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


class Unavailable(Exception):
    """Slurm cannot run here, and why."""


def require_programs() -> None:
    """Install Slurm where it is missing and can be.

    Raises:
        Unavailable: not root, or a program is missing and apt-get cannot bring it.
    """
    if os.geteuid() != 0:
        raise Unavailable("Slurm's daemons need root, and this is not root")
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise Unavailable(f"{', '.join(missing)} not installed, and there is no apt-get")
    # A machine that does not let packages' services start here keeps them from starting by itself.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        try:
            result = subprocess.run(
                ["apt-get", *arguments], env=environment, capture_output=True, text=True, timeout=240
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"apt-get {arguments[0]} took too long") from None
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise Unavailable(f"apt-get did not bring {', '.join(missing)}: {result.stderr.strip()[-300:]}")


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> object:
    """The first true value of ``condition``; TimeoutError after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.2)


def command(*arguments: str, environment: Mapping[str, str]) -> str:
    """Output of a Slurm command; empty where it fails or hangs."""
    try:
        result = subprocess.run(
            arguments, env={**os.environ, **environment}, capture_output=True, text=True, timeout=10
        )
    except subprocess.TimeoutExpired:
        return ""
    return result.stdout if result.returncode == 0 else ""


def _free_ports() -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def cluster() -> Iterator[dict[str, str]]:
    """Bring Slurm up, yield the environment variables its commands need, take it down.

    Raises:
        Unavailable: it cannot run here.
        TimeoutError: a daemon did not come up; the message has the end of its log.
    """
    require_programs()
    # A link into nowhere is what a test that was killed left behind.
    if CONFIGURATION.exists():
        raise Unavailable(f"{CONFIGURATION} is there: this machine belongs to a cluster")
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/run"))
    folder.chmod(0o755)
    daemons: list[subprocess.Popen] = []
    environment = {"SLURM_CONF": str(folder / "slurm.conf")}

    def start(*arguments: str) -> None:
        # The kernel ends a daemon whose parent is killed outright.
        with open(folder / f"{Path(arguments[0]).name}.out", "wb") as output:
            daemons.append(
                subprocess.Popen(
                    ["setpriv", "--pdeathsig", "TERM", *arguments],
                    env={**os.environ, **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    try:
        for name in ("state", "spool"):
            (folder / name).mkdir()
        key = folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        controller_port, node_port = _free_ports()
        host = socket.gethostname().split(".")[0]
        (folder / "slurm.conf").write_text(
            SETTINGS.format(host=host, folder=folder, controller_port=controller_port, node_port=node_port)
        )
        CONFIGURATION.parent.mkdir(exist_ok=True)
        CONFIGURATION.unlink(missing_ok=True)
        CONFIGURATION.symlink_to(folder / "slurm.conf")
        places = {"socket": "munge.socket", "pid-file": "munge.pid", "seed-file": "munge.seed", "log-file": "munge.log"}
        start(
            "munged",
            "--foreground",
            f"--key-file={key}",
            *(f"--{option}={folder / name}" for option, name in places.items()),
        )
        socket_file = folder / "munge.socket"
        wait_for(socket_file.exists, 20, f"munged ({_log_end(folder)})")
        start("slurmctld", "-D", "-f", environment["SLURM_CONF"])
        start("slurmd", "-D", "-f", environment["SLURM_CONF"], "-N", host)
        try:
            wait_for(
                lambda: "idle" in command("sinfo", "-h", "-o", "%T", environment=environment), 60, "the node to be idle"
            )
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{_log_end(folder)}") from None
        yield environment
    finally:
        with contextlib.suppress(TimeoutError):
            if any(daemon.args[3] == "slurmctld" and daemon.poll() is None for daemon in daemons):
                command("scancel", "--user=root", environment=environment)
                wait_for(lambda: not command("squeue", "-h", environment=environment).strip(), 20, "no jobs")
        # The node first: a controller without nodes ends at once.
        for daemon in reversed(daemons):
            _end(daemon)
        if CONFIGURATION.is_symlink() and CONFIGURATION.readlink().parent == folder:
            CONFIGURATION.unlink()
        shutil.rmtree(folder, ignore_errors=True)


def _end(daemon: subprocess.Popen) -> None:
    daemon.terminate()
    try:
        daemon.wait(10)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait(10)


def _log_end(folder: Path) -> str:
    logs = [*sorted(folder.glob("*.log")), *sorted(folder.glob("*.out"))]
    return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-500:]}" for log in logs)


if __name__ == "__main__":
    with cluster() as variables:
        print("\n".join(f"export {name}={value}" for name, value in variables.items()), flush=True)
        print("Slurm is up; end it with Ctrl-C.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
