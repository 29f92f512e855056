import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenApiDocument, Operation } from '../src/openapi/document.ts';
import { aService, type TestService } from './a-service.ts';

describe('the OpenAPI document', () => {
  let service: TestService;
  let document: OpenApiDocument;
  let operations: [name: string, operation: Operation][];
  beforeAll(async () => {
    service = await aService();
    document = (await service.app.inject('/openapi.json')).json();
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
    );
  });
  afterAll(() => service[Symbol.asyncDispose]());

  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    const { valid, errors } = await new Validator().validate(
      structuredClone(document) as unknown as Record<string, unknown>,
    );
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('leaves nothing open: every reference leads somewhere, every call has a name, a line and a place', () => {
    const text = JSON.stringify(document);
    for (const [, kind = '', name = ''] of text.matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g))
      expect((document.components as Record<string, Record<string, unknown>>)[kind], name).toHaveProperty(name);
    const names = operations.map(([, { operationId }]) => operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const [name, { operationId, summary, tags }] of operations) {
      expect(operationId, name).toMatch(/^[a-z]\w+$/i);
      expect(summary, name).toBeTruthy();
      expect(
        document.tags.map((tag) => tag.name),
        name,
      ).toContain(tags?.[0]);
      expect(document.tags.find((tag) => tag.name === tags?.[0])?.description, name).toBeTruthy();
    }
  });

  it('says of every call who may make it and how it may fail', () => {
    for (const [name, { security, responses }] of operations) {
      expect(Object.keys(responses), name).toContain('default');
      for (const [status, response] of Object.entries(responses)) {
        if (status.startsWith('4') || status.startsWith('5')) expect(response.$ref, `${name} ${status}`).toBeDefined();
      }
      const open = security.length === 0;
      expect(open || Object.keys(responses).includes('401'), name).toBe(true);
    }
    const successes = (name: string) =>
      Object.keys(operations.find(([each]) => each === name)?.[1].responses ?? {}).filter((status) => status < '400');
    expect(successes('get /v1/jobs/{id}/results')).toEqual(['200', '206', '304']);
    expect(successes('get /v1/jobs/{id}/picture')).toEqual(['200', '304']);
    expect(successes('get /v1/jobs/{id}/events')).toEqual(['200', '204']);
    expect(successes('post /v1/jobs/{id}/retry')).toEqual(['200', '201']);
    for (const [name] of operations) expect(successes(name), name).not.toEqual([]);
    const scopes = new Map(operations.map(([name, { security }]) => [name, security[0]?.bearer]));
    expect(scopes.get('post /v1/classify')).toEqual(['classify']);
    expect(scopes.get('post /v1/models/{name}/alias')).toEqual(['models']);
    expect(scopes.get('get /metrics')).toEqual(['admin']);
    expect(scopes.get('get /health/live')).toBeUndefined();
  });

  it('names no member of an answer that is not there: answers are written by the same schemas', async () => {
    const { required, properties } = document.components.schemas.ModelVersionInfo ?? {};
    const list = (await service.app.inject('/v1/models')).json();
    const version = list.models[0].versions[0];
    expect(Object.keys(version)).toEqual(expect.arrayContaining(required as string[]));
    expect(Object.keys(properties as object)).toEqual(expect.arrayContaining(Object.keys(version)));
  });
});
