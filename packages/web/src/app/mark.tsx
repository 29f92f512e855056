/** Three rooks of a colony. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 40 32" aria-hidden="true">
    <path class="far" d="M1 12.6c.6-4.3 3.1-7.1 6.3-7.1 1.2 0 2 .4 2.6 1.2l2.2.6-2.1 1c-.2 2.8-2.2 4.7-5.2 4.7H3.2z" />
    <path
      class="far"
      d="M17 9.1C17.7 4.5 20.3 1.4 23.9 1.4c1.3 0 2.2.5 2.8 1.3l2.4.6-2.3 1.1c-.2 3.1-2.5 5.2-5.7 5.2h-1.7z"
    />
    <path d="M8 29.6C9.2 18.9 15.2 11.4 23.2 11.4c2.8 0 5 1.1 6.3 3l6.5 1.7-6.1 2.8c-.2 7.1-5.5 12-13 12h-3.4L8 32z" />
    <circle class="eye" cx="25" cy="16.1" r="1.35" />
  </svg>
);
