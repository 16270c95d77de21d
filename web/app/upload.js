// One file on its way: announced, sent from wherever the counter has it, taken up again after a cut or a reload.
// @ts-check
import { signal } from './base.js';
import { act, HEADERS, told, Unreachable } from './api.js';
import { OpenUpload } from './api.gen.js';
import { t } from './texts.js';

const TRIES = 5;
const SILENCE_MS = 60_000;
const BEGINNING = 2 ** 20;

/** @typedef {{id: string, name: string, url: string, sizeBytes: number, receivedBytes: number, isComplete: boolean, fitness?: string | null, findings?: {code: string, message: string}[]}} Upload */

export class Sending {
  /** sending, paused (the line is cut; what was sent is kept), done, or refused: then `message` says why. */
  state = signal(/** @type {'sending' | 'paused' | 'done' | 'refused'} */ ('sending'));
  sent = signal(0);
  message = signal('');
  /** @type {Upload | null} */ upload = null;
  /** @type {XMLHttpRequest | null} */ request = null;
  isCancelled = false;
  key = crypto.randomUUID();

  /**
   * @param {File} file
   * @param {{begun?: Upload | null, onOpen: (upload: Upload) => Promise<void>, onDone: (upload: Upload) => void}} rest
   *   `begun` was announced before, perhaps by another page; `onOpen` keeps the new one's id before a byte is sent
   */
  constructor(file, { begun = null, onOpen, onDone }) {
    Object.assign(this, { file, onOpen, onDone, begun });
    this.resume = this.resume.bind(this);
    addEventListener('online', this.resume);
    this.run(file, begun, onOpen, onDone);
  }

  /** Go on after a pause. */
  resume() { if (this.state.value === 'paused') { this.state.value = 'sending'; this.again?.(); } }

  cancel() {
    this.isCancelled = true;
    removeEventListener('online', this.resume);
    this.request?.abort();
    this.again?.();
  }

  /** @type {(() => void) | undefined} */ again;

  /** @param {File} file @param {Upload | null} begun @param {(u: Upload) => Promise<void>} onOpen @param {(u: Upload) => void} onDone */
  async run(file, begun, onOpen, onDone) {
    let failures = 0;
    while (!this.isCancelled) {
      try {
        this.upload ??= (begun && await isSame(file, begun)) ? begun : await this.open(file, onOpen);
        if (!this.upload || await this.send(file, this.upload, () => { failures = 0; })) break;
      } catch (error) {
        if (this.isCancelled) return;
        if (!(error instanceof Unreachable)) { this.refuse(t('upload.failed')); break; }
        if (++failures < TRIES) await new Promise((go) => setTimeout(go, Math.min(8000, 250 * 2 ** failures)));
        else await this.pause();
      }
    }
    removeEventListener('online', this.resume);
    if (this.upload && this.state.value === 'done') onDone(this.upload);
  }

  pause() {
    this.state.value = 'paused';
    return new Promise((go) => { this.again = () => go(undefined); });
  }

  refuse(/** @type {string} */ message) {
    this.message.value = message;
    this.state.value = 'refused';
  }

  /** @param {File} file @param {(u: Upload) => Promise<void>} onOpen */
  async open(file, onOpen) {
    const payload = /** @type {any} */ (await act(OpenUpload, { input: { clientKey: this.key, name: file.name, sizeBytes: file.size } }));
    if (!payload.upload) { this.refuse(payload.message); return null; }
    remember(payload.upload.id, await beginningOf(file));
    await onOpen(payload.upload);
    return payload.upload;
  }

  /** Send what is missing. @param {File} file @param {Upload} upload @param {() => void} onProgress @returns {Promise<boolean>} whether that is the end of it */
  async send(file, upload, onProgress) {
    const offset = await arrived(upload);
    this.sent.value = offset;
    const answer = await this.put(upload.url, file.slice(offset), offset, onProgress);
    if (answer.status === 401) told.signedOut();
    if (answer.status === 409 || answer.status >= 500) throw new Unreachable(String(answer.status));
    if (answer.status >= 400) { this.refuse(answer.body.message); return true; }
    Object.assign(upload, { receivedBytes: answer.body.offset, isComplete: answer.body.complete, fitness: answer.body.fitness, findings: answer.body.findings });
    this.sent.value = upload.receivedBytes;
    if (!upload.isComplete) return false;
    if (upload.fitness === 'REFUSED') { this.refuse((upload.findings ?? []).map((each) => each.message).join(' ')); return true; }
    forget(upload.id);
    this.state.value = 'done';
    return true;
  }

  /** fetch() does not tell how far it has come. @param {string} url @param {Blob} rest @param {number} offset @param {() => void} onProgress @returns {Promise<{status: number, body: any}>} */
  put(url, rest, offset, onProgress) {
    return new Promise((resolve, reject) => {
      const request = this.request = new XMLHttpRequest();
      const sentAt = Date.now();
      const cut = () => { clearTimeout(silence); reject(new Unreachable('cut')); };
      const hush = () => setTimeout(() => request.abort(), SILENCE_MS);
      let silence = hush();
      request.open('PUT', new URL(url, location.origin).pathname);
      for (const [name, value] of Object.entries({ ...HEADERS, 'Upload-Offset': String(offset) })) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded }) => {
        clearTimeout(silence);
        silence = hush();
        this.sent.value = offset + Math.min(loaded, rest.size);
        if (loaded > BEGINNING) onProgress();
      };
      request.onload = () => { clearTimeout(silence); if (request.status < 400) told.used(sentAt, null); resolve({ status: request.status, body: readable(request.responseText) }); };
      request.onerror = request.onabort = cut;
      request.send(rest);
    });
  }
}

/** @param {string} text */
function readable(text) { try { return JSON.parse(text); } catch { return { message: t('upload.failed') }; } }

/** How many bytes the counter has. @param {Upload} upload */
async function arrived(upload) {
  try {
    const response = await fetch(new URL(upload.url, location.origin).pathname, { method: 'HEAD', headers: HEADERS, signal: AbortSignal.timeout(SILENCE_MS) });
    if (response.ok) return Number(response.headers.get('upload-offset'));
    throw new Error(String(response.status));
  } catch (error) { throw new Unreachable('unreachable', { cause: error }); }
}

// Whether a file that is chosen anew is the one whose beginning was sent: of the same name and size, and beginning alike.
const KEPT = 'upload.';

/** @param {File} file @param {Upload} begun */
async function isSame(file, begun) {
  if (file.name !== begun.name || file.size !== begun.sizeBytes) return false;
  let kept = null;
  try { kept = localStorage.getItem(KEPT + begun.id); } catch { return false; }
  return kept === await beginningOf(file);
}

/** @param {File} file */
async function beginningOf(file) {
  const digest = await crypto.subtle.digest('SHA-256', await file.slice(0, BEGINNING).arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} id @param {string} beginning */
function remember(id, beginning) { try { localStorage.setItem(KEPT + id, beginning); } catch { /* it will be sent whole */ } }
/** @param {string} id */
function forget(id) { try { localStorage.removeItem(KEPT + id); } catch { /* nothing was kept */ } }
