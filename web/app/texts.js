// Texts by key. Spanish is the source; another language is loaded when it is chosen, and falls back to Spanish.
// @ts-check
import { computed, signal } from './base.js';
import spanish from '../texts/es-PE.js';

/** @typedef {Record<string, string>} Catalogue */
const OTHERS = { 'qu-PE': () => import('../texts/qu-PE.js') };
const KEPT = 'language';
const ZONE = { timeZone: 'America/Lima' };

export const language = signal('es-PE');
const catalogue = signal(/** @type {Catalogue} */ (spanish));
let loaded = /** @type {Catalogue} */ ({});
/** Another language was chosen and some of its sentences are not there yet. */
export const awaitsTranslator = computed(() => language.value !== 'es-PE' && Object.keys(catalogue.value).some((key) => !(key in loaded)));

/** Add the texts of a part of the pages that is loaded later. */
export function addTexts(/** @type {Catalogue} */ more) {
  Object.assign(spanish, more);
  catalogue.value = { ...spanish, ...loaded };
}

/** @param {string} to a key of OTHERS, or es-PE */
export async function speak(to) {
  loaded = to in OTHERS ? (await OTHERS[/** @type {keyof typeof OTHERS} */ (to)]()).default : {};
  catalogue.value = { ...spanish, ...loaded };
  language.value = to;
  // What is read aloud is read as what it is: most of it is Spanish until most of it is translated.
  document.documentElement.lang = 2 * Object.keys(loaded).length > Object.keys(spanish).length ? to : 'es-PE';
  keepLanguage();
}

export function keepLanguage() {
  try { localStorage.setItem(KEPT, language.value); } catch { /* a browser that keeps nothing speaks Spanish next time */ }
}

/** The language that was chosen before. */
export function speakAsBefore() {
  let kept = null;
  try { kept = localStorage.getItem(KEPT); } catch { /* as above */ }
  if (kept && kept in OTHERS) speak(kept).catch(() => {});
}

/** The text of a key, its `{names}` filled in. With `count`, `key.one` or `key.other`. */
export function t(/** @type {string} */ key, /** @type {Record<string, string | number>} */ data = {}) {
  const texts = catalogue.value;
  const plural = 'count' in data && `${key}.${Number(data.count) === 1 ? 'one' : 'other'}`;
  // A value that the API may have added since has no words of its own.
  const text = texts[plural || key] ?? texts[key] ?? texts[`${key.slice(0, key.lastIndexOf('.'))}.other`] ?? texts['value.other'];
  // The point of «p. m.» ends a sentence as well.
  return text.replace(/\{(\w+)\}/g, (_, name) => String(data[name] ?? '')).replace(/([ap]\.\sm\.)\.(?=\s|$)/g, '$1');
}

/** Whether there is such a text: of a value that the API may have added since. */
export const has = (/** @type {string} */ key) => key in catalogue.value;

// Debian's Chromium has no Quechua dates: without the second name it would take the browser's own language.
const locales = () => [language.value, 'es-PE'];
/** An hour is not broken at the end of a line. @param {string} said */
const tied = (said) => said.replace(/\s([ap]\.)\s(m\.)/g, '\u00a0$1\u00a0$2');
const formatted = (/** @type {Intl.DateTimeFormatOptions} */ options) => (/** @type {string | number | Date} */ at) =>
  tied(new Intl.DateTimeFormat(locales(), { ...ZONE, ...options }).format(new Date(at)));

/** `2026-11-23` is a day, not an instant: it is the same in every zone. */
export const day = (/** @type {string} */ iso) =>
  new Intl.DateTimeFormat(locales(), { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${iso}T00:00:00Z`));
export const shortDay = (/** @type {string} */ iso) =>
  new Intl.DateTimeFormat(locales(), { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${iso}T00:00:00Z`));
export const dayOfWeek = (/** @type {string} */ iso) =>
  new Intl.DateTimeFormat(locales(), { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' }).format(new Date(`${iso}T00:00:00Z`));
export const dateTime = formatted({ dateStyle: 'medium', timeStyle: 'short' });
export const time = formatted({ timeStyle: 'short' });
export const date = formatted({ dateStyle: 'long' });
export const whenSoon = formatted({ weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit' });
/** The year that it is in Peru. */
export const thisYear = () => Number(new Intl.DateTimeFormat('en', { ...ZONE, year: 'numeric' }).format(new Date()));
/** `08:00:00` as the hour of a day. */
export const hour = (/** @type {string} */ iso) =>
  tied(new Intl.DateTimeFormat(locales(), { timeStyle: 'short', timeZone: 'UTC' }).format(new Date(`1970-01-01T${iso.slice(0, 5)}:00Z`)));
/** @param {string} iso a day @param {'long' | 'short' | 'narrow'} [how] */
export const weekday = (iso, how = 'long') => new Intl.DateTimeFormat(locales(), { weekday: how, timeZone: 'UTC' }).format(new Date(`${iso}T00:00:00Z`));
/** @param {number} of 1 to 12 */
export const month = (of) => new Intl.DateTimeFormat(locales(), { month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2000, of - 1)));
export const number = (/** @type {number} */ value) => new Intl.NumberFormat(locales()).format(value);

/** A mobile as people say it; those of other countries with their prefix. */
export const mobile = (/** @type {string} */ given) => given.replace(/^\+51(\d{3})(\d{3})(\d{3})$/, '$1 $2 $3');

/** One of several: «a, b o c». @param {string[]} words */
export const either = (words) => new Intl.ListFormat(locales(), { type: 'disjunction' }).format(words);

/** Bytes as people say them. */
export function size(/** @type {number} */ bytes) {
  const [value, unit, digits] = bytes < 100_000 ? [Math.max(1, bytes / 1024), 'kilobyte', 0] : [bytes / 2 ** 20, 'megabyte', 1];
  return new Intl.NumberFormat(locales(), { style: 'unit', unit, maximumFractionDigits: digits }).format(value);
}

/** How long, in the two largest units. @param {number} seconds */
export function duration(seconds) {
  const units = /** @type {const} */ ([['day', 86400], ['hour', 3600], ['minute', 60]]);
  const parts = [];
  let rest = Math.max(0, Math.round(seconds / 60) * 60);
  for (const [unit, length] of units) {
    const amount = Math.floor(rest / length);
    rest -= amount * length;
    if (amount && parts.length < 2) parts.push(new Intl.NumberFormat(locales(), { style: 'unit', unit, unitDisplay: 'long' }).format(amount));
  }
  return parts.join(' ') || t('time.moment');
}
