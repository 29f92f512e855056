"""LitServe: two workers, batches of what waits. `python with_litserve.py PORT`."""

import sys

import litserve

from lines import threads
from onnx_model import Model, batch


class Labels(litserve.LitAPI):
    def setup(self, device):
        self.model = Model()

    def decode_request(self, request):
        return request["picture"].file.read()

    def batch(self, inputs):
        return inputs

    def predict(self, encoded):
        return self.model.label(encoded)

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        return {"best": output}


if __name__ == "__main__":
    api = Labels(max_batch_size=batch, batch_timeout=0.002)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=threads)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="error", generate_client_file=False)
