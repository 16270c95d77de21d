// A filing begins: with the drafts that wait, or a new one at once.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { act, newKey, problemsOf } from '../api.js';
import { Drafts, SaveDraft } from '../api.gen.js';
import { sentenceOf } from '../parts/basics.js';
import { addressOf, Discard } from '../parts/filing.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { address, arrive, go, parameter } from '../router.js';
import { dateTime, day, t } from '../texts.js';

export default function FilingBeginPage() {
  const loaded = useLoaded(Drafts, {});
  return html`<${Loaded} loaded=${loaded}>${({ drafts }) => {
    const gone = (/** @type {string} */ id) => loaded.set({ drafts: drafts.filter((each) => each.id !== id) });
    return html`<${Begin} drafts=${drafts} onGone=${gone} />`;
  }}</${Loaded}>`;
}

const isBegun = (draft) => Boolean(draft.officeCode || draft.documentKind || draft.documentNumber || draft.subject || draft.folios
  || draft.organizationRuc || draft.organizationName || draft.mainUpload || draft.annexUploads.length);
const hasData = (draft) => draft.officeCode && draft.documentKind && draft.subject && draft.folios;

function Begin({ drafts, onGone }) {
  const isDiscarded = useSignal(parameter('descartado') !== null);
  const begun = drafts.filter(isBegun);
  const goesOn = !begun.length && !isDiscarded.value;
  const { begin, isBusy, trouble } = useBeginning(drafts, goesOn);
  useEffect(() => { if (goesOn) begin(); else arrive(t('filing.title')); }, []);
  if (goesOn && !trouble) return html`<h1>${t('filing.title')}</h1><p role="status">${t('wait')}</p>`;
  const gone = (/** @type {string} */ id) => { isDiscarded.value = true; onGone(id); };
  return html`<h1>${t('filing.title')}</h1>
    <div role="status">${isDiscarded.value && html`<p class="notice good">${t('filing.discarded')}</p>`}</div>
    ${begun.length > 0 && html`<h2>${t('filing.drafts')}</h2><p class="lead">${t('filing.drafts.what')}</p>
      <ul class="rows">${begun.map((each) => html`<${Row} key=${each.id} draft=${each} onGone=${() => gone(each.id)} />`)}</ul>`}
    ${trouble && html`<p class="problem" role="alert">${trouble}</p>`}
    <p class="buttons"><button type="button" class=${begun.length ? '' : 'primary'} aria-disabled=${isBusy} onClick=${begin}>${t('filing.begin')}</button></p>`;
}

/** A new draft; one that nobody has written in is as good as a new one. @param {any[]} drafts @param {boolean} goesOn without being asked */
function useBeginning(drafts, goesOn) {
  const key = useRef(newKey());
  const trouble = useSignal('');
  const isBusy = useSignal(false);
  const begin = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    trouble.value = '';
    const here = address.value;
    try {
      const empty = drafts.find((each) => !isBegun(each));
      const payload = empty ? { draft: empty } : /** @type {any} */ (await act(SaveDraft, { input: { clientKey: key.current, form: {} } }));
      if (address.value !== here) return;  // One has gone on meanwhile; the draft waits.
      if (payload.draft) go(addressOf(payload.draft.id, 'datos'), { replace: goesOn });
      else trouble.value = problemsOf(payload)[0].message;
    } catch (error) { trouble.value = sentenceOf(error); }
    isBusy.value = false;
  };
  return { begin, isBusy: isBusy.value, trouble: trouble.value };
}

function Row({ draft, onGone }) {
  const subject = draft.subject || t('filing.no-subject');
  const next = addressOf(draft.id, hasData(draft) ? 'archivos' : 'datos');
  return html`<li>
    <div><p><a href=${next}><strong>${subject}</strong></a></p>
      <p class="hint">${standingOf(draft)}</p>
      <p class="hint">${t('filing.until', { day: day(draft.expiresAt.slice(0, 10)) })}</p></div>
    <div class="row-deeds">
      <a class="button" href=${next}>${t('filing.continue')}<span class="unseen"> ${subject}</span></a>
      <${Discard} draft=${draft} subject=${subject} isSmall=${true} onGone=${onGone} />
    </div></li>`;
}

/** How far a draft has come, in words. @param {any} draft */
function standingOf({ documentKind, mainUpload, annexUploads, savedAt }) {
  const files = (mainUpload ? 1 : 0) + annexUploads.length;
  return [
    documentKind && t(`kind.${documentKind}`),
    files ? t('filing.files', { count: files }) : t('filing.files.none'),
    t('filing.saved-on', { when: dateTime(savedAt) }),
  ].filter(Boolean).join(' · ');
}
