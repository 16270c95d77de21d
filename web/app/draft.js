// A draft as one fills it in: saved by itself, through a cut line, an ended session or a reload; never over what another window saved.
// @ts-check
import { signal } from './base.js';
import { act, ask, newKey, problemsOf } from './api.js';
import { OneDraft, SaveDraft } from './api.gen.js';
import { Files } from './files.js';
import { askBefore, Form } from './parts/basics.js';
import { hasEnded, person } from './session.js';
import { mobile } from './texts.js';

const TYPING_MS = 700;
const AGAIN_MS = 5000;
const KEPT = 'draft.';
const TEXTS = ['officeCode', 'documentKind', 'documentNumber', 'subject', 'folios', 'organizationRuc', 'organizationName', 'contactEmail', 'contactMobile'];

/** @type {Map<string, Draft>} */ const drafts = new Map();

/** The fields of a form from what the counter has. @param {any} state @returns {Record<string, any>} */
function fieldsOf(state) {
  const fields = Object.fromEntries(TEXTS.map((name) => [name, String(state[name] ?? '')]));
  return {
    ...fields,
    contactEmail: state.contactEmail ?? person.value.email,
    contactMobile: mobile(state.contactMobile ?? person.value.mobile ?? ''),
    applicant: state.organizationRuc || state.organizationName ? 'company' : 'self',
    acceptedPrivacyPolicy: state.acceptedPrivacyPolicy ?? null,
  };
}

export class Draft {
  /** changed: another window saved it; gone: it was filed, discarded or too old; away: it is tried again by itself. */
  status = signal(/** @type {'saved' | 'waiting' | 'away' | 'refused' | 'changed' | 'gone'} */ ('saved'));
  savedAt = signal('');
  isFiling = false;
  /** Of the sending of the whole, kept for its repeats. */
  filingKey = newKey();
  /** @type {{clientKey: string, id: string | null, version: number | null, form: any} | null} */ attempt = null;
  /** What was last tried to be kept as another draft. */
  other = { saved: '', clientKey: '' };
  /** @type {Promise<void> | null} */ saving = null;
  timer = 0;

  /** @param {any} state as the counter has it */
  constructor(state) {
    this.id = state.id;
    this.owner = person.value.id;
    this.form = new Form(fieldsOf(state));
    this.files = new Files(() => this.touch(0));
    this.take(state);
    this.stop = this.form.values.subscribe(() => this.touch());
  }

  /** Show what the counter has, instead of what is here. @param {any} state */
  take(state) {
    this.version = state.version;
    this.savedAt.value = state.savedAt;
    this.attempt = null;
    this.files.take(state);
    this.status.value = 'saved';
    this.saved = '';
    this.form.values.value = fieldsOf(state);
    this.saved = JSON.stringify(this.input());
    this.keep();
  }

  /** What would be filed now. */
  input() {
    const { applicant, folios, acceptedPrivacyPolicy, ...texts } = this.form.values.value;
    const input = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim() || null]));
    const isCompany = applicant === 'company';
    return {
      ...input,
      organizationRuc: isCompany ? texts.organizationRuc : null,
      organizationName: isCompany ? texts.organizationName : null,
      folios: /^\d{1,9}$/.test(folios.trim()) ? Number(folios) : null,
      acceptedPrivacyPolicy,
      ...this.files.ids(),
    };
  }

  get isDirty() { return JSON.stringify(this.input()) !== this.saved; }
  get isOver() { return this.status.value === 'gone' || this.isFiling; }

  /** Something may have changed: save it soon. */
  touch(wait = TYPING_MS) {
    if (!this.saved || this.isOver || !this.isDirty) return;
    this.keep();
    if (this.status.peek() === 'changed') return;
    if (this.status.peek() !== 'away') this.status.value = 'waiting';
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.save(), wait);
  }

  /** Save what is not saved yet; resolves when that is done, or cannot be done now. */
  save() {
    clearTimeout(this.timer);
    this.saving ??= this.saveAll().finally(() => { this.saving = null; });
    return this.saving;
  }

  async saveAll() {
    while (!this.isOver && this.status.value !== 'changed' && (this.attempt || this.isDirty)) {
      // One that had no answer may have arrived: it is repeated as it was before anything newer is saved.
      this.attempt ??= { clientKey: newKey(), id: this.id, version: this.version, form: this.input() };
      this.keep();
      try {
        if (!this.settle(await act(SaveDraft, { input: this.attempt }))) return;
      } catch {
        this.later();
        return;
      }
    }
  }

  /** @param {any} payload @returns {boolean} whether to go on */
  settle(payload) {
    const attempt = /** @type {NonNullable<Draft['attempt']>} */ (this.attempt);
    if (payload.__typename === 'NotSignedIn' || payload.__typename === 'TooManyRequests') return this.later();
    this.attempt = null;
    if (payload.draft) return this.hasSaved(payload.draft, attempt);
    if (payload.code === 'DRAFT_CHANGED') this.status.value = 'changed';
    else if (payload.code === 'DRAFT_NOT_FOUND') this.status.value = 'gone';
    else return this.mend(payload);
    return false;
  }

  /** @param {any} draft @param {NonNullable<Draft['attempt']>} attempt */
  hasSaved(draft, attempt) {
    // The answer to a repeat tells the draft as it is now: another window may have come after it.
    if (attempt.version !== null && draft.version > attempt.version + 1) { this.status.value = 'changed'; return false; }
    this.version = draft.version;
    this.savedAt.value = draft.savedAt;
    this.saved = JSON.stringify(attempt.form);
    this.status.value = this.isDirty ? 'waiting' : 'saved';
    this.keep();
    return true;
  }

  /** What is refused is told beside its field; a file that expired is left out. @param {any} payload */
  mend(payload) {
    const problems = problemsOf(payload).map((each) => ({ ...each, field: each.field.replace(/^form\./, '') }));
    const lost = payload.code === 'UPLOAD_NOT_FOUND' ? problems : [];
    if (lost.filter((each) => this.files.lose(each.field)).length) return true;
    this.form.problems.value = problems;
    this.status.value = 'refused';
    return false;
  }

  later() {
    this.status.value = 'away';
    if (!hasEnded.peek()) this.timer = window.setTimeout(() => this.save(), AGAIN_MS);
    return false;
  }

  /** What was saved elsewhere, instead of what is here. */
  async takeNewer() {
    const { draft } = await ask(OneDraft, { id: this.id });
    if (draft) this.take(draft);
    else this.status.value = 'gone';
  }

  /** If nothing waits here, take what another window saved meanwhile. */
  async refresh() {
    if (this.isOver || this.attempt || this.isDirty || this.files.isSending) return;
    const before = this.version;
    const { draft } = await ask(OneDraft, { id: this.id }).catch(() => ({ draft: undefined }));
    if (draft && draft.version > before && before === this.version && !this.attempt && !this.isDirty) this.take(draft);
  }

  /** What is here becomes another draft. @returns {Promise<Draft | null>} */
  async keepAsOther() {
    const form = this.input(), saved = JSON.stringify(form);
    if (this.other.saved !== saved) this.other = { saved, clientKey: newKey() };
    const payload = /** @type {any} */ (await act(SaveDraft, { input: { clientKey: this.other.clientKey, id: null, version: null, form } }));
    if (payload.code === 'UPLOAD_NOT_FOUND' && this.mend(payload)) return this.keepAsOther();
    this.form.problems.value = problemsOf(payload);
    if (!payload.draft) return null;
    drafts.delete(this.id);
    forget(this.id);
    Object.assign(this, { id: payload.draft.id, version: payload.draft.version, saved, attempt: null, filingKey: newKey() });
    this.savedAt.value = payload.draft.savedAt;
    this.status.value = 'saved';
    drafts.set(this.id, this);
    return this;
  }

  /** It was filed or discarded: nothing more is saved. */
  end() {
    this.isFiling = true;
    clearTimeout(this.timer);
    this.stop();
    this.files.cancel();
    drafts.delete(this.id);
    forget(this.id);
  }

  /** In this window, until the counter has it. */
  keep() {
    if (!this.isDirty && !this.attempt) { forget(this.id); return; }
    const { owner, version, attempt } = this;
    const kept = JSON.stringify({ owner, version, attempt, values: this.form.values.value });
    try { sessionStorage.setItem(KEPT + this.id, kept); } catch { /* a browser that keeps nothing */ }
  }
}

/** @param {string} id */
function forget(id) { try { sessionStorage.removeItem(KEPT + id); } catch { /* nothing was kept */ } }

/** What this window could not save before it was loaded anew. @param {Draft} draft */
function restore(draft) {
  let kept = null;
  try { kept = JSON.parse(sessionStorage.getItem(KEPT + draft.id) ?? 'null'); } catch { return; }
  if (kept?.owner !== draft.owner) return;
  draft.version = kept.version;
  draft.attempt = kept.attempt;
  draft.form.values.value = { ...draft.form.values.value, ...kept.values };
  draft.save();
}

/** The draft of that id, as far as it is filled in here; null if the counter has none. @param {string} id @returns {Promise<Draft | null>} */
export async function openDraft(id) {
  const known = drafts.get(id);
  if (known) { known.refresh(); return known; }
  const { draft } = await ask(OneDraft, { id });
  if (!draft) { forget(id); return null; }
  const opened = new Draft(draft);
  restore(opened);
  drafts.set(id, opened);
  return opened;
}

const all = () => [...drafts.values()];
const saveAway = () => { for (const each of all()) if (each.status.peek() === 'away') each.save(); };
addEventListener('online', saveAway);
hasEnded.subscribe((isEnded) => {
  if (isEnded) return;
  saveAway();
  for (const each of all()) each.files.resume();
});
addEventListener('beforeunload', (event) => {
  if (all().some((each) => each.files.isSending || (!each.isOver && each.isDirty))) askBefore(event);
});
document.addEventListener('visibilitychange', () => {
  for (const each of all()) if (document.hidden) each.save(); else each.refresh();
});
addEventListener('signed-out', () => { for (const each of all()) each.end(); });
/** Somebody else is signed in. */
person.subscribe((somebody) => {
  for (const each of all()) if (each.owner !== somebody?.id) each.end();
});
