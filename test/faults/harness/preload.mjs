// Loaded before the command (`NODE_OPTIONS=--import`): the command is the one that users run, only the world around it is faulty.
// What is to happen stands in ROOKERY_FAULT; fault.ts says what there is.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import process from 'node:process';
import threads from 'node:worker_threads';

const { killAt, crashOver, clock } = JSON.parse(process.env.ROOKERY_FAULT ?? '{}');

if (killAt) {
  const pattern = new RegExp(killAt.match ?? '');
  let left = killAt.nth ?? 1;
  const reach = (call, when, what) => {
    if (call !== killAt.call || when !== killAt.when || !pattern.test(what) || --left > 0) return;
    process.kill(process.pid, 'SIGKILL');
    // The signal comes at once, but not within this call.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
  };
  /** Tells of a call, by one of its arguments. */
  const tell = (object, method, call, argument) => {
    const original = object[method];
    object[method] = async function (...args) {
      reach(call, 'before', String(args[argument]));
      const result = await original.apply(this, args);
      reach(call, 'after', String(args[argument]));
      return result;
    };
  };
  tell(files, 'link', 'link', 1);
  tell(files, 'rename', 'rename', 1);
  tell(files, 'unlink', 'unlink', 0);
  tell(files, 'open', 'create', 0);
  tell(files, 'realpath', 'ask', 0);

  const read = new Map();
  const { open, closeSync } = fs;
  fs.open = (path, ...rest) => {
    reach('open', 'before', String(path));
    const done = rest.pop();
    open(path, ...rest, (error, file) => {
      if (!error) {
        read.set(file, String(path));
        reach('open', 'after', String(path));
      }
      done(error, file);
    });
  };
  fs.closeSync = (file) => {
    const path = read.get(file);
    read.delete(file);
    if (path !== undefined) reach('close', 'before', path);
    closeSync(file);
    if (path !== undefined) reach('close', 'after', path);
  };

  if (killAt.call === 'send') {
    const { write } = net.Socket.prototype;
    net.Socket.prototype.write = function (bytes, ...rest) {
      const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1');
      reach('send', 'before', text);
      const result = write.call(this, bytes, ...rest);
      // The answer has come: the server has done it.
      this.once('data', () => reach('send', 'after', text));
      return result;
    };
  }

  if (killAt.call === 'answers') {
    const { emit } = threads.Worker.prototype;
    threads.Worker.prototype.emit = function (name, report, ...rest) {
      if (name === 'message' && report?.type === 'answers') reach('answers', killAt.when, '');
      return emit.call(this, name, report, ...rest);
    };
  }
}

if (crashOver) {
  const { postMessage } = threads.Worker.prototype;
  threads.Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.type === 'picture') {
      const digest = createHash('sha256').update(message.bytes).digest('hex');
      if (crashOver.includes(digest)) process.abort();
    }
    return postMessage.call(this, message, ...rest);
  };
}

if (clock) {
  const RealDate = Date;
  let shiftMs = 0;
  for (const { afterMs, byMs } of clock)
    setTimeout(() => {
      shiftMs += byMs;
    }, afterMs).unref();
  const now = () => RealDate.now() + shiftMs;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      super(...(args.length > 0 ? args : [now()]));
    }
    static now() {
      return now();
    }
  };
}

syncBuiltinESMExports();
