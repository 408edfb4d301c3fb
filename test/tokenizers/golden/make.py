"""Writes golden.jsonl: what Hugging Face's tokenizers (0.23.2) make of a few texts, with small tokenizers of every kind.

    pip install tokenizers==0.23.2 && python3 make.py

Models are trained once, and each kind of tokenizer is one of them between other stages.
"""

import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

corpus = [
    "Алтын күзде бала әжесіне көмектесті. Қызыл алма, көк алма! Ән айтып, күлді, ойнады.",
    "The cat sat on the mat. It's a small house, isn't it? A fox ran; the dogs followed him home.",
] * 3
texts = [
    "",
    " ",
    "It's the cat, isn't it?",
    "Қызыл  алма, 12 345!\n\n бала ",
    "E\u0301 ǅ ﬁ Ⅷ ½ \u0085й и\u0306",
    "👩\u200d👧 🇰🇿x 漢字한",
    " <mask> cat<|end|> xx Xx  alma_ alma\tthe",
    "a\u0000b\u00ad\u3000c \ufeff▁Ġ",
]
pair = "the Әнге"

end = AddedToken("<|end|>", special=True)
flagged = [
    AddedToken("xx", normalized=True),
    AddedToken("alma", normalized=False, single_word=True, lstrip=True),
    AddedToken("cat", normalized=True, rstrip=True),
    AddedToken("<mask>", normalized=False, lstrip=True, special=True),
    end,
]


def trained(model, trainer, pre_tokenizer):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(corpus, trainer)
    return json.loads(tokenizer.to_str())["model"]


bytes_bpe = trained(
    models.BPE(),
    trainers.BpeTrainer(
        vocab_size=330, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, special_tokens=["<s>", "</s>"]
    ),
    pre_tokenizers.ByteLevel(add_prefix_space=False),
)
fallback_bpe = trained(
    models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True),
    trainers.BpeTrainer(
        vocab_size=380, show_progress=False, special_tokens=["<unk>", "<s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    ),
    pre_tokenizers.Metaspace(),
)
word_bpe = trained(
    models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"),
    trainers.BpeTrainer(vocab_size=130, show_progress=False, special_tokens=["<unk>"], end_of_word_suffix="</w>"),
    pre_tokenizers.Whitespace(),
)
word_piece = trained(
    models.WordPiece(unk_token="[UNK]"),
    trainers.WordPieceTrainer(vocab_size=150, show_progress=False, special_tokens=["[UNK]", "[CLS]", "[SEP]"]),
    pre_tokenizers.BertPreTokenizer(),
)
unigram = trained(
    models.Unigram(),
    trainers.UnigramTrainer(vocab_size=110, show_progress=False, unk_token="<unk>", special_tokens=["<unk>", "</s>"]),
    pre_tokenizers.Metaspace(),
)
unigram["vocab"] = [[piece, round(score, 3)] for piece, score in unigram["vocab"]]
word_level = trained(
    models.WordLevel(unk_token="<unk>"),
    trainers.WordLevelTrainer(vocab_size=60, show_progress=False, special_tokens=["<unk>", "|"]),
    pre_tokenizers.Whitespace(),
)
llama3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

N, P, X, D = normalizers, pre_tokenizers, processors, decoders
kinds = {
    "gpt2": (bytes_bpe, None, P.ByteLevel(add_prefix_space=False), X.ByteLevel(trim_offsets=False), D.ByteLevel(), [end]),
    "roberta": (
        bytes_bpe,
        None,
        P.ByteLevel(add_prefix_space=True),
        X.RobertaProcessing(("</s>", 1), ("<s>", 0)),
        D.ByteLevel(),
        flagged,
    ),
    "llama3": (
        bytes_bpe,
        N.NFC(),
        P.Sequence([P.Split(Regex(llama3), "isolated"), P.ByteLevel(add_prefix_space=False, use_regex=False)]),
        X.Sequence(
            [X.ByteLevel(), X.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 0)])]
        ),
        D.ByteLevel(),
        flagged,
    ),
    "llama2": (
        fallback_bpe,
        N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]),
        None,
        X.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]),
        D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)]),
        flagged,
    ),
    "mistral": (fallback_bpe, None, P.Metaspace(prepend_scheme="first", split=False), None, D.Metaspace(), flagged),
    "clip": (word_bpe, N.Sequence([N.NFC(), N.Lowercase()]), P.Whitespace(), None, D.BPEDecoder(), flagged),
    "bert": (
        word_piece,
        N.BertNormalizer(),
        P.BertPreTokenizer(),
        X.BertProcessing(("[SEP]", 2), ("[CLS]", 1)),
        D.WordPiece(),
        flagged,
    ),
    "t5": (
        unigram,
        N.Sequence([N.Nmt(), N.NFKC(), N.Replace(Regex(" {2,}"), " ")]),
        P.Metaspace(),
        X.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]),
        D.Metaspace(),
        [end],
    ),
    "albert": (
        unigram,
        N.Sequence([N.NFKD(), N.StripAccents(), N.Lowercase(), N.Strip()]),
        P.Sequence([P.WhitespaceSplit(), P.Punctuation(), P.Digits(True), P.Metaspace()]),
        None,
        D.Metaspace(),
        flagged,
    ),
    "words": (
        word_level,
        N.Lowercase(),
        P.Sequence([P.CharDelimiterSplit("e"), P.UnicodeScripts(), P.FixedLength(4)]),
        None,
        None,
        flagged,
    ),
    "speech": (word_level, N.Replace(" ", "|"), P.Split("", "isolated"), None, D.CTC("<unk>", "|"), []),
}
names = {
    "bytes": bytes_bpe,
    "fallback": fallback_bpe,
    "words": word_bpe,
    "pieces": word_piece,
    "unigram": unigram,
    "whole": word_level,
}


def made(model, normalizer, pre_tokenizer, post_processor, decoder, added):
    stages = {"normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "post_processor": post_processor, "decoder": decoder}
    entries = {name: stage and json.loads(stage.__getstate__()) for name, stage in stages.items()}
    whole = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], **entries, "model": model}
    tokenizer = Tokenizer.from_str(json.dumps(whole))
    tokenizer.add_tokens(added)
    return tokenizer


def expected(tokenizer, text, *pair):
    encoding = tokenizer.encode(text, *pair)
    return {
        "text": text,
        "ids": encoding.ids,
        "offsets": [place for offsets in encoding.offsets for place in offsets],
        "words": [-1 if word is None else word for word in encoding.word_ids],
        **({"types": encoding.type_ids} if pair else {}),
        "decoded": tokenizer.decode(encoding.ids, skip_special_tokens=False),
    }


cases = []
for kind, stages in kinds.items():
    tokenizer = made(*stages)
    entries = json.loads(tokenizer.to_str())
    model = next(name for name, model in names.items() if model is stages[0])
    entries["model"] = model
    rows = [expected(tokenizer, text) for text in texts] + [{"pair": pair, **expected(tokenizer, texts[2], pair)}]
    cases.append({"kind": kind, "tokenizer": entries, "rows": rows})

lines = [{"name": name, "model": model} for name, model in names.items()] + cases
dense = {"ensure_ascii": False, "separators": (",", ":")}
Path(__file__).with_name("golden.jsonl").write_text("".join(f"{json.dumps(line, **dense)}\n" for line in lines))
