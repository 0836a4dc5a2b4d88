"""Named configurations. A path to a JSON file works wherever a name does."""

import json
from pathlib import Path

from .config import Checker, Config, Evaluation, Optimizer, Pairs, Proof, Published, Student, Teacher, Text, Vq, from_dict

TINY = Config(
    name="tiny",
    size=64,
    grid=4,
    precision="float32",
    compact=True,
    vq=Vq(ch=32, mult=(1, 1, 1, 1, 1), z=32, codebook=64, kept=56, flats=14, between=8, crop=32, whole_batch=4,
          optimizer=Optimizer(steps=40, batch=4, warmup=5, decay=0.0, ema=0.98, save_every=20),
          joint=Optimizer(steps=20, batch=4, warmup=5, rate=5e-4, decay=0.0, ema=0.98, save_every=10)),
    text=Text(width=32, layers=1, heads=2, hidden=64, tokens=32),
    checker=Checker(width=8, size=32, optimizer=Optimizer(steps=20, batch=16, warmup=5, ema=0.98, save_every=20)),
    teacher=Teacher(width=64, layers=2, heads=2, multiple_of=32, scenes=256,
                    optimizer=Optimizer(steps=40, batch=16, warmup=5, ema=0.98, save_every=20)),
    pairs=Pairs(count=64, shard=16, batch=16, top_k=32, solver_steps=12),
    student=Student(times=(0, 5), split=8, picture_batch=2, noise_hidden=32,
                    optimizer=Optimizer(steps=40, batch=16, warmup=5, rate=5e-4, ema=0.98, save_every=20)),
    evaluation=Evaluation(pictures=16, batch=8, refinements=1),
)  # fmt: skip

# Some nine hours of two cores. 16 channels at the full resolution: on a CPU the finest level is what costs.
# The student goes on learning from pictures, so the teacher's stage is short (stages/student.py). The world's folder is made by make-starter.sh.
STARTER_CPU = Config(
    name="starter-cpu",
    pack="starter",
    world="world",
    only="practised.txt",
    compact=True,
    vq=Vq(ch=16, mult=(1, 2, 4, 8, 8), groups=4, codebook=8192, kept=8192, flats=512, between=1024, crop=128, whole_batch=2,
          plain_share=0.15,
          optimizer=Optimizer(steps=6000, batch=8, muon=0.02, decay=0.0, ema=0.998, save_every=100),
          joint=Optimizer(steps=8000, batch=6, rate=6e-4, muon=0.012, warmup=40, decay=0.0, ema=0.998, save_every=100),
          redraw=Optimizer(steps=5000, batch=2, muon=0.008, warmup=20, decay=0.0, ema=0.998, save_every=200)),
    text=Text(width=128, layers=3, heads=4, hidden=256, noise=0.0, later=0.1,
              optimizer=Optimizer(steps=1400, batch=128, muon=0.02, rate=2e-3, warmup=50, decay=0.0, ema=0.995, save_every=200)),
    checker=Checker(width=16, optimizer=Optimizer(steps=800, batch=32, muon=0.02, decay=0.0, ema=0.998, save_every=200)),
    teacher=Teacher(width=192, layers=6, heads=4, layout=True, rows=56, whole_share=0.1, whole_batch=8, dropped=0.0,
                    scenes=40_960, shard=4096, optimizer=Optimizer(steps=40, batch=32, muon=0.02, warmup=10, ema=0.995, save_every=40)),
    pairs=Pairs(origin="free", guidance=1.0, top_k=128, temperature=0.1, first_temperature=0.1),
    student=Student(kind="flow-head", reading=0.06, alike=0.02, rows=56, whole_share=0.02, whole_batch=8,
                    optimizer=Optimizer(steps=12_000, batch=64, muon=0.02, rate=4e-3, warmup=80, ema=0.995, save_every=200)),
    evaluation=Evaluation(pictures=128, batch=32, refinements=8),
)  # fmt: skip

# Some 25 minutes on one data-centre GPU with a dozen CPU cores, in pieces of nine minutes. Steps come from arithmetic; not run yet.
STARTER_GPU = Config(
    name="starter-gpu",
    pack="starter",
    compact=True,
    compile=True,
    workers=12,
    ahead=16,
    vq=Vq(ch=32, mult=(1, 1, 2, 4, 4), groups=8, codebook=4096, kept=3072, flats=512, between=1024, whole_share=0.15,
          whole_batch=24,
          optimizer=Optimizer(steps=10_000, batch=64, muon=0.02, warmup=300, decay=0.0, ema=0.999, save_every=1000),
          joint=Optimizer(steps=5000, batch=64, rate=5e-4, muon=0.01, warmup=200, decay=0.0, ema=0.999, save_every=1000),
          redraw=Optimizer(steps=3000, batch=24, muon=0.01, decay=0.0, ema=0.999, save_every=1000)),
    text=Text(width=192, layers=4, heads=6, hidden=384, later=0.1,
              optimizer=Optimizer(steps=3000, batch=512, muon=0.02, rate=2e-3, decay=0.0, ema=0.998, save_every=1000)),
    checker=Checker(width=32, optimizer=Optimizer(steps=4000, batch=256, muon=0.02, warmup=200, decay=0.0, ema=0.999, save_every=1000)),
    teacher=Teacher(width=256, layers=8, heads=4, spread=True, places=True, reads=(1, 3, 5), dropped=0.0, first=16.0, scenes=196_608, shard=8192,
                    optimizer=Optimizer(steps=8000, batch=256, muon=0.02, warmup=200, ema=0.999, save_every=1000)),
    pairs=Pairs(origin="free", guidance=1.0, temperature=0.3, first_temperature=0.8),
    student=Student(kind="flow-head", reading=0.0,
                    optimizer=Optimizer(steps=12_000, batch=256, muon=0.015, warmup=200, rate=8e-4, ema=0.999, save_every=1000)),
    evaluation=Evaluation(pictures=1024, batch=128, refinements=8),
)  # fmt: skip

# The full size: published files, prompts of your own (one a line, cleaned as for T5), VGG's weights for the distance of pictures.
# Learning rate, batch and loss weights are guesses: nobody has published them. `plan` says what it would cost.
T2I_XL = Config(
    name="t2i-xl",
    workers=12,
    parallel="fsdp",
    pairs=Pairs(count=800_000, shard=1024, batch=256, guidance=7.5, top_k=1000),
    student=Student(kind="two-head", picture_batch=4, features="weights/vgg16-lpips.pt",
                    optimizer=Optimizer(steps=200_000, batch=512, warmup=2000, rate=1e-4, decay=0.0, ema=0.9999, save_every=1000)),
    published=Published(vq="weights/vq_ds16_t2i.pt", gpt="weights/t2i_XL_stage1_256.pt", heads=20, text="weights/flan-t5-xl",
                        prompts="weights/prompts.txt"),
)  # fmt: skip

# The exact world of `prove` (stages/prove.py): minutes of one core.
PROOF = Config(
    name="proof",
    grid=3,
    threads=1,
    teacher=Teacher(width=64, layers=4, heads=2, multiple_of=32, places=True),
    pairs=Pairs(guidance=1.0, top_k=0, solver_steps=24),
    student=Student(kind="flow-head", times=(0, 3), split=9, soft=1.0, reading=0.0, weight_latents=0.0, weight_picture=0.0, noise_hidden=128,
                    optimizer=Optimizer(steps=1800, batch=256, muon=0.02, rate=3e-3, warmup=50, decay=0.01, ema=0.995)),
)  # fmt: skip

PRESETS = {config.name: config for config in (TINY, STARTER_CPU, STARTER_GPU, T2I_XL, PROOF)}


def find(name: str) -> Config:
    if name in PRESETS:
        return PRESETS[name]
    path = Path(name)
    if path.suffix == ".json" and path.exists():
        return from_dict(json.loads(path.read_text()))
    raise ValueError(f"no preset or JSON file {name!r}; presets: {', '.join(PRESETS)}")


