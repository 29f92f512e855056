"""What a picture costs each library, milliseconds of one thread: decoding and resizing of the paths given, inference in batches of four."""

import json
import os
import sys
import time

import numpy as np
import openvino
from ai_edge_litert.interpreter import Interpreter

from onnx_model import Model, batch
from pictures import pixels, read, values


def cost(work, pictures, times=9):
    work()
    seen = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        seen.append((time.perf_counter() - begun) * 1000 / pictures)
    return min(seen)


encoded = [read(path) for path in sys.argv[1:]]
images = np.stack([values(encoded[0])] * batch)
session = Model().session
settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
request = openvino.Core().compile_model(os.environ["PEER_MODEL"], "CPU", settings).create_infer_request()
interpreter = Interpreter(os.environ["PEER_TFLITE"], num_threads=1)
interpreter.allocate_tensors()
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels(encoded[0])[None])
found = {
    "OpenCV": cost(lambda: [values(each) for each in encoded], len(encoded)),
    "ONNX Runtime": cost(lambda: session.run(None, {"images": images}), batch),
    "OpenVINO": cost(lambda: request.infer({0: images}), batch),
    "LiteRT, quantised": cost(interpreter.invoke, 1),
}
print(json.dumps(found))
