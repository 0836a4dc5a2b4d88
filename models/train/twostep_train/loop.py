"""The training loop that all networks share: what happens in a step depends on (seed, step) alone, so a run that was killed
goes on from its last checkpoint to the same bits."""

import csv
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from . import pieces
from .config import Config, Optimizer
from .machine import Machine
from .muon import Muon


class OutOfTime(Exception):
    """The minutes given with --minutes are over; everything is saved, run the same command again."""


@dataclass
class Clock:
    """When this piece of the run has to end; None: never."""

    deadline: float | None = None

    def left(self) -> float:
        return math.inf if self.deadline is None else self.deadline - time.monotonic()


def rate_at(settings: Optimizer, step: int) -> float:
    if step < settings.warmup:
        return settings.rate * (step + 1) / settings.warmup
    along = (step - settings.warmup) / max(1, settings.steps - settings.warmup)
    return settings.rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, along))))


def make_optimizer(module: nn.Module, settings: Optimizer) -> torch.optim.Optimizer:
    """AdamW, or Muon for hidden matrices where the settings give them a rate of their own.

    A group's `peak` is its rate at the end of the warm-up. A module may name parts that go slower: `slower()` gives {start of a name:
    share of the rates}.
    """
    named = [(n, p) for n, p in module.named_parameters() if p.requires_grad]
    if settings.muon and any(hasattr(p, "full_tensor") for _, p in named):
        raise ValueError("Muon needs whole matrices, which FSDP cuts up: set muon to 0 or parallel to ddp")
    shares = module.slower() if hasattr(module, "slower") else {}
    parts: dict[float, list] = {}
    for name, parameter in named:
        share = next((s for start, s in shares.items() if name.startswith(start)), 1.0)
        parts.setdefault(share, []).append((name, parameter))
    groups = [group for share, some in parts.items() for group in _groups(some, settings, share)]
    if settings.muon:
        return Muon(groups, betas=(0.9, settings.beta2))
    fused = bool(named) and named[0][1].device.type == "cuda"
    return torch.optim.AdamW(groups, lr=settings.rate, betas=(0.9, settings.beta2), fused=fused or None)


def _groups(named, settings: Optimizer, share: float) -> list[dict]:
    """Hidden matrices, which decay, and the rest. Muon leaves embeddings and the last layer to AdamW, as its authors advise."""

    def is_hidden(name: str, parameter) -> bool:
        apart = settings.muon and ("shared" in name or name.endswith("output.weight"))
        return parameter.ndim >= 2 and "embed" not in name and not apart

    hidden = [p for n, p in named if is_hidden(n, p)]
    rest = [p for n, p in named if not is_hidden(n, p)]
    fast, slow = (settings.muon or settings.rate) * share, settings.rate * share
    first = {"params": hidden, "lr": fast, "peak": fast, "weight_decay": settings.decay}
    if settings.muon:
        first["muon"] = True
    return [group for group in (first, {"params": rest, "lr": slow, "peak": slow, "weight_decay": 0.0}) if group["params"]]


def train(
    folder: Path,
    module: nn.Module,
    batches: Callable[[int, int], Iterator],
    settings: Optimizer,
    config: Config,
    machine: Machine,
    clock: Clock,
    seed: int,
    before_step: Callable[[int], None] | None = None,
    until: int | None = None,
) -> dict[str, torch.Tensor]:
    """Trains `module`, whose forward(batch, step) gives a dictionary with "loss". Returns the averaged (EMA) weights.

    batches(start, end) yields the data of steps start..end-1. before_step may change the module (re-seed codes); what it
    does must follow from the step and the weights.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    called = machine.share(module)
    optimizer = make_optimizer(module, settings)
    tracked = {n: p for n, p in module.named_parameters() if p.requires_grad}
    average = {n: p.detach().clone().float() for n, p in tracked.items()}
    state, end = folder / "state", until or settings.steps
    start = _restore(state, module, optimizer, tracked, average) if pieces.exists(state) else 0
    log = Log(folder / "log.csv", start)
    began, slowest = time.monotonic(), 0.0
    since_save, worked = time.monotonic(), 0
    meter = {}
    for step, batch in zip(range(start, end), batches(start, end), strict=True):
        torch.manual_seed((seed * 1_000_003 + step) % (1 << 62) + 7919 * machine.rank)
        if before_step:
            before_step(step)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * rate_at(settings, step) / settings.rate
        with machine.autocast():
            results = called(batch, step)
        results["loss"].backward()
        for parameter in tracked.values():
            if parameter.grad is None:  # a part that this step does not use still ages its moments, as the file assumes
                parameter.grad = torch.zeros_like(parameter)
        norm = machine.whole(nn.utils.clip_grad_norm_(tracked.values(), settings.clip))
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        decay = min(settings.ema, (step + 1) / (step + 21))
        names = list(average)
        torch._foreach_lerp_([average[n] for n in names], [tracked[n].detach().float() for n in names], 1 - decay)
        worked += 1
        for name, value in {**results, "gradient": norm}.items():
            meter[name] = meter.get(name, 0.0) + value.detach().float()
        last = step + 1 == end
        if (step + 1) % 20 == 0 or last:
            count = (step % 20) + 1 if worked >= 20 else worked
            values = {n: float(machine.mean(v)) / min(count, worked) for n, v in meter.items()}
            meter = {}
            log.add(step + 1, {**values, "rate": rate_at(settings, step), "seconds": time.monotonic() - began})
            machine.tell(progress(folder.name, step + 1, end, start, began, values))
        if (step + 1) % settings.save_every == 0 or last:
            if machine.main:
                log.flush()  # before the state: a run killed between the two drops rows that are ahead, but can't make lost ones
            _save(state, module, optimizer, tracked, average, step + 1, config.compact, machine)
            slowest = max(slowest, time.monotonic() - since_save)
            since_save = time.monotonic()
            if not last and machine.decide(clock.left() < slowest * 1.15):
                machine.tell(f"{folder.name}: {step + 1} of {end} steps; the time of this piece is over, the rest follows in the next one")
                raise OutOfTime
    if machine.main:
        log.plot()
    return {n: machine.whole(t).clone() for n, t in average.items()}


def progress(name: str, done: int, total: int, start: int, began: float, values: dict[str, float]) -> str:
    spent = time.monotonic() - began
    left = spent / max(1, done - start) * (total - done)
    numbers = "  ".join(f"{k} {v:.4g}" for k, v in values.items())
    return f"{name}: {done}/{total}  {numbers}  {spent / max(1, done - start):.3f} s/step, {clock_face(left)} left"


def clock_face(seconds: float) -> str:
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d}:{int(seconds % 60):02d}"


@torch.no_grad()
def _save(state, module, optimizer, tracked, average, step, compact, machine) -> None:
    """Writes the state; in a compact run the live values become what the file holds."""
    if compact and any(hasattr(p, "full_tensor") for p in tracked.values()):
        raise ValueError("compact checkpoints round blocks of whole tensors, which FSDP cuts up: set compact to false")
    tensors = {}
    for name, parameter in tracked.items():
        moments = optimizer.state[parameter]
        if compact:
            tensors[f"weight/{name}"] = pieces.settle(parameter, "f24")
            tensors[f"first/{name}"] = pieces.settle(moments["exp_avg"], "q8")
            if "exp_avg_sq" in moments:
                tensors[f"second/{name}"] = pieces.settle(moments["exp_avg_sq"], "l8")
            offset = average[name] - parameter.float()
            tensors[f"average/{name}"] = pieces.settle(offset, "q8")
            average[name].copy_(parameter.float() + offset)
        else:
            live = {"weight": parameter, "first": moments["exp_avg"], "average": average[name]}
            if "exp_avg_sq" in moments:
                live["second"] = moments["exp_avg_sq"]
            tensors.update({f"{kind}/{name}": machine.whole(tensor) for kind, tensor in live.items()})
    for name, buffer in module.named_buffers():
        if name in module.state_dict():
            tensors[f"buffer/{name}"] = buffer
    if machine.main:
        pieces.save(state, tensors, step=step, compact=compact)
    machine.wait()


@torch.no_grad()
def _restore(state, module, optimizer, tracked, average) -> int:
    tensors, facts = pieces.load(state)
    expected = {k.split("/", 1)[1] for k in tensors if k.startswith("weight/")}
    if expected != set(tracked):
        raise ValueError(f"{state} belongs to another network: {sorted(expected ^ set(tracked))[:5]} differ")
    for name, parameter in tracked.items():
        Machine.place(parameter, tensors[f"weight/{name}"])
        Machine.place(average[name], tensors[f"average/{name}"])
        if facts["compact"]:
            average[name].copy_(parameter.float() + average[name])
        moments = optimizer.state[parameter]
        # fused AdamW keeps its step counter beside the parameter, the plain one on the CPU
        where = parameter.device if optimizer.defaults.get("fused") else "cpu"
        moments["step"] = torch.tensor(float(facts["step"]), device=where)
        for key, name_in_file in (("exp_avg", "first"), ("exp_avg_sq", "second")):
            if f"{name_in_file}/{name}" not in tensors:  # Muon's matrices have no second moment
                continue
            moments[key] = torch.zeros_like(parameter)
            Machine.place(moments[key], tensors[f"{name_in_file}/{name}"])
    buffers = dict(module.named_buffers())
    for key, value in tensors.items():
        if key.startswith("buffer/"):
            buffers[key.removeprefix("buffer/")].copy_(value)
    return facts["step"]


class Log:
    """A CSV file of averages over 20 steps; rows past the checkpoint that a run resumes from are dropped."""

    def __init__(self, path: Path, start: int):
        self.path, self.rows = Path(path), []
        if self.path.exists():
            with open(self.path) as file:
                self.rows = [row for row in csv.DictReader(file) if int(row["step"]) <= start]

    def add(self, step: int, values: dict[str, float]) -> None:
        self.rows.append({"step": step, **{k: f"{v:.6g}" for k, v in values.items()}})

    def flush(self) -> None:
        names = list(dict.fromkeys(k for row in self.rows for k in row))
        fresh = self.path.with_suffix(".new")
        with open(fresh, "w", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(self.rows)
        fresh.replace(self.path)

    def plot(self) -> None:
        from .plots import curves

        curves(self.path.with_name("log.png"), self.rows)
