/*
 * What BullMQ has no operation for: a failed job that was never active, and forgetting failed jobs only, whatever else
 * happens to them meanwhile. The layout of a job's hash is the one that BullMQ 6 reads.
 */

/** KEYS: id counter, failed set, key prefix. ARGV: name, data, timestamp, failedReason, stacktrace. */
export const addFailed = `
local id = tostring(redis.call('INCR', KEYS[1]))
redis.call('HSET', KEYS[3] .. id, 'name', ARGV[1], 'data', ARGV[2], 'opts', '{"attempts":1}', 'timestamp', ARGV[3],
  'delay', '0', 'priority', '0', 'atm', '1', 'finishedOn', ARGV[3], 'failedReason', ARGV[4], 'stacktrace', ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[3], id)
return id`;

/** KEYS: failed set, key prefix. ARGV: ids. */
export const purgeFailed = `
local purged = 0
for _, id in ipairs(ARGV) do
  if redis.call('ZREM', KEYS[1], id) == 1 then
    local key = KEYS[2] .. id
    redis.call('DEL', key, key .. ':lock', key .. ':logs', key .. ':dependencies', key .. ':processed',
      key .. ':failed', key .. ':unsuccessful')
    purged = purged + 1
  end
end
return purged`;
