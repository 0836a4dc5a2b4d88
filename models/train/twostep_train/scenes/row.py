"""The numbers of one scene: what compose.py writes and draw.py reads. Lengths are fractions of the canvas, colours -1..1."""

GROUND = 0  # index into words.GROUNDS
COLOURS = slice(1, 16)  # five colours, rgb each
KNOBS = slice(16, 28)  # twelve numbers; each ground says what they mean
LIGHT = 28  # index into words.LIGHTS, places only
COUNT = 29  # number of objects, 0..5
OBJECTS = slice(30, 70)  # five times: shape or drawing (world/drawings.py), x, y, radius, rotation, r, g, b
OBJECT = 8
LENGTH = 70
