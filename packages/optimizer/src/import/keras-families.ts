import type { ModelMessage } from '../onnx/messages.ts';
import type { Range } from './import-options.ts';

/** What `preprocess_input` of Keras' applications does, where the graph does not do it; that of all others is -1..1. */
const families: readonly (readonly [RegExp, Range])[] = [
  [/\b(vgg(16|19)|resnet(50|101|152))\b/, 'caffe'],
  [/\bdensenet(121|169|201)\b/, 'imagenet'],
];

/** One of Keras' applications that the model is made of, and what its pictures were; `undefined` for others. */
export function kerasFamily({ producerName, graph }: ModelMessage): { name: string; range: Range } | undefined {
  if (producerName !== 'keras') return undefined;
  for (const [names, range] of families) {
    const [name] = names.exec(graph.name) ?? [];
    if (name !== undefined) return { name, range };
  }
  return undefined;
}
