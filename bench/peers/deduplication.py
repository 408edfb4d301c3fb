"""MinHash and LSH in Python: datasketch, and text-dedup's command where it is installed."""

import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time

from answer import say, serve

try:
    from datasketch import MinHash, MinHashLSH
except Exception as error:
    say({"missing": f"{sys.executable} cannot import datasketch: {error}"})
    raise SystemExit(0)


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def shingles(text, size):
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + size]).encode() for i in range(max(1, len(words) - size + 1))}


def datasketch(path, hashes, bands, rows, shingle):
    texts = read(path)
    start = time.perf_counter()
    index = MinHashLSH(num_perm=hashes, params=(bands, rows))
    dropped = 0
    for number, text in enumerate(texts):
        signature = MinHash(num_perm=hashes)
        signature.update_batch(shingles(text, shingle))
        if index.query(signature):
            dropped += 1
        index.insert(number, signature)
    return {"seconds": time.perf_counter() - start, "dropped": dropped}


def text_dedup(path, hashes, bands, rows, shingle):
    with tempfile.TemporaryDirectory() as output:
        words = ["-m", "text_dedup.minhash", "--path", "json", "--data_files", path, "--split", "train"]
        words += ["--cache_dir", output, "--output", output + "/out", "--column", "text"]
        words += ["--num_perm", hashes, "--ngram", shingle, "--b", bands, "--r", rows, "--num_proc", 1]
        start = time.perf_counter()
        subprocess.run([sys.executable, *map(str, words)], check=True, stdout=sys.stderr)
        return {"seconds": time.perf_counter() - start}


def has_text_dedup():
    return importlib.util.find_spec("text_dedup") is not None


handlers = {"datasketch": datasketch, "text_dedup": text_dedup, "has_text_dedup": has_text_dedup}
serve(importlib.metadata.version("datasketch"), handlers)
