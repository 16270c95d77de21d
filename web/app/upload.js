// One file on its way: announced, sent from wherever the counter has it, taken up again after a cut or a reload.
// @ts-check
import { signal } from './base.js';
import { act, HEADERS, inHex, newKey, SignedOut, told, Unreachable, within } from './api.js';
import { OpenUpload } from './api.gen.js';
import { t } from './texts.js';

const TRIES = 3;
const LONGEST_WAIT_MS = 10_000;
const SILENCE_MS = 90_000;
const BEGINNING = 2 ** 20;

/**
 * @typedef {{id: string, name: string, url: string, sizeBytes: number, receivedBytes: number, isComplete: boolean,
 *   fitness?: string | null, findings?: {code: string, message: string}[]}} Upload
 */

/** The counter does not take the file; its message says why. */
class Refusal extends Error {}
/** The counter does not have the upload any more. */
class Gone extends Error {}

export class Sending {
  /** paused: what was sent is kept, it is tried again by itself, and `resume()` does so at once; refused: `message` says why. */
  state = signal(/** @type {'sending' | 'paused' | 'done' | 'refused'} */ ('sending'));
  sent = signal(0);
  message = signal('');
  isCancelled = false;
  key = newKey();
  failures = 0;
  /** @type {XMLHttpRequest | null} */ request = null;
  /** @type {(() => void) | null} */ wake = null;

  /**
   * @param {File} file
   * @param {{begun?: Upload | null, onOpen?: (upload: Upload) => void, onEnd?: () => void}} rest
   *   `begun` was announced before, perhaps by another page; `onOpen` is told of the one that is sent, `onEnd` when that was taken or refused
   */
  constructor(file, { begun = null, onOpen, onEnd }) {
    this.file = file;
    this.begun = begun;
    this.onOpen = onOpen;
    this.onEnd = onEnd;
    /** @type {Upload | null} */ this.upload = null;
    this.resume = this.resume.bind(this);
    addEventListener('online', this.resume);
    this.run();
  }

  /** Go on at once, after a pause or instead of waiting. */
  resume() {
    this.failures = 0;
    if (this.state.value === 'paused') this.state.value = 'sending';
    this.wake?.();
  }

  cancel() {
    this.isCancelled = true;
    removeEventListener('online', this.resume);
    this.request?.abort();
    this.wake?.();
  }

  async run() {
    while (!this.isCancelled && (this.state.value === 'sending' || this.state.value === 'paused')) {
      try {
        await this.send(this.upload ??= await this.open());
      } catch (error) {
        if (!this.isCancelled) await this.stumble(error);
      }
    }
    removeEventListener('online', this.resume);
    if (!this.isCancelled) this.onEnd?.();
  }

  /** @param {unknown} error */
  async stumble(error) {
    if (error instanceof Gone) this.startAnew();
    else if (error instanceof Refusal) this.refuse(error.message);
    else if (error instanceof SignedOut) await this.rest();
    else if (!(error instanceof Unreachable)) this.refuse(t('upload.failed'));
    else if (!await isReadable(this.file)) this.refuse(t('upload.unreadable'));
    else if (navigator.onLine === false) await this.rest();
    else {
      if (++this.failures >= TRIES) this.state.value = 'paused';
      await this.sleep(Math.min(LONGEST_WAIT_MS, 250 * 2 ** this.failures));
    }
  }

  rest() {
    this.state.value = 'paused';
    return this.sleep();
  }

  /** @param {number} [milliseconds] until it is woken, if left out @returns {Promise<void>} */
  sleep(milliseconds) {
    return new Promise((go) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(() => this.wake?.(), milliseconds);
      this.wake = () => { clearTimeout(timer); this.wake = null; go(); };
    });
  }

  /** @param {string} message */
  refuse(message) {
    this.message.value = message;
    this.state.value = 'refused';
  }

  startAnew() {
    this.upload = this.begun = null;
    this.key = newKey();
  }

  async open() {
    if (this.begun && await isSame(this.file, this.begun)) return this.begun;
    this.begun = null;
    const payload = /** @type {any} */ (await act(OpenUpload, { input: { clientKey: this.key, name: this.file.name, sizeBytes: this.file.size } }));
    if (payload.__typename === 'NotSignedIn') throw new SignedOut(payload.message);
    if (payload.__typename === 'NotFound') throw new Gone(payload.message);
    if (!payload.upload) throw new Refusal(payload.message);
    remember(payload.upload.id, await beginningOf(this.file));
    this.onOpen?.(payload.upload);
    return payload.upload;
  }

  /** Send what is missing. @param {Upload} upload */
  async send(upload) {
    const address = new URL(upload.url, location.origin).pathname;
    const offset = await arrived(address);
    this.sent.value = offset;
    const { status, body } = await this.put(address, this.file.slice(offset), offset);
    judge(status, body);
    this.failures = 0;
    this.state.value = 'sending';
    Object.assign(upload, { receivedBytes: body.offset, isComplete: body.complete, fitness: body.fitness, findings: body.findings });
    this.sent.value = upload.receivedBytes;
    if (!upload.isComplete) return;
    forget(upload.id);
    // Only its beginning was compared when it was chosen again.
    if (this.begun && await digestOf(this.file) !== body.sha256) this.startAnew();
    else if (upload.fitness === 'REFUSED') this.refuse((upload.findings ?? []).map((each) => each.message).join(' '));
    else this.state.value = 'done';
  }

  /**
   * fetch() does not tell how far it has come.
   * @param {string} address
   * @param {Blob} rest
   * @param {number} offset
   * @returns {Promise<{status: number, body: any}>}
   */
  put(address, rest, offset) {
    return new Promise((resolve, reject) => {
      const request = this.request = new XMLHttpRequest();
      const sentAt = Date.now();
      let silence = setTimeout(() => request.abort(), SILENCE_MS);
      request.open('PUT', address);
      for (const [name, value] of Object.entries({ ...HEADERS, 'Upload-Offset': String(offset) })) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded }) => {
        clearTimeout(silence);
        silence = setTimeout(() => request.abort(), SILENCE_MS);
        this.sent.value = offset + Math.min(loaded, rest.size);
        if (loaded < BEGINNING) return;  // Less may still lie in this machine.
        this.failures = 0;
        this.state.value = 'sending';
      };
      request.onload = () => {
        if (request.status < 400) told.used(sentAt, null);
        resolve({ status: request.status, body: readable(request.responseText) });
      };
      request.onerror = request.onabort = () => reject(new Unreachable('cut'));
      request.onloadend = () => clearTimeout(silence);
      request.send(rest);
    });
  }
}

/** Throws unless the bytes were taken. @param {number} status @param {any} body */
function judge(status, body) {
  if (status === 200) return;
  if (status === 401) { told.signedOut(); throw new SignedOut(body.message); }
  if (status === 404) throw new Gone(body.message);
  // Another connection still holds it (409), the line is slow (408), many are sending (429), or the counter is ill.
  if ([408, 409, 429].includes(status) || status >= 500) throw new Unreachable(body.message);
  throw new Refusal(body.message);
}

/** @param {string} text */
function readable(text) { try { return JSON.parse(text); } catch { return { message: t('upload.failed') }; } }

/** How many bytes the counter has. @param {string} address */
async function arrived(address) {
  let response;
  try {
    response = await fetch(address, { method: 'HEAD', headers: HEADERS, signal: within(SILENCE_MS), cache: 'no-store' });
  } catch (error) { throw new Unreachable('unreachable', { cause: error }); }
  judge(response.status, {});
  return Number(response.headers.get('upload-offset'));
}

/** A file may have been changed or taken away since it was chosen. @param {File} file */
const isReadable = (file) => file.slice(0, 1).arrayBuffer().then(() => true, () => false);

// Whether a file that is chosen anew is the one whose beginning was sent: of the same size, and beginning alike.
const KEPT = 'upload.';

/** @param {File} file @param {Upload} begun */
async function isSame(file, begun) {
  if (file.size !== begun.sizeBytes) return false;
  let kept = null;
  try { kept = localStorage.getItem(KEPT + begun.id); } catch { return false; }
  return kept !== null && kept === await beginningOf(file);
}

/** @param {File} file */
const beginningOf = (file) => digestOf(file.slice(0, BEGINNING));

/** @param {Blob} bytes @returns {Promise<string>} empty where the page did not come by HTTPS, and there is no WebCrypto */
async function digestOf(bytes) {
  if (!crypto.subtle) return '';
  return inHex(await crypto.subtle.digest('SHA-256', await bytes.arrayBuffer()));
}

/** @param {string} id @param {string} beginning */
function remember(id, beginning) { try { if (beginning) localStorage.setItem(KEPT + id, beginning); } catch { /* it will be sent whole */ } }
/** @param {string} id */
function forget(id) { try { localStorage.removeItem(KEPT + id); } catch { /* nothing was kept */ } }
