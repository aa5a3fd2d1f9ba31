"""A real Slurm on this computer: one node of two cores, its daemons started by hand.

They run under a host name of their own, because that of a test machine may be none Slurm can use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from support.paths import ROOT

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "unshare")
SECONDS = 300
CONF = """
ClusterName=grader
SlurmctldHost=graderbox(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket={root}/munge/socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmUser=root
SlurmdUser=root
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd.log
SlurmctldPort=16817
SlurmdPort=16818
MpiDefault=none
NodeName=graderbox NodeAddr=127.0.0.1 CPUs=2 RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=graderbox Default=YES MaxTime=INFINITE State=UP
"""
RUN = """
set -u
hostname graderbox
export SLURM_CONF={root}/slurm.conf
munged --force --key-file={root}/munge/key --socket={root}/munge/socket \\
  --pid-file={root}/munge/pid --log-file={root}/munge/log --seed-file={root}/munge/seed
is_alive() {{ [ -e "/proc/$1" ] && ! grep -q '^State:.*Z' "/proc/$1/status"; }}
end() {{
  pids=$(cat {root}/*.pid {root}/munge/pid)
  kill $pids
  for pid in $pids; do
    for _ in $(seq 100); do
      is_alive "$pid" || continue 2
      sleep 0.1
    done
    kill -9 "$pid"
  done
}}
trap end EXIT
slurmctld -f "$SLURM_CONF" && slurmd -f "$SLURM_CONF"
for script in "$@"; do
  sbatch --wait "$script" || exit 1
done
"""


def missing_programs() -> list[str]:
    """Return what a computer lacks for a Slurm of its own."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def run_scripts(root: Path, scripts: Sequence[Path]) -> subprocess.CompletedProcess[str]:
    """Start Slurm, have it run scripts one after another, and end it.

    root: an empty folder with a short name, for sockets. The logs of the scripts lie beside them.
    """
    for name in ("state", "spool", "munge"):
        (root / name).mkdir(mode=0o700)
    (root / "munge" / "key").write_bytes(os.urandom(1024))
    (root / "munge" / "key").chmod(0o400)
    (root / "slurm.conf").write_text(CONF.format(root=root))
    words = ["unshare", "--uts", "bash", "-c", RUN.format(root=root), "bash"]
    return subprocess.run(
        [*words, *map(str, scripts)],
        cwd=scripts[0].parent,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
