"""Trainers of tokenizers in Python: Hugging Face's tokenizers, and rustbpe where it is installed."""

import hashlib
import json
import os
import sys
import time

os.environ["RAYON_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"]
os.environ["TOKENIZERS_PARALLELISM"] = "false" if os.environ["OMP_NUM_THREADS"] == "1" else "true"

from answer import say, serve  # noqa: E402

try:
    import tokenizers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
except Exception as error:
    say({"missing": f"{sys.executable} cannot import tokenizers: {error}"})
    raise SystemExit(0)

try:
    import rustbpe
except Exception:
    rustbpe = None

texts = {}


def read(path):
    if path not in texts:
        with open(path, encoding="utf-8", newline="") as file:
            texts[path] = file.read()
    return texts[path]


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def bpe(path, vocabSize):
    text = read(path)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabSize,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    seconds, _ = timed(lambda: tokenizer.train_from_iterator([text], trainer))
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    lines = "\n".join(" ".join(pair) for pair in merges)
    return {"seconds": seconds, "hash": hashlib.sha256(lines.encode()).hexdigest()}


def word_piece(path, vocabSize):
    text = read(path)
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=vocabSize, show_progress=False, special_tokens=["[UNK]"])
    seconds, _ = timed(lambda: tokenizer.train_from_iterator(text.splitlines(True), trainer))
    return {"seconds": seconds}


def rust_bpe(path, vocabSize):
    text = read(path)
    pattern = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
    tokenizer = rustbpe.Tokenizer()
    seconds, _ = timed(lambda: tokenizer.train_from_iterator([text], vocabSize, pattern=pattern))
    return {"seconds": seconds}


def has_rust_bpe():
    return rustbpe is not None


serve(tokenizers.__version__, {"has_rust_bpe": has_rust_bpe, "bpe": bpe, "word_piece": word_piece, "rust_bpe": rust_bpe})
