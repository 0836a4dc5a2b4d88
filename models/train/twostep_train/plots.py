"""Pictures for people: grids as PNG, logs as curves."""

from pathlib import Path

import torch


def to_bytes(images: torch.Tensor):
    """[..., 3, H, W] in -1..1 -> uint8."""
    return ((images.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)


def grid(path: Path, images: torch.Tensor, columns: int, gap: int = 4) -> None:
    """images [N, 3, H, W] in -1..1, row by row, on white."""
    from PIL import Image

    images = to_bytes(images).cpu()
    count, _, height, width = images.shape
    rows = -(-count // columns)
    sheet = torch.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), 255, dtype=torch.uint8)
    for i, image in enumerate(images):
        top, left = gap + (i // columns) * (height + gap), gap + (i % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = image.permute(1, 2, 0)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet.numpy()).save(path, optimize=True)


def curves(path: Path, rows: list[dict]) -> None:
    """One panel a column of a training log; without matplotlib there is only the CSV."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = [k for k in rows[-1] if k not in ("step", "seconds")] if rows else []
    if not names:
        return
    figure, axes = pyplot.subplots(1, len(names), figsize=(3.4 * len(names), 2.6), squeeze=False)
    for axis, name in zip(axes[0], names, strict=True):
        points = [(int(r["step"]), float(r[name])) for r in rows if r.get(name)]
        axis.plot(*zip(*points, strict=True), linewidth=1)
        axis.set_title(name, fontsize=9)
        axis.tick_params(labelsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    pyplot.close(figure)
