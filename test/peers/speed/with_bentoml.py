"""BentoML: two workers with adaptive batching. `bentoml serve with_bentoml:Labels --port PORT`."""

from pathlib import Path

import bentoml

from lines import threads
from onnx_model import Model, batch


@bentoml.service(workers=threads, traffic={"timeout": 60}, metrics={"enabled": False}, logging={"access": {"enabled": False}})
class Labels:
    def __init__(self):
        self.model = Model()

    @bentoml.api(batchable=True, max_batch_size=2 * batch, max_latency_ms=60_000)
    def classify(self, pictures: list[Path]) -> list[list[float]]:
        return self.model.label([each.read_bytes() for each in pictures])
