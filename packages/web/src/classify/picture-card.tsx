import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Bars } from '../ui/bars.tsx';
import { fileName } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { Progress } from '../ui/progress.tsx';
import type { Outcome, Picture } from './picture.ts';
import { differs } from './tally.ts';

/** What a card can do. The functions stay the same while the view is shown, so that cards are not drawn again. */
export interface CardActions {
  readonly open: (id: number) => void;
  readonly remove: (id: number) => void;
}

interface CardProps {
  picture: Picture;
  models: readonly string[];
  nameOf: (model: string) => string;
  actions: CardActions;
}

/** A picture and what the models say about it. It is drawn again only when it has changed, since there may be hundreds. */
export const PictureCard = (props: CardProps) =>
  useMemo(() => <Card {...props} />, [props.picture, props.models, props.nameOf, props.actions]);

const Card = ({ picture, models, nameOf, actions }: CardProps) => {
  const name = fileName(picture.name);
  return (
    <li class="picture card">
      <button type="button" class="thumb" onClick={() => actions.open(picture.id)}>
        <span class="unseen">Look at {name} closely</span>
        <Thumbnail url={picture.url} />
      </button>
      <button
        type="button"
        class="icon-button remove"
        onClick={() => actions.remove(picture.id)}
        aria-label={`Remove ${name}`}
        title="Remove"
      >
        <Icon name="close" />
      </button>
      <div class="picture-text">
        <h2 title={picture.name}>
          <span class="one-line">{name}</span>
          {differs(picture, models) && <span class="chip draining">differ</span>}
        </h2>
        <div class={models.length > 1 ? 'compared' : undefined}>
          {models.map((model) => (
            <div key={model}>
              {models.length > 1 && <p class="model-name">{nameOf(model)}</p>}
              <OutcomeText outcome={picture.outcomes[model]} name={name} />
            </div>
          ))}
        </div>
      </div>
    </li>
  );
};

const mostTries = 4;

/**
 * Browsers cannot show some formats that the service reads, so a file of this device that failed is not tried again. What the service
 * failed to give is asked for again after 2, 8 and 32 seconds: it may be busy or restarting.
 */
export const Thumbnail = ({ url, alt = '' }: { url: string; alt?: string }) => {
  const [broken, setBroken] = useState(false);
  const failures = useRef(0);
  useEffect(() => {
    if (!broken || failures.current >= mostTries || url.startsWith('blob:')) return;
    const timer = setTimeout(() => setBroken(false), 500 * 4 ** failures.current);
    return () => clearTimeout(timer);
  }, [broken]);
  const fail = (): void => {
    failures.current++;
    setBroken(true);
  };
  if (broken) return <NoPreview />;
  return <img src={url} alt={alt} loading="lazy" decoding="async" onError={fail} />;
};

export const NoPreview = () => (
  <span class="no-preview">
    <Icon name="broken" />
    No preview
  </span>
);

export const OutcomeText = ({
  outcome,
  name,
  all = false,
}: {
  outcome: Outcome | undefined;
  name: string;
  all?: boolean;
}) => {
  if (outcome?.state === 'labelled') {
    return <Bars predictions={all ? outcome.predictions : outcome.predictions.slice(0, 3)} />;
  }
  if (outcome?.state === 'failed') {
    return (
      <p class="failed">
        <Icon name="warning" />
        {outcome.text}
      </p>
    );
  }
  const share = outcome?.state === 'sending' && outcome.share < 1 ? outcome.share : undefined;
  return (
    <div class="pending">
      <p class="muted small">
        {outcome?.state === 'sending' ? (share === undefined ? 'Looking at it…' : 'Sending…') : 'Waiting…'}
      </p>
      {outcome?.state === 'sending' && <Progress label={`Sending ${name}`} share={share} />}
    </div>
  );
};
