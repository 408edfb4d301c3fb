"""llama.cpp through its own library: the speed of prefill, of decoding and of many streams, and what it answers.

Source of the layouts below: include/llama.h of the release that llama_cpp_library names; defaults of the library are
compared with those of that header before anything is run.
"""

import base64
import ctypes
import os
import sys
import time
from ctypes import POINTER, Structure, c_bool, c_char_p, c_float, c_int8, c_int32, c_size_t, c_uint32, c_void_p

from answer import say, serve
from llama_cpp_library import folder, open_library, version

F32, F16 = 0, 1  # ggml_type
NO_FLASH_ATTENTION = 0  # llama_flash_attn_type


class ModelParams(Structure):
    _fields_ = [
        ("devices", c_void_p),
        ("tensor_buft_overrides", c_void_p),
        ("n_gpu_layers", c_int32),
        ("split_mode", c_int32),
        ("load_mode", c_int32),
        ("lazy_mode", c_int32),
        ("main_gpu", c_int32),
        ("tensor_split", c_void_p),
        ("progress_callback", c_void_p),
        ("progress_callback_user_data", c_void_p),
        ("kv_overrides", c_void_p),
        ("vocab_only", c_bool),
        ("check_tensors", c_bool),
        ("use_extra_bufts", c_bool),
        ("no_host", c_bool),
        ("no_alloc", c_bool),
        ("load_mtp", c_bool),
    ]


class ContextParams(Structure):
    _fields_ = [
        ("n_ctx", c_uint32),
        ("n_batch", c_uint32),
        ("n_ubatch", c_uint32),
        ("n_seq_max", c_uint32),
        ("n_rs_seq", c_uint32),
        ("n_outputs_max", c_uint32),
        ("n_outputs_max_per_seq", c_uint32),
        ("n_threads", c_int32),
        ("n_threads_batch", c_int32),
        ("ctx_type", c_int32),
        ("rope_scaling_type", c_int32),
        ("pooling_type", c_int32),
        ("attention_type", c_int32),
        ("flash_attn_type", c_int32),
        ("rope_freq_base", c_float),
        ("rope_freq_scale", c_float),
        ("yarn_ext_factor", c_float),
        ("yarn_attn_factor", c_float),
        ("yarn_beta_fast", c_float),
        ("yarn_beta_slow", c_float),
        ("yarn_orig_ctx", c_uint32),
        ("defrag_thold", c_float),
        ("cb_eval", c_void_p),
        ("cb_eval_user_data", c_void_p),
        ("type_k", c_int32),
        ("type_v", c_int32),
        ("abort_callback", c_void_p),
        ("abort_callback_data", c_void_p),
        ("embeddings", c_bool),
        ("offload_kqv", c_bool),
        ("no_perf", c_bool),
        ("op_offload", c_bool),
        ("swa_full", c_bool),
        ("kv_unified", c_bool),
        ("samplers", c_void_p),
        ("n_samplers", c_size_t),
        ("ctx_other", c_void_p),
    ]


class Batch(Structure):
    _fields_ = [
        ("n_tokens", c_int32),
        ("token", POINTER(c_int32)),
        ("embd", c_void_p),
        ("pos", POINTER(c_int32)),
        ("n_seq_id", POINTER(c_int32)),
        ("seq_id", POINTER(POINTER(c_int32))),
        ("logits", POINTER(c_int8)),
    ]


functions = {
    "llama_backend_init": (None, []),
    "llama_log_set": (None, [c_void_p, c_void_p]),
    "llama_model_default_params": (ModelParams, []),
    "llama_context_default_params": (ContextParams, []),
    "llama_model_load_from_file": (c_void_p, [c_char_p, ModelParams]),
    "llama_model_free": (None, [c_void_p]),
    "llama_model_get_vocab": (c_void_p, [c_void_p]),
    "llama_model_n_params": (ctypes.c_uint64, [c_void_p]),
    "llama_model_size": (ctypes.c_uint64, [c_void_p]),
    "llama_model_desc": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "llama_model_n_ctx_train": (c_int32, [c_void_p]),
    "llama_vocab_n_tokens": (c_int32, [c_void_p]),
    "llama_vocab_bos": (c_int32, [c_void_p]),
    "llama_vocab_eos": (c_int32, [c_void_p]),
    "llama_vocab_get_add_bos": (c_bool, [c_void_p]),
    "llama_init_from_model": (c_void_p, [c_void_p, ContextParams]),
    "llama_free": (None, [c_void_p]),
    "llama_get_memory": (c_void_p, [c_void_p]),
    "llama_memory_clear": (None, [c_void_p, c_bool]),
    "llama_batch_init": (Batch, [c_int32, c_int32, c_int32]),
    "llama_batch_free": (None, [Batch]),
    "llama_decode": (c_int32, [c_void_p, Batch]),
    "llama_synchronize": (None, [c_void_p]),
    "llama_get_logits_ith": (POINTER(c_float), [c_void_p, c_int32]),
    "llama_sampler_init_greedy": (c_void_p, []),
    "llama_sampler_sample": (c_int32, [c_void_p, c_void_p, c_int32]),
    "llama_tokenize": (c_int32, [c_void_p, c_char_p, c_int32, POINTER(c_int32), c_int32, c_bool, c_bool]),
    "llama_detokenize": (c_int32, [c_void_p, POINTER(c_int32), c_int32, c_char_p, c_int32, c_bool, c_bool]),
}


def load_library():
    ggml = open_library("libggml.v*.so")
    found = open_library("libllama.v*.so")
    for name, (result, arguments) in functions.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    defaults = found.llama_context_default_params()
    known = dict(n_ctx=512, n_batch=2048, n_ubatch=512, n_seq_max=1, n_outputs_max_per_seq=1, flash_attn_type=-1)
    known |= dict(yarn_ext_factor=-1, yarn_orig_ctx=0, type_k=F16, type_v=F16, offload_kqv=True, no_perf=True, n_samplers=0)
    wrong = [name for name, value in known.items() if getattr(defaults, name) != value]
    if wrong or not found.llama_model_default_params().use_extra_bufts:
        raise RuntimeError(f"llama.cpp {version()} has other structures than llama_cpp.py knows: {wrong}")
    return ggml, found


@ctypes.CFUNCTYPE(None, c_int32, c_char_p, c_void_p)
def log(level, text, _):
    """What it says is kept for the error that may follow; 4 is an error, 3 a warning (ggml_log_level)."""
    if level in (3, 4):
        complaints.append(text.decode(errors="replace").strip())
        del complaints[:-3]


complaints = []
try:
    ggml, llama = load_library()
except Exception as error:
    say({"missing": str(error)})
    sys.exit(0)
llama.llama_log_set(log, None)
ggml.ggml_backend_load_all_from_path(os.path.abspath(folder).encode())
llama.llama_backend_init()


def fail(what):
    raise RuntimeError(f"{what}: {'; '.join(complaints) or 'llama.cpp does not say why'}")


class Session:
    """A model, a context of several streams, and a batch to fill."""

    model = context = None

    def open(self, path, streams=1, context=512, exact=False):
        self.close()
        self.model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
        if not self.model:
            fail(f"{path} does not load")
        params = llama.llama_context_default_params()
        params.n_ctx, params.n_seq_max = streams * context, streams
        params.n_batch = max(512, context, streams)
        params.n_outputs_max = params.n_outputs_max_per_seq = params.n_batch
        params.n_threads = params.n_threads_batch = int(os.environ["OMP_NUM_THREADS"])
        if exact:  # flash attention rounds keys and values to f16, in whatever type they are kept
            params.type_k = params.type_v = F32
            params.flash_attn_type = NO_FLASH_ATTENTION
        self.context = llama.llama_init_from_model(self.model, params)
        if not self.context:
            fail(f"{path}: no context of {streams} times {context} tokens")
        self.limit, self.streams = context, streams
        self.memory = llama.llama_get_memory(self.context)
        self.batch = llama.llama_batch_init(params.n_batch, 0, 1)
        self.most = params.n_batch
        self.vocab = llama.llama_model_get_vocab(self.model)
        self.size = llama.llama_vocab_n_tokens(self.vocab)

    def close(self):
        if self.context:
            llama.llama_batch_free(self.batch)
            llama.llama_free(self.context)
        if self.model:
            llama.llama_model_free(self.model)
        self.model = self.context = None

    def fill(self, entries):
        """A batch of (id, position, stream, whether its logits are wanted)."""
        if len(entries) > self.most:
            raise ValueError(f"{len(entries)} tokens at once, at most {self.most}")
        for i, (id, position, stream, wanted) in enumerate(entries):
            if not 0 <= id < self.size:
                raise ValueError(f"id {id} is not below {self.size}")
            if not 0 <= position < self.limit or not 0 <= stream < self.streams:
                raise ValueError(f"position {position} of stream {stream}: there are {self.streams} of {self.limit}")
            self.batch.token[i], self.batch.pos[i], self.batch.logits[i] = id, position, wanted
            self.batch.n_seq_id[i], self.batch.seq_id[i][0] = 1, stream
        self.batch.n_tokens = len(entries)

    def run(self):
        """Seconds that a filled batch takes until its results lie ready."""
        start = time.perf_counter()
        status = llama.llama_decode(self.context, self.batch)
        llama.llama_synchronize(self.context)
        if status != 0:
            fail(f"llama_decode gives {status}")
        return time.perf_counter() - start

    def clear(self):
        llama.llama_memory_clear(self.memory, False)


session = Session()


def open_model(**options):
    session.open(**options)
    text = ctypes.create_string_buffer(256)
    llama.llama_model_desc(session.model, text, 256)
    vocab = session.vocab
    return {
        "description": text.value.decode(),
        "parameters": llama.llama_model_n_params(session.model),
        "bytes": llama.llama_model_size(session.model),
        "vocabSize": session.size,
        "trainedContext": llama.llama_model_n_ctx_train(session.model),
        "beginId": llama.llama_vocab_bos(vocab),
        "endId": llama.llama_vocab_eos(vocab),
        "addsBegin": llama.llama_vocab_get_add_bos(vocab),
    }


def some_id(i):
    return (7919 * i + 13) % session.size


def prefill(tokens):
    """Seconds for a text of `tokens` tokens and the logits of its last one."""
    session.clear()
    session.fill([(some_id(i), i, 0, i == tokens - 1) for i in range(tokens)])
    return session.run()


def decode(streams, steps, prompt=1):
    """Seconds of `steps` steps of all streams together, each a token with its logits, after `prompt` tokens of each."""
    session.clear()
    for stream in range(streams):
        session.fill([(some_id(stream + i), i, stream, i == prompt - 1) for i in range(prompt)])
        session.run()
    seconds = 0
    for step in range(steps):
        session.fill([(some_id(31 * step + stream), prompt + step, stream, True) for stream in range(streams)])
        seconds += session.run()
    return seconds


def logits(ids):
    """Base64 of the f32 `[T, V]` logits of a text, of each of its tokens."""
    session.clear()
    session.fill([(id, i, 0, True) for i, id in enumerate(ids)])
    session.run()
    rows = (llama.llama_get_logits_ith(session.context, i) for i in range(len(ids)))
    return base64.b64encode(b"".join(ctypes.string_at(row, 4 * session.size) for row in rows)).decode()


def greedy(ids, count):
    """The likeliest ids that follow, each after those before; an end of text is one of them."""
    sampler = llama.llama_sampler_init_greedy()
    session.clear()
    session.fill([(id, i, 0, i == len(ids) - 1) for i, id in enumerate(ids)])
    session.run()
    chosen = []
    while True:
        chosen.append(llama.llama_sampler_sample(sampler, session.context, -1))
        if len(chosen) >= count:
            return chosen
        session.fill([(chosen[-1], len(ids) + len(chosen) - 1, 0, True)])
        session.run()


def tokenize(text, special=True):
    """The ids of a text as llama.cpp makes them, with nothing put around; `special` reads names of special tokens."""
    data = text.encode()
    room = len(data) + 16
    ids = (c_int32 * room)()
    count = llama.llama_tokenize(session.vocab, data, len(data), ids, room, False, special)
    if count < 0:
        raise RuntimeError(f"llama_tokenize gives {count}")
    return list(ids[:count])


def detokenize(ids, special=True):
    room = 256 * (len(ids) + 1)
    text = ctypes.create_string_buffer(room)
    count = llama.llama_detokenize(session.vocab, (c_int32 * len(ids))(*ids), len(ids), text, room, False, special)
    if count < 0:
        raise RuntimeError(f"llama_detokenize gives {count}")
    return text.raw[:count].decode(errors="replace")


handlers = {"open": open_model, "prefill": prefill, "decode": decode, "logits": logits, "greedy": greedy}
serve(version(), handlers | {"tokenize": tokenize, "detokenize": detokenize})
