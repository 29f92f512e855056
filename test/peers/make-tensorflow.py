"""Writes SavedModels and frozen graphs of the families that classifiers come from, random weights, with what TensorFlow makes of pictures.

    pip install tensorflow-cpu
    python test/peers/make-tensorflow.py OUT [NAME ...]
    node test/peers/compare-tensorflow.mjs OUT
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(__file__))
import importlib

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

families = importlib.import_module("make-tflite")


def main():
    out = pathlib.Path(sys.argv[1])
    pictures = np.concatenate([sample[0] for sample in families.samples()])[:4].round().clip(0, 255)
    out.mkdir(parents=True, exist_ok=True)
    pictures.astype("uint8").tofile(out / "pictures.bin")
    for name in sys.argv[2:] or families.families:
        tf.keras.backend.clear_session()
        tf.keras.utils.set_random_seed(7)
        model = families.build(name)
        folder = out / name
        model.export(folder / "savedmodel", format="tf_saved_model", verbose=False)
        tf.saved_model.save(model, folder / "saved_by_tensorflow")
        spec = tf.TensorSpec([None, *pictures.shape[1:]], tf.float32)
        frozen = convert_variables_to_constants_v2(tf.function(lambda x: model(x, training=False)).get_concrete_function(spec))
        tf.io.write_graph(frozen.graph.as_graph_def(), str(folder), "frozen.pb", as_text=False)
        model(pictures, training=False).numpy().astype("float32").tofile(folder / "expected.bin")
        print(name, flush=True)


main()
