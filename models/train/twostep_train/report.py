"""REPORT.md: the table of "Quality, measured", each figure beside its bar."""

from pathlib import Path

from .job import Job
from .pieces import write_text


def write_report(job: Job, r: dict, folder: Path) -> None:
    two, one, teacher = r["ways"]["two steps"], r["ways"]["one step"], r["ways"]["teacher"]
    refined = [(name, way) for name, way in r["ways"].items() if "refinement" in name]
    true = "attributes" in teacher  # a published teacher knows other things than our checker
    lines = [
        f"# What the run `{job.config.name}` reached",
        "",
        f"Student: {r['kind']}, times {list(job.config.student.times)}. Seed {job.config.seed}. {r['prompts']} prompts, two noises each"
        + (": held-out pairs of colour and shape (or pattern) that no network but the checker ever saw together." if true else "."),
        "",
        "| what | measured | bar | |",
        "|---|---|---|---|",
    ]

    def row(what: str, value: float, bar: float | None, least: bool = True, form: str = ".3f") -> None:
        met = "" if bar is None else "yes" if (value >= bar if least else value <= bar) else "**no**"
        sign = "" if bar is None else f"{'>=' if least else '<='} {bar:g}"
        lines.append(f"| {what} | {value:{form}} | {sign} | {met} |")

    if true:
        row("checker: attributes recognised in true renders", r["checker_on_true_renders"], 0.99)
        row("tokenizer: PSNR on held-out renders, dB", r["tokenizer_psnr"], 28, form=".2f")
        used, scenes = r["codes_in_use"] or (r["tokenizer"]["codes_used"], r["tokenizer"]["pictures"])
        row(f"tokenizer: codes in use in {scenes:,} scenes", used, 0.95)
        row("tokenizer: attributes recognised after coding", r["attributes_after_tokenizer"], None)
        row("teacher: attributes right", teacher["attributes"], 0.95)
        row("two steps: attributes right", two["attributes"], None)
        row("two steps: attributes right, new scenes of pairs that training had", r["practised"]["attributes"], None)
        row("two steps: attributes, share of the teacher's", two["attributes"] / max(1e-9, teacher["attributes"]), 0.97)
        row("one step: attributes, share of the teacher's", one["attributes"] / max(1e-9, teacher["attributes"]), None)
        row("teacher: Frechet distance to true renders", teacher["frechet"], None)
        row("two steps: Frechet ratio to the teacher", two["frechet_ratio"], 1.10, least=False)
        for name, way in refined:
            row(f"{name}: attributes, share of the teacher's", way["attributes"] / max(1e-9, teacher["attributes"]), 0.97)
            row(f"{name}: Frechet ratio to the teacher", way["frechet_ratio"], 1.10, least=False)
        row("one step: Frechet ratio to the teacher", one["frechet_ratio"], 1.3, least=False)
    row("teacher: codes that agree between two noises (the floor)", r["teacher_two_noises"], None)
    for name, way in (("two steps", two), *refined, ("one step", one)):
        row(f"{name}: codes that agree with the teacher", way["agreement"], None)
        row(f"{name}: as a lift over the floor", way["lift"], None)
        row(f"{name}: lift at the first 16 positions", way["lift_first"], None)
        row(f"{name}: lift at position 0", way["lift_position_0"], None)
        row(f"{name}: codes that agree between its own two noises", way["own_two_noises"], None)
        row(f"{name}: diversity", way["diversity"], None if way is one else 0.9)
        row(f"{name}: correlation of differences", way["correlation"], None if way is one else 0.6)
    for name, way in r["ways"].items():
        row(f"{name}: seconds a picture (batch {job.config.evaluation.batch}, {job.machine.device.type})", way["seconds_a_picture"], None)
    if true:
        columns = {**r["ways"], "two steps, pairs that training had": r["practised"]}
        lines += ["", "Attributes by kind:", "", "| kind | " + " | ".join(columns) + " |", "|---" * (1 + len(columns)) + "|"]
        for kind in teacher["by_kind"]:
            lines.append(f"| {kind} | " + " | ".join(f"{way['by_kind'].get(kind, float('nan')):.3f}" for way in columns.values()) + " |")
    lines += ["", "Refinement, from the two-step codes (passes: agreement, PSNR to the teacher's picture):", ""]
    lines.append(", ".join(f"{i}: {a:.3f}, {p:.1f} dB" for i, (a, p) in enumerate(r["refinement"])))
    if true:
        lines += ["", "The Frechet distance is taken on the last hidden layer (256 numbers) of the attribute checker, between pictures for held-out "
                  "prompts and true renders of other held-out scenes. It is comparable within this table only."]  # fmt: skip
    lines += ["", "`grid.png`: " + ", ".join(r["ways"]) + " on the same noise; two noises a row.", ""]
    write_text(folder / "REPORT.md", "\n".join(lines))
