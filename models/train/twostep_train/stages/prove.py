"""Distils a student from a teacher that is exact (proof/world.py), and measures it as it learns: is a picture one that the world knows,
and is it the teacher's own for the same noise? Codes that don't know of each other are hardly ever such a picture."""

import json
import time
from dataclasses import dataclass

import torch

from .. import pieces
from ..gpt import LabelEmbedding
from ..job import Job
from ..loop import train
from ..proof.report import write_report
from ..proof.world import World, corners, rectangles
from ..students import FlowHead, TwoHead
from .student import Distillation

EVALUATED = -1
"""Number of the pool that is drawn for measuring, before those that are trained on."""
TOGETHER = 1024


@dataclass
class ExactSource:
    """What `Distillation` asks of a source. There is nothing to say about a picture: the condition is one label for all."""

    job: Job
    book: torch.Tensor

    @staticmethod
    def condition(batch: dict):
        count, device = batch["codes"].shape[0], batch["codes"].device
        return torch.zeros(count, dtype=torch.long, device=device), torch.ones(count, 1, dtype=torch.bool, device=device)


def make_student(config) -> FlowHead | TwoHead:
    """From nothing: the teacher has no weights to begin with."""
    teacher = config.teacher
    shape = {"dim": teacher.width, "layers": teacher.layers, "heads": teacher.heads, "multiple_of": teacher.multiple_of,
             "vocabulary": config.proof.colours, "grid": config.grid, "condition": LabelEmbedding(1, teacher.width)}  # fmt: skip
    channels = config.proof.colours - 1
    if config.student.kind == "two-head":
        student = TwoHead(channels, **shape)
    else:
        student = FlowHead(channels, config.student.noise_hidden, config.pairs, **shape, places=teacher.places)
    student.start()
    return student


class Pairs:
    """Noise, the teacher's codes for it and what they were drawn from. A pool follows from (seed, its number), so a run that goes on sees the same pairs."""

    def __init__(self, world: World, job: Job):
        config, self.world, self.job = job.config, world, job
        self.number, self.pool = None, ()
        if config.proof.pool % config.student.optimizer.batch:
            raise ValueError(f"a pool of {config.proof.pool} pairs is no whole number of batches of {config.student.optimizer.batch}")

    def noise(self, number: int, count: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(self.job.config.seed * 1_000_003 + number)
        return torch.randn(count, self.job.config.length, self.world.book.shape[1], generator=generator)

    def batches(self, start: int, end: int):
        config, machine = self.job.config, self.job.machine
        batch, mine = config.student.optimizer.batch, machine.part(config.student.optimizer.batch)
        for step in range(start, end):
            number, first = divmod(step * batch, config.proof.pool)
            if number != self.number:
                noise = self.noise(number, config.proof.pool)
                self.number, self.pool = number, (noise, *self.world.draw(noise, config.pairs.solver_steps))
            noise, codes, posterior = (part[first : first + batch][mine].to(machine.device) for part in self.pool)
            yield {"noise": noise, "codes": codes, "logits": posterior.log()}


@torch.no_grad()
def measure(student, world: World, config, noise: torch.Tensor, wanted: torch.Tensor, device) -> dict[str, float]:
    """Of one and two steps: the share of pictures that the world knows and of those that are flat, of codes that are the teacher's for the same
    noise, and of pictures that are its own as a whole."""
    found = {}
    for steps in (1, 2):
        times = config.student.times[:steps]
        codes = torch.cat([drawn(student, world.book.to(device), config, part.to(device), times).cpu() for part in noise.split(TOGETHER)])
        found.update({f"{name} {steps}": value for name, value in compare(world, codes, wanted).items()})
    return found


def compare(world: World, codes: torch.Tensor, wanted: torch.Tensor) -> dict[str, float]:
    right = codes == wanted
    shares = {"valid": world.knows(codes), "flat": (codes == codes[:, :1]).all(1), "codes": right, "same": right.all(1)}
    return {name: share.float().mean().item() for name, share in shares.items()}


def drawn(student, book, config, noise, times) -> torch.Tensor:
    """Codes [B, L] of noise [B, L, C]."""
    condition, valid = ExactSource.condition({"codes": noise})
    if config.student.kind == "flow-head":
        return student.draw(condition, valid, noise, book, times)
    return (student.draw(condition, valid, noise, book, times, config.length) @ book.T).argmax(-1)


def run(job: Job) -> None:
    if job.finished("prove"):
        return
    config, machine, folder = job.config, job.machine, job.run / "prove"
    world = World.of(rectangles(config.grid, config.proof.colours), corners(config.proof.colours))
    pairs, steps = Pairs(world, job), config.pairs.solver_steps
    noise = pairs.noise(EVALUATED, 2 * config.proof.pictures)
    noise, other = noise.chunk(2)
    wanted, _ = world.draw(noise, steps)
    bounds = {"teacher": compare(world, wanted, wanted), "other noise": compare(world, world.draw(other, steps)[0], wanted),
              "alone": compare(world, world.alone(noise, steps), wanted)}  # fmt: skip
    torch.manual_seed(config.seed)
    student = make_student(config).to(machine.device)
    module = Distillation(student, ExactSource(job, world.book.to(machine.device)), config.student, None).to(machine.device)
    judged = make_student(config).to(machine.device).eval().requires_grad_(False)
    notes = folder / "measures.json"
    rows = json.loads(notes.read_text()) if notes.exists() else []
    for look in range(1, config.proof.looks + 1):
        until = -(-config.student.optimizer.steps * look // config.proof.looks)
        if rows and until <= rows[-1]["step"] and look < config.proof.looks:
            continue
        began = time.process_time()
        average = train(folder, module, pairs.batches, config.student.optimizer, config, machine, job.clock, config.seed, until=until)
        judged.load_state_dict({**student.state_dict(), **{k.removeprefix("student."): v for k, v in average.items()}}, strict=True)
        seconds = time.process_time() - began
        rows = [row for row in rows if row["step"] < until]
        spent = (rows[-1]["seconds"] if rows else 0.0) + seconds
        rows.append({"step": until, "seconds": spent, **measure(judged, world, config, noise, wanted, machine.device)})
        if machine.main:
            pieces.write_text(notes, json.dumps(rows, indent=1) + "\n")
            write_report(folder, config, bounds, rows)
        machine.tell(f"prove: {until} steps  " + "  ".join(f"{k} {v:.3f}" for k, v in rows[-1].items() if k.startswith(("valid", "same"))))
    job.keep("prove", judged.state_dict(), kind=config.student.kind)
