"""What transformers makes of a folder: its settings, its tokenizer, and logits where PyTorch is there too.

One request a line: {"folder", "texts", "ids"}; see python.ts.
"""
import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"


def say(message):
    print(json.dumps(message), flush=True)


try:
    import transformers
    from transformers import AutoConfig, AutoTokenizer
except ImportError as error:
    say({"missing": f"transformers is not there for {sys.executable}: {error}"})
    sys.exit()

try:
    import torch
    from transformers import AutoModelForCausalLM
    if not transformers.utils.is_torch_available():
        torch = None
except ImportError:
    torch = None


def answer(request):
    folder = request["folder"]
    config = AutoConfig.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    logits = None
    if torch is not None:
        model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.float32)
        model.eval()
        with torch.no_grad():
            logits = model(torch.tensor([request["ids"]])).logits[0].flatten().tolist()
    return {
        "config": config.to_dict(),
        "ids": [tokenizer.encode(text, add_special_tokens=False) for text in request["texts"]],
        "end": tokenizer.eos_token_id,
        "template": tokenizer.chat_template,
        "logits": logits,
    }


say({"version": f"transformers {transformers.__version__}" + ("" if torch is None else f", torch {torch.__version__}")})
for line in sys.stdin:
    try:
        say({"result": answer(json.loads(line))})
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})
