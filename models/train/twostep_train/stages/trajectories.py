"""Noise-to-code pairs: prompt and noise follow from (seed, index), so a shard stores only what the teacher answered.

Shards are independent of each other: any number of processes may share them out, and each comes out the same.
"""

import math
import time

import torch

from .. import shards
from ..flow import map_noise
from ..gpt import generate
from ..job import Job
from ..loop import OutOfTime, clock_face
from ..source import Source, load_source, with_precision


def folder(job: Job):
    return job.run / "trajectories" / "pairs"


def facts(source: Source) -> dict:
    config = source.job.config
    pairs = config.pairs
    return {"teacher": source.fingerprint, "seed": config.seed, "guidance": pairs.guidance, "top_k": pairs.top_k, "temperature": pairs.temperature,
            "first_temperature": pairs.temperature_at(0), "solver_steps": pairs.solver_steps, "precision": config.precision,
            "batch": pairs.batch}  # fmt: skip


@torch.no_grad()
def teach(source: Source, batch: dict, noise: torch.Tensor) -> torch.Tensor:
    """The teacher's codes [B, length] for prompts and noise [B, length, C]: position by position, each mapped exactly."""
    pairs = source.job.config.pairs
    states, valid = source.condition(batch)
    book = source.book

    def choose(position, logits):
        return map_noise(noise[:, position], logits / pairs.temperature_at(position), book, top_k=pairs.top_k, steps=pairs.solver_steps)

    return generate(source.teacher.gpt, states, valid, choose, pairs.guidance, noise.shape[1], layout=batch.get("layout"))


def make_shard(source: Source, number: int) -> None:
    config, device = source.job.config, source.job.machine.device
    first, found, texts = number * config.pairs.shard, [], []
    for at in range(first, first + config.pairs.shard, config.pairs.batch):
        indices = range(at, min(at + config.pairs.batch, first + config.pairs.shard))
        prompts = [source.prompt(i) for i in indices]
        noise = torch.stack([source.noise(i) for i in indices]).to(device)
        batch = {k: v.to(device) for k, v in source.tokens(prompts).items()}
        found.append(teach(source, batch, noise).to(torch.int16).cpu())
        texts += prompts
    bytes_of_texts = "\n".join(texts).encode()
    tensors = {"codes": torch.cat(found), "prompts": torch.frombuffer(bytearray(bytes_of_texts), dtype=torch.uint8)}
    shards.write(folder(source.job), number, tensors, **facts(source), first=first, count=config.pairs.shard)


def ensure(job: Job, source: Source, pool: int = 0) -> list[int]:
    """Makes the missing shards of a pool; returns the numbers of all of them."""
    config, machine = job.config, job.machine
    each = math.ceil(config.pairs.count / config.pairs.shard)
    numbers = range(pool * each, (pool + 1) * each)
    todo = [n for n in numbers if not shards.path_of(folder(job), n).exists() and n % machine.world == machine.rank]
    if todo:
        quick = with_precision(source, machine.precision)
        began = time.monotonic()
        for done, number in enumerate(todo, 1):
            make_shard(quick, number)
            each_took = (time.monotonic() - began) / done
            left = clock_face(each_took * (len(todo) - done))
            machine.tell(f"trajectories: shard {done}/{len(todo)}  {config.pairs.shard / each_took:.1f} pairs/s, {left} left")
            if done < len(todo) and job.clock.left() < each_took * 1.3:
                raise OutOfTime
    machine.wait()
    return list(numbers)


def load_pool(job: Job, source: Source, pool: int) -> tuple[torch.Tensor, list[str], int]:
    """Codes [N, length], prompts, and the index of the first pair."""
    numbers = ensure(job, source, pool)
    codes, texts = [], []
    for number in numbers:
        tensors = shards.read(folder(job), number, **facts(source))
        codes.append(tensors["codes"])
        texts += bytes(tensors["prompts"].numpy()).decode().split("\n")
    return torch.cat(codes), texts, numbers[0] * job.config.pairs.shard


def run(job: Job) -> None:
    if job.config.pairs.origin != "teacher":
        return  # the student's own stage makes them on the way
    source = load_source(job)
    ensure(job, source)
    if job.machine.main:
        (job.run / "trajectories").mkdir(exist_ok=True)
