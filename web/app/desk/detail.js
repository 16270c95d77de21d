// One trámite at the desk: what it is, its files as pictures, what to notice, who else looks at it, what happened.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { act } from '../api.js';
import { DeskTramite, LookAt, ReleaseTramite, ReceiveTramite, TakeTramite } from '../api.gen.js';
import { Address, Facts, sentenceOf, Status } from '../parts/basics.js';
import { documentName } from '../parts/facts.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { Files } from '../parts/papers.js';
import { isAway } from '../parts/presence.js';
import { Timeline } from '../parts/timeline.js';
import { arrive } from '../router.js';
import { dateTime, day, mobile, number as inWords, t } from '../texts.js';
import { Deed } from './deeds.js';
import { useKeys } from './keys.js';
import { Due } from './list.js';
import { Viewer } from './viewer.js';

const LOOK_MS = 40_000;

/** What can be done, in the order in which it is offered: key, permission, and whether it asks for something first. */
const DEEDS = [
  ['r', 'receiveTramite', 'receive'],
  ['d', 'referTramite', 'refer'],
  ['o', 'observeTramite', 'observe'],
  ['a', 'resolveTramite', 'resolve'],
  ['t', 'takeTramite', 'take'],
  ['', 'releaseTramite', 'release'],
  ['', 'assignTramite', 'assign'],
  ['', 'correctFolios', 'folios'],
  ['', 'reopenTramite', 'reopen'],
  ['n', 'addNote', 'note'],
];
/** What moves the trámite on; all else is offered below these. */
const DECISIVE = ['receive', 'refer', 'observe', 'resolve'];
const AT_ONCE = { receive: ReceiveTramite, take: TakeTramite, release: ReleaseTramite };

/** @param {{number: string, changed: number, deed: any, onDone: (sentence: string) => void}} props */
export function Detail({ number, changed, deed, onDone }) {
  const loaded = useLoaded(DeskTramite, { number });
  useEffect(() => { if (changed) loaded.again(); }, [changed]);
  const tramite = loaded.data?.tramite;
  useEffect(() => { if (tramite) arrive(`${tramite.number}: ${tramite.subject}`); }, [tramite?.id]);
  return html`<section class="detail" aria-label=${t('desk.opened', { number })}><${Loaded} loaded=${loaded}>${() => (tramite
    ? html`<${Opened} tramite=${tramite} deed=${deed} onDone=${onDone} />
      <${Deed} deed=${deed} tramite=${tramite} onDone=${onDone} onStale=${loaded.again} />`
    : html`<p>${t('not-here.what')}</p>`)}</${Loaded}></section>`;
}

function Opened({ tramite, deed, onDone }) {
  const offered = offeredOf(tramite);
  const { begin, isBusy, problem } = useDeeds(tramite, deed, onDone);
  useKeys(Object.fromEntries(offered.filter(([key]) => key).map(([key, , name]) => [key, () => begin(name)])), !deed.value);
  return html`<header>
      <div>
        <p class="back"><a href="/bandeja">${t('desk.back')}</a></p>
        <p class="standing"><span class="code">${tramite.number}</span><${Status} status=${tramite.status} /><${Due} signs=${tramite.signs} /></p>
        <h1>${tramite.subject}</h1>
        <p class="hint">${t('desk.from', { sender: senderOf(tramite), document: documentName(tramite), at: dateTime(tramite.sentAt) })}</p>
        <${Viewers} tramite=${tramite} />
      </div>
      <${Offered} offered=${offered} isBusy=${isBusy} onBegin=${begin} />
    </header>
    ${problem && html`<div class="notice bad" role="alert"><p>${problem}</p></div>`}
    <${Notices} tramite=${tramite} />
    <div class="parts"><${Viewer} files=${tramite.attachments} isActive=${!deed.value} /><${About} tramite=${tramite} /></div>`;
}

/** What may be done, but for what changes nothing. @param {any} tramite */
function offeredOf(tramite) {
  const idle = { takeTramite: tramite.signs?.isMine, releaseTramite: !tramite.owner };
  return DEEDS.filter(([, permission]) => tramite.permissions[permission] && !idle[/** @type {keyof typeof idle} */ (permission)]);
}

/** What asks for nothing is done at once, all else begins with its dialog. */
function useDeeds(tramite, deed, onDone) {
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const begin = async (/** @type {string} */ name) => {
    const operation = /** @type {import('../api.gen.d.ts').Operation<any, any> | undefined} */ (/** @type {any} */ (AT_ONCE)[name]);
    if (!operation) { deed.value = name; return; }
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      const payload = /** @type {any} */ (await act(operation, { input: { id: tramite.id, expectedRevision: tramite.revision } }));
      problem.value = payload.code ? payload.message : '';
      if (!payload.code) onDone(t(`deed.${name}.done`, { number: tramite.number }));
    } catch (error) { problem.value = sentenceOf(error); } finally { isBusy.value = false; }
  };
  return { begin, isBusy: isBusy.value, problem: problem.value };
}

/** A button for each deed, those that move the trámite on above the others; the first of all is the likeliest. */
function Offered({ offered, isBusy, onBegin }) {
  const decisive = offered.filter(([, , name]) => DECISIVE.includes(name));
  const minor = offered.filter((each) => !decisive.includes(each));
  const classOf = (/** @type {string} */ name) => (name === offered[0][2] ? 'primary' : '');
  return html`<div>${[decisive, minor].map((deeds, at) => deeds.length > 0 && html`<div class="acts" key=${at}>
    ${deeds.map(([key, , name]) => html`<button type="button" key=${name} class=${deeds === minor ? 'minor' : classOf(name)}
      aria-disabled=${isBusy} onClick=${() => onBegin(name)}>${t(`deed.${name}`)}${key && html`${' '}<kbd aria-hidden="true">${key}</kbd>`}</button>`)}
  </div>`)}</div>`;
}

/** All that is known of it, beside its files. */
function About({ tramite }) {
  const { observation, resolution, permissions, notes } = tramite;
  return html`<div class="side" tabindex="0" role="region" aria-label=${t('desk.about')}>
    <h2>${t('desk.facts')}</h2><${DeskFacts} tramite=${tramite} />
    ${observation && html`<h2>${t('desk.observation')}</h2><${Observation} tramite=${tramite} />`}
    ${resolution && html`<h2>${t('desk.resolution')}</h2><p class="said">${resolution}</p><${Files} files=${tramite.answerFiles} />`}
    ${permissions.readNotes && notes.length > 0 && html`<h2>${t('desk.notes')}</h2>${notes.map((note) => html`<div class="note" key=${note.id}>
      <p class="said">${note.text}</p><p class="hint">${note.author.fullName} · ${dateTime(note.writtenAt)}</p></div>`)}`}
    <h2>${t('desk.history')}</h2><${Timeline} history=${tramite.history} />
  </div>`;
}

/** What must be noticed before anything is done. */
function Notices({ tramite }) {
  const { signs, sameFiles, senderProof, missing } = tramite;
  const said = [
    ...missing,
    signs?.foliosDoubt,
    senderProof === 'UNPROVEN' && t('desk.unproven'),
    sameFiles?.numbers.length > 0 && html`${t('desk.same')}${' '}<${Numbers} numbers=${sameFiles.numbers} />`,
    sameFiles?.elsewhereCount > 0 && t('desk.same.elsewhere', { count: sameFiles.elsewhereCount }),
  ].filter(Boolean);
  return said.length > 0 && html`<div class="notice"><ul class="plain">${said.map((each, at) => html`<li key=${at}>${each}</li>`)}</ul></div>`;
}

const Numbers = ({ numbers }) => numbers.map((each, at) => html`${at > 0 && ', '}<a class="code" href=${`/bandeja/${each}`}>${each}</a>`);

function DeskFacts({ tramite }) {
  return html`<${Facts} rows=${[
    [t('desk.office'), tramite.office.name],
    [t('desk.filed'), day(tramite.filedOn)],
    [t('desk.folios'), tramite.folios === null ? t('desk.unknown') : inWords(tramite.folios)],
    tramite.organization && [t('desk.ruc'), tramite.organization.ruc],
    tramite.contact.email && [t('desk.email'), html`<${Address} of=${tramite.contact.email} />`],
    tramite.contact.mobile && [t('desk.mobile'), mobile(tramite.contact.mobile)],
    [t('desk.owner'), tramite.owner?.fullName ?? t('desk.owner.nobody')],
    tramite.correctBy && [t('desk.correct-by'), day(tramite.correctBy)],
  ]} />`;
}

const senderOf = ({ organization, senderName }) => organization?.name ?? senderName;

const Observation = ({ tramite: { observation, observationPoints: points } }) => html`
  ${points.length > 0 && html`<ol>${points.map((point, at) => html`<li key=${at}>${point}</li>`)}</ol>`}
  <p class="said">${observation}</p>`;

/** Says that one looks, and tells who else does; not while nobody is at this screen. */
function Viewers({ tramite }) {
  const others = useSignal(/** @type {any[]} */ ([]));
  useEffect(() => {
    if (!tramite.permissions.lookAt) return undefined;
    const look = async () => {
      if (document.hidden || isAway()) return;
      const payload = await act(LookAt, { input: { id: tramite.id } }).catch(() => null);
      others.value = /** @type {any} */ (payload)?.viewers ?? [];
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      clearInterval(timer);
      act(LookAt, { input: { id: tramite.id, isLeaving: true } }).catch(() => {});
    };
  }, [tramite.id]);
  const names = others.value.map((each) => each.fullName).join(', ');
  return html`<p class="viewers" role="status">${names && t('desk.viewers', { names })}</p>`;
}
