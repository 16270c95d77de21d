// The files of a correction: each earlier one may be replaced in its place, further annexes come after them.
// @ts-check
import { fieldOf, Files, waiting } from './files.js';

/** @typedef {import('./files.js').Place} Place */
/** @typedef {import('./upload.js').Upload} Upload */

export class CorrectedFiles extends Files {
  /** @param {number} earlier how many annexes there are @param {() => void} onChange */
  constructor(earlier, onChange) {
    super(onChange);
    this.earlier = earlier;
    this.annexes.value = Array(earlier).fill(null);
  }

  /** The place of an earlier annex stays when nothing is to replace it. @param {Place} place @param {any} chosen */
  put(place, chosen) {
    if (!place || chosen || place > this.earlier) { super.put(place, chosen); return; }
    const annexes = [...this.annexes.value];
    annexes[place - 1] = chosen;
    this.annexes.value = annexes;
  }

  /** The annexes that are handed in, each with its place. @returns {{upload: string, place: Place}[]} */
  handedIn() {
    return this.annexes.value.flatMap((each, index) => (each?.id ? [{ upload: each.id, place: index + 1 }] : []));
  }

  /** As the mutation takes them. */
  input() {
    const annexes = this.handedIn().map(({ upload, place }) => ({ upload, replaces: place > this.earlier ? null : place }));
    return { mainUpload: this.main.value?.id ?? null, annexes };
  }

  /** The id of the control that a problem is about. @param {string} field `annexes.0.upload` */
  fieldOfProblem(field) {
    const [, index] = /^annexes\.(\d+)/.exec(field) ?? [];
    const handed = index === undefined ? undefined : this.handedIn()[Number(index)];
    return handed ? fieldOf(handed.place) : field;
  }

  /** The controls of files that have not arrived whole. @returns {string[]} */
  unfinished() {
    const places = [this.main.value, ...this.annexes.value];
    return places.flatMap((each, place) => (each && ['sending', 'paused', 'empty'].includes(each.state) ? [fieldOf(place)] : []));
  }

  /** What is kept until a reload. */
  snapshot() { return { main: this.main.value?.upload.value ?? null, annexes: this.annexes.value.map((each) => each?.upload.value ?? null) }; }

  /** @param {{main: Upload | null, annexes: (Upload | null)[]} | null} kept */
  restore(kept) {
    if (!kept) return;
    this.main.value = kept.main && waiting(kept.main);
    const annexes = /** @type {any[]} */ (kept.annexes.map((each) => each && waiting(each)));
    this.annexes.value = annexes.filter((each, index) => each || index < this.earlier);
  }
}
