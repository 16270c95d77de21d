// My trámites: drafts that wait, and what was filed, found by number or subject.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { ask } from '../api.js';
import { DiscardWaitingDraft, MyTramites, WaitingDrafts } from '../api.gen.js';
import { FormBox, sentenceOf, Status, Submit, useForm } from '../parts/basics.js';
import { Dialog } from '../parts/dialog.js';
import { documentName } from '../parts/facts.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { More } from '../parts/more.js';
import { arrive, go, parameter } from '../router.js';
import { addTexts, date, dateTime, day, t } from '../texts.js';
import texts from '../../texts/es-PE.tramites.js';

addTexts(texts);

const PAGE = 20;
const STATUSES = ['PENDING', 'OBSERVED', 'REFERRED', 'RESOLVED', 'LAPSED', 'VOIDED'];
/** How a number of a trámite begins, such as MPD-2026. */
const NUMBER = /^[a-z]{2,8}[- ]?\d{4}(\D|\d|$)/i;

/** What is searched for, by the address of the page. */
function wanted() {
  const words = (parameter('buscar') ?? '').trim();
  const status = parameter('estado') ?? '';
  const filter = /** @type {import('../api.gen.d.ts').TramiteFilter} */ ({ number: null, text: null, statuses: STATUSES.includes(status) ? [status] : null });
  if (words) filter[NUMBER.test(words) ? 'number' : 'text'] = words;
  return { words, status, isSearch: Boolean(words || filter.statuses), variables: { first: PAGE, after: null, filter } };
}

export default function MinePage() {
  useEffect(() => arrive(t('mine.title')), []);
  const wish = wanted();
  // Who has filed nothing has nothing to look for.
  const hasSome = useSignal(false);
  return html`<div class="title-row"><h1>${t('mine.title')}</h1><a class="button primary" href="/presentar">${t('mine.new')}</a></div>
    <${Drafts} />
    ${(hasSome.value || wish.isSearch) && html`<${Search} wish=${wish} />`}
    <${List} key=${JSON.stringify(wish.variables)} wish=${wish} onSome=${() => { hasSome.value = true; }} />`;
}

function List({ wish, onSome }) {
  const loaded = useLoaded(MyTramites, wish.variables);
  useEffect(() => { if (loaded.data?.tramites.edges.length) onSome(); }, [loaded.data]);
  return html`<${Loaded} loaded=${loaded}>${({ tramites }) => html`<${Found} page=${tramites} wish=${wish} />`}</${Loaded}>`;
}

/** It stays while what is found changes below it, and the focus with it. */
function Search({ wish }) {
  const words = useSignal(wish.words);
  useEffect(() => { words.value = wish.words; }, [wish.words]);
  const find = (more = {}) => {
    const given = Object.entries({ buscar: words.value.trim(), estado: wish.status, ...more }).filter(([, value]) => value);
    go(`/tramites${given.length ? `?${new URLSearchParams(given)}` : ''}`);
  };
  const submit = (event) => { event.preventDefault(); find(); };
  return html`<form class="search" role="search" onSubmit=${submit}>
    <div><label for="search">${t('mine.search')}</label><p class="hint" id="search-hint">${t('mine.search.hint')}</p>
      <input id="search" type="search" value=${words.value} maxlength="200"
        aria-describedby="search-hint" onInput=${(event) => { words.value = event.target.value; }} /></div>
    <div><label for="status">${t('mine.status')}</label><select id="status" value=${wish.status} onChange=${(event) => find({ estado: event.target.value })}>
      <option value="">${t('mine.status.any')}</option>
      ${STATUSES.map((each) => html`<option key=${each} value=${each}>${t(`status.${each}`)}</option>`)}</select></div>
    <button type="submit">${t('mine.search.button')}</button>
    ${wish.isSearch && html`<a href="/tramites">${t('mine.search.clear')}</a>`}
  </form>`;
}

function Found({ page, wish }) {
  const more = useSignal(/** @type {any[]} */ ([]));
  const isBusy = useSignal(false);
  const problem = useSignal('');
  const last = more.value[more.value.length - 1] ?? page;
  const rows = [page, ...more.value].flatMap((each) => each.edges.map((edge) => edge.node));
  const next = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = '';
    try {
      const { tramites } = await ask(MyTramites, { ...wish.variables, after: last.pageInfo.endCursor });
      more.value = [...more.value, tramites];
    } catch (error) { problem.value = sentenceOf(error); } finally { isBusy.value = false; }
  };
  if (!rows.length) return html`<p role="status">${t(wish.isSearch ? 'mine.none.found' : 'mine.none')}</p>`;
  const { count, isExact } = page.totalCount;
  return html`<p class="hint" role="status">${isExact ? t('mine.count', { count }) : t('mine.count.many', { least: count })}</p>
    <ul class="rows">${rows.map((each) => html`<li key=${each.id}><${Row} tramite=${each} /></li>`)}</ul>
    <${More} pageInfo=${last.pageInfo} shown=${rows.length} isBusy=${isBusy.value} onMore=${next} />
    ${problem.value && html`<p class="problem" role="alert">${problem.value}</p>`}`;
}

function Row({ tramite }) {
  const facts = [documentName(tramite), tramite.office.name, t('mine.filed', { day: day(tramite.filedOn) })].join(' · ');
  return html`<div><p><a href=${`/tramites/${tramite.number}`}>${tramite.subject}</a></p>
      <p class="hint"><span class="code">${tramite.number}</span> · ${facts}</p>
      ${tramite.status === 'OBSERVED' && html`<p><strong>${t('mine.correct-by', { day: day(tramite.correctBy) })}</strong></p>`}</div>
    <p><${Status} status=${tramite.status} /></p>`;
}

function Drafts() {
  const loaded = useLoaded(WaitingDrafts, {});
  const asked = useSignal(/** @type {any} */ (null));
  const drafts = loaded.data?.drafts ?? [];
  if (!drafts.length) return null;
  const close = () => { asked.value = null; };
  return html`<section class="card" aria-labelledby="drafts-title"><h2 id="drafts-title">${t('mine.drafts')}</h2>
    <ul class="rows">${drafts.map((each) => html`<li key=${each.id}><${Draft} draft=${each} onDiscard=${() => { asked.value = each; }} /></li>`)}</ul>
    <${Dialog} isOpen=${asked.value !== null} title=${t('mine.draft.discard.title')} onClose=${close}>
      <${Discarding} draft=${asked.value} onEnd=${close} onDone=${() => { close(); loaded.again(); }} /></${Dialog}>
  </section>`;
}

const nameOf = (draft) => draft.subject || t('mine.draft.unnamed');

function Draft({ draft, onDiscard }) {
  const which = html`<span class="unseen">${t('mine.draft.which', { subject: nameOf(draft) })}</span>`;
  return html`<div><p><strong>${nameOf(draft)}</strong></p>
      <p class="hint">${t('mine.draft.kept', { at: dateTime(draft.savedAt), until: date(draft.expiresAt) })}</p></div>
    <div class="row-deeds"><a class="button" href=${`/presentar/${draft.id}/datos`}>${t('mine.draft.go-on')}${which}</a>
      <button type="button" class="link" onClick=${onDiscard}>${t('mine.draft.discard')}${which}</button></div>`;
}

function Discarding({ draft, onEnd, onDone }) {
  const form = useForm({});
  const send = () => form.send(DiscardWaitingDraft, { input: { id: draft.id } }, onDone);
  return html`<p>${t('mine.draft.discard.what', { subject: nameOf(draft) })}</p>
    <${FormBox} form=${form} onSubmit=${send} narrow=${false}><div class="buttons">
      <${Submit} form=${form} isDanger=${true}>${t('mine.draft.discard.yes')}</${Submit}>
      <button type="button" onClick=${onEnd}>${t('mine.draft.discard.no')}</button></div></${FormBox}>`;
}
