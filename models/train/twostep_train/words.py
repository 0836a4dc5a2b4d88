"""The text tokenizer: T5's format (Unigram over Metaspace pieces, </s> at the end), written by hand from the captions' vocabulary.

Every word that captions use is one piece; any other word falls apart into pairs of letters or single ones, so nothing can break it,
and a word is known exactly if it is one piece. The normalizer lower-cases and turns punctuation into spaces.
"""

import json
import re
from collections import Counter

import torch
from tokenizers import Tokenizer

from .layout import Book, layout_map
from .scenes.language import vocabulary as scene_words
from .scenes.sample import sample
from .world.drawings import world

PAD, END, UNKNOWN = 0, 1, 2
PUNCTUATION = r"[\-_/(),.;:!?\"'“”‘’…&+*#~|<>\[\]{}=]+"
CAPTIONS_READ = 30_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def known_words(seed: int) -> list[str]:
    """Every word that the captions use, most frequent first."""
    counts = Counter()
    for index in range(CAPTIONS_READ):
        one = sample(seed, index)
        if "strange" not in one.scene.told:
            counts.update(re.sub(PUNCTUATION, " ", one.text.lower()).split())
    return [word for word, _ in counts.most_common()]


def build_tokenizer(seed: int) -> dict:
    """The contents of tokenizer.json."""
    words = scene_words() if world().drawings else known_words(seed)
    vocabulary = [["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0]]
    # Scores make one whole word better than any way to split it, and pairs of letters better than single ones.
    vocabulary += [["▁" + word, round(-4.0 - 0.002 * min(rank, 5000), 4)] for rank, word in enumerate(words)]
    have = {piece for piece, _ in vocabulary}
    # In the scene language nothing is written that is not a word of it.
    pairs = [] if world().drawings else [a + b for a in LETTERS for b in LETTERS]
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
    """Text -> token ids, at most `tokens` of them, the end token kept; and layout maps, where a network is told them (book)."""

    def __init__(self, contents: dict, tokens: int, book: Book | None = None):
        self.contents, self.tokens, self.book = contents, tokens, book
        self.tokenizer = Tokenizer.from_str(json.dumps(contents))
        self.size = len(contents["model"]["vocab"])

    def ids(self, text: str) -> list[int]:
        ids = self.tokenizer.encode(text).ids
        return ids if len(ids) <= self.tokens else [*ids[: self.tokens - 1], END]

    def read(self, texts: list[str]) -> dict[str, torch.Tensor]:
        """A batch of captions as a network is told them: ids and valid [B, T], and layout [B, positions, FIELDS] where it is told one."""
        ids, valid = right_aligned([self.ids(text) for text in texts])
        maps = {} if self.book is None else {"layout": torch.stack([layout_map(text, self.book) for text in texts])}
        return {"ids": ids, "valid": valid, **maps}

    def __getstate__(self):
        return {"contents": self.contents, "tokens": self.tokens, "book": self.book}

    def __setstate__(self, state):
        self.__init__(**state)


def grown(table: torch.Tensor, before: Words, after: Words) -> torch.Tensor:
    """The embeddings [before.size, width] of one vocabulary for another [after.size, width]: pieces that both have keep their row, a new word
    begins as the mean of the pieces that it fell into."""
    own = {piece: row for row, (piece, _) in enumerate(before.contents["model"]["vocab"])}
    rows = [[own[piece]] if piece in own else before.ids(piece.removeprefix("▁"))[:-1] for piece, _ in after.contents["model"]["vocab"]]
    return torch.stack([table[some or [UNKNOWN]].mean(0) for some in rows])


def right_aligned(ids: list[list[int]]):
    """Lists of ids -> int64 [B, T] with padding on the left and bool [B, T], T the longest."""
    length = max(map(len, ids))
    tokens = torch.zeros(len(ids), length, dtype=torch.long)
    valid = torch.zeros(len(ids), length, dtype=torch.bool)
    for row, one in enumerate(ids):
        tokens[row, length - len(one) :] = torch.tensor(one)
        valid[row, length - len(one) :] = True
    return tokens, valid
