"""Matrix products in PyTorch, on request: a peer of bench/gemm.ts. bf16 operands are bf16 before the clock starts."""

import time

import answer

torch = answer.import_torch()


def pseudorandom(rows, columns):
    """The numbers of `pseudorandom` in bench/gemm.ts."""
    i = torch.arange(rows * columns, dtype=torch.int64)
    return ((((i * 2654435761) & 0xFFFFFFFF) >> 8).float() / 2**24 - 0.5).view(rows, columns)


def prepare(M, N, K, transposeA, transposeB):
    a = pseudorandom(K, M).T if transposeA else pseudorandom(M, K)
    b = pseudorandom(N, K).T if transposeB else pseudorandom(K, N)
    for name, dtype in (("f32", torch.float32), ("bf16", torch.bfloat16)):
        run[name] = a.to(dtype), b.to(dtype), torch.empty(M, N, dtype=dtype)


def seconds(precision, repeats):
    a, b, c = run[precision]
    start = time.perf_counter()
    for _ in range(repeats):
        torch.mm(a, b, out=c)
    return time.perf_counter() - start


def row(precision, count):
    """The first elements of the product."""
    return run[precision][2].flatten()[:count].float().tolist()


run = {}
answer.serve(answer.version_of(torch), {"prepare": prepare, "seconds": seconds, "row": row})
