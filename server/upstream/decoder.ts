/** The process that decodes: started when a picture comes, given up when it takes too long, and ended when none came for a while. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { printable } from '../../models/printable.js';
import { GenerateError } from '../../models/protocol.js';
import type { Decode, Decoded, ToDecode } from './decode.js';
import type { FromDecoder, ToDecoder } from './decode-worker.js';

/** Milliseconds. 4096 x 4096 pixels take some 5 s on a slow machine. */
const LONGEST = 30_000;
const IDLE = 60_000;

export type Decoder = { readonly decode: Decode; close(): void };

/** @param script the bundled decode-worker.ts */
export function createDecoder(script: URL, longest: number = LONGEST): Decoder {
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;

  function start(): ChildProcess {
    const started = fork(fileURLToPath(script), {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // No secret of the environment is needed to decode a picture.
      env: { PATH: process.env['PATH'] ?? '' },
      execArgv: ['--max-old-space-size=512'],
    });
    started.on('exit', () => {
      if (child === started) child = undefined;
    });
    started.unref();
    started.channel?.unref();
    return started;
  }

  function one(picture: ToDecode): Promise<Decoded> {
    clearTimeout(idle);
    child ??= start();
    const process_ = child;
    const id = count++;
    return new Promise<Decoded>((resolve, reject) => {
      const fail = (why: string) => {
        end();
        reject(new GenerateError('engine-failed', `The picture that came can not be read: ${printable(why)}.`));
      };
      const hear = (given: unknown) => {
        const message = given as FromDecoder;
        if (message.id !== id) return;
        if ('fault' in message) return fail(message.fault.slice(0, 300));
        end();
        resolve(message.decoded);
      };
      const gone = () => fail('the process that decodes ended');
      const timer = setTimeout(() => {
        fail(`decoding took more than ${longest / 1000} s and was stopped`);
        process_.kill('SIGKILL');
        // The next picture does not wait for its end.
        if (child === process_) child = undefined;
      }, longest);
      const end = () => {
        clearTimeout(timer);
        process_.off('message', hear);
        process_.off('exit', gone);
      };
      process_.on('message', hear);
      process_.on('exit', gone);
      process_.send({ id, picture } satisfies ToDecoder);
    }).finally(() => {
      idle = setTimeout(() => child?.kill(), IDLE).unref();
    });
  }

  return {
    decode(picture, signal) {
      const done = last.then(() => {
        signal.throwIfAborted();
        return one(picture);
      });
      last = done.catch(() => undefined);
      return done;
    },
    close() {
      clearTimeout(idle);
      child?.kill();
    },
  };
}
