/** The process that decodes: started when a picture comes, given up when it takes too long, and ended when none came for a while. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { printable } from '../../models/printable.js';
import { GenerateError } from '../../models/protocol.js';
import type { RgbImage } from '../../models/run/png.js';
import type { Decode, Decoded } from './decode.js';
import type { FromDecoder, ToDecoder, Work } from './decode-worker.js';

/** Milliseconds. 4096 x 4096 pixels take some 5 s on a slow machine. */
const LONGEST = 30_000;
const IDLE = 60_000;

/** @throws GenerateError `invalid-request` saying what is wrong with the file */
export type ReadPicture = (bytes: Uint8Array, signal: AbortSignal) => Promise<RgbImage>;

export type Decoder = {
  /** What another server drew. */
  readonly decode: Decode;
  /** What a client wants to be edited. */
  readonly read: ReadPicture;
  close(): void;
};

class Unreadable extends Error {}

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

  function one(work: Work): Promise<Decoded | RgbImage> {
    clearTimeout(idle);
    child ??= start();
    const process_ = child;
    const id = count++;
    return new Promise<Decoded | RgbImage>((resolve, reject) => {
      const fail = (why: string) => {
        end();
        reject(new Unreadable(printable(why)));
      };
      const hear = (given: unknown) => {
        const message = given as FromDecoder;
        if (message.id !== id) return;
        if ('fault' in message) return fail(message.fault.slice(0, 300));
        end();
        resolve(message.result);
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
      process_.send({ id, work } satisfies ToDecoder);
    }).finally(() => {
      idle = setTimeout(() => child?.kill(), IDLE).unref();
    });
  }

  /** One after the other, so that memory holds one picture. */
  function inTurn(work: Work, signal: AbortSignal): Promise<Decoded | RgbImage> {
    const done = last.then(() => {
      signal.throwIfAborted();
      return one(work);
    });
    last = done.catch(() => undefined);
    return done;
  }

  const blame = (code: 'engine-failed' | 'invalid-request', what: string) => (error: unknown) => {
    if (!(error instanceof Unreadable)) throw error;
    throw new GenerateError(code, `${what} can not be read: ${error.message}.`, { cause: error });
  };

  return {
    decode: (picture, signal) =>
      inTurn({ kind: 'decode', picture }, signal).catch(
        blame('engine-failed', 'The picture that came'),
      ) as Promise<Decoded>,
    read: (bytes, signal) =>
      inTurn({ kind: 'read', bytes }, signal).catch(
        blame('invalid-request', 'The picture to start from'),
      ) as Promise<RgbImage>,
    close() {
      clearTimeout(idle);
      child?.kill();
    },
  };
}
