"""The text tokenizer: T5's format (Unigram over Metaspace pieces, </s> at the end), written by hand from the captions' vocabulary.

Every word that captions use is one piece; any other word falls apart into pairs of letters or single ones, so nothing can break it,
and a word is known exactly if it is one piece. The normalizer lower-cases and turns punctuation into spaces.
"""

import json
import re
from collections import Counter

import torch
from tokenizers import Tokenizer

from .draws import Draws
from .scenes.sample import sample

PAD, END, UNKNOWN = 0, 1, 2
PUNCTUATION = r"[\-_/(),.;:!?\"'“”‘’…&+*#~|<>\[\]{}=]+"
CAPTIONS_READ = 30_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"

# Words that nobody draws here but people write; shown in training with pictures that ignore them.
STRANGE_WORDS = """amazing beautiful gorgeous photo realistic photograph portrait of a dog cat horse elephant dragon castle robot car train
airplane astronaut wizard king queen warrior samurai ninja pizza burger guitar piano computer phone laptop keyboard chair table lamp sofa
kitchen bedroom garden river lake waterfall volcano island beach bridge tower church temple market street road highway spaceship planet galaxy
universe nebula dream magic fantasy epic cinematic dramatic lighting detailed intricate high quality resolution masterpiece trending artstation
oil painting watercolor sketch pencil charcoal digital anime cartoon comic pixel retro vintage futuristic cyberpunk steampunk gothic baroque
happy sad angry smiling running jumping flying sleeping eating reading writing dancing singing old young tall short fast slow hot cold wet dry
shiny glossy matte soft hard rough smooth heavy wooden metal glass stone paper cloth leather fur feather silk velvet marble granite crystal
logo poster banner website app button menu header footer card login signup dashboard chart graph table calendar settings profile business
finance health medical school education travel hotel restaurant coffee fashion music movie game sport football basketball tennis bicycle
christmas halloween easter birthday wedding party spring summer autumn winter monday january weekend people man woman child baby family friend
""".split()  # fmt: skip


def known_words(seed: int) -> list[str]:
    """Every word that the captions use, most frequent first."""
    counts = Counter()
    for index in range(CAPTIONS_READ):
        counts.update(re.sub(PUNCTUATION, " ", sample(seed, index).text.lower()).split())
    return [word for word, _ in counts.most_common()]


def build_tokenizer(seed: int) -> dict:
    """The contents of tokenizer.json."""
    words = known_words(seed)
    vocabulary = [["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0]]
    # Scores make one whole word better than any way to split it, and pairs of letters better than single ones.
    vocabulary += [["▁" + word, round(-4.0 - 0.002 * rank, 4)] for rank, word in enumerate(words)]
    have = {piece for piece, _ in vocabulary}
    pairs = [a + b for a in LETTERS for b in LETTERS]
    singles = [*LETTERS, *"0123456789", "▁", *["▁" + c for c in LETTERS + "0123456789"]]
    vocabulary += [[piece, -30.0] for piece in pairs if piece not in have]
    vocabulary += [[piece, -20.0] for piece in singles if piece not in have]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
            for i, content in enumerate(["<pad>", "</s>", "<unk>"])
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFKC"},
                {"type": "Lowercase"},
                {"type": "Replace", "pattern": {"Regex": PUNCTUATION}, "content": " "},
            ],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "WhitespaceSplit"},
                {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
            ],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}},
            ],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [END], "tokens": ["</s>"]}},
        },
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": UNKNOWN, "vocab": vocabulary, "byte_fallback": False},
    }  # fmt: skip


class Words:
    """Text -> token ids, at most `tokens` of them, the end token kept."""

    def __init__(self, contents: dict, tokens: int):
        self.contents, self.tokens = contents, tokens
        self.tokenizer = Tokenizer.from_str(json.dumps(contents))
        self.size = len(contents["model"]["vocab"])

    def ids(self, text: str) -> list[int]:
        ids = self.tokenizer.encode(text).ids
        return ids if len(ids) <= self.tokens else [*ids[: self.tokens - 1], END]

    def __getstate__(self):
        return {"contents": self.contents, "tokens": self.tokens}

    def __setstate__(self, state):
        self.__init__(**state)


def made_up(draws: Draws) -> str:
    """A word that no caption uses: a real one, or syllables."""
    if draws.chance(0.5):
        return draws.choice(STRANGE_WORDS)
    return "".join(draws.choice("bcdfghjklmnprstvwz") + draws.choice("aeiou") for _ in range(1 + draws.below(4))) + draws.choice(["", "n", "r", "s", "x"])


def with_strange_words(text: str, share: float, draws: Draws) -> str:
    """Puts made-up words into some captions, and replaces a few altogether, so that unknown words still give a clean picture."""
    if not draws.chance(share):
        return text
    if draws.chance(1 / 6):
        return " ".join(made_up(draws) for _ in range(draws.below(6)))
    words = text.split()
    for _ in range(1 + draws.below(3)):
        words.insert(draws.below(len(words) + 1), made_up(draws))
    return " ".join(words)


def right_aligned(ids: list[list[int]]):
    """Lists of ids -> int64 [B, T] with padding on the left and bool [B, T], T the longest."""
    length = max(map(len, ids))
    tokens = torch.zeros(len(ids), length, dtype=torch.long)
    valid = torch.zeros(len(ids), length, dtype=torch.bool)
    for row, one in enumerate(ids):
        tokens[row, length - len(one) :] = torch.tensor(one)
        valid[row, length - len(one) :] = True
    return tokens, valid
