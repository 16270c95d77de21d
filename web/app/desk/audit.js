// The register and the sensitive reads: searched, and recomputed here, link by link.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ask } from '../api.js';
import { ActRegister, SensitiveReads } from '../api.gen.js';
import { sentenceOf } from '../parts/basics.js';
import { arrive } from '../router.js';
import { addTexts, dateTime, has, number, t } from '../texts.js';
import texts from '../../texts/es-PE.audit.js';
import { beginning, check, goOn } from './chain.js';
import { Pages, usePages } from './pages.js';
import './style.js';

addTexts(texts);

export const isWide = true;

const AT_ONCE = 100, MOST_NAMED = 10;
/** The two chains: how each is asked for, and by what its links are told apart. */
const CHAINS = {
  acts: {
    operation: ActRegister,
    root: 'register',
    sort: 'act',
    name: (/** @type {string} */ act) => t(has(`acts.${act}`) ? `acts.${act}` : 'acts.other', { act }),
  },
  reads: {
    operation: SensitiveReads,
    root: 'sensitiveReads',
    sort: 'kind',
    name: (/** @type {string} */ kind) => t(has(`read.${kind}`) ? `read.${kind}` : 'acts.other', { act: kind }),
  },
};

/** @param {{which: keyof typeof CHAINS}} props */
export function Chain({ which }) {
  const { operation, root, sort, name } = CHAINS[which];
  const filter = useSignal(/** @type {any} */ ({}));
  const pages = usePages(/** @type {any} */ (operation), root, filter.value);
  useEffect(() => arrive(t(`${which}.title`)), []);
  const search = (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    filter.value = { tramite: String(given.get('tramite')).trim() || null, [sort]: given.get(sort) || null };
  };
  const choices = which === 'acts' ? ACTS : READS;
  return html`<h1>${t(`${which}.title`)}</h1><p class="lead">${t(`${which}.lead`)}</p>
    <form class="search" role="search" onSubmit=${search}>
      <label>${t('chain.tramite')}<input type="search" name="tramite" maxlength="40" /></label>
      <label>${t(`${which}.sort`)}
        <select name=${sort}>
          <option value="">${t('chain.any')}</option>
          ${choices.map((each) => html`<option value=${each} key=${each}>${name(each)}</option>`)}
        </select></label>
      <button>${t('chain.search')}</button>
    </form>
    ${which === 'acts' && html`<${Elsewhere} />`}
    <${CheckAll} which=${which} operation=${operation} root=${root} />
    <${Pages} pages=${pages} none=${t('chain.none')}>${(links) => html`<${Links} links=${links} sort=${sort} name=${name} />`}</${Pages}>`;
}

/** What auditors may read besides, beyond their menu. */
const ALSO = ['/personal', '/plantillas', '/identidades', '/sedes', '/calendario', '/reglas', '/conservacion', '/programas'];
const Elsewhere = () => html`<nav aria-label=${t('acts.also')}><ul class="also">
  <li aria-hidden="true">${t('acts.also')}:</li>
  ${ALSO.map((to) => html`<li key=${to}><a href=${to}>${t(`menu.${to}`)}</a></li>`)}
</ul></nav>`;

function Links({ links, sort, name }) {
  const result = useSignal(/** @type {any} */ (null));
  useEffect(() => {
    let isNow = true;
    check(links).then((found) => { if (isNow) result.value = found; });
    return () => { isNow = false; };
  }, [links]);
  const wrong = new Set(result.value?.wrong);
  return html`<p role="status" class=${wrong.size ? 'notice bad' : 'hint'}>${result.value
    && (wrong.size ? t('chain.wrong', { count: wrong.size }) : t('chain.right', { count: result.value.right }))}</p>
    <div class="scroller" tabindex="0" role="region" aria-label=${t('chain.table')}><table class="chain">
      <thead><tr>${COLUMNS.map((each) => html`<th scope="col" key=${each}>${t(each)}</th>`)}</tr></thead>
      <tbody>${links.map((link) => html`<${Link} key=${link.sequence} link=${link} what=${name(link[sort])} isWrong=${wrong.has(link.sequence)} />`)}</tbody>
    </table></div>`;
}

const COLUMNS = ['chain.sequence', 'chain.at', 'chain.what', 'chain.role', 'chain.tramite', 'chain.hash'];

function Link({ link, what, isWrong }) {
  const { sequence, at, isTextErased, role, tramiteNumber } = link;
  return html`<tr class=${isWrong ? 'wrong-link' : ''}>
    <td class="number">${sequence}${isWrong && html`${' '}<strong>${t('chain.does-not-fit')}</strong>`}</td>
    <td>${dateTime(at)}</td>
    <td>${what}${isTextErased && html`<p class="hint">${t('chain.erased')}</p>`}</td>
    <td>${t(`chain.role.${role}`)}</td>
    <td class="code">${tramiteNumber ?? ''}</td>
    <td><${Evidence} link=${link} /></td>
  </tr>`;
}

/** What a link is held to, for whoever wants to recompute it. */
function Evidence({ link: { hash, previousHash, actorId, viewerId, record } }) {
  const account = actorId ?? viewerId;
  return html`<details>
    <summary class="code">${hash.slice(0, 12)}…</summary>
    <p class="code">${hash}</p>
    <p class="hint">${t('chain.previous')}</p><p class="code">${previousHash}</p>
    ${account && html`<p class="hint">${t('chain.account')}</p><p class="code">${account}</p>`}
    ${record && html`<pre class="record">${record}</pre>`}
  </details>`;
}

/** Reads the whole chain, page by page, and recomputes it. */
function CheckAll({ which, operation, root }) {
  const state = useSignal(/** @type {any} */ (null));
  const isRunning = useSignal(false);
  const isHere = useRef(true);
  useEffect(() => () => { isHere.current = false; }, []);
  const run = async () => {
    isRunning.value = true;
    try {
      const so = await beginning(which);
      let after = /** @type {string | null} */ (null);
      do {
        const { edges, pageInfo } = /** @type {any} */ (await ask(operation, { first: AT_ONCE, after }))[root];
        await goOn(so, edges.map((edge) => edge.node));
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
        state.value = { ...so, isDone: !after };
      } while (after && isHere.current);
    } catch (error) { state.value = { ...state.value, trouble: sentenceOf(error) }; }
    isRunning.value = false;
  };
  return html`<div class="buttons">
    <button type="button" aria-disabled=${isRunning.value} onClick=${() => { if (!isRunning.value) run(); }}>${t('chain.all')}</button>
    <p role="status" class=${state.value?.wrong?.length ? 'problem' : ''}>${state.value && verdict(state.value)}</p>
  </div>`;
}

/** @param {any} state */
function verdict({ right = 0, skipped = 0, wrong = [], isDone, trouble }) {
  if (trouble) return trouble;
  if (wrong.length) return t('chain.all.wrong', { count: wrong.length, sequences: wrong.slice(0, MOST_NAMED).join(', ') });
  return t(isDone ? 'chain.all.right' : 'chain.all.running', { right: number(right) }) + (skipped
    ? ` ${t('chain.all.skipped', { count: skipped, skipped: number(skipped) })}` : '');
}

const ACTS = ['FILED', 'UPDATED', 'COMPLETED', 'CONFIRMED', 'VOIDED', 'OBSERVED', 'CORRECTED', 'LAPSED', 'REFERRED', 'RESOLVED', 'FOLIOS_CORRECTED',
  'REOPENED', 'RECEIVED', 'OWNER_CHANGED', 'NOTE_ADDED', 'REGISTERED', 'EMAIL_VERIFIED', 'PASSWORD_CHANGED', 'CONTACT_CHANGED', 'RECOVERY_REQUESTED',
  'RECOVERY_STOPPED', 'RECOVERY_CANCELLED', 'RECOVERY_APPROVED', 'RECOVERY_REJECTED', 'RECOVERY_APPLIED', 'IDENTITY_CLAIMED', 'IDENTITY_CLAIM_DECIDED',
  'ACCOUNT_FROZEN', 'CALENDAR_CHANGED', 'OFFICES_CHANGED', 'POLICY_CHANGED', 'NOTICES_CHANGED', 'TASK_CLOSED', 'TEMPLATE_SAVED', 'TEMPLATE_RETIRED',
  'RETENTION_CHANGED', 'ERASED', 'CLOSURE_REQUESTED', 'CLOSURE_STOPPED', 'ACCOUNT_CLOSED', 'SECOND_FACTOR_SET', 'SECOND_FACTOR_RESET', 'RECOVERY_CODE_USED',
  'RECOVERY_CODES_RENEWED', 'ADMINISTRATOR_MADE', 'STAFF_INVITED', 'INVITATION_WITHDRAWN', 'INVITATION_ACCEPTED', 'STAFF_ASSIGNED', 'STAFF_DEACTIVATED',
  'MAIL_RELEASED', 'MAIL_REJECTED', 'MAIL_ANSWERED', 'RECEIPT_SENT_AGAIN', 'SERVICE_TOKEN_MADE', 'SERVICE_TOKEN_REVOKED'];
const READS = ['TRAMITE', 'FILE', 'RECEIPT', 'RECOVERY_REQUESTS', 'IDENTITY_CLAIMS', 'PEOPLE', 'PERSONAL_DATA', 'EXPORT', 'REGISTER', 'READS', 'TRAMITES',
  'TASKS', 'MAIL', 'MAILS', 'TEXTS'];
