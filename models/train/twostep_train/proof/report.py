"""What came of a proof: PROOF.md with a table, and the curves beside it."""

from pathlib import Path

from ..pieces import write_text

SAID = {"valid": "pictures that the world knows", "same": "pictures that are the teacher's own", "codes": "codes that are the teacher's", "flat": "pictures of one colour"}


def write_report(folder: Path, config, bounds: dict[str, dict[str, float]], rows: list[dict]) -> None:
    last, grid, colours = rows[-1], config.grid, config.proof.colours
    spans = grid * (grid + 1) // 2
    ways = {"teacher": bounds["teacher"], "student, two steps": _of(last, 2), "student, one step": _of(last, 1),
            "teacher, another noise": bounds["other noise"], "codes drawn one by one": bounds["alone"]}  # fmt: skip
    settings, pairs = config.student.optimizer, last["step"] * config.student.optimizer.batch
    lines = [
        "# A proof in small that distillation works",
        "",
        f"The world: one rectangle of any place, size and colour on a ground of another, on {grid} x {grid} codes of {colours} colours: "
        f"{spans * spans * colours * (colours - 1):,} hypotheses, all equally likely. The teacher is exact: the posterior over all of them is counted, so nothing but the student is on trial.",
        "Student and teacher draw from the same noise, by the map of METHOD 4; what is measured is never trained on.",
        "",
        f"| of {config.proof.pictures:,} pictures | " + " | ".join(SAID.values()) + " |",
        "|---|" + "---|" * len(SAID),
        *(f"| {name} | " + " | ".join(f"{found[key]:.3f}" for key in SAID) + " |" for name, found in ways.items()),
        "",
        f"The student: {config.student.kind}, {config.teacher.layers} layers of {config.teacher.width}, two steps from {list(config.student.times)} known codes; {last['step']:,} of {settings.steps:,} steps, "
        f"{pairs:,} pairs, none of them twice, {last['seconds'] / 60:.1f} minutes of processor time.",
        "",
        "![Shares over the minutes of training](PROOF.png)",
        "",
        "| steps | minutes | valid, one step | valid, two steps | same, one step | same, two steps |",
        "|---|---|---|---|---|---|",
        *(f"| {row['step']:,} | {row['seconds'] / 60:.1f} | {row['valid 1']:.3f} | {row['valid 2']:.3f} | {row['same 1']:.3f} | {row['same 2']:.3f} |" for row in rows),
        "",
        "`python -m twostep_train prove` makes it again.",
    ]  # fmt: skip
    write_text(folder / "PROOF.md", "\n".join(lines) + "\n")
    _curves(folder / "PROOF.png", bounds, rows)


def _of(row: dict, steps: int) -> dict[str, float]:
    return {name: row[f"{name} {steps}"] for name in SAID}


def _curves(path: Path, bounds, rows: list[dict]) -> None:
    """Without matplotlib there are only the numbers."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    minutes = [row["seconds"] / 60 for row in rows]
    figure, axes = pyplot.subplots(1, 3, figsize=(10, 2.8))
    for axis, name in zip(axes, ("valid", "same", "codes"), strict=True):
        for steps, style in ((2, "-"), (1, "--")):
            axis.plot(minutes, [row[f"{name} {steps}"] for row in rows], style, color="#1463ff", linewidth=1.4, label=f"student, {steps} step{'s' * (steps > 1)}")
        axis.axhline(bounds["teacher"][name], color="black", linewidth=0.8, label="teacher")
        axis.axhline(bounds["alone"][name], color="#c2410c", linewidth=0.8, label="codes one by one")
        axis.set_title(SAID[name], fontsize=9)
        axis.set_xlabel("minutes of processor time", fontsize=8)
        axis.set_ylim(-0.03, 1.05)
        axis.tick_params(labelsize=7)
    axes[0].legend(fontsize=7, loc="center right")
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    pyplot.close(figure)
