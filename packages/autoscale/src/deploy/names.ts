/** Names of what is deployed: the same in the templates and in the commands that use it. */
export const namesOf = (name: string) => ({
  baseStack: `${name}-base`,
  fleetStack: name,
  /** `<queue>-events` and `<queue>-jobs`, each with `-dead` for what was given up. */
  queue: name,
  /** S3's notifications. */
  bucketEvents: `${name}-bucket-events`,
  repository: (image: 'worker' | 'producer' | 'api') => `${name}-${image}`,
  /** Of hashed API keys. */
  keysSecret: `${name}/keys`,
  cluster: name,
});
