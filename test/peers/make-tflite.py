"""Writes TFLite files of the families that classifiers come from, in every form that TensorFlow's converter makes, with random weights.

    pip install tensorflow-cpu
    python test/peers/make-tflite.py OUT [NAME ...]
    node test/peers/compare-tflite.mjs OUT
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

applications = tf.keras.applications
classes = 10
size = 96

families = {
    "mobilenet": lambda **o: applications.MobileNet(**o, alpha=0.25, dropout=0),
    "mobilenet-v2": lambda **o: applications.MobileNetV2(**o, alpha=0.35),
    "mobilenet-v3-small": lambda **o: applications.MobileNetV3Small(**o),
    "mobilenet-v3-large": lambda **o: applications.MobileNetV3Large(**o),
    "efficientnet-b0": lambda **o: applications.EfficientNetB0(**o),
    "efficientnet-v2-b0": lambda **o: applications.EfficientNetV2B0(**o),
    "inception-v3": lambda **o: applications.InceptionV3(**o),
    "resnet-50": lambda **o: applications.ResNet50(**o),
    "resnet-50-v2": lambda **o: applications.ResNet50V2(**o),
    "densenet-121": lambda **o: applications.DenseNet121(**o),
    "xception": lambda **o: applications.Xception(**o),
    "nasnet-mobile": lambda **o: applications.NASNetMobile(**o),
}


def build(name):
    rng = np.random.default_rng(7)
    model = families[name](weights=None, classes=classes, input_shape=(size, size, 3), classifier_activation=None)
    for layer in model.layers:
        if isinstance(layer, tf.keras.layers.BatchNormalization):
            # Statistics that are not those of a new layer, in a range that keeps the signal alive.
            layer.set_weights([(w * rng.uniform(0.8, 1.2, w.shape) + rng.normal(0, 0.02, w.shape)).astype("float32") for w in layer.get_weights()])
    return model


def samples():
    rng = np.random.default_rng(3)
    for _ in range(8):
        small = rng.uniform(0, 255, (1, 6, 6, 3)).astype("float32")
        yield [tf.image.resize(small, (size, size)).numpy() + rng.uniform(0, 20, (1, size, size, 3)).astype("float32")]


def convert(model, form):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if form != "float":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if form.startswith("int8") or form == "uint8":
        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if form == "int8-bytes":
        converter.inference_input_type = converter.inference_output_type = tf.int8
    if form == "uint8":
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    return converter.convert()


folder, names = sys.argv[1], sys.argv[2:] or list(families)
os.makedirs(folder, exist_ok=True)
for name in names:
    model = build(name)
    for form in ["float", "float16", "dynamic", "int8-float", "int8-bytes", "uint8"]:
        path = os.path.join(folder, f"{name}.{form}.tflite")
        if os.path.exists(path):
            continue
        with open(path, "wb") as file:
            file.write(convert(model, form))
        print(path, os.path.getsize(path), flush=True)
