"""ONNX Runtime and OpenCV, as one writes it by hand: two threads, each decodes and runs a batch."""

from concurrent.futures import ThreadPoolExecutor

from lines import answer, threads
from onnx_model import Model, batch
from pictures import read

model = Model()
pool = ThreadPoolExecutor(threads)


def label(paths):
    batches = [paths[at : at + batch] for at in range(0, len(paths), batch)]
    rows = pool.map(lambda some: model.label([read(path) for path in some]), batches)
    return [row for some in rows for row in some]


answer(label, ["onnxruntime", "opencv-python-headless", "numpy"])
