/**
 * ONNX Runtime's builds for Linux keep a database of what they ran below the user's cache and send it to their maker, unless this says
 * otherwise before they are loaded. Native code reads the process' own environment, of which a worker thread has a copy: to be called in
 * the main thread. Who wants to report sets it to 0.
 */
export function noTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}
