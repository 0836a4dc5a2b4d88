"""What can be drawn and how people call it. The first name of each entry is the label in tables and attributes."""

# A palette that stays apart under JPEG-like blur and looks well together: slightly warm, never fully saturated.
COLOURS = {
    "red": ("E63946", ["red", "red", "red", "scarlet", "crimson"]),
    "orange": ("F77F1B", ["orange", "orange", "orange", "tangerine"]),
    "yellow": ("FFCB2E", ["yellow", "yellow", "yellow", "golden"]),
    "green": ("2E9E5B", ["green", "green", "green", "emerald"]),
    "mint": ("A5E3C3", ["mint", "light green", "mint green", "pale green"]),
    "teal": ("138D90", ["teal", "teal", "turquoise"]),
    "light blue": ("8FD0F7", ["light blue", "sky blue", "baby blue", "pale blue"]),
    "blue": ("2F6BED", ["blue", "blue", "blue", "cobalt"]),
    "navy": ("1C2A5E", ["navy", "dark blue", "navy blue"]),
    "purple": ("7A3FC2", ["purple", "purple", "violet"]),
    "lavender": ("C7B5F5", ["lavender", "light purple", "lilac"]),
    "pink": ("FA84B0", ["pink", "pink", "pink", "rose"]),
    "maroon": ("7E1D3F", ["maroon", "dark red", "burgundy"]),
    "brown": ("8C5A38", ["brown", "brown", "brown", "chocolate"]),
    "beige": ("F6E3C0", ["beige", "cream", "sand", "beige"]),
    "white": ("FFFFFF", ["white"]),
    "gray": ("8F96A3", ["gray", "grey"]),
    "black": ("17171F", ["black"]),
}
COLOUR_NAMES = list(COLOURS)
RGB = [tuple(int(code[i : i + 2], 16) / 127.5 - 1 for i in (0, 2, 4)) for code, _ in COLOURS.values()]

# label: names; the order is the index used by draw.py.
SHAPES = {
    "circle": ["circle", "circle", "disc", "dot"],
    "square": ["square"],
    "rectangle": ["rectangle"],
    "triangle": ["triangle"],
    "star": ["star"],
    "heart": ["heart"],
    "hexagon": ["hexagon"],
    "diamond": ["diamond", "rhombus"],
    "ring": ["ring", "donut", "doughnut", "hoop"],
    "crescent": ["crescent", "moon", "crescent moon", "half moon"],
    "cross": ["cross", "plus", "plus sign"],
    "drop": ["drop", "droplet", "raindrop", "water drop"],
    "oval": ["oval", "ellipse"],
    "arrow": ["arrow"],
    "cloud": ["cloud"],
    "flower": ["flower", "daisy"],
    "sun": ["sun"],
    "tree": ["tree"],
    "house": ["house", "home"],
    "leaf": ["leaf"],
    "bolt": ["lightning bolt", "bolt", "lightning", "flash"],
    "check": ["check mark", "checkmark", "tick"],
    "bubble": ["speech bubble", "chat bubble", "bubble"],
    "person": ["person", "user", "profile"],
}
SHAPE_NAMES = list(SHAPES)
OWN_COLOURS = {"heart": "red", "crescent": "yellow", "drop": "blue", "cloud": "light blue", "sun": "yellow", "tree": "green", "leaf": "green",
               "star": "yellow", "bolt": "yellow", "flower": "pink", "check": "green"}  # fmt: skip
"""What colour a thing has when nobody says."""
PLURALS = {
    "leaf": "leaves", "cross": "crosses", "person": "people", "flash": "flashes", "lightning": "lightnings", "daisy": "daisies",
    "plus": "pluses", "rhombus": "rhombuses",
}  # fmt: skip
ICONS = ["heart", "star", "house", "check", "bubble", "person", "bolt", "cloud", "leaf", "drop", "sun", "crescent", "cross", "arrow",
         "flower", "tree"]  # fmt: skip

# Grounds: everything behind the objects. The order is the index used by draw.py.
GROUNDS = ["plain", "gradient", "radial", "mesh", "blobs", "waves", "stripes", "dots", "checks", "wavy lines", "triangles",
           "terrazzo", "badge", "mountains", "sea", "hills", "desert", "forest", "city"]  # fmt: skip
PLACES = GROUNDS[13:]
LIGHTS = ["day", "sunset", "night"]

SIZES = {"small": ["small", "little", "tiny"], "medium": ["medium", "medium-sized"], "large": ["large", "big", "huge"]}
SIZE_NAMES = list(SIZES)

# Nine places on the canvas, row by row.
POSITIONS = {
    "top left": ["in the top left", "in the top left corner", "at the top left", "in the upper left corner"],
    "top": ["at the top", "near the top", "at the top center", "in the upper part"],
    "top right": ["in the top right", "in the top right corner", "at the top right", "in the upper right corner"],
    "left": ["on the left", "on the left side", "at the left"],
    "center": ["in the center", "in the centre", "in the middle", "centered", "centred"],
    "right": ["on the right", "on the right side", "at the right"],
    "bottom left": ["in the bottom left", "in the bottom left corner", "at the bottom left", "in the lower left corner"],
    "bottom": ["at the bottom", "near the bottom", "at the bottom center", "in the lower part"],
    "bottom right": ["in the bottom right", "in the bottom right corner", "at the bottom right", "in the lower right corner"],
}  # fmt: skip
POSITION_NAMES = list(POSITIONS)
RELATIONS = ["none", "beside", "above", "inside", "row", "column"]
DIRECTIONS = ["none", "horizontal", "vertical", "diagonal"]
