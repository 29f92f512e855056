"""Runs SavedModels and TFLite files in TensorFlow itself.

    pip install tensorflow-cpu
    python test/peers/run-tensorflow.py RUNS.json RESULTS.json

RUNS.json is a list of {"model", "pixels", "type", "shape"}: a SavedModel's folder or a .tflite file, a file of [count, height, width, 3] of
that type, all of it one batch. RESULTS.json becomes a list of {"rows"}: for each picture its scores; or of {"error"}: what TensorFlow said.
"""

import json
import sys

import numpy as np
import tensorflow as tf


def saved_model(folder, pixels):
    signature = tf.saved_model.load(folder).signatures["serving_default"]
    (name,) = signature.structured_input_signature[1]
    (scores,) = signature(**{name: tf.constant(pixels)}).values()
    return scores.numpy()


def tflite(file, pixels):
    interpreter = tf.lite.Interpreter(model_path=file)
    (given,) = interpreter.get_input_details()
    (made,) = interpreter.get_output_details()
    if given["dtype"] != pixels.dtype or list(given["shape"]) != [1, *pixels.shape[1:]] or given["shape_signature"][0] != -1:
        raise ValueError(f"its input is {given['dtype']} {given['shape']} {given['shape_signature']}")
    interpreter.resize_tensor_input(given["index"], pixels.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], pixels)
    interpreter.invoke()
    return interpreter.get_tensor(made["index"])


def attempt(model, pixels, type, shape):
    try:
        values = np.fromfile(pixels, type).reshape(shape)
        scores = (tflite if model.endswith(".tflite") else saved_model)(model, values)
        return {"rows": scores.astype(float).tolist()}
    except Exception as error:
        return {"error": str(error)}


with open(sys.argv[1]) as file:
    requests = json.load(file)
results = [attempt(**request) for request in requests]
with open(sys.argv[2], "w") as file:
    json.dump(results, file)
