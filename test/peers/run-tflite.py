"""Runs TFLite files in TensorFlow's own interpreter.

    pip install ai-edge-litert
    python test/peers/run-tflite.py RUNS.json RESULTS.json

RUNS.json is a list of {"model", "values", "shape"}: a file of float32 [count, height, width, channels], the real numbers that the model
gets, one picture after the other, in its own type. RESULTS.json becomes a list of {"rows"}: for each picture its outputs as real
numbers; or of {"error"}: what the interpreter said.
"""

import json
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType


def to_type(values, detail):
    scale, zero = detail["quantization"]
    if detail["dtype"] == np.float32:
        return values.astype(np.float32)
    low, high = np.iinfo(detail["dtype"]).min, np.iinfo(detail["dtype"]).max
    return np.clip(np.round(values / scale) + zero, low, high).astype(detail["dtype"])


def from_type(values, detail):
    scale, zero = detail["quantization"]
    return (values.astype(np.float64) - zero) * scale if scale else values.astype(np.float64)


def run(model, values, shape):
    # The reference kernels: no delegate that computes in another precision.
    interpreter = Interpreter(model_path=model, experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    pictures = np.fromfile(values, np.float32).reshape(shape)
    inputs = interpreter.get_input_details()[0]
    interpreter.resize_tensor_input(inputs["index"], [1, *shape[1:]])
    interpreter.allocate_tensors()
    rows = []
    for picture in pictures:
        interpreter.set_tensor(inputs["index"], to_type(picture[None], inputs))
        interpreter.invoke()
        rows.append([from_type(interpreter.get_tensor(out["index"]), out).ravel().tolist() for out in interpreter.get_output_details()])
    return rows


def attempt(request):
    try:
        return {"rows": run(**request)}
    except Exception as error:
        return {"error": str(error)}


with open(sys.argv[1]) as file:
    requests = json.load(file)
results = [attempt(request) for request in requests]
with open(sys.argv[2], "w") as file:
    json.dump(results, file)
