interface ProgressProps {
  label: string;
  /** From 0 to 1; `undefined` where it is not known. */
  share: number | undefined;
}

/** How far something is. */
export const Progress = ({ label, share }: ProgressProps) => (
  <div
    class={share === undefined ? 'progress unknown' : 'progress'}
    role="progressbar"
    aria-label={label}
    aria-valuemin={0}
    aria-valuemax={100}
    aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
  >
    <span style={{ '--share': share ?? 0.3 }} />
  </div>
);
