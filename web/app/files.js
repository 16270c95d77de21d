// The files of a document: the main one and its annexes, each in its place, from being chosen to having arrived.
// @ts-check
import { signal } from './base.js';
import { either, size, t } from './texts.js';
import { Sending } from './upload.js';

const MEGABYTE = 2 ** 20;

/** @typedef {import('./upload.js').Upload} Upload */
/** @typedef {{mainKinds: string[], annexKinds: string[], mainMaxMb: number, firstAnnexMaxMb: number, otherAnnexMaxMb: number, maxAnnexes: number}} Limits */
/** @typedef {number} Place  0 for the main document, 1 for the first annex */

let count = 0;

/** A file in its place. */
class Chosen {
  key = ++count;
  sending = signal(/** @type {Sending | null} */ (null));
  upload = signal(/** @type {Upload | null} */ (null));
  /** Why it was not even sent. */
  unfit = '';

  /** @param {string} name @param {number} sizeBytes */
  constructor(name, sizeBytes) {
    this.name = name;
    this.sizeBytes = sizeBytes;
  }

  /** empty: its bytes are not here, after a reload. @returns {'empty' | 'sending' | 'paused' | 'done' | 'refused'} */
  get state() {
    if (this.unfit) return 'refused';
    if (this.sending.value) return this.sending.value.state.value;
    if (this.upload.value?.fitness === 'REFUSED') return 'refused';
    return this.upload.value?.isComplete ? 'done' : 'empty';
  }

  get message() {
    return this.unfit || this.sending.value?.message.value || (this.upload.value?.findings ?? []).map((each) => each.message).join(' ');
  }

  get sent() { return this.sending.value ? this.sending.value.sent.value : this.upload.value?.receivedBytes ?? 0; }
  get id() { return this.state === 'refused' ? null : this.upload.value?.id ?? null; }
}

export class Files {
  main = signal(/** @type {Chosen | null} */ (null));
  annexes = signal(/** @type {Chosen[]} */ ([]));

  /** @param {() => void} onChange after each change of what would be filed */
  constructor(onChange = () => {}) { this.onChange = onChange; }

  /** Hold what the counter has; what is being sent of it goes on. @param {{mainUpload: Upload | null, annexUploads: Upload[]}} given */
  take({ mainUpload, annexUploads }) {
    const before = this.all();
    const held = (/** @type {Upload} */ upload) => before.find((each) => each.upload.value?.id === upload.id) ?? waiting(upload);
    this.main.value = mainUpload && held(mainUpload);
    this.annexes.value = annexUploads.map(held);
    for (const each of before) if (!this.all().includes(each)) each.sending.value?.cancel();
  }

  all() { return [this.main.value, ...this.annexes.value].filter((each) => each !== null); }
  at(/** @type {Place} */ place) { return (place ? this.annexes.value[place - 1] : this.main.value) ?? null; }
  get isSending() { return this.all().some((each) => ['sending', 'paused'].includes(each.state)); }

  /** What is filed of them. */
  ids() {
    const ids = this.annexes.value.map((each) => each.id);
    return { mainUpload: this.main.value?.id ?? null, annexUploads: /** @type {string[]} */ (ids.filter((id) => id !== null)) };
  }

  /** Those that are shown and not filed. */
  refused() {
    return [this.main.value, ...this.annexes.value].flatMap((each, place) => (each?.state === 'refused' ? [{ field: fieldOf(place), name: each.name }] : []));
  }

  /** The field of a path of the API's, which counts only what is filed. @param {string[]} path */
  fieldOf(path) {
    if (path[0] !== 'annexUploads' || path.length < 2) return path.join('.');
    const filed = this.annexes.value.filter((each) => each.id !== null);
    return fieldOf(this.annexes.value.indexOf(filed[Number(path[1])]) + 1);
  }

  /**
   * Put a file into a place, and send it unless it is clear already that it will not be taken.
   * @param {Place} place
   * @param {File} file
   * @param {Limits} limits
   */
  choose(place, file, limits) {
    const before = this.at(place);
    before?.sending.value?.cancel();
    const chosen = new Chosen(file.name, file.size);
    chosen.unfit = unfit(place, file, limits);
    this.put(place, chosen);
    if (chosen.unfit) return;
    const begun = before?.upload.value;
    chosen.sending.value = new Sending(file, {
      begun: begun && !begun.isComplete ? begun : null,
      onOpen: (upload) => { chosen.upload.value = upload; this.onChange(); },
      onEnd: () => { chosen.upload.value = chosen.sending.value?.upload ?? null; this.onChange(); },
    });
    if (begun && !begun.isComplete) chosen.upload.value = begun;
    this.onChange();
  }

  /** @param {Place} place @param {Chosen | null} chosen */
  put(place, chosen) {
    if (!place) { this.main.value = chosen; return; }
    const annexes = [...this.annexes.value];
    annexes.splice(place - 1, 1, ...(chosen ? [chosen] : []));
    this.annexes.value = annexes;
  }

  /** @param {Place} place */
  remove(place) {
    this.at(place)?.sending.value?.cancel();
    this.put(place, null);
    this.onChange();
  }

  /** The counter does not have that upload any more. @param {string} field `mainUpload`, `annexUploads.0` @returns {boolean} whether it was here */
  lose(field) {
    const ids = this.ids();
    const id = field === 'mainUpload' ? ids.mainUpload : ids.annexUploads[Number(field.split('.')[1])];
    const lost = this.all().find((each) => each.id === id);
    if (!lost) return false;
    lost.sending.value?.cancel();
    lost.upload.value = null;
    lost.unfit = t('files.lost');
    this.onChange();
    return true;
  }

  resume() { for (const each of this.all()) if (each.state === 'paused') each.sending.value?.resume(); }
  cancel() { for (const each of this.all()) each.sending.value?.cancel(); }
}

/** The id of a place's control is the API's path of it. @param {Place} place */
export const fieldOf = (place) => (place ? `annexUploads.${place - 1}` : 'mainUpload');

/** A file that the counter has, or has in part. @param {Upload} upload */
export function waiting(upload) {
  const chosen = new Chosen(upload.name, upload.sizeBytes);
  chosen.upload.value = upload;
  return chosen;
}

/** @param {Place} place @param {Limits} limits */
export const kindsOf = (place, limits) => (place ? limits.annexKinds : limits.mainKinds);
/** @param {Place} place @param {Limits} limits */
export const mostMb = (place, limits) => [limits.mainMaxMb, limits.firstAnnexMaxMb][place] ?? limits.otherAnnexMaxMb;

/** What can be told before a byte is sent over a slow line; the counter judges all the same. @param {Place} place @param {File} file @param {Limits} limits */
function unfit(place, file, limits) {
  const kinds = kindsOf(place, limits);
  const kind = file.name.includes('.') ? file.name.split('.').pop()?.toLowerCase() ?? '' : '';
  if (!kinds.includes(kind)) return t(place ? 'files.kind' : 'files.kind-main', { kinds: listed(kinds) });
  if (!file.size) return t('files.empty');
  if (file.size > mostMb(place, limits) * MEGABYTE) return t('files.large', { size: size(file.size), most: mostMb(place, limits) });
  return '';
}

/** @param {string[]} kinds */
export const listed = (kinds) => either(kinds.map((kind) => kind.toUpperCase()));
