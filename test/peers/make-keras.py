"""Makes classifiers by Keras itself, saves them in both of its forms, and says what they give.

    pip install tensorflow-cpu
    python test/peers/make-keras.py RUNS.json RESULTS.json

RUNS.json is a list of {"build", "pixels", "shape"}: one of the models below, and a file of uint8 [count, height, width, 3]. RESULTS.json becomes a
list of {"rows", "h5", "keras"}: for each picture its scores, and both files in base64; or of {"error"}.
"""

import base64
import json
import os
import sys
import tempfile

import keras
import numpy as np
from keras import layers


def chain(side):
    return keras.Sequential([
        layers.Input((side, side, 3)),
        layers.RandomFlip("horizontal"),
        layers.Rescaling(1 / 255),
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.SeparableConv2D(12, 3, padding="same", activation="hard_silu"),
        layers.BatchNormalization(),
        layers.LeakyReLU(),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(16, activation="hard_sigmoid"),
        layers.Dense(5, activation="softmax"),
    ])


def branches(side):
    given = layers.Input((side, side, 3))
    first = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(given)
    first = layers.ReLU(6.0)(layers.BatchNormalization()(first))
    second = layers.PReLU(shared_axes=[1, 2])(layers.DepthwiseConv2D(3, padding="same")(first))
    both = layers.Add()([first, second])
    squeezed = layers.Dense(4, activation="gelu")(layers.GlobalAveragePooling2D()(both))
    squeezed = layers.Reshape((1, 1, 8))(layers.Dense(8, activation="sigmoid")(squeezed))
    both = layers.Multiply()([both, squeezed])
    both = layers.Concatenate()([both, layers.Average()([both, second]), layers.Maximum()([both, second])])
    both = layers.ELU()(layers.UpSampling2D(2)(layers.Cropping2D(1)(both)))
    return keras.Model(given, layers.Dense(5)(layers.GlobalMaxPooling2D()(both)))


def transfer(side):
    """As tutorials do it: preprocess_input between layers, a model inside the model."""
    given = layers.Input((side, side, 3))
    base = keras.applications.MobileNetV2((side, side, 3), include_top=False, weights=None, alpha=0.35)
    seen = base(keras.applications.mobilenet_v2.preprocess_input(given), training=False)
    seen = 1.0 - layers.GlobalAveragePooling2D()(seen) * 0.5
    return keras.Model(given, layers.Dense(5, activation="softmax")(layers.Dropout(0.2)(seen)))


def pixelwise(side):
    """Blocks of ConvNeXt, after what ResNet's pictures are given."""
    given = layers.Input((side, side, 3))
    value = layers.Conv2D(6, 4, strides=4)(keras.applications.resnet50.preprocess_input(given) / 100)
    value = layers.LayerNormalization(epsilon=1e-6)(value)
    block = layers.LayerNormalization(epsilon=1e-6)(layers.DepthwiseConv2D(3, padding="same")(value))
    block = layers.Dense(6)(layers.Activation("gelu")(layers.Dense(24)(block)))
    value = layers.Add()([value, keras.src.applications.convnext.LayerScale(1e-6, 6)(block)])
    value = layers.LayerNormalization(epsilon=1e-6)(layers.GlobalAveragePooling2D()(value))
    return keras.Model(given, layers.Dense(5, activation="softmax")(value))


def efficient(side):
    return keras.applications.EfficientNetB0(weights=None, classes=5, input_shape=(side, side, 3))


def random_weights(model):
    random = np.random.RandomState(1)
    made = []
    for variable, value in zip(model.weights, model.get_weights()):
        if not np.issubdtype(value.dtype, np.floating):
            made.append(value)
        elif "variance" in variable.name:
            made.append((0.5 + np.abs(random.randn(*value.shape))).astype(value.dtype))
        else:
            made.append((0.15 * random.randn(*value.shape)).astype(value.dtype))
    model.set_weights(made)


def saved(model, form):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model." + form)
        model.save(path)
        with open(path, "rb") as file:
            return base64.b64encode(file.read()).decode()


def attempt(build, pixels, shape, **_):
    try:
        values = np.fromfile(pixels, "uint8").reshape(shape).astype("float32")
        model = globals()[build](shape[1])
        random_weights(model)
        rows = model.predict(values, verbose=0).tolist()
        return {"rows": rows, "h5": saved(model, "h5"), "keras": saved(model, "keras")}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    runs, results = sys.argv[1:]
    with open(runs) as file:
        asked = json.load(file)
    made = [attempt(**run) for run in asked]
    with open(results, "w") as file:
        json.dump(made, file)
