import { measure } from './figures.mjs';

/** As many as the classifier takes at once. */
const atOnce = 64;

/** The classifier alone: bytes that lie in memory, as many in its hands as it wants. */
export const classifyFromMemory = (classifier, pictures, count) =>
  measure(count, async () => {
    let next = 0;
    const feed = async () => {
      while (next < count) {
        // A buffer of its own: it is transferred.
        const bytes = new Uint8Array(pictures[next++ % pictures.length]);
        await classifier.classify(bytes, { top: 3 });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, feed));
  });
