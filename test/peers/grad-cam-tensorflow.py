"""Grad-CAM (Selvaraju et al., 2017) by TensorFlow's own gradients, of SavedModels whose weights are constants.

    pip install tensorflow-cpu
    python test/peers/grad-cam-tensorflow.py RUNS.json RESULTS.json

RUNS.json is a list of {"model", "pixels", "type", "shape", "classes"}: a SavedModel's folder, a file of [count, height, width, 3] of that
type, and for each picture the classes to explain, as many for each. RESULTS.json becomes a list of {"features", "logits", "maps"}: the names
of the tensors that were taken, and for each picture and class the rows of a map, the largest cell 1; or of {"error"}: what TensorFlow said.
Where the features and the logits are is found here, from the graph alone.
"""

import json
import sys

import numpy as np
import tensorflow as tf

# What leads from the last features to the pooled ones, or only moves them.
POOLINGS = {"AvgPool", "MaxPool", "Transpose"}


def is_spatial(tensor):
    return tensor.shape.rank == 4 and tensor.shape[1] * tensor.shape[2] > 1


def source(tensor):
    """The first input that is no constant: where there are two, both lead to the same pooling."""
    return next(each for each in tensor.op.inputs if each.op.type != "Const")


def logits_of(scores):
    while scores.op.type in {"Softmax", "Sigmoid", "Identity"}:
        scores = source(scores)
    return scores


def features_of(logits):
    tensor = logits
    while not is_spatial(tensor) or tensor.op.type in POOLINGS:
        tensor = source(tensor)
    return tensor


def normalised(heat):
    most = heat.max()
    return heat / most if most > 0 else heat


def grad_cam(model, pixels, classes):
    loaded = tf.saved_model.load(model)
    signature = loaded.signatures["serving_default"]
    (given,) = signature.structured_input_signature[1]
    (made,) = signature.structured_outputs
    logits = logits_of(loaded.graph.get_tensor_by_name(f"{made}:0"))
    features = features_of(logits)
    values = loaded.prune(f"{given}:0", features.name)(tf.constant(pixels))
    head = loaded.prune(features.name, logits.name)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(values)
        # Each picture's own classes; a picture's logits depend on no other.
        chosen = tf.unstack(tf.gather(head(values), classes, batch_dims=1), axis=1)
    maps = []
    for logit in chosen:
        weights = tf.reduce_mean(tape.gradient(logit, values), axis=[1, 2], keepdims=True)
        maps.append(tf.nn.relu(tf.reduce_sum(weights * values, axis=-1)).numpy())
    by_picture = [[normalised(heat).astype(float).tolist() for heat in each] for each in zip(*maps)]
    return {"features": features.name, "logits": logits.name, "maps": by_picture}


def attempt(model, pixels, type, shape, classes):
    try:
        return grad_cam(model, np.fromfile(pixels, type).reshape(shape), classes)
    except Exception as error:
        return {"error": f"{error.__class__.__name__}: {error}"}


with open(sys.argv[1]) as file:
    requests = json.load(file)
results = [attempt(**request) for request in requests]
with open(sys.argv[2], "w") as file:
    json.dump(results, file)
