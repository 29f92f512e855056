/** Session options as the classifier's: threads of one session that wait actively would take the cores from another. */
export const asClassifier: Readonly<Record<string, string>> = {
  'session.force_spinning_stop': '1',
  'session.intra_op.spin_duration_us': '20',
  'session.dynamic_block_base': '2',
};
