import { RookeryError } from '@rookery/contracts';
import type { Registry } from '@rookery/models';

/** What the registry answers; where it lies is not for whoever asks for a model. */
export const withoutPlace = <T>(registry: Pick<Registry, 'folder' | 'location'>, answer: Promise<T>): Promise<T> =>
  answer.catch((thrown: unknown) => {
    if (!(thrown instanceof RookeryError) || thrown.code !== 'MODEL_NOT_FOUND' || thrown.detail === undefined)
      throw thrown;
    const places = [registry.folder, registry.location];
    const detail = places.reduce((text, place) => text.replaceAll(place, 'the registry'), thrown.detail);
    throw new RookeryError('MODEL_NOT_FOUND', { detail, cause: thrown });
  });
