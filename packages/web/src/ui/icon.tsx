/** Lines of 24 by 24, drawn with the text's colour. */
const paths = {
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.2h.01',
  stack: 'M4 7h16M4 12h16M4 17h10',
  layers: 'm12 4 8 4-8 4-8-4zM4 12l8 4 8-4M4 16l8 4 8-4',
  pulse: 'M3 12h4l3-7 4 14 3-7h4',
  sun: 'M12 8.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6zM12 3v1.6M12 19.4V21M3 12h1.6M19.4 12H21M5.6 5.6l1.2 1.2M17.2 17.2l1.2 1.2M18.4 5.6l-1.2 1.2M6.8 17.2l-1.2 1.2',
  moon: 'M19.5 14.2A8 8 0 1 1 9.8 4.5a6.3 6.3 0 0 0 9.7 9.7z',
  contrast: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 4v16M12 8h5.6M12 12h7.8M12 16h5.6',
  upload: 'M12 15V4M7.5 8.5 12 4l4.5 4.5M4.5 15.5V20h15v-4.5',
  download: 'M12 4v11M7.5 10.5 12 15l4.5-4.5M4.5 15.5V20h15v-4.5',
  camera: 'M4 8h3.2l1.5-2.5h6.6L16.8 8H20v11H4zM12 10a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4z',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6 6 18',
  warning: 'M12 4 2.8 19.5h18.4zM12 10v4.2M12 16.9h.01',
  info: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8h.01',
  folder: 'M3.5 6h6l2 2.5h9V19h-17z',
  plus: 'M12 5v14M5 12h14',
  broken: 'M4 5h16v6.5l-3 2.5-3-2-3.5 3-3-2L4 15.5zM4 19h16v-2.5',
  retry: 'M19 12a7 7 0 1 1-2.2-5.1M19.5 3.8v4h-4',
  back: 'M11 6l-6 6 6 6M5.5 12H20',
  forward: 'M13 6l6 6-6 6M18.5 12H4',
  search: 'M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5',
} as const;

export type IconName = keyof typeof paths;

/** Decoration: its meaning is in the text beside it, or in the label of its button. */
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);
