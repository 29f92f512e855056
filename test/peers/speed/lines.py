"""What the benchmark and a peer say to each other: a line of JSON each way. `{"paths": [...]}` is answered by `{"best": [[index, score], ...]}`."""

import importlib.metadata
import json
import os
import sys

threads = int(os.environ.get("PEER_THREADS", "2"))


def versions(*packages):
    return {name: importlib.metadata.version(name) for name in packages}


def answer(label, packages, **more):
    """Says that it is ready, then labels what it is asked to. Libraries may write to stdout, so the lines have a file of their own."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    say = lambda message: print(json.dumps(message), file=out, flush=True)
    say({"ready": True, "versions": versions(*packages), **more})
    for line in sys.stdin:
        say({"best": label(json.loads(line)["paths"])})
