"""Trains a GPT-2 in plain PyTorch, step by step on request: the peer of bench/train.ts.

The same computation as ours: tied head, tanh GELU, AdamW on the same groups, clipping at the same norm. Settings are
f32, bf16 (autocast) and "bf16 compile" (autocast and torch.compile); they share weights and moments.
"""

import json
import math
import resource
import time

import answer

torch = answer.import_torch()
F = torch.nn.functional
nn = torch.nn


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = nn.ModuleDict({"c_attn": nn.Linear(width, 3 * width), "c_proj": nn.Linear(width, width)})
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)})

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = (
            part.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
            for part in self.attn["c_attn"](self.ln_1(x)).split(width, dim=2)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # [B, H, T, D]
        x = x + self.attn["c_proj"](mixed.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x)), approximate="tanh"))


class Gpt2(nn.Module):
    def __init__(self, vocabSize, context, width, layers, heads):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabSize, width), nn.Embedding(context, width)
        self.h = nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.ln_f = nn.LayerNorm(width)

    def forward(self, ids, targets):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.h:
            x = block(x)
        logits = F.linear(self.ln_f(x), self.wte.weight)  # [B, T, V]
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def open_model(config, batch, tokens, learningRate, weightDecay, clip):
    """A new model; its weights are PyTorch's own until `load` brings others."""
    model = Gpt2(**config)
    decay = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": decay, "weight_decay": weightDecay}, {"params": rest, "weight_decay": 0.0}]
    run.update(
        model=model,
        compiled=None,
        optimizer=torch.optim.AdamW(groups, lr=learningRate, betas=(0.9, 0.95), eps=1e-8, fused=True),
        clip=clip,
        shape=(batch, tokens),
    )
    return sum(p.numel() for p in model.parameters())


def load(path):
    """Weights from a safetensors file with the names of the published checkpoint, whose matrices are [in, out]."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    for name, parameter in run["model"].named_parameters():
        entry = header[name]
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(data, dtype=torch.float32, offset=begin, count=(end - begin) // 4)
        values = values.view(entry["shape"])
        is_linear = len(entry["shape"]) == 2 and name not in ("wte.weight", "wpe.weight")
        with torch.no_grad():
            parameter.copy_(values.T if is_linear else values)


def batch_of(ids, targets):
    run["batch"] = tuple(torch.tensor(values).view(run["shape"]) for values in (ids, targets))


def step(setting, steps=1):
    """Some steps on the batch: the loss of the first one, and seconds for all."""
    model, optimizer = run["model"], run["optimizer"]
    if "compile" in setting:
        if run["compiled"] is None:
            run["compiled"] = torch.compile(model)
        model = run["compiled"]
    first = math.nan
    start = time.perf_counter()
    for i in range(steps):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=setting.startswith("bf16")):
            loss = model(*run["batch"])
        loss.backward()
        if run["clip"] > 0:
            nn.utils.clip_grad_norm_(model.parameters(), run["clip"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        last = loss.item()  # ours reads its loss after each step, too
        first = last if i == 0 else first
    return {"loss": first, "seconds": time.perf_counter() - start}


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts kilobytes


run = {}
handlers = {"open": open_model, "load": load, "batch": batch_of, "step": step, "peakBytes": peak_bytes}
answer.serve(torch.__version__.split("+")[0], handlers)
