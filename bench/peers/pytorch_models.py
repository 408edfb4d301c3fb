"""GPT-2 and a Llama-type model in plain PyTorch: the other implementation that ours is held against.

Modules are named as the weights of the published checkpoints are. `stored` turns a tensor of a file into the shape that
the module keeps it in.
"""

import answer

torch = answer.import_torch()
F = torch.nn.functional
nn = torch.nn


def attend(q, k, v):
    """Causal attention: q, k, v and the result are [B, H, T, D]. Before PyTorch 2.0 it is written out."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    tokens, width = q.shape[-2:]
    later = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)
    scores = (q @ k.transpose(-2, -1)) * width**-0.5
    return scores.masked_fill(later, float("-inf")).softmax(-1) @ v


def split_heads(x, heads):
    """[B, T, H * D] to [B, H, T, D]."""
    batch, tokens, width = x.shape
    return x.view(batch, tokens, heads, width // heads).transpose(1, 2)


def merge_heads(x):
    """[B, H, T, D] to [B, T, H * D]."""
    return x.transpose(1, 2).flatten(2)


class Gpt2Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = nn.ModuleDict({"c_attn": nn.Linear(width, 3 * width), "c_proj": nn.Linear(width, width)})
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)})

    def forward(self, x):
        q, k, v = (split_heads(part, self.heads) for part in self.attn["c_attn"](self.ln_1(x)).chunk(3, dim=2))
        x = x + self.attn["c_proj"](merge_heads(attend(q, k, v)))
        return x + self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x)), approximate="tanh"))


class Gpt2(nn.Module):
    def __init__(self, vocabSize, context, width, layers, heads):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabSize, width), nn.Embedding(context, width)
        self.h = nn.ModuleList([Gpt2Block(width, heads) for _ in range(layers)])
        self.ln_f = nn.LayerNorm(width)

    def logits(self, ids):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.h:
            x = block(x)
        return F.linear(self.ln_f(x), self.wte.weight)  # [B, T, V]

    @staticmethod
    def stored(name, values):
        """Matrices of the published checkpoint are [in, out]."""
        is_matrix = values.dim() == 2 and name not in ("wte.weight", "wpe.weight")
        return values.T if is_matrix else values

    def forward(self, ids, targets):
        return F.cross_entropy(self.logits(ids).flatten(0, 1), targets.flatten())


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * self.weight


def rotate(x, theta):
    """Rotary positions of [B, H, T, D]: dimension i turns with dimension i + D/2."""
    tokens, width = x.shape[-2:]
    rates = theta ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = (torch.arange(tokens, dtype=torch.float64)[:, None] * rates).float()  # [T, D/2]
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], dim=-1)


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


class LlamaBlock(nn.Module):
    def __init__(self, width, heads, groups, hidden, theta):
        super().__init__()
        self.heads, self.groups, self.theta = heads, groups, theta
        narrow = groups * (width // heads)
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(width), RmsNorm(width)
        self.self_attn = nn.ModuleDict(
            {
                "q_proj": linear(width, width),
                "k_proj": linear(width, narrow),
                "v_proj": linear(width, narrow),
                "o_proj": linear(width, width),
            }
        )
        self.mlp = nn.ModuleDict(
            {"gate_proj": linear(width, hidden), "up_proj": linear(width, hidden), "down_proj": linear(hidden, width)}
        )

    def forward(self, x):
        at, repeats = self.self_attn, self.heads // self.groups
        h = self.input_layernorm(x)
        q = rotate(split_heads(at["q_proj"](h), self.heads), self.theta)
        k = rotate(split_heads(at["k_proj"](h), self.groups), self.theta).repeat_interleave(repeats, dim=1)
        v = split_heads(at["v_proj"](h), self.groups).repeat_interleave(repeats, dim=1)
        x = x + at["o_proj"](merge_heads(attend(q, k, v)))
        h = self.post_attention_layernorm(x)
        return x + self.mlp["down_proj"](F.silu(self.mlp["gate_proj"](h)) * self.mlp["up_proj"](h))


class Llama(nn.Module):
    def __init__(self, vocabSize, context, width, layers, heads, keyValueHeads, hidden, ropeTheta, tied):
        super().__init__()
        blocks = [LlamaBlock(width, heads, keyValueHeads, hidden, ropeTheta) for _ in range(layers)]
        self.model = nn.ModuleDict(
            {"embed_tokens": nn.Embedding(vocabSize, width), "layers": nn.ModuleList(blocks), "norm": RmsNorm(width)}
        )
        self.lm_head = None if tied else linear(width, vocabSize)

    def logits(self, ids):
        x = self.model["embed_tokens"](ids)
        for block in self.model["layers"]:
            x = block(x)
        head = self.model["embed_tokens"] if self.lm_head is None else self.lm_head
        return F.linear(self.model["norm"](x), head.weight)  # [B, T, V]

    @staticmethod
    def stored(name, values):
        return values

    def forward(self, ids, targets):
        return F.cross_entropy(self.logits(ids).flatten(0, 1), targets.flatten())


families = {"gpt2": Gpt2, "llama": Llama}
