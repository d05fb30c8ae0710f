"""Job scripts for train.py on a cluster: Slurm and LSF."""

import shlex
from dataclasses import dataclass

# What both have in common: modules, threads, and going on with a run that was stopped at the end of its time.
BODY = """\
# Modules of your cluster, say MODULES="python3/3.12.4 cuda/12.4". Leave it empty where uv brought Python along.
MODULES="${{MODULES:-}}"
for name in $MODULES; do module load "$name"; done

set -euo pipefail
cd "{folder}"
export OMP_NUM_THREADS="{cores}"
export MPLBACKEND=Agg
# Not `uv run`: the signal before the end of the time is for train.py, once.
PYTHON="${{PYTHON:-.venv/bin/python}}"
OUT={out}
RESUME=""
if [ -f "$OUT/last.pt" ]; then RESUME="--resume"; fi

{launch}"$PYTHON" train.py {arguments} --out "$OUT" $RESUME
"""

SLURM = """\
#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --time={hours:02}:00:00
#SBATCH --cpus-per-task={cores}
#SBATCH --mem={memory}G
{gpu}#SBATCH --output=%x-%j.log
#SBATCH --signal=INT@120
# Two minutes before its time is over, train.py is told to stop and saves. Hand in the same script again to go on.
# Hand in: sbatch train.sbatch     See: squeue --me     Follow: tail -f {name}-*.log
# Your cluster may also want a partition or an account: add #SBATCH --partition=... and --account=... above.

"""

LSF = """\
#!/bin/bash
#BSUB -J {name}
#BSUB -W {hours}:00
#BSUB -n {cores}
#BSUB -R "span[hosts=1]"
#BSUB -R "rusage[mem={memory_of_core}GB]"
{gpu}#BSUB -oo {name}-%J.log
#BSUB -wa INT
#BSUB -wt 2
# Two minutes before its time is over, train.py is told to stop and saves. Hand in the same script again to go on.
# Hand in: bsub < train.lsf     See: bstat or bjobs     Follow: tail -f {name}-*.log
# The memory is for each core. Your cluster may also want a queue: add #BSUB -q ... above (with a GPU it often does).

"""

GPU_SLURM = "#SBATCH --gpus=1\n"
GPU_LSF = '#BSUB -gpu "num=1:mode=exclusive_process"\n'


@dataclass(frozen=True)
class Job:
    """What a job asks for.

    Attributes:
        arguments: for train.py, but for `--out`.
        out: the folder of the run.
        hours: time.
        cores: processor cores, and threads of PyTorch.
        memory: GB in all.
        gpu: whether it wants one.
    """

    arguments: list[str]
    out: str
    hours: int = 1
    cores: int = 4
    memory: int = 8
    gpu: bool = False


def slurm(job: Job) -> str:
    """Return a script for `sbatch`."""
    body = BODY.format(folder="$SLURM_SUBMIT_DIR", cores="$SLURM_CPUS_PER_TASK", launch="srun ", **_common(job))
    head = SLURM.format(
        name=_name(job), hours=job.hours, cores=job.cores, memory=job.memory, gpu=GPU_SLURM if job.gpu else ""
    )
    return head + body


def lsf(job: Job) -> str:
    """Return a script for `bsub <`."""
    body = BODY.format(folder="$LS_SUBCWD", cores="$LSB_DJOB_NUMPROC", launch="exec ", **_common(job))
    head = LSF.format(
        name=_name(job),
        hours=job.hours,
        cores=job.cores,
        memory_of_core=-(-job.memory // job.cores),
        gpu=GPU_LSF if job.gpu else "",
    )
    return head + body


def _common(job: Job) -> dict[str, str]:
    return {"arguments": shlex.join(job.arguments), "out": shlex.quote(job.out)}


def _name(job: Job) -> str:
    """Return a name that both systems take: letters, digits and dashes of the run's folder."""
    last = job.out.rstrip("/").rsplit("/", 1)[-1]
    return "".join(char if char.isalnum() else "-" for char in last).strip("-") or "train"
