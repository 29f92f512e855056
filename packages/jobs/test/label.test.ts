import { labelKey } from '@rookery/contracts';
import { expect, it } from 'vitest';
import { findLabel, type LabelPlace, removeLabel, writeLabel } from '../src/index.ts';
import { aJob, aLine, tempStore } from './fixtures.ts';

const bucket = 'pictures';
const key = 'a.jpg';

async function aPlace(): Promise<LabelPlace> {
  return { store: await tempStore(), pictures: await tempStore(), bucket };
}

/** Does something at the moment when the label is being put. */
const whilePutting = (place: LabelPlace, happens: () => Promise<unknown>): LabelPlace => ({
  ...place,
  store: Object.assign(Object.create(place.store), {
    get: place.store.get.bind(place.store),
    delete: place.store.delete.bind(place.store),
    put: async (...args: Parameters<typeof place.store.put>) => {
      await happens();
      return place.store.put(...args);
    },
  }),
});

const etagOf = async (place: LabelPlace) => (await place.pictures.head(key))?.etag ?? '';
const lineOf = async (place: LabelPlace, label: string) => aLine(aJob(), { key, etag: await etagOf(place) }, label);

it('writes the label of the picture that is there', async () => {
  const place = await aPlace();
  await place.pictures.put(key, 'one');
  const line = await lineOf(place, 'one');
  expect(await writeLabel(place, line)).toBe('written');
  expect(await findLabel(place.store, bucket, key)).toEqual(line);
});

it('a label of an older state is not written over a newer one', async () => {
  const place = await aPlace();
  await place.pictures.put(key, 'one');
  const old = await lineOf(place, 'old');
  await place.pictures.put(key, 'another');
  const fresh = await lineOf(place, 'fresh');
  expect(await writeLabel(place, fresh)).toBe('written');
  expect(await writeLabel(place, old)).toBe('overtaken');
  expect(await findLabel(place.store, bucket, key)).toEqual(fresh);
});

it('a picture that is overwritten while its label is written is labelled again', async () => {
  const place = await aPlace();
  await place.pictures.put(key, 'one');
  const old = await lineOf(place, 'old');
  const racing = whilePutting(place, async () => {
    await place.pictures.put(key, 'another');
    expect(await writeLabel(place, await lineOf(place, 'fresh'))).toBe('written');
  });
  // The old label lies there now, and its writer knows.
  expect(await writeLabel(racing, old)).toBe('overtaken');
  expect(await writeLabel(place, await lineOf(place, 'fresh'))).toBe('written');
  expect((await findLabel(place.store, bucket, key))?.predictions[0]?.label).toBe('fresh');
});

it('a picture that is removed while its label is written leaves none', async () => {
  const place = await aPlace();
  await place.pictures.put(key, 'one');
  const line = await lineOf(place, 'one');
  expect(
    await writeLabel(
      whilePutting(place, () => place.pictures.delete([key])),
      line,
    ),
  ).toBe('removed');
  expect(await place.store.head(labelKey(bucket, key))).toBeUndefined();
});

it('a label that is to be kept stays, whenever its picture is removed', async () => {
  const place = { ...(await aPlace()), keepRemoved: true };
  await place.pictures.put(key, 'one');
  const line = await lineOf(place, 'one');
  const racing = whilePutting(place, () => place.pictures.delete([key]));
  expect(await writeLabel(racing, line)).toBe('removed');
  expect(await writeLabel(place, { ...line, predictions: [] })).toBe('removed');
  expect(await findLabel(place.store, bucket, key)).toEqual(line);
});

it('a removal that is told late does not take the label of the picture that came after it', async () => {
  const place = await aPlace();
  await place.pictures.put(key, 'again');
  await writeLabel(place, await lineOf(place, 'fresh'));
  expect(await removeLabel(place, key)).toBe('present');
  expect(await findLabel(place.store, bucket, key)).toBeDefined();
  await place.pictures.delete([key]);
  expect(await removeLabel(place, key)).toBe('removed');
  expect(await findLabel(place.store, bucket, key)).toBeUndefined();
});
