"""vocabulary.json holds what captions say, and nothing that would not fit into a pack."""

import json
import re

from twostep_train.vocabulary import NAMES, concept, vocabulary, write
from twostep_train.words import known_words

MADE = vocabulary()


def english() -> set[str]:
    entries = [*MADE["concepts"], *(entry for group in MADE["words"].values() for entry in group)]
    return {word for entry in entries for name in entry["names"]["en"] for word in re.sub("-", " ", name).split()}


def test_every_word_of_captions_is_in_it():
    have = english()
    irregular = {"leaves", "people", "daisies", "rhombuses", "crosses", "flashes", "pluses"}  # models/run/vocabulary/endings.ts
    missing = [word for word in known_words(1) if word not in have and word.removesuffix("s") not in have]
    assert set(missing) <= irregular


def test_every_entry_has_an_english_name_and_a_pack_takes_it():
    for group in [MADE["concepts"], *MADE["words"].values()]:
        for entry in group:
            assert all(0 < len(names) <= NAMES for names in entry["names"].values())
            assert entry["names"]["en"][0]
    colours = {entry["id"] for entry in MADE["words"]["colour"]}
    assert all(entry.get("colour", "red") in colours for entry in MADE["concepts"])


def test_more_concepts_come_from_another_table(tmp_path):
    fox = concept("fox", "thing", ["fox"], {"de": ["Fuchs"], "it": ["volpe"]}, colour="orange")
    write(tmp_path / "vocabulary.json", [fox])
    read = json.loads((tmp_path / "vocabulary.json").read_text(encoding="utf-8"))
    assert read["concepts"][-1] == fox
    assert read["languages"] == ["en", "de", "es", "fr", "it", "ja"]
