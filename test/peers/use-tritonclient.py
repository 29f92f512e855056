"""NVIDIA's own client of the Open Inference Protocol, unchanged, against a running service.

usage: use-tritonclient.py HTTP_ADDRESS GRPC_ADDRESS PICTURE SMALL_PNG SMALL_PIXELS [KEY]

SMALL_PNG is a picture of the size of the model's input, SMALL_PIXELS its pixels: UINT8, height x width x 3.
Prints one line of JSON: the names of the checks that passed, in order. The first check that fails ends it.
"""

import asyncio
import base64
import json
import sys
import threading

import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.grpc.aio as grpcaio
import tritonclient.http as httpclient
import tritonclient.http.aio as httpaio
from tritonclient.utils import InferenceServerException

http_address, grpc_address, picture_path, png_path, pixels_path = sys.argv[1:6]
key = sys.argv[6] if len(sys.argv) > 6 else None
MODEL = "content"
picture = open(picture_path, "rb").read()
png = open(png_path, "rb").read()
pixels = np.frombuffer(open(pixels_path, "rb").read(), dtype=np.uint8).reshape(1, 224, 224, 3)
passed = []


def auth():
    """Anew for each call: the client writes into what it is given."""
    return {"authorization": f"Bearer {key}"} if key else None


def check(name, condition, seen=None):
    if not condition:
        raise SystemExit(f"{name}: {seen!r}")
    passed.append(name)


def refused(name, call, *parts):
    try:
        call()
    except InferenceServerException as error:
        text = f"{error.status()} {error.message()}"
        check(name, all(part in text for part in parts), text)
        return
    raise SystemExit(f"{name}: was not refused")


def images(module, *pictures, shape=None):
    data = np.array(pictures, dtype=np.object_)
    if shape:
        data = data.reshape(shape)
    tensor = module.InferInput("images", list(data.shape), "BYTES")
    tensor.set_data_from_numpy(data)
    return [tensor]


def tensor_of(module, values, datatype):
    tensor = module.InferInput("pixels", list(values.shape), datatype)
    tensor.set_data_from_numpy(values)
    return [tensor]


def wanted(module, *names, **options):
    return [module.InferRequestedOutput(name, **options) for name in names]


def same(name, result, expected):
    probabilities = result.as_numpy("probabilities")
    check(name, np.array_equal(probabilities, expected), probabilities)


def common(kind, module, client):
    """What both transports offer in the same words."""
    check(f"{kind}: live", client.is_server_live(headers=auth()))
    check(f"{kind}: ready", client.is_server_ready(headers=auth()))
    check(f"{kind}: model ready", client.is_model_ready(MODEL, headers=auth()))
    check(f"{kind}: another model is not ready", not client.is_model_ready("nobody", headers=auth()))

    result = client.infer(MODEL, images(module, picture), request_id="mine", headers=auth())
    probabilities = result.as_numpy("probabilities")
    check(f"{kind}: probabilities", probabilities.dtype == np.float32 and abs(probabilities.sum() - 1) < 1e-4, probabilities)
    labels, scores, indices = (result.as_numpy(name) for name in ("labels", "scores", "indices"))
    check(f"{kind}: labels", labels.shape == (1, 3) or labels.shape[1] == probabilities.shape[1], labels)
    check(f"{kind}: the best label", labels[0][0] == b"safe", labels)
    check(f"{kind}: scores", scores[0][0] == probabilities[0][indices[0][0]] == probabilities.max(), scores)
    check(f"{kind}: indices", indices.dtype == np.int32 and indices[0][0] == probabilities.argmax(), indices)

    several = client.infer(MODEL, images(module, picture, png, picture, shape=(3, 1)), headers=auth())
    check(f"{kind}: several pictures", several.as_numpy("probabilities").shape[0] == 3)
    check(f"{kind}: in their order", np.array_equal(several.as_numpy("probabilities")[2], probabilities[0]))

    encoded = client.infer(MODEL, images(module, png), outputs=wanted(module, "probabilities"), headers=auth())
    expected = encoded.as_numpy("probabilities")
    check(f"{kind}: only what was asked for", encoded.as_numpy("labels") is None)
    same(f"{kind}: UINT8", client.infer(MODEL, tensor_of(module, pixels, "UINT8"), headers=auth()), expected)
    floats = pixels.astype(np.float32)
    same(f"{kind}: FP32", client.infer(MODEL, tensor_of(module, floats, "FP32"), headers=auth()), expected)
    batch = np.concatenate([pixels, pixels, pixels])
    three = client.infer(MODEL, tensor_of(module, batch, "UINT8"), headers=auth())
    same(f"{kind}: UINT8, three", three, np.concatenate([expected] * 3))

    ranked = client.infer(MODEL, images(module, picture), outputs=wanted(module, "probabilities", class_count=2), headers=auth())
    texts = [text.decode() for text in ranked.as_numpy("probabilities")[0]]
    score, index, label = texts[0].split(":")
    check(f"{kind}: classification", len(texts) == 2 and label == "safe" and int(index) == probabilities.argmax(), texts)
    check(f"{kind}: classification's score", abs(float(score) - probabilities.max()) < 1e-6, texts)

    top = client.infer(MODEL, images(module, picture), outputs=wanted(module, "labels"), parameters={"top": 1}, headers=auth())
    check(f"{kind}: parameters", top.as_numpy("labels").shape == (1, 1))

    version = versions[0]
    check(f"{kind}: a version", client.infer(MODEL, images(module, png), model_version=version, headers=auth()) is not None)
    client.load_model(MODEL, headers=auth())
    check(f"{kind}: load", client.is_model_ready(MODEL, version, headers=auth()))

    invalid = "400" if kind == "http" else "INVALID_ARGUMENT"
    refused(f"{kind}: a picture that is none", lambda: client.infer(MODEL, images(module, picture, b"no"), headers=auth()), invalid, "images[1]")
    refused(f"{kind}: an unknown output", lambda: client.infer(MODEL, images(module, png), outputs=wanted(module, "x"), headers=auth()), invalid, "'x'")
    refused(f"{kind}: another shape", lambda: client.infer(MODEL, tensor_of(module, pixels[:, :100], "UINT8"), headers=auth()), invalid, "224")
    refused(f"{kind}: an unknown model", lambda: client.infer("nobody", images(module, png), headers=auth()), "404" if kind == "http" else "NOT_FOUND")
    refused(f"{kind}: trace", lambda: client.get_trace_settings(headers=auth()), "501" if kind == "http" else "UNIMPLEMENTED")
    refused(f"{kind}: unload of the default", lambda: client.unload_model(MODEL, headers=auth()), "MODEL_IN_USE")
    return expected


with httpclient.InferenceServerClient(http_address, concurrency=4) as client:
    server = client.get_server_metadata(headers=auth())
    check("http: server metadata", server["name"] == "rookery" and "binary_tensor_data" in server["extensions"], server)
    metadata = client.get_model_metadata(MODEL, headers=auth())
    check("http: model metadata", [tensor["name"] for tensor in metadata["inputs"]] == ["images", "pixels"], metadata)
    versions = metadata["versions"]
    config = client.get_model_config(MODEL, headers=auth())
    check("http: model config", config["max_batch_size"] == 64 and config["input"][1]["dims"] == [224, 224, 3], config)
    index = client.get_model_repository_index(headers=auth())
    check("http: repository index", {"name": MODEL, "version": versions[0], "state": "READY", "reason": ""} in index, index)
    expected = common("http", httpclient, client)

    json_outputs = wanted(httpclient, "probabilities", "labels", "scores", "indices", binary_data=False)
    result = client.infer(MODEL, images(httpclient, png), outputs=json_outputs, headers=auth())
    check("http: outputs as JSON", np.allclose(result.as_numpy("probabilities"), expected, atol=1e-6) and result.as_numpy("labels").shape[0] == 1)
    as_json = httpclient.InferInput("pixels", list(pixels.shape), "UINT8")
    as_json.set_data_from_numpy(pixels, binary_data=False)
    same("http: an input as JSON", client.infer(MODEL, [as_json], headers=auth()), expected)
    text = httpclient.InferInput("images", [1], "BYTES")
    text.set_data_from_numpy(np.array([base64.b64encode(png)], dtype=np.object_), binary_data=False)
    same("http: base64 as JSON", client.infer(MODEL, [text], parameters={"content_type": "base64"}, headers=auth()), expected)

    waiting = [client.async_infer(MODEL, images(httpclient, png), headers=auth()) for _ in range(12)]
    check("http: twelve at once", all(np.array_equal(it.get_result().as_numpy("probabilities"), expected) for it in waiting))
    stats = client.get_inference_statistics(MODEL, headers=auth())["model_stats"][0]
    check("http: statistics", stats["inference_count"] > 12 and stats["inference_stats"]["success"]["count"] > 12, stats)
    refused("http: shared memory", lambda: client.get_system_shared_memory_status(headers=auth()), "501")

with grpcclient.InferenceServerClient(grpc_address) as client:
    server = client.get_server_metadata(headers=auth())
    check("grpc: server metadata", server.name == "rookery" and "classification" in server.extensions, server)
    metadata = client.get_model_metadata(MODEL, headers=auth())
    check("grpc: model metadata", [tensor.name for tensor in metadata.inputs] == ["images", "pixels"], metadata)
    config = client.get_model_config(MODEL, headers=auth()).config
    check("grpc: model config", config.max_batch_size == 64 and list(config.input[1].dims) == [224, 224, 3], config)
    check("grpc: dynamic batching", config.HasField("dynamic_batching") and config.input[0].optional, config)
    index = client.get_model_repository_index(headers=auth()).models
    check("grpc: repository index", any(it.name == MODEL and it.state == "READY" for it in index), index)
    same("grpc: the same numbers as over HTTP", client.infer(MODEL, images(grpcclient, png), headers=auth()), expected)
    common("grpc", grpcclient, client)

    results, done = [], threading.Event()

    def collect(result, error):
        results.append((result, error))
        if len(results) == 12:
            done.set()

    for number in range(12):
        client.async_infer(MODEL, images(grpcclient, png), collect, request_id=str(number), headers=auth())
    check("grpc: twelve at once", done.wait(60) and all(error is None for _, error in results), results)
    check("grpc: ids", {result.get_response().id for result, _ in results} == {str(number) for number in range(12)})

    results, done = [], threading.Event()
    client.start_stream(collect, headers=auth())
    for number in range(12):
        one = b"no" if number == 5 else png
        client.async_stream_infer(MODEL, images(grpcclient, one), request_id=str(number), enable_empty_final_response=True)
    check("grpc: a stream", done.wait(60), results)
    client.stop_stream()
    check("grpc: a stream's order", [result.get_response().id for result, error in results if error is None] == [str(n) for n in range(12) if n != 5], results)
    check("grpc: a stream's final answers", results[0][0].get_response().parameters["triton_final_response"].bool_param, results[0])
    check("grpc: a stream's error", "UNSUPPORTED_FORMAT" in results[5][1].message(), results[5])
    stats = client.get_inference_statistics(MODEL, headers=auth()).model_stats[0]
    check("grpc: statistics", stats.inference_count > 24 and stats.inference_stats.success.ns > 0, stats)
    refused("grpc: a deadline", lambda: client.infer(MODEL, images(grpcclient, *[picture] * 40), client_timeout=0.03, headers=auth()), "DEADLINE")
    for algorithm in ("gzip", "deflate"):
        compressed = client.infer(MODEL, images(grpcclient, png), compression_algorithm=algorithm, headers=auth())
        same(f"grpc: {algorithm}", compressed, expected)


async def asynchronous():
    async with httpaio.InferenceServerClient(http_address) as client:
        results = await asyncio.gather(*[client.infer(MODEL, images(httpclient, png), headers=auth()) for _ in range(8)])
        check("http, asyncio: eight at once", all(np.array_equal(it.as_numpy("probabilities"), expected) for it in results))
    async with grpcaio.InferenceServerClient(grpc_address) as client:
        results = await asyncio.gather(*[client.infer(MODEL, images(grpcclient, png), headers=auth()) for _ in range(8)])
        check("grpc, asyncio: eight at once", all(np.array_equal(it.as_numpy("probabilities"), expected) for it in results))


asyncio.run(asynchronous())

if key:
    with httpclient.InferenceServerClient(http_address) as client:
        check("http: health without a key", client.is_server_live())
        refused("http: no key", lambda: client.infer(MODEL, images(httpclient, png)), "401")
        refused("http: a wrong key", lambda: client.get_model_metadata(MODEL, headers={"authorization": "Bearer wrong"}), "401")
    with grpcclient.InferenceServerClient(grpc_address) as client:
        check("grpc: health without a key", client.is_server_live())
        refused("grpc: no key", lambda: client.infer(MODEL, images(grpcclient, png)), "UNAUTHENTICATED")
        refused("grpc: a wrong key", lambda: client.get_model_metadata(MODEL, headers={"authorization": "Bearer wrong"}), "UNAUTHENTICATED")

print(json.dumps(passed))
