"""Rows of numbers -> pictures, batched, on any device. Anti-aliased by distance: an edge is one pixel wide at any size."""

import torch

from ..world.drawings import world
from . import row as R
from .grounds import DRAW
from .ridges import cover, paint
from .shapes import FIXED_PAINTS, parts
from .words import SHAPE_NAMES


def draw(rows: torch.Tensor, size: int, window: torch.Tensor | None = None) -> torch.Tensor:
    """rows [B, row.LENGTH] -> [B, 3, size, size] in -1..1. window [B, 3]: left, top and side of the part that is shown."""
    rows = rows.float()
    batch, device = rows.shape[0], rows.device
    if window is None:
        window = torch.tensor([0.0, 0.0, 1.0], device=device).expand(batch, 3)
    steps = (torch.arange(size, device=device) + 0.5) / size
    x = (window[:, 0:1] + window[:, 2:3] * steps).unsqueeze(1)
    y = (window[:, 1:2] + window[:, 2:3] * steps).unsqueeze(2)
    pixel = (window[:, 2] / size).reshape(-1, 1, 1)
    image = torch.empty(batch, 3, size, size, device=device)
    kinds = rows[:, R.GROUND].long().cpu()
    for kind in kinds.unique().tolist():
        pick = (kinds == kind).nonzero().squeeze(1).to(device)
        part = rows[pick]
        image[pick] = DRAW[kind](
            x[pick],
            y[pick],
            pixel[pick],
            part[:, R.COLOURS].reshape(-1, 5, 3, 1, 1),
            part[:, R.KNOBS].reshape(-1, 12, 1, 1),
            part[:, R.LIGHT].reshape(-1, 1, 1),
        ).clamp(-1, 1)
    for slot in range((R.OBJECTS.stop - R.OBJECTS.start) // R.OBJECT):
        _draw_objects(image, rows, slot, x, y, pixel, window)
    return image


def _draw_objects(image, rows, slot, x, y, pixel, window):
    first = R.OBJECTS.start + slot * R.OBJECT
    there = (rows[:, R.COUNT] > slot).cpu()
    names = rows[:, first].long().cpu()
    for shape in names[there].unique().tolist():
        pick = ((names == shape) & there).nonzero().squeeze(1)
        if shape >= len(SHAPE_NAMES):
            for one in pick.tolist():
                _paste(image, rows[one, first : first + R.OBJECT].tolist(), one, window)
            continue
        if image.device.type == "cpu":
            for one in pick.tolist():
                _draw_boxed(image, rows[one, first : first + R.OBJECT].tolist(), one, x, y, pixel)
        else:
            pick = pick.to(image.device)
            image[pick] = _draw_shape(image[pick], rows[pick][:, first : first + R.OBJECT], x[pick], y[pick], pixel[pick])


def _paste(image, thing, one, window):
    """A drawing of the world's folder, whose box lies on whole pixels."""
    number, cx, cy, radius = int(thing[0]), *thing[1:4]
    left, top, part = window[one].tolist()
    scale, size = image.shape[-1] / part, image.shape[-1]
    side, x, y = round(2 * radius * scale), round((cx - radius - left) * scale), round((cy - radius - top) * scale)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(size, x + side), min(size, y + side)
    if x0 >= x1 or y0 >= y1 or not side:
        return
    drawing = world().picture(number, side)[:, y0 - y : y1 - y, x0 - x : x1 - x].to(image.device)
    colour, alpha = drawing[:3], drawing[3:]
    if not world().drawings[number - len(SHAPE_NAMES)].coloured:
        colour = torch.tensor(thing[5:8], device=image.device).reshape(3, 1, 1)
    spot = image[one, :, y0:y1, x0:x1]
    image[one, :, y0:y1, x0:x1] = spot + alpha * (colour - spot)


def _draw_boxed(image, thing, one, x, y, pixel):
    """On a CPU most of the canvas is not worth visiting: only the square around the object is."""
    _, cx, cy, radius = thing[:4]
    reach = radius * 1.45
    xs, ys = x[one, 0], y[one, :, 0]
    left, right = int((xs < cx - reach).sum()), int((xs < cx + reach).sum())
    top, bottom = int((ys < cy - reach).sum()), int((ys < cy + reach).sum())
    if left >= right or top >= bottom:
        return
    spot = image[one : one + 1, :, top:bottom, left:right]
    things = torch.tensor([thing])
    image[one : one + 1, :, top:bottom, left:right] = _draw_shape(
        spot, things, x[one : one + 1, :, left:right], y[one : one + 1, top:bottom], pixel[one : one + 1]
    )


def _draw_shape(image, things, x, y, pixel):
    """things [B, row.OBJECT], all of one shape."""
    column = things.reshape(-1, R.OBJECT, 1, 1)
    radius, angle = column[:, 3], column[:, 4]
    u, v = (x - column[:, 1]) / radius, (y - column[:, 2]) / radius
    c, s = torch.cos(angle), torch.sin(angle)
    u, v = u * c + v * s, v * c - u * s
    main = things[:, 5:8].reshape(-1, 3, 1, 1)
    for distance, paint_name in parts(SHAPE_NAMES[int(things[0, 0])], u, v):
        image = paint(image, _shade(main, paint_name), cover(distance * radius, pixel))
    return image


def _shade(main, name):
    if name == "main":
        return main
    dark = torch.tensor([-0.86, -0.84, -0.7], device=main.device).reshape(1, 3, 1, 1)
    bright = (main.mean(1, keepdim=True) > 0.86).float()  # white has no lighter shade
    gloomy = (main.mean(1, keepdim=True) < -0.7).float()  # and black no darker one
    if name == "dark":
        return torch.lerp(main, dark, 0.34 - 0.14 * bright) * (1 - gloomy) + gloomy * torch.lerp(main, torch.ones_like(main), 0.25)
    if name == "light":
        return torch.lerp(main, torch.ones_like(main), 0.72) * (1 - bright) + bright * torch.lerp(main, dark, 0.2)
    if name == "centre":
        warm = torch.tensor([1.0, 0.52, -0.64], device=main.device).reshape(1, 3, 1, 1)
        same = ((main - warm).abs().amax(1, keepdim=True) < 0.45).float()
        return warm * (1 - same) + same * torch.tensor([0.1, -0.29, -0.56], device=main.device).reshape(1, 3, 1, 1)
    code = FIXED_PAINTS[name]
    return torch.tensor([int(code[i : i + 2], 16) / 127.5 - 1 for i in (0, 2, 4)], device=main.device).reshape(1, 3, 1, 1)
