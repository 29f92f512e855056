"""Ray Data: two actors that hold the model, each decodes and runs its batches. Each call is one execution of a data set, which starts its actors
anew; Ray itself is running."""

import os

os.environ["RAY_DATA_DISABLE_PROGRESS_BARS"] = "1"
os.environ["PYTHONPATH"] = os.path.dirname(os.path.abspath(__file__))

import logging

import ray

from lines import answer, threads

ray.init(num_cpus=threads, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
ray.data.DataContext.get_current().enable_progress_bars = False
logging.getLogger("ray.data").setLevel(logging.ERROR)


class Labels:
    def __init__(self):
        from onnx_model import Model

        self.model = Model()

    def __call__(self, rows):
        from pictures import read

        rows["best"] = self.model.label([read(path) for path in rows["path"]])
        return {"at": rows["at"], "index": [row[0] for row in rows["best"]], "score": [row[1] for row in rows["best"]]}


def label(paths):
    given = ray.data.from_items([{"at": at, "path": path} for at, path in enumerate(paths)], override_num_blocks=2 * threads)
    pool = ray.data.ActorPoolStrategy(size=threads)
    rows = given.map_batches(Labels, compute=pool, num_cpus=1, batch_size=16).take_all()
    return [[int(row["index"]), float(row["score"])] for row in sorted(rows, key=lambda row: row["at"])]


answer(label, ["ray", "onnxruntime", "opencv-python-headless", "numpy"])
