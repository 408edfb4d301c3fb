"""Finds the shared libraries of llama.cpp that npm brings: `npm --prefix bench ci` puts them into bench/node_modules."""

import ctypes
import glob
import json
import os

package = os.path.join(os.path.dirname(__file__), "..", "node_modules", "@node-llama-cpp", "linux-x64")
folder = os.path.join(package, "bins", "linux-x64")


def open_library(pattern):
    """The library of that name, with those that it needs; raises where it is not installed or not for this machine."""
    found = sorted(glob.glob(os.path.join(folder, pattern)))
    if not found:
        raise FileNotFoundError("llama.cpp is not installed: npm --prefix bench ci (Linux, x64)")
    return ctypes.CDLL(found[0], mode=ctypes.RTLD_GLOBAL)


def version():
    with open(os.path.join(folder, "_nlcBuildMetadata.json")) as file:
        return json.load(file)["buildOptions"]["llamaCpp"]["release"]
