import { RookeryError, type ServingModel } from '@rookery/contracts';
import type { Classifier } from './classifier.ts';
import type { ClassifierOptions, InternalOptions } from './classifier-options.ts';
import { pinOf } from './pin.ts';
import { planTuning } from './tuning.ts';
import { WarmClassifier } from './warm-classifier.ts';

/** `openClassifier` with the engine that was named; `auto` goes by the format. */
export async function openWarm(
  model: ServingModel,
  options: ClassifierOptions & InternalOptions = {},
): Promise<Classifier> {
  if (model.labels.length !== model.output.classes) {
    const detail = `${model.labels.length} labels for ${model.output.classes} classes`;
    throw new RookeryError('LABELS_INVALID', { detail });
  }
  const devices = options.device === 'cpu' || !options.device ? (['cpu'] as const) : options.device;
  if (devices.length === 0) throw new RookeryError('DEVICE_UNAVAILABLE', { detail: 'no device was named' });
  const pin = pinOf(model, options);
  const plan = await planTuning(model, pin, options);
  const classifier = new WarmClassifier(model, pin, plan, devices, options);
  const mayFallBack = options.fallback === true && options.device !== 'cpu' && options.device !== undefined;
  if (options.background && !mayFallBack) return classifier;
  try {
    await classifier.warm();
    return classifier;
  } catch (thrown) {
    await classifier[Symbol.asyncDispose]();
    if (!mayFallBack || !(thrown instanceof RookeryError) || thrown.code !== 'DEVICE_UNAVAILABLE') throw thrown;
    options.log?.warn({ err: thrown, device: options.device }, 'the device cannot be used: the processor is taken');
    const engine = options.engine === 'tensorrt' ? 'onnx' : options.engine;
    return openWarm(model, { ...options, device: 'cpu', engine, early: undefined });
  }
}
