// The API: a trusted document by its id, and what is answered. Nothing here knows a page.
// @ts-check
import { Greeting } from './session.gen.js';
/** @template V, D @typedef {import('./api.gen.d.ts').Operation<V, D>} Operation */
/** @typedef {{code: string, message: string, path: string[], others?: Problem[], retryAfterSeconds?: number | null}} Problem */

export const HEADERS = { 'X-Mesa-Client': 'web' };
const ADDRESS = '/graphql';
const PATIENCE_MS = 30_000;

/** The line is cut, or the counter does not answer as it should: asking again may help. */
export class Unreachable extends Error {}
/** Nobody is signed in, or nobody any more. */
export class SignedOut extends Error {}
/** The pages were opened before an update of the counter: they must be loaded anew. */
export class Outdated extends Error {}
/** The API refused the operation as a whole; `code` is its stable code. */
export class Failed extends Error {
  constructor(/** @type {string} */ message, /** @type {string | undefined} */ code) {
    super(message);
    this.code = code;
  }
}

const KINDS = { NOT_SIGNED_IN: SignedOut, PERSISTED_QUERY_NOT_FOUND: Outdated, UNTRUSTED_DOCUMENT: Outdated };

/** What is told of operations: that they had no answer, or, of each that had one, when it was sent and answered. Set by the frame of the pages. */
export const told = {
  signedOut: () => {},
  outdated: () => {},
  used: (/** @type {number} */ _sentAt, /** @type {string | null} */ _date) => {},
};

/** @param {{message: string, extensions?: {code?: string}}} error */
export function failure(error) {
  const code = error.extensions?.code;
  const Kind = KINDS[/** @type {keyof typeof KINDS} */ (code)];
  if (Kind === SignedOut) told.signedOut();
  if (Kind === Outdated) told.outdated();
  return Kind ? new Kind(error.message) : new Failed(error.message, code);
}

/**
 * Ask one operation. Resolves with its data.
 * @template V, D
 * @param {Operation<V, D>} operation
 * @param {V} variables
 * @param {AbortSignal} [cancelled]
 * @returns {Promise<D>}
 */
export async function ask(operation, variables, cancelled) {
  const sentAt = Date.now();
  let answer, date;
  try {
    const response = await fetch(ADDRESS, {
      method: 'POST',
      credentials: 'same-origin',
      signal: within(PATIENCE_MS, cancelled),
      headers: { ...HEADERS, 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ documentId: operation.id, variables }),
    });
    answer = await response.json();
    date = response.headers.get('date');
  } catch (error) {
    if (cancelled?.aborted) throw error;
    throw new Unreachable('unreachable', { cause: error });
  }
  if (answer.errors?.length) throw failure(answer.errors[0]);
  told.used(sentAt, date);
  return answer.data;
}

/** A signal that ends after so long, or when another does. @param {number} milliseconds @param {AbortSignal} [other] */
export function within(milliseconds, other) {
  const ending = new AbortController();  // AbortSignal.timeout() is younger than the browsers that must do.
  setTimeout(() => ending.abort(), milliseconds);
  other?.addEventListener('abort', () => ending.abort());
  return ending.signal;
}

/** A key for one intent: the same for each try of it. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return inHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** @param {string} text */
export const ofHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
/** @param {Uint8Array | ArrayBuffer} bytes */
export const inHex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * Do one mutation. Resolves with the payload of its only root field, which may be a refusal.
 * @template V, D
 * @param {Operation<V, D>} operation
 * @param {V} variables
 * @returns {Promise<D[keyof D]>}
 */
export async function act(operation, variables) {
  const [payload] = Object.values(/** @type {object} */ (await ask(operation, variables)));
  if (payload?.__typename === 'NotSignedIn' && operation.name !== 'SignIn') told.signedOut();
  return payload;
}

/**
 * The problems of a payload, each with the id of its field: the path below `input`, joined by dots.
 * @param {any} payload
 * @returns {{field: string, message: string, code: string}[]}  none if it succeeded
 */
export function problemsOf(payload) {
  if (!payload || !('code' in payload)) return [];
  return [payload, ...(payload.others ?? [])].map(({ code, message, path }) => {
    const [first, ...rest] = path;
    return { code, message, field: (first === 'input' ? rest : path).join('.') };
  });
}

/** What every page asks first, sent as soon as this module is there: the document names it before the others, which are still coming. */
export const greeting = ask(Greeting, {});
greeting.catch(() => { /* who takes it is told */ });
