"""The float32 model in ONNX Runtime. Two sessions' worth of callers with a thread each were faster on two cores than one with two threads, and
batches of four faster than of eight: what is decoded is still in the cache."""

import os

import numpy as np
import onnxruntime

from pictures import best, values

batch = 4


class Model:
    def __init__(self, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        path = os.environ["PEER_MODEL"]
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def label(self, encoded):
        """[index, score] for each of any number of encoded pictures. May be called by several threads."""
        found = []
        for at in range(0, len(encoded), batch):
            images = np.stack([values(each) for each in encoded[at : at + batch]])
            found += best(self.session.run(None, {"images": images})[0])
        return found
