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
  recovery: { operation: RecoveryRequests, root: 'recoveryRequests', decide: DecideRecovery,
    states: ['WAITING', 'APPLIED', 'STOPPED', 'REJECTED', 'CANCELLED'], decisions: ['APPROVE', 'REJECT'], deciders: ['CLERK', 'SUPERVISOR'] },
  claim: { operation: IdentityClaims, root: 'identityClaims', decide: DecideIdentityClaim, states: ['WAITING', 'KEPT', 'HANDED_OVER'],
    decisions: ['KEEP_HOLDER', 'HAND_OVER'], deciders: ['SUPERVISOR'] },
};
/** For these the person shows the reference that they were given. */
const WITH_REFERENCE = ['APPROVE', 'HAND_OVER'];

export default function IdentitiesPage() {
  const { say, outcome } = useOutcome();
  useEffect(() => arrive(t('identity.title')), []);
  return html`<h1>${t('identity.title')}</h1><p class="lead">${t('identity.lead')}</p>${outcome}
    <${Requests} kind="recovery" say=${say} />${person.value.role !== 'CLERK' && html`<${Requests} kind="claim" say=${say} />`}`;
}

/** @param {{kind: keyof typeof KINDS, say: (words: string) => void}} props */
function Requests({ kind, say }) {
  const { operation, root, states, deciders } = KINDS[kind];
  const state = useSignal('WAITING'), identityNumber = useSignal('');
  const pages = usePages(operation, root, { state: state.value, identityNumber: identityNumber.value || null });
  const asked = useSignal(/** @type {any} */ (null));
  const close = () => { asked.value = null; };
  const done = (/** @type {string} */ words) => async () => { close(); await pages.again(); say(words); };
  const search = (event) => { event.preventDefault(); identityNumber.value = String(new FormData(event.target).get('number')).trim(); };
  const Row = kind === 'claim' ? Claim : Recovery;
  return html`<section aria-labelledby=${kind}><h2 id=${kind}>${t(`identity.${kind}`)}</h2><p class="hint">${t(`identity.${kind}.what`)}</p>
    <form class="search" onSubmit=${search}><label>${t('identity.search')}<input type="search" name="number" maxlength="20" /></label>
      <${Filter} label=${t('identity.state')} value=${state.value} choices=${states.map((each) => [each, t(`identity.${kind}.${each}`)])}
        onChange=${(value) => { state.value = value; }} /><button>${t('identity.seek')}</button></form>
    <${Pages} pages=${pages} none=${t(`identity.${kind}.none`)}>${(nodes) => html`<ul
      class="rows tops">${nodes.map((each) => html`<li key=${each.id}><${Row} request=${each} />
      ${each.state === 'WAITING' && deciders.includes(person.value.role)
        && html`<div class="row-deeds"><button type="button"
          onClick=${() => { asked.value = { what: 'decide', request: each }; }}>${t('identity.decide')}<span
            class="unseen">: ${titleOf(kind, each)}</span></button>
        ${kind === 'claim' && each.holder && !each.holder.isFrozen && html`<button type="button"
          onClick=${() => { asked.value = { what: 'freeze', request: each }; }}>${t('identity.freeze')}<span
            class="unseen">: ${titleOf(kind, each)}</span></button>`}</div>`}</li>`)}</ul>`}</${Pages}>
    ${asked.value?.what === 'decide' && html`<${Decide} kind=${kind} request=${asked.value.request} onDone=${done(t('identity.decided'))} onClose=${close} />`}
    ${asked.value?.what === 'freeze' && html`<${Change} name=${`claim.freeze.${asked.value.request.id}`} title=${t('identity.freeze.title')}
      what=${t('identity.freeze.what')} initial=${{}} operation=${FreezeClaimedAccount}
      input=${() => ({ id: asked.value.request.id })} button=${t('identity.freeze')} isDanger onDone=${done(t('identity.frozen.done'))} onClose=${close}
        />`}</section>`;
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
  return html`<${Change} name=${`${kind}.${request.id}`} title=${t(`identity.${kind}.decide`, { name: titleOf(kind, request) })}
    what=${t('identity.decide.what')}
    initial=${{ decision: decisions[kind === 'claim' ? 0 : 1], reason: '', reference: '' }} operation=${decide} input=${input} button=${t('identity.decide')}
      onDone=${onDone} onClose=${onClose}>${(form) => html`
      <${RadioField} form=${form} name="decision" label=${t('identity.decision')}
        choices=${decisions.map((each) => [each, t(`identity.${each}`), t(`identity.${each}.hint`)])} />
      ${WITH_REFERENCE.includes(form.values.value.decision) && html`<${TextField} form=${form} name="reference" label=${t('identity.reference')}
        hint=${t('identity.reference.hint')} class="short" autocomplete="off" autocapitalize="characters" spellcheck=${false} />`}
      <${TextField} form=${form} name="reason" label=${t('reason')} hint=${t('identity.reason.hint')} rows="4" maxlength="1000" />`}</${Change}>`;
}
