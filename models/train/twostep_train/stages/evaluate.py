"""Measures everything on held-out combinations and writes REPORT.md with grids.

Every prompt gets two noises. Teacher and student answer both, so that attribute scores and Frechet ratios can be read together with
what shows collapse: a student that ignores its noise makes good-looking pictures too.
"""

import json
import time
from dataclasses import dataclass, field, replace

import torch

from .. import pieces
from ..compare import Question, question, score
from ..job import Job
from ..measures import Differences, agreement, frechet, lift, psnr
from ..pieces import write_text
from ..plots import grid
from ..report import write_report
from ..scenes.draw import draw
from ..scenes.sample import sample
from ..source import HELD_OUT_SEED, Source, load_source
from ..students import FlowHead, TwoHead, refine
from ..teachers import TextTeacher
from ..world.drawings import world
from .checker import load_judge
from .codes import codes_in_use
from .student import load_student
from .tokenizer import whole_stage
from .trajectories import teach

FIRST = 16  # "the very first positions"
UNSEEN = 1 << 40  # where prompts and noises of the evaluation begin, far from those of the pairs


@dataclass
class Answers:
    """What one way of generating gave, for noises a and b."""

    codes: dict[str, list] = field(default_factory=lambda: {"a": [], "b": []})
    features: list = field(default_factory=list)
    scores: list = field(default_factory=list)
    kinds: dict[str, list[int]] = field(default_factory=dict)
    differences: Differences = field(default_factory=Differences)
    seconds: float = 0.0


@dataclass(frozen=True)
class Way:
    times: tuple[int, ...] = ()  # none: the teacher draws
    refinements: int = 0


def ways(job: Job) -> dict[str, Way]:
    settings = job.config.student
    found = {"teacher": Way(), "two steps": Way(settings.times), "one step": Way(settings.times[:1])}
    if settings.refinements:
        found[f"two steps and {settings.refinements} refinements"] = Way(settings.times, settings.refinements)
    return found


def run(job: Job) -> None:
    if not job.machine.main:
        return
    config, device = job.config, job.machine.device
    source = load_source(job)
    # With a published teacher there are no scenes to compare with, and drawings are judged by the stage `concepts`: what remains is how student and teacher agree.
    judge = None if config.published.gpt or world().drawings else load_judge(job)
    student = load_student(job, source)
    if config.pairs.origin == "free":
        # The student went on learning from pictures: what it is to be compared with is what it draws itself, one code after the other.
        source = replace(source, teacher=replace_gpt(source, student))
    found = {name: Answers() for name in ways(job)}
    real, coded, shown, dials = Answers(), Answers(), [], []
    total, batch = config.evaluation.pictures, config.evaluation.batch
    reconstruction = []
    for first in range(0, total, batch):
        indices = range(first, min(first + batch, total))
        if judge is None:
            samples, asked = [], []
            prompts = [source.prompt(UNSEEN + i) for i in indices]
        else:
            samples = [sample(config.seed + HELD_OUT_SEED, i, held_out=True) for i in indices]
            asked, prompts = [question(config.seed + HELD_OUT_SEED, i, held_out=True) for i in indices], [s.text for s in samples]
        tokens = {k: v.to(device) for k, v in source.tokens(prompts).items()}
        noises = {key: torch.stack([source.noise(UNSEEN + first + i, stream) for i in range(len(prompts))]).to(device)
                  for key, stream in (("a", 31), ("b", 32))}  # fmt: skip
        if judge is not None:
            reconstruction.append(_truth(source, judge, samples, asked, first, real, coded))
        pictures = {}
        for name, way in ways(job).items():
            for key in ("a", "b"):
                pictures[name, key] = _answer(source, student, found[name], way, tokens, noises[key], key)
            if judge is not None:
                _tally(found[name], judge, pictures[name, "a"], asked)
            sides = [pictures[name, "a"], pictures[name, "b"], pictures["teacher", "a"], pictures["teacher", "b"]]
            found[name].differences.add(*(side.clamp(-1, 1).cpu() for side in sides))
        if len(dials) * batch < 64:
            dials.append(_refinements(source, student, found, tokens, noises["a"], pictures["teacher", "a"]))
        if len(shown) < 24:
            shown += [pictures[name, key][i].cpu() for i in range(min(8, len(prompts))) for key in ("a", "b") for name in found]
        job.machine.tell(f"evaluate: {min(first + batch, total)} of {total} prompts")
    results = _summary(job, source, found, real, coded, reconstruction, dials, total, judge)
    if judge is not None:
        kinds = _practised(source, student, judge, total, batch)
        results["practised"] = {"attributes": _share(kinds), "by_kind": {k: v[0] / v[1] for k, v in sorted(kinds.items())}}
    folder = job.run / "evaluate"
    folder.mkdir(exist_ok=True)
    columns = 2 * len(found)
    grid(folder / "grid.png", torch.stack(shown), columns)
    write_text(folder / "results.json", json.dumps(results, indent=1) + "\n")
    write_report(job, results, folder)
    job.machine.tell((folder / "REPORT.md").read_text())


def replace_gpt(source: Source, student: FlowHead) -> TextTeacher:
    return TextTeacher(source.teacher.text, student.as_teacher(source.teacher.gpt)).eval().requires_grad_(False)


@torch.no_grad()
def _practised(source: Source, student, judge, total: int, batch: int) -> dict[str, list[int]]:
    """[right, asked] by kind of attribute in two steps, for new scenes of pairs that training had: what people mostly ask for."""
    config, answers = source.job.config, Answers()
    for first in range(0, total, batch):
        indices, seed = range(first, min(first + batch, total)), config.seed + HELD_OUT_SEED + 2
        tokens = source.tokens([sample(seed, i).text for i in indices])
        tokens = {k: v.to(source.job.machine.device) for k, v in tokens.items()}
        noise = torch.stack([source.noise(UNSEEN + i, 33) for i in indices]).to(source.job.machine.device)
        picture = _answer(source, student, answers, Way(config.student.times), tokens, noise, "a")
        _tally(answers, judge, picture, [question(seed, i, held_out=False) for i in indices], features=False)
    return answers.kinds


@torch.no_grad()
def _truth(source: Source, judge, samples, asked: list[Question], first: int, real: Answers, coded: Answers) -> float:
    """Tallies true renders and what the tokenizer makes of them; returns its PSNR. Features of true renders come from other scenes of
    the same kind, so that no picture is compared with itself."""
    config, device = source.job.config, source.job.machine.device
    truth = draw(torch.tensor([s.scene.row() for s in samples]).to(device), config.size)
    others = [sample(config.seed + HELD_OUT_SEED + 1, first + i, held_out=True) for i in range(len(samples))]
    real.features.append(judge.features(draw(torch.tensor([s.scene.row() for s in others]).to(device), config.size)).cpu())
    _tally(real, judge, truth, asked, features=False)
    again = source.vq.decode_codes(source.vq.encode(truth), config.grid)
    _tally(coded, judge, again, asked)
    return psnr(again, truth)


@torch.no_grad()
def _answer(source: Source, student, answers: Answers, way: Way, tokens, noise, key: str) -> torch.Tensor:
    """Pictures of one way, its codes noted. A free vector counts as the code that it is nearest to."""
    config, book = source.job.config, source.book
    began = time.monotonic()
    if not way.times:
        codes = teach(source, tokens, noise)
        latents = book[codes]
    else:
        states, valid = source.condition(tokens)
        if isinstance(student, TwoHead):
            latents = student.draw(states, valid, noise, book, way.times, config.student.split)
            codes = source.vq.quantize.nearest(torch.nn.functional.normalize(latents, dim=-1))
        else:
            codes = student.draw(states, valid, noise, book, way.times, layout=tokens.get("layout"))
            latents = book[codes]
        for _ in range(way.refinements):
            codes = _refined(source, student, states, valid, codes, noise, tokens.get("layout"))
            latents = book[codes]
    picture = source.vq.decode(latents.reshape(len(noise), config.grid, config.grid, -1)).float()
    answers.codes[key].append(codes.cpu())
    answers.seconds += time.monotonic() - began
    return picture


def _refined(source: Source, student, states, valid, codes, noise, layout) -> torch.Tensor:
    """One more pass: a flow head reads its own codes, a two-head student has its teacher do it."""
    if not isinstance(student, TwoHead):
        return student.reread(states, valid, noise, codes, source.book, layout)
    return refine(source.teacher.gpt, states, valid, codes, noise, source.book, source.job.config.pairs, layout)


def _tally(answers: Answers, judge, pictures, asked: list[Question], features: bool = True) -> None:
    shares, kinds = score(asked, pictures.cpu())
    answers.scores.append(shares)
    if features:
        with torch.no_grad():
            answers.features.append(judge.features(pictures).cpu())
    for kind, (right, asked) in kinds.items():
        tally = answers.kinds.setdefault(kind, [0, 0])
        tally[0] += right
        tally[1] += asked


@torch.no_grad()
def _refinements(source: Source, student, found, tokens, noise, teachers_picture):
    """Agreement with the teacher and PSNR to its picture after 0, 1, ... passes of refinement from the two-step codes."""
    config = source.job.config
    states, valid = source.condition(tokens)
    codes = found["two steps"].codes["a"][-1].to(noise.device)
    goal, dial = found["teacher"].codes["a"][-1].to(noise.device), []
    for count in range(config.evaluation.refinements + 1):
        if count:
            codes = _refined(source, student, states, valid, codes, noise, tokens.get("layout"))
        dial.append((agreement(codes, goal), psnr(source.vq.decode_codes(codes, config.grid), teachers_picture)))
    return dial


def _summary(job: Job, source, found, real, coded, reconstruction, dials, total: int, judge) -> dict:
    teacher = found["teacher"]
    theirs = {key: torch.cat(teacher.codes[key]) for key in ("a", "b")}
    floors = {n: agreement(theirs["a"][:, :n], theirs["b"][:, :n]) for n in (1, FIRST, theirs["a"].shape[1])}
    truth = torch.cat(real.features) if judge is not None else None
    rows = {}
    for name, answers in found.items():
        ours, other = torch.cat(answers.codes["a"]), torch.cat(answers.codes["b"])
        lifts = {n: lift(agreement(ours[:, :n], theirs["a"][:, :n]), floor) for n, floor in floors.items()}
        rows[name] = {
            "agreement": agreement(ours, theirs["a"]),
            "lift": lifts[ours.shape[1]],
            "lift_first": lifts[FIRST],
            "lift_position_0": lifts[1],
            "own_two_noises": agreement(ours, other),
            "diversity": answers.differences.diversity,
            "correlation": answers.differences.correlation,
            "seconds_a_picture": answers.seconds / (2 * total),
        }
        if truth is not None:
            rows[name] |= {
                "attributes": _share(answers.kinds),
                "by_kind": {k: v[0] / v[1] for k, v in sorted(answers.kinds.items())},
                "frechet": frechet(torch.cat(answers.features), truth),
            }
            rows[name]["frechet_ratio"] = rows[name]["frechet"] / max(1e-9, rows["teacher"]["frechet"])
    passes = [[sum(x) / len(dials) for x in zip(*step, strict=True)] for step in zip(*dials, strict=True)]
    results = {
        "kind": job.config.student.kind,
        "prompts": total,
        "teacher_two_noises": floors[theirs["a"].shape[1]],
        "ways": rows,
        "refinement": passes,
    }
    if truth is not None:
        results |= {
            "checker_on_true_renders": _share(real.kinds),
            "attributes_after_tokenizer": _share(coded.kinds),
            "frechet_of_tokenizer": frechet(torch.cat(coded.features), truth),
            "tokenizer_psnr": sum(reconstruction) / len(reconstruction),
            "tokenizer": pieces.load(job.run / whole_stage(job.run) / "final")[1],
            "codes_in_use": codes_in_use(job),
        }
    return results


def _share(kinds: dict[str, list[int]]) -> float:
    return sum(k[0] for k in kinds.values()) / max(1, sum(k[1] for k in kinds.values()))
