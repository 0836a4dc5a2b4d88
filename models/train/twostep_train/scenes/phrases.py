"""What people call grounds, places and times of day, and what they write around a caption."""

STYLES = ["flat illustration of", "simple", "minimal", "minimalist", "flat", "vector", "vector art of", "picture of", "an image of",
          "a picture of", "a drawing of", "illustration of", "a flat illustration of", "clean", "modern", "cute", "draw", "nice"]  # fmt: skip
TAILS = ["flat design", "vector art", "minimal style", "flat style", "simple shapes", "clean design", "please", "vector illustration"]

SURFACES = {
    "gradient": ["gradient", "gradient background", "colour gradient", "color gradient"],
    "radial": ["radial gradient", "round gradient", "glow"],
    "mesh": ["mesh gradient", "mesh gradient background", "soft gradient mesh", "blurry gradient", "aurora gradient"],
    "blobs": ["blobs", "organic blobs", "abstract blobs", "organic shapes"],
    "waves": ["waves", "layered waves", "wave background", "soft waves", "waves background"],
    "stripes": ["stripes", "striped pattern", "stripe pattern", "lines"],
    "dots": ["dots", "polka dots", "polka dot pattern", "dotted pattern", "dot pattern"],
    "checks": ["checks", "checkerboard", "checkered pattern", "chequered pattern", "checkerboard pattern", "chessboard pattern"],
    "wavy lines": ["wavy lines", "wavy pattern", "wave pattern", "wavy stripes"],
    "triangles": ["triangles", "triangle pattern", "geometric triangles", "pattern of triangles"],
    "terrazzo": ["terrazzo", "terrazzo pattern", "terrazzo texture"],
}

LANDS = {
    "mountains": ["mountains", "mountain range", "mountain landscape", "snowy mountains", "peaks"],
    "sea": ["sea", "ocean", "seaside", "calm sea", "ocean waves"],
    "hills": ["hills", "rolling hills", "gentle hills", "hilly landscape", "meadows"],
    "desert": ["desert", "desert with cactus", "sand dunes", "dunes", "desert landscape"],
    "forest": ["forest", "pine forest", "woods", "trees", "forest landscape"],
    "city": ["city", "city skyline", "skyline", "skyscrapers", "town"],
}

TIMES = {
    "day": ["by day", "in daylight", "on a sunny day", "in the morning", "sunny", "at noon", "under a blue sky"],
    "sunset": ["at sunset", "at dusk", "in the evening", "at sundown", "at golden hour", "at sunrise"],
    "night": ["at night", "by night", "in moonlight", "in the dark", "at midnight", "with stars and moon"],
}

AMONG = {
    "mountains": ["in the mountains", "in front of mountains", "in front of a mountain range", "on a mountain"],
    "hills": ["on a hill", "on a green hill", "on the hills", "in a meadow", "in a field", "in the hills", "on rolling hills"],
    "desert": ["in the desert", "in a desert", "on a sand dune", "in the dunes"],
    "forest": ["in the forest", "in a forest", "in the woods", "in front of a forest"],
    "city": ["in the city", "in a city", "in front of a city skyline", "in front of skyscrapers", "in town"],
}
"""Where a thing may stand; nothing stands on the sea."""
