"""One typed configuration for a whole run; saved as config.json with the run, and checked against it on every resume."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

from .pieces import write_text


@dataclass(frozen=True)
class Optimizer:
    steps: int
    batch: int
    rate: float = 1e-3  # peak learning rate: linear warm-up, cosine down to a fiftieth
    muon: float = 0.0  # peak rate of matrices under Muon; 0: AdamW for them too
    warmup: int = 100
    decay: float = 0.05  # weight decay of matrices
    ema: float = 0.999  # limit; it ramps up as n / (n + 20)
    beta2: float = 0.99
    clip: float = 1.0
    save_every: int = 200  # steps between checkpoints: what kill -9 costs at most


@dataclass(frozen=True)
class Vq:
    ch: int = 32
    mult: tuple[int, ...] = (1, 1, 2, 2, 4)
    blocks: int = 1
    z: int = 64
    groups: int = 8  # of every norm; 32 in the published model (see vq.py)
    codebook: int = 1024
    kept: int = 0  # > 0: so many codes stay when those that say nearly the same are merged at the end (merge.py)
    flats: int = 0  # at most so many of them stand for the scenes' flat colours, one each (merge.py)
    between: int = 0  # and so many for a palette of the colours between those, of gradients
    channels: int = 8
    crop: int = 128  # pixels of a crop in the first part of the training
    whole_share: float = 0.1  # share of steps at the end on whole pictures, attention at its real size
    whole_batch: int = 4
    begin: str = ""  # folder of a run whose finished tokenizer this one goes on from; empty: from nothing
    grown: int = 0  # > 0: `begin`'s whole tokenizer as it is, its book grown by so many codes onto what it says worst; the stage itself trains nothing
    plain_share: float = 0.25  # share of steps as an autoencoder without a book
    reseed_until: float = 0.8
    edge_weight: float = 0.5
    optimizer: Optimizer = field(default_factory=lambda: Optimizer(steps=4000, batch=8, decay=0.0, ema=0.998))
    joint: Optimizer = field(default_factory=lambda: Optimizer(steps=0, batch=4, decay=0.0, ema=0.998))  # encoder, final book and decoder together
    redraw: Optimizer = field(default_factory=lambda: Optimizer(steps=0, batch=2, decay=0.0, ema=0.998))  # of the decoder alone, codes fixed

    @property
    def vocabulary(self) -> int:
        """Codes of the finished book."""
        return self.kept or self.codebook


@dataclass(frozen=True)
class Text:
    width: int = 128
    layers: int = 3
    heads: int = 4
    hidden: int = 256
    tokens: int = 48
    noise: float = 0.12  # share of captions with made-up words in them, and a sixth of that made of nothing else
    begin: str = ""  # folder of a run whose encoder this one goes on from, as its teacher ended with it; empty: from nothing
    later: float = 1.0  # share of the teacher's rates with which the encoder goes on once it can read (stages/text.py)
    optimizer: Optimizer = field(default_factory=lambda: Optimizer(steps=0, batch=256, decay=0.0, ema=0.998))  # of learning to read


@dataclass(frozen=True)
class Teacher:
    width: int = 256
    layers: int = 6
    heads: int = 8
    multiple_of: int = 256
    dropped: float = 0.1  # share of captions replaced by the unconditional table, for guidance
    label_smoothing: float = 0.0
    spread: bool = False  # tells every image row the caption (gpt.py); not in the published architecture
    places: bool = False  # tells every image row its position; likewise
    reads: tuple[int, ...] = ()  # layers in which image rows look words up; likewise
    layout: bool = False  # tells every image row what stands at the position that it predicts (layout.py); likewise, and only in a world of drawings
    rows: int = 0  # > 0: so many image rows of a picture are looked at in a step (rows.py); 0: all
    whole_share: float = 0.25  # share of steps at the end on all rows, if rows > 0
    whole_batch: int = 16  # batch of those steps
    first: float = 1.0  # weight of code 0 in the loss: what it says of the ground, the other codes only follow
    begin: str = ""  # folder of a run whose finished teacher this one goes on from, all but its encoder (text.begin); empty: from nothing
    scenes: int = 20_000  # rendered and encoded once; captions are new in every epoch
    shard: int = 1024  # scenes a file
    optimizer: Optimizer = field(default_factory=lambda: Optimizer(steps=6000, batch=64))


@dataclass(frozen=True)
class Pairs:
    """Noise-to-code pairs of the teacher.

    origin "teacher": it draws them, one position after another, for any prompts. "data": codes of training pictures, with noise found
    backwards (flow.noise_for); one parallel pass of the teacher instead of 256, and never the same noise twice. "free": codes of training pictures,
    and noise that has nothing to do with them. A flow head reads code 0 even in its first pass, and in our own scenes that code settles what a caption
    leaves open (scenes/compose.py): nothing is left to learn from the other noises, and no teacher has to be asked.
    """

    origin: str = "teacher"
    count: int = 20_000
    shard: int = 1024
    batch: int = 64
    guidance: float = 2.0
    top_k: int = 256
    temperature: float = 1.0  # divides logits before noise is mapped: below 1 a small teacher's doubts show less
    first_temperature: float = 0.0  # that of code 0, where it settles what a caption leaves open; 0: the same as of the others
    solver_steps: int = 50
    refresh: int = 0  # > 0: the student's run is cut into so many parts, each with its own `count` pairs

    def temperature_at(self, position: int) -> float:
        return self.first_temperature if position == 0 and self.first_temperature else self.temperature


@dataclass(frozen=True)
class Student:
    kind: str = "two-head"  # or "flow-head"
    begin: str = ""  # folder of a run whose finished student this one goes on from; empty: from the teacher
    times: tuple[int, ...] = (0, 80)
    split: int = 130
    weight_codes: float = 1.0
    weight_latents: float = 3.0  # squared distance of the continuous head to the code vectors
    weight_picture: float = 0.5  # perceptual distance of decoded pictures
    picture_batch: int = 4
    features: str = "checker"  # or a path to VGG's LPIPS weights, or "none"
    soft: float = 0.0  # flow head: share of the loss from the teacher's own distribution
    alike: float = 0.0  # > 0: a code's nearest neighbours in the book share its target, by exp(cosine / alike) (stages/student.py)
    noise_hidden: int = 256
    reading: float = 0.5  # flow head: share of a batch that reads its own codes; the rest is shared out over the times
    rows: int = 0  # as in the teacher
    whole_share: float = 0.25
    whole_batch: int = 16
    learns: tuple[str, ...] = ()  # kinds of drawings ("icon") that a student with `begin` goes on learning, and nothing else changes; empty: everything learns
    refinements: int = 0  # passes that follow the steps by default: the flow head's own (reread), else the teacher's
    optimizer: Optimizer = field(default_factory=lambda: Optimizer(steps=6000, batch=64, rate=5e-4))


@dataclass(frozen=True)
class Checker:
    width: int = 32
    size: int = 128  # pixels that it looks at
    optimizer: Optimizer = field(default_factory=lambda: Optimizer(steps=3000, batch=48, decay=0.01, ema=0.998))


@dataclass(frozen=True)
class Evaluation:
    pictures: int = 512
    batch: int = 32
    refinements: int = 3


@dataclass(frozen=True)
class Published:
    """The full-size route: other people's files take the place of our tokenizer and teacher. Empty: our own."""

    vq: str = ""  # vq_ds16_t2i.pt
    gpt: str = ""  # t2i_XL_stage1_256.pt, or a class-conditional one
    heads: int = 20
    text: str = ""  # folder of flan-t5-xl; none for a class-conditional teacher
    prompts: str = ""  # one prompt a line, already cleaned as for T5; none for a class-conditional teacher


@dataclass(frozen=True)
class Proof:
    """A world that is known in full, for the stage `prove`. The grid and the solver are those of the rest of the configuration."""

    colours: int = 4
    pool: int = 16_384  # pairs that are made together; no pair is used twice
    pictures: int = 4096  # drawn at every look
    looks: int = 24  # how often the student is measured


@dataclass(frozen=True)
class Config:
    name: str
    world: str = ""  # folder of drawings (world/drawings.py) that scenes are made of beside their own shapes; captions are then the scene language
    only: str = ""  # file with the ids of the world's drawings that are practised, one a line, twice for twice as often; the others keep their words. Empty: all
    pack: str = ""  # id of the pack that the export becomes; the name if empty
    seed: int = 1
    size: int = 256
    grid: int = 16
    device: str = "auto"
    threads: int = 0  # 0: as many as there are cores
    precision: str = "bfloat16"
    compile: bool = False
    workers: int = 0  # processes that prepare batches
    ahead: int = 1  # steps whose pictures are drawn together; more on a GPU
    compact: bool = False  # checkpoints in about 6 bytes a parameter instead of 16
    parallel: str = "ddp"  # or "fsdp"
    vq: Vq = field(default_factory=Vq)
    text: Text = field(default_factory=Text)
    checker: Checker = field(default_factory=Checker)
    teacher: Teacher = field(default_factory=Teacher)
    pairs: Pairs = field(default_factory=Pairs)
    student: Student = field(default_factory=Student)
    evaluation: Evaluation = field(default_factory=Evaluation)
    published: Published = field(default_factory=Published)
    proof: Proof = field(default_factory=Proof)

    @property
    def length(self) -> int:
        return self.grid * self.grid


# How a run is carried out, not what it makes: these may differ between the pieces of one run.
FREE = ("device", "threads", "workers", "ahead", "compile")


def to_dict(config: Config) -> dict:
    return dataclasses.asdict(config)


def from_dict(values: dict, kind: type = Config):
    """Strict: an unknown or misspelt option is an error by name."""
    fields = {f.name: f for f in dataclasses.fields(kind)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise ValueError(f"{kind.__name__} has no option {', '.join(unknown)}; it has {', '.join(fields)}")
    made = {}
    for name, value in values.items():
        inner = fields[name].type
        if isinstance(value, dict):
            value = from_dict(value, inner)
        elif isinstance(value, list):
            value = tuple(value)
        made[name] = value
    return kind(**made)


def settled(run: Path, config: Config) -> Config:
    """The run's configuration: saved on first use, compared afterwards."""
    run = Path(run)
    run.mkdir(parents=True, exist_ok=True)
    path = run / "config.json"
    if path.exists():
        # An option that came after the run was begun has its default there.
        saved, wanted = (json.loads(json.dumps(to_dict(one))) for one in (from_dict(json.loads(path.read_text())), config))
        differing = [k for k in wanted if k not in FREE and wanted[k] != saved[k]]
        if differing:
            raise ValueError(f"{path} was made with other values of {', '.join(differing)}; use another --run or the same configuration")
    else:
        write_text(path, json.dumps(to_dict(config), indent=1) + "\n")
    return config
