// Recoveries by personal data and claims of an identity: who asks, whose account it is, and what is decided.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { DecideIdentityClaim, DecideRecovery, FreezeClaimedAccount, IdentityClaims, RecoveryRequests } from '../api.gen.js';
import { Facts, TextField } from '../parts/basics.js';
import { RadioField } from '../parts/choices.js';
import { arrive } from '../router.js';
import { person } from '../session.js';
import { dateTime, day, mobile, t } from '../texts.js';
import { Change } from './changing.js';
import { Filter, Pages, useOutcome, usePages } from './pages.js';

/** The two kinds of request: how each is asked for and decided, and by whom. */
const KINDS = {
  recovery: {
    operation: RecoveryRequests,
    root: 'recoveryRequests',
    decide: DecideRecovery,
    states: ['WAITING', 'APPLIED', 'STOPPED', 'REJECTED', 'CANCELLED'],
    decisions: ['APPROVE', 'REJECT'],
    deciders: ['CLERK', 'SUPERVISOR'],
  },
  claim: {
    operation: IdentityClaims,
    root: 'identityClaims',
    decide: DecideIdentityClaim,
    states: ['WAITING', 'KEPT', 'HANDED_OVER'],
    decisions: ['KEEP_HOLDER', 'HAND_OVER'],
    deciders: ['SUPERVISOR'],
  },
};
/** For these the person shows the reference that they were given. */
const WITH_REFERENCE = ['APPROVE', 'HAND_OVER'];

export default function IdentitiesPage() {
  const { say, outcome } = useOutcome();
  useEffect(() => arrive(t('identity.title')), []);
  return html`<h1>${t('identity.title')}</h1><p class="lead">${t('identity.lead')}</p>${outcome}
    <${Requests} kind="recovery" say=${say} />
    ${person.value.role !== 'CLERK' && html`<${Requests} kind="claim" say=${say} />`}`;
}

/** @param {{kind: keyof typeof KINDS, say: (words: string) => void}} props */
function Requests({ kind, say }) {
  const { operation, root, states, deciders } = KINDS[kind];
  const state = useSignal('WAITING'), identityNumber = useSignal('');
  const pages = usePages(operation, root, { state: state.value, identityNumber: identityNumber.value || null });
  const asked = useSignal(/** @type {any} */ (null));
  const ask = (/** @type {string} */ what, /** @type {any} */ request) => { asked.value = { what, request }; };
  const close = () => { asked.value = null; };
  const done = (/** @type {string} */ words) => async () => { close(); await pages.again(); say(words); };
  const search = (event) => { event.preventDefault(); identityNumber.value = String(new FormData(event.target).get('number')).trim(); };
  const Row = kind === 'claim' ? Claim : Recovery;
  const decides = deciders.includes(person.value.role);
  const { what, request } = asked.value ?? {};
  return html`<section aria-labelledby=${kind}>
    <h2 id=${kind}>${t(`identity.${kind}`)}</h2><p class="hint">${t(`identity.${kind}.what`)}</p>
    <form class="search" onSubmit=${search}>
      <label>${t('identity.search')}<input type="search" name="number" maxlength="20" /></label>
      <${Filter} label=${t('identity.state')} value=${state.value} choices=${states.map((each) => [each, t(`identity.${kind}.${each}`)])}
        onChange=${(value) => { state.value = value; }} />
      <button>${t('identity.seek')}</button>
    </form>
    <${Pages} pages=${pages} none=${t(`identity.${kind}.none`)}>${(nodes) => html`<ul class="rows tops">${nodes.map((each) => html`<li key=${each.id}>
      <${Row} request=${each} />
      ${decides && each.state === 'WAITING' && html`<${Deeds} kind=${kind} request=${each} onAsk=${ask} />`}
    </li>`)}</ul>`}</${Pages}>
    ${what === 'decide' && html`<${Decide} kind=${kind} request=${request} onDone=${done(t('identity.decided'))} onClose=${close} />`}
    ${what === 'freeze' && html`<${Freeze} request=${request} onDone=${done(t('identity.frozen.done'))} onClose=${close} />`}
  </section>`;
}

function Deeds({ kind, request, onAsk }) {
  const deed = (/** @type {'decide' | 'freeze'} */ what) => html`<button type="button"
    onClick=${() => onAsk(what, request)}>${t(`identity.${what}`)}<span class="unseen">: ${titleOf(kind, request)}</span></button>`;
  return html`<div class="row-deeds">
    ${deed('decide')}
    ${kind === 'claim' && request.holder && !request.holder.isFrozen && deed('freeze')}
  </div>`;
}

/** Nobody signs in to the account until the claim is decided. */
function Freeze({ request, onDone, onClose }) {
  return html`<${Change} name=${`claim.freeze.${request.id}`} title=${t('identity.freeze.title')} what=${t('identity.freeze.what')} initial=${{}}
    operation=${FreezeClaimedAccount} input=${() => ({ id: request.id })} button=${t('identity.freeze')} isDanger onDone=${onDone} onClose=${onClose} />`;
}

const titleOf = (kind, request) => (kind === 'claim' ? request.claimantName : request.holder.fullName);

const Holder = (holder) => html`${holder.fullName}${holder.identityNumber
  && ` · ${holder.identityKind} ${holder.identityNumber}`} · ${t('identity.born', { day: day(holder.birthDate) })}
  ${holder.isStaff && html` · <strong>${t('identity.staff')}</strong>`}${holder.isFrozen && html` · <strong>${t('identity.frozen')}</strong>`}`;

function Recovery({ request }) {
  return html`<div><h3>${request.holder.fullName}</h3><${Facts} rows=${[
    [t('identity.state'), t(`identity.recovery.${request.state}`)],
    [t('identity.holder'), Holder(request.holder)],
    [t('identity.new-email'), request.newEmail ?? t('identity.same')],
    [t('identity.new-mobile'), request.newMobile ? mobile(request.newMobile) : t('identity.same')],
    [t('identity.asked'), dateTime(request.askedAt)],
    request.state === 'WAITING' && [t('identity.effect'), request.takesEffectAt ? dateTime(request.takesEffectAt) : t('identity.only-staff')],
    request.settledAt && [t('identity.settled'), dateTime(request.settledAt)],
    request.reason && [t('reason'), html`<span class="said">${request.reason}</span>`],
  ]} /></div>`;
}

function Claim({ request }) {
  return html`<div><h3>${request.claimantName}</h3><${Facts} rows=${[
    [t('identity.state'), t(`identity.claim.${request.state}`)],
    [t('identity.claimed'), `${request.identityKind} ${request.identityNumber}`],
    [t('identity.statement'), html`<span class="said">${request.statement}</span>`],
    [t('identity.contact'), `${request.claimantEmail} · ${mobile(request.claimantMobile)}`],
    [t('identity.holder'), request.holder ? Holder(request.holder) : t('identity.nobody')],
    [t('identity.asked'), dateTime(request.claimedAt)],
    request.decidedAt && [t('identity.settled'), dateTime(request.decidedAt)],
    request.reason && [t('reason'), html`<span class="said">${request.reason}</span>`],
  ]} /></div>`;
}

/** @param {{kind: keyof typeof KINDS, request: any, onDone: any, onClose: any}} props */
function Decide({ kind, request, onDone, onClose }) {
  const { decide, decisions } = KINDS[kind];
  const input = ({ decision, reason, reference }) => ({ id: request.id, decision, reason, ...(WITH_REFERENCE.includes(decision) && { reference }) });
  const initial = { decision: decisions[kind === 'claim' ? 0 : 1], reason: '', reference: '' };
  return html`<${Change} name=${`${kind}.${request.id}`} title=${t(`identity.${kind}.decide`, { name: titleOf(kind, request) })}
    what=${t('identity.decide.what')} initial=${initial} operation=${decide} input=${input} button=${t('identity.decide')}
    onDone=${onDone} onClose=${onClose}>${(form) => html`
      <${RadioField} form=${form} name="decision" label=${t('identity.decision')}
        choices=${decisions.map((each) => [each, t(`identity.${each}`), t(`identity.${each}.hint`)])} />
      ${WITH_REFERENCE.includes(form.values.value.decision) && html`<${TextField} form=${form} name="reference" label=${t('identity.reference')}
        hint=${t('identity.reference.hint')} class="short" autocomplete="off" autocapitalize="characters" spellcheck=${false} />`}
      <${TextField} form=${form} name="reason" label=${t('reason')} hint=${t('identity.reason.hint')} rows="4" maxlength="1000" />`}</${Change}>`;
}
