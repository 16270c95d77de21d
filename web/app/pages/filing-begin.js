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
  return html`<${Loaded} loaded=${loaded}>${(data) => html`<${Begin} drafts=${data.drafts} onGone=${(id) => loaded.set({ drafts: data.drafts.filter((each) => each.id !== id) })} />`}</${Loaded}>`;
}

const isBegun = (draft) => Boolean(draft.officeCode || draft.documentKind || draft.documentNumber || draft.subject || draft.folios
  || draft.organizationRuc || draft.organizationName || draft.mainUpload || draft.annexUploads.length);
const hasData = (draft) => draft.officeCode && draft.documentKind && draft.subject && draft.folios;

function Begin({ drafts, onGone }) {
  const key = useRef(newKey());
  const trouble = useSignal('');
  const isBusy = useSignal(false);
  const isDiscarded = useSignal(parameter('descartado') !== null);
  const begun = drafts.filter(isBegun);
  const goesOn = !begun.length && !isDiscarded.value;
  /** One that nobody has written in is as good as a new one. */
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
  useEffect(() => { if (goesOn) begin(); else arrive(t('filing.title')); }, []);
  if (goesOn && !trouble.value) return html`<h1>${t('filing.title')}</h1><p role="status">${t('wait')}</p>`;
  const gone = (id) => { isDiscarded.value = true; onGone(id); };
  return html`<h1>${t('filing.title')}</h1>
    <div role="status">${isDiscarded.value && html`<p class="notice good">${t('filing.discarded')}</p>`}</div>
    ${begun.length > 0 && html`<h2>${t('filing.drafts')}</h2><p class="lead">${t('filing.drafts.what')}</p>
      <ul class="rows">${begun.map((each) => html`<${Row} key=${each.id} draft=${each} onGone=${() => gone(each.id)} />`)}</ul>`}
    ${trouble.value && html`<p class="problem" role="alert">${trouble.value}</p>`}
    <p class="buttons"><button type="button" class=${begun.length ? '' : 'primary'} aria-disabled=${isBusy.value} onClick=${begin}>${t('filing.begin')}</button></p>`;
}

function Row({ draft, onGone }) {
  const subject = draft.subject || t('filing.no-subject');
  const files = (draft.mainUpload ? 1 : 0) + draft.annexUploads.length;
  return html`<li><div><p><a href=${addressOf(draft.id, hasData(draft) ? 'archivos' : 'datos')}><strong>${subject}</strong></a></p>
      <p class="hint">${[draft.documentKind && t(`kind.${draft.documentKind}`), files ? t('filing.files', { count: files }) : t('filing.files.none'), t('filing.saved-on', { when: dateTime(draft.savedAt) })].filter(Boolean).join(' · ')}</p>
      <p class="hint">${t('filing.until', { day: day(draft.expiresAt.slice(0, 10)) })}</p></div>
    <div class="row-deeds"><a class="button" href=${addressOf(draft.id, hasData(draft) ? 'archivos' : 'datos')}>${t('filing.continue')}<span class="unseen"> ${subject}</span></a>
      <${Discard} draft=${draft} subject=${subject} isSmall=${true} onGone=${onGone} /></div></li>`;
}
