"""Backgrounds and seamless patterns. Each takes x [B, 1, W], y [B, H, 1], pixel [B, 1, 1], five colours [B, 5, 3, 1, 1], twelve
knobs [B, 12, 1, 1] and the light [B, 1, 1] and gives [B, 3, H, W]. Patterns repeat exactly over the unit square."""

import torch

from .field import box, circle
from .ridges import TURN, chance, city, cover, desert, forest, hills, mountains, paint, sea


def flat(colour, x, y):
    return colour.expand(-1, 3, y.shape[1], x.shape[2])


def plain(x, y, pixel, colours, knobs, light):
    return flat(colours[:, 0], x, y)


def ramp(colours, t):
    """Two or three colours along t in [0, 1] [B, H, W]; the third sits in the middle."""
    t = (t * t * (3 - 2 * t)).unsqueeze(1)
    first = torch.lerp(colours[:, 0], colours[:, 2], (2 * t).clamp(0, 1))
    return torch.lerp(first, colours[:, 1].expand_as(first), (2 * t - 1).clamp(0, 1))


def gradient(x, y, pixel, colours, knobs, light):
    """Knob 0: angle in turns; colour 2 is the middle one."""
    c, s = torch.cos(TURN * knobs[:, 0]), torch.sin(TURN * knobs[:, 0])
    return ramp(colours, (((x - 0.5) * c + (y - 0.5) * s) / (c.abs() + s.abs()) + 0.5).clamp(0, 1))


def radial(x, y, pixel, colours, knobs, light):
    """Knobs 0-1: the middle, 2: reach."""
    return ramp(colours, (torch.sqrt((x - knobs[:, 0]) ** 2 + (y - knobs[:, 1]) ** 2) / knobs[:, 2]).clamp(0, 1))


def mesh(x, y, pixel, colours, knobs, light):
    """Four soft lights (knobs 0-7) that melt into each other, over colour 0."""
    total, image = 1.0, flat(colours[:, 0], x, y)
    for i in range(4):
        near = 1 / (0.03 + ((x - knobs[:, 2 * i]) ** 2 + (y - knobs[:, 2 * i + 1]) ** 2) * 2.2) ** 2 / 30
        image = image + colours[:, 1 + i % 4] * near.unsqueeze(1)
        total = total + near
    return image / total.unsqueeze(1)


def blobs(x, y, pixel, colours, knobs, light):
    """Three organic shapes (knobs 0-5 places, 6-8 radii, 9-11 phases) over colour 0."""
    image = flat(colours[:, 0], x, y)
    for i in range(3):
        u, v = x - knobs[:, 2 * i], y - knobs[:, 2 * i + 1]
        angle, phase = torch.atan2(v, u), TURN * knobs[:, 9 + i]
        radius = knobs[:, 6 + i] * (1 + 0.16 * torch.sin(2 * angle + phase) + 0.1 * torch.sin(3 * angle + 2 * phase))
        image = paint(image, colours[:, 1 + i], cover(torch.sqrt(u * u + v * v + 1e-12) - radius, pixel))
    return image


def waves(x, y, pixel, colours, knobs, light):
    """Four layers from colour 0 to colour 1; knobs 0-2 phases, 5 height, 6 turns."""
    image = flat(colours[:, 0], x, y)
    for i in range(3):
        ridge = 0.25 + 0.25 * i + knobs[:, 5] * torch.sin(TURN * (x * knobs[:, 6] + knobs[:, i]))
        image = paint(image, torch.lerp(colours[:, 0], colours[:, 1], (i + 1) / 3), cover((ridge - y) * 0.9, pixel))
    return image


def band(t, share):
    """Distance, in units of t, from a stripe that fills `share` of every period."""
    return (t - torch.floor(t) - 0.5).abs() - share / 2


def stripes(x, y, pixel, colours, knobs, light):
    """Knobs 0-1: periods across and down (integers), 2 phase, 3 share."""
    t = x * knobs[:, 0] + y * knobs[:, 1] + knobs[:, 2]
    length = torch.sqrt(knobs[:, 0] ** 2 + knobs[:, 1] ** 2)
    return paint(flat(colours[:, 0], x, y), colours[:, 1], cover(band(t, knobs[:, 3]) / length, pixel))


def dots(x, y, pixel, colours, knobs, light):
    """Knob 0: dots in a row, 1: radius in cells, 2: 1 = staggered, 3-4 shift."""
    u, v = x * knobs[:, 0] + knobs[:, 3], y * knobs[:, 0] + knobs[:, 4]
    first = circle(u - torch.floor(u) - 0.5, v - torch.floor(v) - 0.5, knobs[:, 1])
    u, v = u + 0.5, v + 0.5
    second = circle(u - torch.floor(u) - 0.5, v - torch.floor(v) - 0.5, knobs[:, 1] * knobs[:, 2])
    second = torch.where(knobs[:, 2] > 0, second, torch.ones_like(second))
    return paint(flat(colours[:, 0], x, y), colours[:, 1], cover(torch.minimum(first, second) / knobs[:, 0], pixel))


def checks(x, y, pixel, colours, knobs, light):
    """Knob 0: pairs of squares in a row, 1-2 shift."""
    across = cover(band(x * knobs[:, 0] + knobs[:, 1], 0.5) / knobs[:, 0], pixel)
    down = cover(band(y * knobs[:, 0] + knobs[:, 2], 0.5) / knobs[:, 0], pixel)
    return paint(flat(colours[:, 0], x, y), colours[:, 1], across * (1 - down) + down * (1 - across))


def wavy_lines(x, y, pixel, colours, knobs, light):
    """Knob 0: lines, 1: waves across (integer), 2: height in periods, 3 share, 4-5 phases."""
    t = y * knobs[:, 0] + knobs[:, 2] * torch.sin(TURN * (x * knobs[:, 1] + knobs[:, 4])) + knobs[:, 5]
    slope = knobs[:, 2] * TURN * knobs[:, 1] * torch.cos(TURN * (x * knobs[:, 1] + knobs[:, 4]))
    length = torch.sqrt(knobs[:, 0] ** 2 + slope**2)
    return paint(flat(colours[:, 0], x, y), colours[:, 1], cover(band(t, knobs[:, 3]) / length, pixel))


def triangles(x, y, pixel, colours, knobs, light):
    """Knob 0: triangles in a row, an even number; 1-2 shift. Every other row is moved by half a triangle."""
    v = y * knobs[:, 0] + knobs[:, 2]
    row = torch.floor(v)
    u = x * knobs[:, 0] + knobs[:, 1] + 0.5 * (row - 2 * torch.floor(row / 2))
    fu, fv = u - torch.floor(u) - 0.5, v - row
    distance = torch.maximum((fu.abs() - fv * 0.5) * 0.894, fv - 1)
    return paint(flat(colours[:, 0], x, y), colours[:, 1], cover(distance / knobs[:, 0], pixel))


def terrazzo(x, y, pixel, colours, knobs, light):
    """Chips of colours 1-3 over colour 0, one in each cell; knob 0: cells in a row (integer), 1-2 shift, 10 seed."""
    count = knobs[:, 0]
    u, v = x * count + knobs[:, 1], y * count + knobs[:, 2]
    image = flat(colours[:, 0], x, y)
    for half in (0, 1):
        cell_u, cell_v = torch.floor(u + half * 0.5), torch.floor(v + half * 0.5)
        wrapped_u, wrapped_v = cell_u - count * torch.floor(cell_u / count), cell_v - count * torch.floor(cell_v / count)

        def draw(salt, wrapped_u=wrapped_u, wrapped_v=wrapped_v, half=half):
            return chance(wrapped_u, wrapped_v, knobs[:, 10], salt + 20 * half)

        a, b = u + half * 0.5 - cell_u - 0.42 - 0.16 * draw(1), v + half * 0.5 - cell_v - 0.42 - 0.16 * draw(2)
        size = (0.2 + 0.12 * draw(3)) * (1.0 if half == 0 else 0.6)
        turn = TURN * draw(4)
        chip = torch.full_like(a, -9.0)
        for side in range(5):
            angle = turn + (side + 0.5 * draw(6 + side)) * TURN / 5
            chip = torch.maximum(chip, a * torch.cos(angle) + b * torch.sin(angle) - size)
        pick = draw(5)
        amount = cover(chip / count, pixel) * (pick < (0.92 if half == 0 else 0.6)).float()
        colour = torch.where((pick < 0.31).unsqueeze(1), colours[:, 1], torch.where((pick < 0.62).unsqueeze(1), colours[:, 2], colours[:, 3]))
        image = paint(image, colour, amount)
    return image


def badge(x, y, pixel, colours, knobs, light):
    """An app-icon tile of colour 1 on colour 0; knob 0: rounding (0.4 = a disc)."""
    tile = box(x - 0.5, y - 0.5, 0.38, 0.38)
    rounding = knobs[:, 0]
    a, b = (x - 0.5).abs() - (0.38 - rounding), (y - 0.5).abs() - (0.38 - rounding)
    tile = torch.sqrt(a.clamp(min=0) ** 2 + b.clamp(min=0) ** 2 + 1e-12) + torch.maximum(a, b).clamp(max=0) - rounding
    return paint(flat(colours[:, 0], x, y), colours[:, 1], cover(tile, pixel))


DRAW = [plain, gradient, radial, mesh, blobs, waves, stripes, dots, checks, wavy_lines, triangles, terrazzo, badge,
        mountains, sea, hills, desert, forest, city]  # fmt: skip
