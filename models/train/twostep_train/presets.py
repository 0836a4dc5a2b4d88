"""Named configurations. A path to a JSON file works wherever a name does."""

import json
from pathlib import Path

from .config import Checker, Config, Evaluation, Optimizer, Pairs, Student, Teacher, Text, Vq, from_dict

TINY = Config(
    name="tiny",
    size=64,
    grid=4,
    precision="float32",
    compact=True,
    vq=Vq(ch=32, mult=(1, 1, 1, 1, 1), z=32, codebook=64, crop=32, whole_batch=4,
          optimizer=Optimizer(steps=40, batch=4, warmup=5, decay=0.0, ema=0.98, save_every=20)),
    text=Text(width=32, layers=1, heads=2, hidden=64, tokens=32),
    checker=Checker(width=8, size=32, optimizer=Optimizer(steps=20, batch=16, warmup=5, ema=0.98, save_every=20)),
    teacher=Teacher(width=64, layers=2, heads=2, multiple_of=32, scenes=256,
                    optimizer=Optimizer(steps=40, batch=16, warmup=5, ema=0.98, save_every=20)),
    pairs=Pairs(count=64, shard=16, batch=16, top_k=32, solver_steps=12),
    student=Student(times=(0, 5), split=8, picture_batch=2, noise_hidden=32,
                    optimizer=Optimizer(steps=40, batch=16, warmup=5, rate=5e-4, ema=0.98, save_every=20)),
    evaluation=Evaluation(pictures=16, batch=8, refinements=1),
)  # fmt: skip

# Two cores over night, at low priority. 16 channels at the full resolution: on a CPU the finest level is what costs.
STARTER_CPU = Config(
    name="starter-cpu",
    compact=True,
    vq=Vq(ch=16, mult=(1, 2, 4, 8, 8), groups=4,
          optimizer=Optimizer(steps=6000, batch=8, decay=0.0, ema=0.998, save_every=100)),
    text=Text(width=128, layers=3, heads=4, hidden=256),
    checker=Checker(width=24, optimizer=Optimizer(steps=6000, batch=32, decay=0.01, ema=0.998, save_every=100)),
    teacher=Teacher(width=256, layers=6, heads=8, scenes=20_480, optimizer=Optimizer(steps=12_000, batch=32, save_every=100)),
    pairs=Pairs(count=24_576, shard=512, batch=128),
    student=Student(kind="flow-head", optimizer=Optimizer(steps=12_000, batch=32, rate=5e-4, save_every=100)),
    evaluation=Evaluation(pictures=256, batch=32),
)  # fmt: skip

PRESETS = {config.name: config for config in (TINY, STARTER_CPU)}


def find(name: str) -> Config:
    if name in PRESETS:
        return PRESETS[name]
    path = Path(name)
    if path.suffix == ".json" and path.exists():
        return from_dict(json.loads(path.read_text()))
    raise ValueError(f"no preset or JSON file {name!r}; presets: {', '.join(PRESETS)}")


