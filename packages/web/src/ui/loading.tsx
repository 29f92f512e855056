/** Shown only where waiting takes long enough to be seen. */
export const Loading = ({ what }: { what: string }) => (
  <p class="waiting-text" role="status">
    <span class="spinner" aria-hidden="true" />
    Loading {what}…
  </p>
);
