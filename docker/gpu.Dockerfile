# Rookery's images for NVIDIA's GPUs, Linux on x64: targets worker, api, worker-tensorrt, worker-tensorflow. Built by `node docker/build.mjs --gpu`, or:
#
#     docker build -f docker/gpu.Dockerfile --target worker -t rookery-worker-gpu .
#
# ONNX Runtime's package for Node holds no provider for CUDA, since it is too large for npm: its own installer fetches it from NuGet. Where that host
# is out of reach: --build-context providers=FOLDER with libonnxruntime_providers_shared.so, _cuda.so and _tensorrt.so of the same version.
# Each target looks for every library that its providers want and does not come to be where one is missing.
ARG NODE_IMAGE=docker.io/library/node:22.23.3-bookworm-slim
# ONNX Runtime for Node is built for CUDA 12 and cuDNN 9.
ARG CUDA_IMAGE=docker.io/nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04
# libtensorflow 2.9 is built for CUDA 11 and cuDNN 8.
ARG TENSORFLOW_CUDA_IMAGE=docker.io/nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04

# Another place of the providers.
FROM scratch AS providers

# Models of your own, baked in: --build-context models=FOLDER, a registry's folder.
FROM scratch AS models

FROM ${NODE_IMAGE} AS build
# Where the registry's certificate is not one that Node knows: a file mounted for the build alone.
ARG NODE_EXTRA_CA_CERTS=
WORKDIR /src
COPY . .
COPY --from=providers . /providers/
RUN npx -y pnpm@10.34.9 install --frozen-lockfile \
 && npx -y pnpm@10.34.9 build \
 && node docker/assemble.mjs /app --gpu $(test -z "$(ls /providers)" || echo --providers /providers)

# TensorFlow.js with libtensorflow for GPUs, which its installer fetches; built where compilers are.
FROM ${NODE_IMAGE} AS tensorflow
ARG NODE_EXTRA_CA_CERTS=
WORKDIR /engines/tensorflow
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 \
 && npm init -y > /dev/null \
 && npm install --no-audit --no-fund @tensorflow/tfjs-node-gpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 \
 && node -e "const { TF_Version: tensorflow } = require('@tensorflow/tfjs-node-gpu').backend().binding; \
      require('node:fs').writeFileSync('engine.json', JSON.stringify({ tensorflow }))"

FROM ${CUDA_IMAGE} AS system
ARG SOURCE_DATE_EPOCH=0
# Ubuntu 24.04 has a user 1000 of its own.
RUN (userdel --remove ubuntu 2> /dev/null || :) \
 && apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libstdc++6 tini \
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/* \
 && useradd --uid 1000 --home-dir /tmp --no-create-home rookery \
 && mkdir -p /models /data /keys && chown 1000:1000 /models /data /keys

FROM build AS sbom
ARG SOURCE_DATE_EPOCH=0
COPY --from=system /var/lib/dpkg/status /usr/lib/os-release /system/
RUN node docker/sbom.mjs /app --name rookery-gpu --dpkg /system/status --os /system/os-release > /sbom.cdx.json

FROM system AS base
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
COPY --from=sbom /sbom.cdx.json /app/sbom.cdx.json
COPY --from=models --chown=1000:1000 . /models
# Only the driver's own library comes with the machine.
RUN ldd /app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so > /tmp/needs \
 && ! grep 'not found' /tmp/needs | grep -v 'libcuda\.so\.1' \
 && rm /tmp/needs
ENV NODE_ENV=production \
    ROOKERY_MODELS=/models \
    ROOKERY_CACHE=/tmp/rookery \
    ROOKERY_DEVICE=0 \
    HOME=/tmp
VOLUME ["/tmp"]
USER 1000:1000
WORKDIR /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/tini", "--", "node", "/app/dist/rookery.js"]
LABEL org.opencontainers.image.title="Rookery" \
      org.opencontainers.image.description="Labels pictures at fleet scale" \
      org.opencontainers.image.licenses="Apache-2.0"

FROM base AS worker
ENV ROOKERY_HEALTH_HOST=0.0.0.0 ROOKERY_HEALTH_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "/app/dist/health.mjs", "http://127.0.0.1:8080/health/live"]
CMD ["worker"]

# TensorRT, two gigabytes more, from the repository that CUDA's image names.
FROM worker AS tensorrt
ARG TENSORRT_VERSION=10.13.3.9-1+cuda12.9
USER 0:0
RUN apt-get update \
 && apt-get install -y --no-install-recommends libnvinfer10=${TENSORRT_VERSION} libnvinfer-plugin10=${TENSORRT_VERSION} \
      libnvonnxparsers10=${TENSORRT_VERSION} \
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/* \
 && ldd /app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_tensorrt.so > /tmp/needs \
 && ! grep 'not found' /tmp/needs | grep -v 'libcuda\.so\.1' \
 && rm /tmp/needs
USER 1000:1000
# Engines that TensorRT has compiled outlive the process, where /tmp is a volume.
ENV ROOKERY_ENGINE=tensorrt \
    ORT_TENSORRT_ENGINE_CACHE_ENABLE=1 \
    ORT_TENSORRT_CACHE_PATH=/tmp/rookery/tensorrt

FROM build AS sbom-tensorrt
ARG SOURCE_DATE_EPOCH=0
COPY --from=tensorrt /var/lib/dpkg/status /usr/lib/os-release /system/
RUN node docker/sbom.mjs /app --name rookery-tensorrt --dpkg /system/status --os /system/os-release > /sbom.cdx.json

FROM tensorrt AS worker-tensorrt
COPY --from=sbom-tensorrt /sbom.cdx.json /app/sbom.cdx.json

FROM base AS api
ENV ROOKERY_HOST=0.0.0.0 ROOKERY_PORT=5000
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "/app/dist/health.mjs", "http://127.0.0.1:5000/health/live"]
CMD ["serve"]

# For models that only TensorFlow runs. ONNX Runtime is here, too, but on the processor: the CUDA of this base is not its own.
FROM ${TENSORFLOW_CUDA_IMAGE} AS system-tensorflow
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libstdc++6 tini \
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/* \
 && useradd --uid 1000 --home-dir /tmp --no-create-home rookery \
 && mkdir -p /models /data /keys && chown 1000:1000 /models /data /keys

FROM build AS sbom-tensorflow
ARG SOURCE_DATE_EPOCH=0
COPY --from=system-tensorflow /var/lib/dpkg/status /usr/lib/os-release /system/
COPY --from=tensorflow /engines/tensorflow/node_modules /engines/tensorflow/node_modules
RUN node docker/sbom.mjs /app --name rookery-tensorflow --modules /engines/tensorflow/node_modules \
      --dpkg /system/status --os /system/os-release > /sbom.cdx.json

FROM system-tensorflow AS worker-tensorflow
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
COPY --from=tensorflow /engines /engines
COPY --from=sbom-tensorflow /sbom.cdx.json /app/sbom.cdx.json
COPY --from=models --chown=1000:1000 . /models
ENV NODE_ENV=production \
    ROOKERY_MODELS=/models \
    ROOKERY_CACHE=/tmp/rookery \
    ROOKERY_ENGINES=/engines \
    ROOKERY_ENGINE=tensorflow \
    ROOKERY_DEVICE=0 \
    ROOKERY_HEALTH_HOST=0.0.0.0 \
    ROOKERY_HEALTH_PORT=8080 \
    HOME=/tmp
VOLUME ["/tmp"]
USER 1000:1000
WORKDIR /data
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/tini", "--", "node", "/app/dist/rookery.js"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "/app/dist/health.mjs", "http://127.0.0.1:8080/health/live"]
CMD ["worker"]
