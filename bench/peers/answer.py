"""The other end of bench/peers/python.ts: reads requests, one JSON object a line, and answers them."""

import json
import os
import sys

answers = os.fdopen(os.dup(1), "w", buffering=1)  # libraries may print: their standard output becomes standard error
os.dup2(2, 1)


def say(message):
    answers.write(json.dumps(message) + "\n")


def import_torch():
    """PyTorch with the number of threads that the bench asks for; ends the process where there is none."""
    try:
        import torch
    except Exception as error:
        say({"missing": f"{sys.executable} cannot import torch: {error}"})
        sys.exit(0)
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    return torch


def version_of(torch):
    """PyTorch's version; also that its products run on the reference BLAS, where they do: Debian's choice, many times slower."""
    version = torch.__version__.split("+")[0]
    try:
        with open("/proc/self/maps") as maps:
            is_reference = "/blas/libblas.so" in maps.read()
    except OSError:
        is_reference = False
    return f"{version} (reference BLAS)" if is_reference else version


def serve(version, handlers):
    """Answers until standard input ends. A handler takes the request's other entries by name."""
    say({"version": version})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            say({"result": handlers[request.pop("op")](**request)})
        except Exception as error:
            say({"error": (f"{type(error).__name__}: {error}".strip().splitlines() or ["unknown"])[0]})
