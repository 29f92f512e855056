"""Encoded pictures to what the model wants, by OpenCV: the same steps for every peer."""

import cv2
import numpy as np

side = 224
# Whoever decodes does so in threads of its own.
cv2.setNumThreads(1)


def pixels(encoded):
    """Bytes of a file to [224, 224, 3] RGB in whole numbers."""
    picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR_RGB)
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR)


def values(encoded):
    """Bytes of a file to [224, 224, 3] RGB in [0, 1]."""
    return np.multiply(pixels(encoded), np.float32(1 / 255), dtype=np.float32)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def best(scores):
    """Of each row the index of the best class and its score."""
    return [[int(index), float(row[index])] for row, index in zip(scores, scores.argmax(axis=1))]
