import type { ModelInfo, ModelVersionInfo } from '@rookery/client';
import { useState } from 'preact/hooks';
import { announce } from '../app/announcer.tsx';
import { useApp } from '../app/context.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { bytes, count, counted, moment, shortDigest } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { wordsOf } from '../ui/words.ts';

import { standingsOf } from './standings.ts';

interface VersionProps {
  model: ModelInfo;
  version: ModelVersionInfo;
  mayChange: boolean;
  onAlias: () => void;
  onChange: () => void;
}

const states = { loading: 'warming up', warm: 'warm', draining: 'finishing' } as const;

/** One version: what it is, whether it is warm, which aliases name it. */
export const VersionCard = ({ model, version, mayChange, onAlias, onChange }: VersionProps) => {
  const { client } = useApp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const standings = standingsOf(model.rollouts, version.version);
  const isWarm = version.loaded.some(({ state }) => state === 'warm');
  const load = async (): Promise<void> => {
    setBusy(true);
    setError('');
    try {
      await client.models.load(model.name, version.version);
      announce(`${model.name} is warm`);
      onChange();
    } catch (thrown) {
      setError(wordsOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <li class="card version">
      <div class="version-head">
        <h3>
          <code>{version.version}</code>
          <CopyButton text={`${model.name}@${version.version}`} what="the reference" />
        </h3>
        {version.version === model.current && <span class="chip current">current</span>}
        {version.aliases.map((alias) => (
          <span key={alias} class="chip">
            {alias}
          </span>
        ))}
        {standings.map(({ chip }) => (
          <span key={chip} class="chip">
            {chip}
          </span>
        ))}
        {version.loaded.map(({ variant, state, users, answered }) => (
          <span
            key={variant}
            class={`chip ${state}`}
            title={`${counted(answered, 'picture')} answered, ${counted(users, 'request')} now`}
          >
            {states[state]}
            {version.variants.length > 1 && ` · ${variant}`}
          </span>
        ))}
      </div>
      <dl class="facts">
        <Fact name="Classes" value={count(version.classes)} />
        <Fact name="Size" value={bytes(version.sizeBytes)} />
        <Fact
          name="Forms"
          value={version.variants
            .map((name) =>
              name === version.defaultVariant && version.variants.length > 1 ? `${name} (default)` : name,
            )
            .join(', ')}
        />
        <Fact name="Added" value={version.builtIn ? 'comes along' : moment(version.createdAt)} />
        {standings.map(({ chip, rule }) => rule && <Fact key={chip} name="Rule" value={rule} />)}
        {version.licence !== undefined && <Fact name="Licence" value={version.licence} />}
        {Object.entries(version.metrics).map(([name, value]) => (
          <Fact key={name} name={name} value={String(Math.round(value * 1e4) / 1e4)} />
        ))}
      </dl>
      <details>
        <summary>{counted(version.files.length, 'file')} and their digests</summary>
        <ul class="digests">
          {version.files.map(({ path, sizeBytes, digest }) => (
            <li key={path}>
              <span class="one-line" title={path}>
                {path}
              </span>
              <span class="muted small">{bytes(sizeBytes)}</span>
              <span class="digest">
                <code title={digest}>{shortDigest(digest)}</code>
                <CopyButton text={digest} what={`the digest of ${path}`} />
              </span>
            </li>
          ))}
        </ul>
        <p class="muted small">From {version.source}</p>
      </details>
      {error && <Notice kind="error">{error}</Notice>}
      {mayChange && (
        <div class="row">
          <button type="button" class="button" disabled={busy || isWarm} onClick={load}>
            {isWarm ? 'Loaded' : busy ? 'Loading…' : 'Load'}
          </button>
          {!version.builtIn && (
            <button type="button" class="button" onClick={onAlias}>
              Point an alias here…
            </button>
          )}
        </div>
      )}
    </li>
  );
};

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);
