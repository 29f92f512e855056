import { openInterpreter } from '../../packages/optimizer/test/support/tflite-interpreter.ts';
import { findTritonclient } from '../peers/tritonclient.ts';
import { findWandbClient } from '../peers/wandb-client.ts';
import { startServices } from './services.ts';

const servers = async (): Promise<void> => {
  const started = await startServices(['redis', 'sqs', 's3', 'moto', 'prometheus']);
  await started[Symbol.asyncDispose]();
};

/**
 * Everything that the tests fetch through package registries, into the cache and at the same time. What cannot be had is not told here: the
 * tests that need it say so.
 */
export const fetched = Promise.allSettled([servers(), findTritonclient(), findWandbClient(), openInterpreter()]);
