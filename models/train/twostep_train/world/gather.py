"""Makes the folder of the starter's world: one SVG a drawing and index.json, from packages of free drawings and their annotations.

    python -m twostep_train.world.gather --out world

Needs npm, which fetches the packages below; nothing of them is kept in the repository or ships with a pack. Anybody's own folder of the same form makes a pack of
their own (README, "Your own drawings").
"""

import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

from .catalogue import ALSO, ICONS, NAMES, NOT, SUBGROUPS, aliases

PACKAGES = {
    "@iconify-json/fluent-emoji-flat": "1.2.6",  # MIT, Microsoft
    "@iconify-json/ph": "1.2.2",  # MIT, Phosphor Icons
    "emojibase-data": "17.0.0",  # MIT, Miles Johnson; labels and keywords, partly CLDR's (Unicode-3.0)
}
LANGUAGES = ("de", "fr", "es", "ja")
ICON_STYLES = {"outline": "", "solid": "-fill"}


def identifier(label: str) -> str:
    """"red apple" -> "red-apple"; letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", label.lower().replace("’", "")).strip("-")


def svg_of(collection: dict, name: str) -> str:
    """One icon of an iconify collection as a whole SVG."""
    icon = collection["icons"][name]
    width, height = (icon.get(k, collection.get(k, 16)) for k in ("width", "height"))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{icon["body"]}</svg>\n'


def plain(label: str) -> str:
    """A label as people type it."""
    return re.sub(r"\s+", " ", re.sub(r"[’“”\"():!]", "", label)).strip().lower()


def of_face(tag: str, label: str) -> bool:
    """Whether a keyword is the animal of an animal's face: "chat" of "tête de chat", "katze" of "katzengesicht"."""
    return tag != label and (label.endswith(f" {tag}") or (len(tag) > 3 and " " not in label and label.startswith(tag[:-1])) or label.startswith(f"{tag}の"))


def things(packages: Path) -> list[tuple[dict, str]]:
    collection = json.loads((packages / "@iconify-json/fluent-emoji-flat/icons.json").read_text())
    folder = packages / "emojibase-data"
    subgroups = json.loads((folder / "meta/groups.json").read_text())["subgroups"]
    english = json.loads((folder / "en/data.json").read_text())
    others = {code: {one["hexcode"]: one for one in json.loads((folder / code / "data.json").read_text())} for code in LANGUAGES}
    own, also, without, made = aliases(NAMES), set(ALSO), set(NOT), []
    for one in english:
        label, group = one["label"], subgroups.get(str(one.get("subgroup")))
        if label in without or not (group in SUBGROUPS or label in also):
            continue
        icon = identifier(label) if identifier(label) in collection["icons"] else label.lower().replace(" ", "-")
        if icon not in collection["icons"]:
            continue
        short = plain(label)
        names = {"en": list(dict.fromkeys([short, *([short.removesuffix(" face")] if short.endswith(" face") and len(short) < 14 else []), *own.get(label, [])]))}
        keywords = {"en": [t for t in one.get("tags", []) if t not in names["en"]]}
        for code in LANGUAGES:
            there = others[code].get(one["hexcode"])
            if there:
                tags = [plain(tag) for tag in there.get("tags", []) if plain(tag)]
                local = plain(there["label"]).removesuffix(" tous genres")
                faces = [tag for tag in tags if short.endswith(" face") or local.endswith("の顔") if of_face(tag, local)]
                names[code] = [local, *faces[:1]]
                keywords[code] = [tag for tag in tags if tag not in names[code]]
        made.append(({"id": identifier(label), "style": "flat", "coloured": True, "kind": "thing", "group": group, "names": names, "keywords": keywords,
                      "source": f"fluent-emoji-flat/{icon}"}, svg_of(collection, icon)))  # fmt: skip
    return made


def icons(packages: Path) -> list[tuple[dict, str]]:
    collection, made = json.loads((packages / "@iconify-json/ph/icons.json").read_text()), []
    for name, called in aliases(ICONS).items():
        for style, suffix in ICON_STYLES.items():
            names = list(dict.fromkeys([plain(name.replace("-", " ")), *called]))
            made.append(({"id": f"{name}-{style}", "style": style, "coloured": False, "kind": "icon", "group": "icon", "names": {"en": names}, "keywords": {},
                          "source": f"ph/{name}{suffix}"}, svg_of(collection, name + suffix)))  # fmt: skip
    return made


def fetch(folder: Path) -> Path:
    """The packages' folder, filled by npm."""
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    subprocess.run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", *wanted], check=True)
    return folder / "node_modules"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--packages", type=Path, help="a node_modules folder that has the packages; fetched where not given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        packages = options.packages or fetch(Path(folder))
        found = [*things(packages), *icons(packages)]
    options.out.mkdir(parents=True, exist_ok=True)
    for one, svg in found:
        (options.out / f"{one['id']}.svg").write_text(svg)
    (options.out / "index.json").write_text(json.dumps({"version": 1, "drawings": [one for one, _ in found]}, ensure_ascii=False, indent=1) + "\n")
    kinds = [one["kind"] for one, _ in found]
    print(f"{kinds.count('thing')} things and {kinds.count('icon')} icons in {options.out}")


if __name__ == "__main__":
    main()
