"""Triton's client against a server of the Open Inference Protocol: callers with a connection each, encoded pictures, one a request."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tritonclient.grpc
import tritonclient.http

from lines import answer
from pictures import read

transport, address, model, callers = os.environ["PEER_TRITON"].split(" ")
client = {"http": tritonclient.http, "grpc": tritonclient.grpc}[transport]
own = threading.local()
pool = ThreadPoolExecutor(int(callers))


def one(path):
    # A client is of one thread only.
    if not hasattr(own, "server"):
        own.server = client.InferenceServerClient(address)
    images = client.InferInput("images", [1], "BYTES")
    images.set_data_from_numpy(np.array([read(path)], dtype=np.object_))
    outputs = [client.InferRequestedOutput(name) for name in ("indices", "scores")]
    result = own.server.infer(model, [images], outputs=outputs)
    return [int(result.as_numpy("indices")[0][0]), float(result.as_numpy("scores")[0][0])]


answer(lambda paths: list(pool.map(one, paths)), ["tritonclient", "numpy"])
