"""Landscapes: a sky, a light, and silhouettes that get darker towards the viewer (atmospheric perspective).

Colours of the row: sky above, sky at the horizon, far ground, near ground, accent (sun, moon or lit windows).
Knobs 0-5 are phases in turns, 6 horizon, 7-8 the place of sun or moon, 9 its radius, 10 an integer seed, 11 a scale.
"""

import math

import torch

from .field import box, circle, cut, segment

TURN = 2 * math.pi


def cover(distance, pixel):
    """How much of a pixel lies inside, 0..1."""
    return (0.5 - distance / pixel).clamp(0, 1)


def paint(image, colour, amount):
    """colour [B, 3, 1, 1] or [B, 3, H, W] over image by amount [B, H, W]."""
    return torch.lerp(image, colour.expand_as(image), amount.unsqueeze(1))


def chance(cell_x, cell_y, seed, salt: int):
    """A fixed pseudo-random number in [0, 1) for every cell of a grid; integers, so equal on every device."""
    h = cell_x.long() * 374761393 + cell_y.long() * 668265263 + seed.long() * 974634599 + salt * 2246822519
    h = h & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 739982445) & 0xFFFFFFFF
    h = ((h ^ (h >> 12)) * 695872825) & 0xFFFFFFFF
    h = h ^ (h >> 15)
    return (h & 0xFFFFFF).float() / 0x1000000


def sky(x, y, pixel, colours, knobs, light):
    horizon = knobs[:, 6]
    image = torch.lerp(colours[:, 0], colours[:, 1], ((y / horizon).clamp(0, 1) ** 0.9).unsqueeze(1)).expand(
        -1, 3, y.shape[1], x.shape[2]
    )
    sx, sy, radius = knobs[:, 7], knobs[:, 8], knobs[:, 9]
    night = (light == 2).float()
    glow = torch.exp(-((torch.sqrt((x - sx) ** 2 + (y - sy) ** 2) / (radius * 1.9)) ** 2)) * 0.45
    image = paint(image, colours[:, 4], glow * (1 - 0.6 * night))
    cell_x, cell_y = torch.floor(x * 9), torch.floor(y * 9)
    seed = knobs[:, 10]
    star_x = (cell_x + 0.2 + 0.6 * chance(cell_x, cell_y, seed, 1)) / 9
    star_y = (cell_y + 0.2 + 0.6 * chance(cell_x, cell_y, seed, 2)) / 9
    size = 0.004 + 0.005 * chance(cell_x, cell_y, seed, 3)
    lit = (chance(cell_x, cell_y, seed, 4) < 0.45).float() * night
    stars = cover(circle(x - star_x, y - star_y, size), pixel) * lit
    image = paint(image, torch.ones_like(colours[:, 4]), stars * 0.9)
    disc = circle(x, y, radius, sx, sy)
    moon = cut(disc, circle(x, y, radius * 0.86, sx + radius * 0.48, sy - radius * 0.22))
    return paint(image, colours[:, 4], cover(torch.where(night > 0, moon, disc), pixel))


def sines(x, knobs, first, base, height, turns):
    a = torch.sin(TURN * (x * turns + knobs[:, first]))
    b = torch.sin(TURN * (x * turns * 2.3 + knobs[:, first + 1]))
    return base + height * (0.72 * a + 0.28 * b)


def zigzag(x, phase, turns):
    """A triangle wave, -1..1."""
    t = x * turns + phase
    return 4 * (t - torch.floor(t + 0.5)).abs() - 1


def layer(image, x, y, pixel, ridge, colour, slope):
    """Fills below a ridge; `slope` keeps the soft edge one pixel wide on steep parts."""
    return paint(image, colour, cover((ridge - y) / math.sqrt(1 + slope * slope), pixel))


def near_to_far(colours, amount):
    return torch.lerp(colours[:, 2], colours[:, 3], amount)


def mountains(x, y, pixel, colours, knobs, light):
    image = sky(x, y, pixel, colours, knobs, light)
    base = knobs[:, 6]
    for depth, (drop, height, turns) in enumerate([(-0.12, 0.16, 1.6), (0.06, 0.12, 2.1), (0.24, 0.07, 1.3)]):
        edge = zigzag(x, knobs[:, depth], turns) * 0.72 + zigzag(x, knobs[:, depth + 3], turns * 2.7) * 0.28
        ridge = base + drop + height * edge
        colour = near_to_far(colours, depth / 2)
        image = layer(image, x, y, pixel, ridge, colour, height * turns * 4)
        if depth == 0:
            tooth = base + drop - height * 0.36 + 0.022 * zigzag(x, knobs[:, 5], 11)
            snow = torch.maximum((ridge - y) / 1.5, y - tooth)
            image = paint(image, torch.lerp(colour, torch.ones_like(colour), 0.82), cover(snow, pixel))
    return image


def hills(x, y, pixel, colours, knobs, light):
    image = sky(x, y, pixel, colours, knobs, light)
    base = knobs[:, 6]
    for depth, (drop, height, turns) in enumerate([(-0.04, 0.05, 1.1), (0.1, 0.06, 0.9), (0.27, 0.06, 0.7)]):
        ridge = sines(x, knobs, depth, base + drop, height, turns)
        image = layer(image, x, y, pixel, ridge, near_to_far(colours, depth / 2), 0.4)
    return image


def desert(x, y, pixel, colours, knobs, light):
    image = sky(x, y, pixel, colours, knobs, light)
    base = knobs[:, 6]
    for depth, (drop, height, turns) in enumerate([(0.02, 0.045, 0.8), (0.14, 0.05, 0.6), (0.3, 0.04, 0.5)]):
        ridge = base + drop + height * torch.sin(TURN * (x * turns + knobs[:, depth]) + 0.7 * torch.sin(TURN * (x * turns + knobs[:, depth])))
        image = layer(image, x, y, pixel, ridge, near_to_far(colours, depth / 2), 0.3)
    for place, size in ((knobs[:, 4] * 0.36 + 0.08, 0.15), (knobs[:, 5] * 0.3 + 0.62, 0.1)):
        u, v = (x - place) / size, (y - base - 0.14) / size
        arm = torch.minimum(segment(u, v, -0.5, -0.3, -0.5, 0.1, 0.13), segment(u, v, -0.5, 0.1, 0, 0.18, 0.12))
        other = torch.minimum(segment(u, v, 0.5, -0.5, 0.5, -0.05, 0.13), segment(u, v, 0.5, -0.05, 0, 0.05, 0.12))
        plant = torch.minimum(segment(u, v, 0, -0.8, 0, 1.0, 0.19), torch.minimum(arm, other)) * size
        image = paint(image, plants(light, day=(-0.62, 0.1, -0.2), dusk=(-0.55, -0.75, -0.5), night=(-0.86, -0.8, -0.55), like=image), cover(plant, pixel))
    return image


def plants(light, day, dusk, night, like):
    table = torch.tensor([day, dusk, night], device=like.device, dtype=like.dtype)
    return table[light.reshape(-1).long()].reshape(-1, 3, 1, 1)


def sea(x, y, pixel, colours, knobs, light):
    image = sky(x, y, pixel, colours, knobs, light)
    base = knobs[:, 6]
    depth = ((y - base) / (1 - base)).clamp(0, 1)
    water = torch.lerp(colours[:, 2], colours[:, 3], depth.unsqueeze(1))
    image = paint(image, water.expand_as(image), cover(base - y, pixel))
    wide = (0.35 + 1.1 * depth) * knobs[:, 9]
    stripe = (torch.sin(TURN * (depth * 5.5 - knobs[:, 0])) - 0.1) * (1 - base) / (5.5 * TURN)
    gleam = torch.maximum((x - knobs[:, 7]).abs() - wide, torch.maximum(-stripe, base + 0.012 - y))
    image = paint(image, colours[:, 4], cover(gleam, pixel) * 0.75)
    for part, (drop, height) in enumerate([(0.62, 0.02), (0.84, 0.022)]):
        ridge = base + (1 - base) * drop + height * torch.cos(TURN * (x * 3 + knobs[:, part + 1]))
        image = paint(image, torch.lerp(colours[:, 3], torch.full_like(colours[:, 3], -0.85), 0.16 * (part + 1)), cover((ridge - y) / 1.05, pixel))
    return image


def forest(x, y, pixel, colours, knobs, light):
    image = sky(x, y, pixel, colours, knobs, light)
    base = knobs[:, 6]
    for depth, (drop, tall, count) in enumerate([(-0.02, 0.17, 9), (0.12, 0.22, 7), (0.3, 0.28, 5)]):
        floor = base + drop
        distance = (floor + 0.03 - y).expand(-1, y.shape[1], x.shape[2])
        t = x * count + knobs[:, depth]
        for shift in (0.0, 0.5):
            cell = torch.floor(t + shift)
            height = tall * (0.6 + 0.5 * chance(cell, cell * 0, knobs[:, 10], depth * 2 + int(shift * 2)))
            across = (t + shift - cell - 0.5).abs() / count
            for top, wide in ((0.0, 0.3), (0.3, 0.42), (0.58, 0.52)):
                apex = floor + 0.1 - height * (1 - top)
                side = (across - (y - apex) * (wide / count) / (height * 0.48)) * 0.9
                foot = y - (apex + height * 0.48)
                distance = torch.minimum(distance, torch.maximum(side, foot))
        image = paint(image, near_to_far(colours, depth / 2), cover(distance, pixel))
    return image


def city(x, y, pixel, colours, knobs, light):
    image = sky(x, y, pixel, colours, knobs, light)
    base = knobs[:, 6] + 0.3
    for depth, (tall, count) in enumerate([(0.44, 8), (0.38, 6), (0.24, 5)]):
        t = x * count + knobs[:, depth]
        cell = torch.floor(t)
        height = tall * (0.4 + 0.6 * chance(cell, cell * 0, knobs[:, 10], depth))
        wall = box((t - cell - 0.5) / count, y - base, 0.47 / count, 1.0)
        top = (base - height + depth * 0.02) - y
        building = torch.maximum(wall, top)
        image = paint(image, near_to_far(colours, depth / 2), cover(building, pixel))
        if depth == 1:
            column = (t - cell) * 3
            row = (y - base + height) * count * 2.2
            window = box((column - torch.floor(column) - 0.5) / 3 / count, (row - torch.floor(row) - 0.5) / 2.2 / count, 0.085 / count, 0.12 / count)
            lit = chance(cell * 3 + torch.floor(column), torch.floor(row), knobs[:, 10], 9) < torch.where(light > 0, 0.55, 0.0)
            inside = torch.maximum(window, torch.maximum(building + 0.012, y - base - 0.04))
            image = paint(image, colours[:, 4], cover(inside, pixel) * lit.float() * 0.9)
    floor = cover(base + 0.06 - y, pixel).expand(-1, y.shape[1], x.shape[2])
    return paint(image, torch.lerp(colours[:, 3], torch.full_like(colours[:, 3], -0.9), 0.3), floor)
