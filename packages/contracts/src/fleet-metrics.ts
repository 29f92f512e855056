/** Figures of workers in CloudWatch: the names that workers write and that dashboards and alarms ask for. */
export const fleetMetrics = {
  namespace: 'Rookery',
  /** The only one: a queue's fleet is one series a figure, however many workers come and go. Its value is the queue's name. */
  dimension: 'Queue',
  names: {
    labelled: 'PicturesLabelled',
    failed: 'PicturesFailed',
    tasks: 'TasksDone',
    taskErrors: 'TaskErrors',
    engineBusy: 'EngineBusy',
  },
} as const;
