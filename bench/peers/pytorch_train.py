"""Trains a model in plain PyTorch, step by step on request: the peer of bench/train.ts and of the tests of parity.

The same computation as ours: tanh GELU, AdamW on the same groups, clipping at the same norm. Settings are f32, bf16
(autocast) and "bf16 compile" (autocast and torch.compile); they share weights and moments.
"""

import inspect
import json
import math
import resource
import time

import answer
from pytorch_models import families

torch = answer.import_torch()
nn = torch.nn


def open_model(config, batch, tokens, learningRate, weightDecay, clip, family="gpt2"):
    """A new model; its weights are PyTorch's own until `load` brings others."""
    model = families[family](**config)
    decay = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": decay, "weight_decay": weightDecay}, {"params": rest, "weight_decay": 0.0}]
    adamw = torch.optim.AdamW
    fused = {"fused": True} if "fused" in inspect.signature(adamw).parameters else {}
    run.update(
        model=model,
        compiled=None,
        optimizer=adamw(groups, lr=learningRate, betas=(0.9, 0.95), eps=1e-8, **fused),
        clip=clip,
        shape=(batch, tokens),
    )
    return sum(p.numel() for p in model.parameters())


def load(path):
    """Weights from a safetensors file with the names of the published checkpoint, of GPT-2 with its prefix or without."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    entries = {name.removeprefix("transformer."): entry for name, entry in header.items()}
    for name, parameter in run["model"].named_parameters():
        begin, end = entries[name]["data_offsets"]
        values = torch.frombuffer(data, dtype=torch.float32, offset=begin, count=(end - begin) // 4)
        with torch.no_grad():
            parameter.copy_(run["model"].stored(name, values.view(entries[name]["shape"])))


def batch_of(ids, targets):
    run["batch"] = tuple(torch.tensor(values).view(run["shape"]) for values in (ids, targets))


def logits(path):
    """Writes the logits of the batch, [B, T, V] in f32."""
    with torch.no_grad():
        values = run["model"].logits(run["batch"][0])
    with open(path, "wb") as file:
        file.write(values.contiguous().numpy().tobytes())


def step(setting, steps=1):
    """Some steps on the batch: the loss of the first one, and seconds for all."""
    model, optimizer = run["model"], run["optimizer"]
    if "compile" in setting:
        if not hasattr(torch, "compile"):
            raise RuntimeError("this PyTorch has no torch.compile; it came with 2.0")
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
handlers = {
    "open": open_model,
    "load": load,
    "batch": batch_of,
    "logits": logits,
    "step": step,
    "peakBytes": peak_bytes,
}
answer.serve(answer.version_of(torch), handlers)
