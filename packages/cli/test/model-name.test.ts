import { ModelName } from '@rookery/contracts';
import { expect, it } from 'vitest';
import { modelNameOf } from '../src/model-name.ts';

it.each([
  ['/models/Birds V1 (final).onnx', 'birds-v1-final-'],
  ['saved_model', 'saved_model'],
  ['-._x.tflite', 'x'],
  ['birds..onnx', 'birds'],
  [`${'x'.repeat(63)}.5.onnx`, 'x'.repeat(63)],
  ['Vögel.onnx', 'v-gel'],
  ['鳥.onnx', 'model'],
])('the model of %s is called %s', (file, name) => {
  expect(modelNameOf(file)).toBe(name);
  expect(ModelName.safeParse(name).success).toBe(true);
});
