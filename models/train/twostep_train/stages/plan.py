"""What a run will cost, from a measured minute: hours, memory and disk for every stage; beside finished stages, what they really took.

Each stage is run for a few seconds in a scratch folder with its real networks and batches (random weights: the cost is the same), and
steps x seconds-a-step is the whole formula. Log files of finished stages give the truth to check it against.
"""

import contextlib
import csv
import dataclasses
import importlib
import itertools
import resource
import shutil
import tempfile
import time
from pathlib import Path

import torch

from .. import pieces
from ..config import Config, Optimizer
from ..job import Job
from ..judge import Judge
from ..loop import Clock, OutOfTime
from ..machine import Machine
from ..source import load_source
from ..teachers import make_teacher
from .codes import make_codes
from .data import load_words
from .student import make_student
from .tokenizer import make_vq
from .trajectories import ensure

STEPS = 6
WARM = 2
"""The first steps pay for compilation, memory and caches; they are not counted."""


def trained(config: Config) -> dict[str, Optimizer]:
    """The stages that train something in such a run, in their order, and how."""
    if config.published.gpt:
        return {"student": config.student.optimizer}
    stages = {
        "tokenizer": config.vq.optimizer,
        "joint": config.vq.joint,
        "checker": config.checker.optimizer,
        "text": config.text.optimizer,
        "teacher": config.teacher.optimizer,
        "student": config.student.optimizer,
        "decoder": config.vq.redraw,
    }
    return {name: optimizer for name, optimizer in stages.items() if optimizer.steps}


def seconds_spent(job: Job, stage: str) -> float:
    """Training seconds of a stage, summed over all pieces of the run (a piece starts where the clock falls back)."""
    path = job.run / stage / "log.csv"
    if not path.exists():
        return 0.0
    with open(path) as file:
        marks = [float(row["seconds"]) for row in csv.DictReader(file)]
    total, before = 0.0, 0.0
    for mark in marks:
        if mark < before:
            total += before
        before = mark
    return total + before


def shortened(config: Config, steps: int) -> Config:
    """The same networks and batches for a few steps, without the parts that only pay off in long runs."""

    def cut(optimizer):
        return dataclasses.replace(optimizer, steps=steps, save_every=steps - 1, warmup=1)

    return dataclasses.replace(
        config,
        vq=dataclasses.replace(
            config.vq,
            plain_share=1.0,
            whole_share=0.0,
            optimizer=cut(config.vq.optimizer),
            joint=cut(config.vq.joint),
            redraw=cut(config.vq.redraw),
        ),
        text=dataclasses.replace(config.text, optimizer=cut(config.text.optimizer)),
        checker=dataclasses.replace(config.checker, optimizer=cut(config.checker.optimizer)),
        teacher=dataclasses.replace(config.teacher, optimizer=cut(config.teacher.optimizer), scenes=1024),
        student=dataclasses.replace(config.student, optimizer=cut(config.student.optimizer)),
        pairs=dataclasses.replace(config.pairs, count=config.pairs.batch, shard=config.pairs.batch, refresh=0),
        evaluation=dataclasses.replace(config.evaluation, pictures=config.evaluation.batch),
    )


class Watch(Machine):
    """A machine that notes when steps end instead of telling people."""

    def __init__(self, machine: Machine):
        super().__init__(**{f.name: getattr(machine, f.name) for f in dataclasses.fields(Machine)})
        self.marks: list[float] = []

    def tell(self, line: str) -> None:
        pass

    def share(self, module):
        self.marks = []
        module.register_forward_pre_hook(lambda *_: self.marks.append(self._now()))
        return module

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.monotonic()

    def step_seconds(self) -> float:
        gaps = [b - a for a, b in itertools.pairwise(self.marks)][WARM:]
        return sorted(gaps)[len(gaps) // 2]


def run(job: Job) -> None:
    scratch = Path(tempfile.mkdtemp(prefix="twostep-plan-"))
    try:
        rows = _measure(job, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    world = job.machine.world
    lines = ["| stage | measured | times | predicted hours | hours so far | on disk |", "|---|---|---|---|---|---|"]
    total = 0.0
    for stage, (unit_seconds, unit, count, disk) in rows.items():
        hours = unit_seconds * count / 3600 / (1 if unit == "step" else world)
        total += hours
        spent = seconds_spent(job, stage) / 3600
        lines.append(f"| {stage} | {unit_seconds:.4g} s a {unit} | {count} | {hours:.2f} | {spent:.2f} | {disk / 1e6:.0f} MB |")
    memory = torch.cuda.max_memory_allocated() if job.machine.device.type == "cuda" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    lines.append(f"\n{total:.2f} {job.machine.device.type}-hours on {world} device(s) in all ({total * world:.2f} device-hours); peak memory {memory / 1e9:.2f} GB a process.")
    job.machine.tell("\n".join(lines))
    if job.machine.main:
        pieces.write_text(job.run / "plan.md", "\n".join(lines) + "\n")


def _stand_ins(trial: Job) -> float:
    """Networks with fresh weights where a stage would need a finished one: they cost the same. Returns what the codes of a scene cost, in seconds."""
    config, patient = trial.config, Job(trial.run, trial.config, trial.machine, Clock())
    trial.keep("tokenizer", make_vq(config.vq, config.vq.vocabulary).state_dict())
    trial.keep("checker", Judge(config.checker.width, config.checker.size).state_dict())
    began = time.monotonic()
    count = len(make_codes(patient))
    seconds = (time.monotonic() - began) / count
    teacher = make_teacher(config, load_words(patient).size)
    teacher.gpt.start()
    teacher.text.start()
    trial.keep("teacher", teacher.state_dict())
    return seconds


def _set_aside(trial: Job, name: str) -> None:
    """A stage that is to be timed must not look finished."""
    final = trial.run / name / "final"
    if final.exists():
        final.rename(trial.run / name / "stand-in")


def _put_back(trial: Job, name: str) -> None:
    stand_in = trial.run / name / "stand-in"
    if stand_in.exists():
        stand_in.rename(trial.run / name / "final")


def _measure(job: Job, scratch: Path) -> dict[str, tuple[float, str, int, float]]:
    config = job.config
    small = shortened(config, STEPS + WARM)
    watch = Watch(job.machine)
    trial = Job(scratch, small, watch, Clock(time.monotonic()))
    rows = {}
    if not config.published.gpt:
        rows["codes"] = (_stand_ins(trial), "scene", config.teacher.scenes, 2 * config.length * config.teacher.scenes)

    def stage(name: str) -> None:
        with contextlib.suppress(OutOfTime):  # at the last checkpoint but one: what comes after the steps is not part of the formula
            importlib.import_module(f".{name}", __package__).run(trial)

    pairs_seconds = None
    for name, optimizer in trained(config).items():
        if name == "student":
            if config.published.gpt and config.student.features == "checker" and config.student.kind == "two-head":
                raise ValueError("with a published teacher student.features must be VGG's file or none: the checker knows our scenes only")
            source = load_source(trial)
            began = time.monotonic()
            ensure(trial, source)
            pairs_seconds = (time.monotonic() - began) / small.pairs.count
        _set_aside(trial, name)
        stage(name)
        _put_back(trial, name)
        disk = sum(p.stat().st_size for p in (scratch / name / "state").rglob("*") if p.is_file())
        rows[name] = (watch.step_seconds(), "step", optimizer.steps, disk)
        if name == "student":
            trial.keep("student", make_student(source).state_dict())
    count = config.pairs.count * max(1, config.pairs.refresh)
    rows["trajectories"] = (pairs_seconds, "pair", count, count * (2 * config.length + 60))
    return rows
