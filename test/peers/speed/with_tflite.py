"""TensorFlow Lite (LiteRT) with its XNNPACK kernels on the quantised file, OpenCV: two threads with an interpreter each."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from ai_edge_litert.interpreter import Interpreter

from lines import answer, threads
from pictures import best, pixels, read

own = threading.local()
pool = ThreadPoolExecutor(threads)


def one(path):
    if not hasattr(own, "interpreter"):
        own.interpreter = Interpreter(os.environ["PEER_TFLITE"], num_threads=1)
        own.interpreter.allocate_tensors()
        own.given = own.interpreter.get_input_details()[0]["index"]
        own.scores = own.interpreter.get_output_details()[0]
    own.interpreter.set_tensor(own.given, pixels(read(path))[None])
    own.interpreter.invoke()
    [[index, score]] = best(own.interpreter.get_tensor(own.scores["index"]))
    scale, zero = own.scores["quantization"]
    return [index, (score - zero) * scale]


answer(lambda paths: list(pool.map(one, paths)), ["ai-edge-litert", "opencv-python-headless", "numpy"])
