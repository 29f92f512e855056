import { AliasModelRequest, LoadModelRequest, ModelInfo, ModelList, ModelName } from '@rookery/contracts';
import * as z from 'zod';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { findModel, listModels } from '../serving/model-list.ts';
import { withoutPlace } from '../serving/without-place.ts';

const params = z.object({ name: ModelName });
const tags = ['Models'];

/** `/v1/models`: what there is and what is warm; loading and moving aliases while everything goes on. */
export function modelRoutes(app: ApiInstance, { models, registry, log }: ApiContext): void {
  app.get(
    '/v1/models',
    {
      config: { access: 'classify' },
      schema: {
        operationId: 'listModels',
        summary: 'Every model, its versions and aliases',
        tags,
        response: { 200: ModelList },
      },
    },
    async () => ({ models: await listModels(registry, models) }),
  );

  app.get(
    '/v1/models/:name',
    {
      config: { access: 'classify' },
      schema: { operationId: 'getModel', summary: 'One model', tags, params, response: { 200: ModelInfo } },
    },
    async ({ params: { name } }) => findModel(name, registry, models),
  );

  app.post(
    '/v1/models/:name/load',
    {
      config: { access: 'models' },
      schema: {
        operationId: 'loadModel',
        summary: 'Load a version and keep it warm; answers when it is',
        description:
          'Also looks up at once what names and aliases mean now: a version that was added or an alias that was moved elsewhere takes over without a restart.',
        tags,
        params,
        body: LoadModelRequest.optional(),
        response: { 200: ModelInfo },
      },
    },
    async ({ params: { name }, body, id }) => {
      const version = body?.version;
      await models.load(version === undefined ? name : `${name}@${version}`);
      log.info({ requestId: id, model: name, version }, 'loaded as asked for');
      return findModel(name, registry, models);
    },
  );

  app.post(
    '/v1/models/:name/alias',
    {
      config: { access: 'models' },
      schema: {
        operationId: 'aliasModel',
        summary: 'Let an alias name a version',
        description: `Where requests are answered under this alias, the version warms up beside the one before, takes over, and the one before
finishes what it has: no request fails. A version that cannot be loaded moves nothing. The bare name means \`production\` where there is one.`,
        tags,
        params,
        body: AliasModelRequest,
        response: { 200: ModelInfo },
      },
    },
    async ({ params: { name }, body: { alias, version, expect }, id }) => {
      if (models.answersUnder(name, alias)) await models.load(`${name}@${version}`);
      await withoutPlace(registry, registry.alias(name, alias, version, { expect }));
      await models.follow();
      log.info({ requestId: id, model: name, alias, version }, 'alias moved');
      return findModel(name, registry, models);
    },
  );
}
