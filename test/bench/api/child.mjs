import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that answers each message with one. */
export async function startChild(file, args = [], execArgv = []) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv, serialization: 'advanced' });
  const answer = () =>
    new Promise((resolve, reject) => {
      const settle = (end) => (value) => {
        child.off('message', answered);
        child.off('exit', ended);
        end(value);
      };
      const answered = settle(resolve);
      const ended = settle((code) => reject(new Error(`${file} ended with ${code}`)));
      child.on('message', answered);
      child.on('exit', ended);
    });
  const hello = await answer();
  let turn = Promise.resolve();
  return {
    hello,
    pid: child.pid,
    ask(message) {
      const asked = turn.then(() => {
        child.send(message);
        return answer();
      });
      turn = asked.catch(() => {});
      return asked;
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.send({ type: 'stop' });
      await once(child, 'exit');
    },
  };
}
