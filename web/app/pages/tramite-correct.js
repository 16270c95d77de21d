// A correction of what was observed: words and new files, in the place of earlier ones or besides them; sent once.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { newKey } from '../api.js';
import { CorrectTramite, FileLimits, OneTramite } from '../api.gen.js';
import { CorrectedFiles } from '../correction.js';
import { askBefore, FormBox, Submit, TextField } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { Observation } from '../parts/facts.js';
import { useKeptForm } from '../parts/kept.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { Slots } from '../parts/slot.js';
import { go } from '../router.js';
import { addTexts, day, t } from '../texts.js';
import filing from '../../texts/es-PE.filing.js';
import texts from '../../texts/es-PE.tramites.js';
import { NotNow } from './tramite-update.js';
import { NotHere } from './tramite.js';

addTexts(filing);
addTexts(texts);

export default function CorrectPage({ number }) {
  const loaded = useLoaded(OneTramite, { number });
  const limits = useLoaded(FileLimits, {});
  if (loaded.error?.code === 'INVALID_NUMBER') return html`<${NotHere} />`;
  return html`<${Loaded} loaded=${loaded}>${({ tramite }) => {
    if (!tramite) return html`<${NotHere} />`;
    if (!tramite.permissions.correctTramite) return html`<${NotNow} number=${tramite.number} what="correct" />`;
    return html`<${Loaded} loaded=${limits}>${({ fileLimits }) => html`<${Correcting} tramite=${tramite} limits=${fileLimits} />`}</${Loaded}>`;
  }}</${Loaded}>`;
}

/** The files, kept with the form; what is being sent stops when the page is left, and goes on from there. */
function useFiles(tramite, form) {
  const kept = useRef(/** @type {CorrectedFiles | null} */ (null));
  if (!kept.current) {
    const earlier = tramite.attachments.filter((each) => each.role === 'ANNEX').length;
    const files = kept.current = new CorrectedFiles(earlier, () => form.set('files', files.snapshot()));
    files.restore(form.values.value.files);
  }
  const files = kept.current;
  useEffect(() => {
    const warn = (event) => { if (files.isSending) askBefore(event); };
    addEventListener('beforeunload', warn);
    return () => { removeEventListener('beforeunload', warn); files.cancel(); };
  }, []);
  return files;
}

function Correcting({ tramite, limits }) {
  const { form, forget } = useKeptForm(`correct.${tramite.number}`, { text: '', files: null });
  const files = useFiles(tramite, form);
  const isAsked = useSignal(false);
  const begin = () => {
    form.problems.value = problemsBefore(files);
    isAsked.value = !form.problems.value.length;
  };
  return html`<${Observed} tramite=${tramite} />
    <${FormBox} form=${form} title=${t('correct.title')} onSubmit=${begin} narrow=${false}>
      <${TextField} form=${form} name="text" label=${t('correct.text')} hint=${t('correct.text.hint')} rows="6" />
      <${Slots} files=${files} limits=${limits} problems=${form.problems.value} noteOf=${(place) => noteOf(tramite, place)} />
      <div class="buttons"><${Submit} form=${form}>${t('correct.button')}</${Submit}><a href=${`/tramites/${tramite.number}`}>${t('update.back')}</a></div>
    </${FormBox}>
    <${Confirmation} tramite=${tramite} form=${form} forget=${forget} files=${files} isAsked=${isAsked} />`;
}

/** What is to be corrected, and until when. */
function Observed({ tramite }) {
  return html`<h1>${t('correct.title')}</h1>
    <p class="lead">${t('correct.lead', { number: tramite.number, day: day(tramite.correctBy) })}</p>
    <section class="card" aria-labelledby="observed-title"><h2 id="observed-title">${t('observation.title')}</h2><${Observation} tramite=${tramite} /></section>
    <p class="lead">${t('correct.once')}</p>`;
}

/** A correction can be sent once: asks once more, then sends it. */
function Confirmation({ tramite, form, forget, files, isAsked }) {
  const key = useRef(newKey()).current;
  const { mainUpload, annexes } = files.input();
  const count = annexes.length + (mainUpload ? 1 : 0);
  const close = () => { isAsked.value = false; };
  const send = async () => {
    close();
    const input = { id: tramite.id, clientKey: key, text: form.values.value.text.trim() || null, mainUpload, annexes };
    await form.send(CorrectTramite, { input }, () => {
      forget();
      go(`/tramites/${tramite.number}?corregido`, { replace: true });
    });
    form.problems.value = form.problems.value.map((each) => ({ ...each, field: files.fieldOfProblem(each.field) }));
  };
  return html`<${Dialog} isOpen=${isAsked.value} title=${t('correct.confirm.title')} onClose=${close}>
    <p>${count > 0 && t('correct.confirm.files', { count })}${' '}${t('correct.confirm.what')}</p>
    <div class="buttons">
      <button type="button" class="primary" onClick=${send}>${t('correct.confirm.yes')}</button>
      <button type="button" onClick=${close}>${t('correct.confirm.no')}</button>
    </div></${Dialog}>`;
}

/** What keeps files from being sent that one sees on the page. @param {CorrectedFiles} files */
function problemsBefore(files) {
  const refused = files.refused().map(({ field, name }) => ({ field, message: t('files.left-out', { name }) }));
  const underWay = files.unfinished().map((field) => ({ field, message: t('correct.sending') }));
  return [...refused, ...underWay];
}

/** What stands in a place already. @param {any} tramite @param {number} place */
function noteOf(tramite, place) {
  const now = tramite.attachments.find((each) => each.position === place && each.role !== 'ANSWER');
  return now ? t('correct.now', { name: now.name }) : t('correct.more');
}
