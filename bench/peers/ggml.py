"""ggml's own packing of rows: the other implementation that src/packing is held against. Numbers travel in base64."""

import base64
import ctypes
import sys

from answer import say, serve
from llama_cpp_library import open_library, version

try:
    ggml = open_library("libggml-base.so")
except Exception as error:
    say({"missing": str(error)})
    sys.exit(0)

# Elements and bytes of a block.
blocks = {"q8_0": (32, 34), "q4_0": (32, 18), "q4_1": (32, 20), "q2_K": (256, 84), "q4_K": (256, 144)}
blocks |= {"q5_K": (256, 176), "q6_K": (256, 210)}


def convert(function, source, size, count):
    call = getattr(ggml, function)
    call.argtypes, call.restype = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64], None
    data = base64.b64decode(source)
    into = ctypes.create_string_buffer(size)
    call(ctypes.create_string_buffer(data, len(data)), into, count)
    return base64.b64encode(into.raw).decode()


def pack(type, values):
    elements, size = blocks[type]
    count = len(base64.b64decode(values)) // 4
    return convert(f"quantize_row_{type}_ref", values, count // elements * size, count)


def unpack(type, bytes):
    elements, size = blocks[type]
    count = len(base64.b64decode(bytes)) // size * elements
    return convert(f"dequantize_row_{type}", bytes, 4 * count, count)


serve(version(), {"pack": pack, "unpack": unpack})
