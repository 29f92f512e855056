import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answersFor, type RolloutRules, shadowsFor } from '@rookery/contracts';
import { beside, cleared } from '@rookery/models';
import { type Logger, silentLogger } from '@rookery/telemetry';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { publishVariation } from '../../models/test/a-variation.ts';
import { aService, type TestService } from './a-service.ts';

/** Pictures that look the same and are not: what follows a JPEG's end is nobody's. */
async function pictures(count: number): Promise<Buffer[]> {
  const jpeg = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#808080' } })
    .jpeg()
    .toBuffer();
  return Array.from({ length: count }, (_, i) => Buffer.concat([jpeg, Buffer.from([i >> 8, i & 255])]));
}

const keyOf = (picture: Buffer): string => createHash('sha256').update(picture).digest('hex');

interface TwoVersions {
  readonly first: string;
  readonly second: string;
  label(picture: Buffer): Promise<{ readonly label: string; readonly version: string | undefined }>;
}

async function twoVersions({ app, registry }: TestService): Promise<TwoVersions> {
  const first = await publishVariation(registry, 'birds', 'first');
  const second = await publishVariation(registry, 'birds', 'second');
  await registry.alias('birds', 'production', first);
  return {
    first,
    second,
    async label(payload) {
      const headers = { 'content-type': 'image/jpeg' };
      const answer = await app.inject({ method: 'POST', url: '/v1/classify?model=birds&top=5', headers, payload });
      expect(answer.statusCode).toBe(200);
      const { model, images } = answer.json();
      const labels: string[] = images[0].predictions.map(({ label }: { label: string }) => label);
      const label = labels.find((each) => each === 'first' || each === 'second') ?? '';
      return { label, version: images[0].version ?? model.version };
    },
  };
}

/** As `rookery models canary` and `shadow` do it. */
async function stand(
  { registry, models }: TestService,
  role: 'canary' | 'shadow',
  version: string,
  share: number,
  rules?: RolloutRules,
): Promise<void> {
  await registry.changeAlias('birds', 'production', (now) => now && beside(now, role, { version, share }, { rules }));
  await models.follow();
}

it('the log says of a reference what has changed about it, and only that', async () => {
  const said: { message: string; fields: object }[] = [];
  const info = (fields: object, message: string) => void said.push({ message, fields });
  const log = Object.assign(Object.create(silentLogger), { info }) as Logger;
  await using service = await aService({}, { log });
  const { first, second, label } = await twoVersions(service);
  await label((await pictures(1))[0] as Buffer);
  const news = () => said.splice(0).filter(({ message }) => message.includes('reference'));
  news();
  await stand(service, 'canary', second, 0.4);
  await stand(service, 'canary', second, 0.5);
  await service.models.follow();
  const message = 'what stands beside a reference has changed';
  const share = (of: number) => ({ version: second, share: of });
  const about = { reference: 'birds', model: expect.stringContaining(first) };
  expect(news()).toEqual([
    { message, fields: { ...about, canary: { from: undefined, to: share(0.4) } } },
    { message, fields: { ...about, canary: { from: share(0.4), to: share(0.5) } } },
  ]);
  await service.registry.alias('birds', 'production', second);
  await service.models.follow();
  expect(news()).toMatchObject([
    {
      message: 'a reference means something else: warming up',
      fields: { from: expect.stringContaining(first), to: expect.stringContaining(second) },
    },
  ]);
});

it('a canary answers for its share of pictures, each picture always by the same version, and says so', async () => {
  await using service = await aService({ limits: { waitMs: 3_600_000, pendingPictures: 10_000 } });
  const { first, second, label } = await twoVersions(service);
  const all = await pictures(60);
  expect(await label(all[0] as Buffer)).toEqual({ label: 'first', version: first });
  await stand(service, 'canary', second, 0.4);
  const rollout = { canary: { version: second, share: 0.4 } };
  const seen = await Promise.all(all.map(label));
  const meant = all.map((each) =>
    answersFor(keyOf(each), rollout) === 'canary'
      ? { label: 'second', version: second }
      : { label: 'first', version: first },
  );
  expect(seen).toEqual(meant);
  expect(new Set(seen.map(({ version }) => version)).size).toBe(2);
  expect(await Promise.all(all.map(label))).toEqual(meant);
  // As a form too: several pictures of one request, each by its own version.
  const form = new FormData();
  for (const [i, each] of all.slice(0, 8).entries()) form.append('file', new Blob([new Uint8Array(each)]), `${i}.jpg`);
  const request = new Request('http://localhost', { method: 'POST', body: form });
  const answer = await service.app.inject({
    method: 'POST',
    url: '/v1/classify?model=birds',
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
    payload: Buffer.from(await request.arrayBuffer()),
  });
  const { model, images } = answer.json();
  expect(model.version).toBe(first);
  expect(images.map(({ version = first }: { version?: string }) => version)).toEqual(
    meant.slice(0, 8).map(({ version }) => version),
  );
  expect((await service.app.inject('/metrics')).body).toMatch(
    /rookery_rollout_pictures_total\{role="canary",service="api"\} \d+/,
  );
}, 60_000);

it('a shadow labels its share too: only whether it agrees is kept', async () => {
  await using service = await aService({ limits: { waitMs: 3_600_000, pendingPictures: 10_000 } });
  const { first, second, label } = await twoVersions(service);
  await label((await pictures(1))[0] as Buffer);
  await stand(service, 'shadow', second, 0.5);
  const all = await pictures(40);
  for (const each of all) expect(await label(each)).toEqual({ label: 'first', version: first });
  const rollout = { version: first, shadow: { version: second, share: 0.5 } };
  const shadowed = all.filter((each) => shadowsFor(keyOf(each), rollout).length > 0);
  expect(shadowed.length).toBeGreaterThan(5);
  const compared = async (): Promise<number> => {
    const { body } = await service.app.inject('/metrics');
    return [
      ...body.matchAll(/rookery_shadow_comparisons_total\{outcome="(?:same|other)",service="api"\} (\d+)/g),
    ].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  await expect.poll(compared).toBe(shadowed.length);
}, 60_000);

it('by its rules a canary takes over once it has answered enough, with the reason in the history of the alias', async () => {
  await using service = await aService({ limits: { waitMs: 3_600_000, pendingPictures: 10_000 } });
  const { first, second, label } = await twoVersions(service);
  const all = await pictures(80);
  await label(all[0] as Buffer);
  await stand(service, 'canary', second, 0.5, { promoteAfter: 10, maxErrors: 0.1 });
  for (const each of all) await label(each);
  await expect.poll(async () => (await service.registry.readAlias('birds', 'production'))?.version).toBe(second);
  const record = await service.registry.readAlias('birds', 'production');
  expect(record?.canary).toBeUndefined();
  expect(record?.history?.at(-1)).toMatchObject({
    what: 'promoted',
    from: first,
    to: second,
    by: 'rule',
    reason: expect.stringMatching(/^answered \d+ pictures; 0 of \d+ pictures failed, at most 10 % may$/),
  });
  await service.models.follow();
  expect(await label(all[0] as Buffer)).toEqual({ label: 'second', version: second });
}, 60_000);

it('a canary that labels otherwise is taken back by a rule about disagreement, and the main version answers alone', async () => {
  await using service = await aService({ limits: { waitMs: 3_600_000, pendingPictures: 10_000 } });
  const { first, second, label } = await twoVersions(service);
  const all = await pictures(120);
  const before = (
    await service.app.inject({
      method: 'POST',
      url: '/v1/classify?model=birds&top=1',
      headers: { 'content-type': 'image/jpeg' },
      payload: all[0] as Buffer,
    })
  ).json();
  // Both versions have the same weights and one label that differs: they disagree where that label comes first.
  const disagree = before.images[0].predictions[0].label === 'first';
  await stand(service, 'canary', second, 0.5, { promoteAfter: 20, maxDisagreement: 0.1 });
  for (const each of all) await label(each);
  const last = async () => (await service.registry.readAlias('birds', 'production'))?.history?.at(-1)?.what;
  await expect.poll(last).toBe(disagree ? 'rolled-back' : 'promoted');
  const record = await service.registry.readAlias('birds', 'production');
  expect(record?.version).toBe(disagree ? first : second);
}, 60_000);

it('a canary that cannot be loaded answers nothing: the main version goes on', async () => {
  await using service = await aService({ limits: { waitMs: 3_600_000, pendingPictures: 10_000 } });
  const { first, second, label } = await twoVersions(service);
  const [picture] = await pictures(1);
  expect(await label(picture as Buffer)).toEqual({ label: 'first', version: first });
  const { folder, manifest } = await service.registry.resolve(`birds@${second}`);
  const graph = manifest.variants[manifest.defaultVariant]?.path ?? '';
  await writeFile(join(folder, graph), 'not a graph any more');
  await stand(service, 'canary', second, 1);
  expect(await label(picture as Buffer)).toEqual({ label: 'first', version: first });
  expect(service.models.loaded().map(({ resolved }) => resolved.version)).not.toContain(second);
}, 60_000);

it('a request under way while its canary goes is answered by the main version', async () => {
  await using service = await aService();
  const { first, second, label } = await twoVersions(service);
  const [picture = Buffer.alloc(0)] = await pictures(1);
  await label(picture);
  await stand(service, 'canary', second, 1);
  using lease = await service.models.use('birds');
  await service.registry.changeAlias('birds', 'production', (now) => now && cleared(now));
  await service.models.follow();
  const counts = { answered: () => undefined, compared: () => undefined };
  using turn = await lease.versions?.turn(keyOf(picture), lease, { counts });
  expect(turn?.lease).toBe(lease);
  const answer = await turn?.label({ kind: 'encoded', bytes: new Uint8Array(picture) }, (chosen) =>
    chosen.classifier.classify(new Uint8Array(picture), { top: 5 }),
  );
  expect(answer?.predictions.map((each) => each.label)).toContain('first');
  expect(lease.hosted.resolved.version).toBe(first);
}, 60_000);
