import { createHash } from 'node:crypto';
import process from 'node:process';

/** The real classifier, but the process ends over pictures with these digests, as over one that breaks the decoder. */
export const dyingOver = (digests, classifier) =>
  new Proxy(classifier, {
    get(target, name) {
      if (name === 'classify') {
        return (picture, options) => {
          if (digests.includes(createHash('sha256').update(picture).digest('hex'))) process.abort();
          return target.classify(picture, options);
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
