"""OpenVINO with its queue of asynchronous requests, OpenCV in two threads. In float32, since other precisions have other labels."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import openvino

from lines import answer, threads
from pictures import best, read, values

batch = 8
settings = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
queue = openvino.AsyncInferQueue(openvino.Core().compile_model(os.environ["PEER_MODEL"], "CPU", settings))
pool = ThreadPoolExecutor(threads)


def label(paths):
    decoded = [pool.submit(lambda path: values(read(path)), path) for path in paths]
    found = {}
    queue.set_callback(lambda request, at: found.update({at: best(request.get_output_tensor(0).data)}))
    for at in range(0, len(decoded), batch):
        queue.start_async({0: np.stack([each.result() for each in decoded[at : at + batch]])}, at)
    queue.wait_all()
    return [row for at in sorted(found) for row in found[at]]


answer(label, ["openvino", "opencv-python-headless", "numpy"])
