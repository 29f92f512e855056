import type { ModelInfo, ModelVersionInfo } from '@rookery/client';
import { useState } from 'preact/hooks';
import { mayDo, useApp } from '../app/context.ts';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { Trouble } from '../ui/trouble.tsx';
import { useLoad } from '../ui/use-load.ts';
import { wordsOf } from '../ui/words.ts';
import { AliasDialog } from './alias-dialog.tsx';
import { VersionCard } from './version-card.tsx';

/** Every model of the registry: its versions, what its aliases name, what is warm. */
export const ModelsView = () => {
  const { client, session } = useApp();
  const { data, error, reload } = useLoad(() => client.models.list(), 4_000);
  const [aliasing, setAliasing] = useState<{ model: ModelInfo; version: ModelVersionInfo }>();
  if (!data) return error === undefined ? <Loading what="models" /> : <Trouble error={error} onRetry={reload} />;
  const mayChange = mayDo(session, 'models');
  return (
    <div class="models">
      <div class="view-head">
        <h1>Models</h1>
      </div>
      {error !== undefined && <Notice kind="error">{wordsOf(error)} What you see may be old.</Notice>}
      {data.length === 0 && (
        <Empty
          icon="layers"
          title="No models"
          text={
            <>
              Add one with <code>rookery models add birds.onnx --name birds --labels birds.csv</code>.
            </>
          }
        />
      )}
      {data.map((model) => (
        <section key={model.name} class="model" aria-label={model.name}>
          <div class="model-head">
            <h2>{model.name}</h2>
            {model.isDefault && <span class="chip">answers by default</span>}
          </div>
          {model.damaged.map(({ version, reason }) => (
            <Notice key={version} kind="error">
              Version {version.slice(0, 12)} cannot be used: {reason}
            </Notice>
          ))}
          {model.error && <Notice kind="error">{model.error.message}</Notice>}
          <ul class="versions">
            {model.versions.map((version) => (
              <VersionCard
                key={version.version}
                model={model}
                version={version}
                mayChange={mayChange}
                onAlias={() => setAliasing({ model, version })}
                onChange={reload}
              />
            ))}
          </ul>
        </section>
      ))}
      {aliasing && <AliasDialog {...aliasing} onClose={() => setAliasing(undefined)} onChange={reload} />}
    </div>
  );
};
