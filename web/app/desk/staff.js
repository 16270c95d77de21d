// The staff: who they are, what they may do, and how they come and go.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { DeactivateStaff, Invitations, ResetSecondFactor, Staff, WithdrawInvitation } from '../api.gen.js';
import { IdentityFields, TextField } from '../parts/basics.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { counter, person } from '../session.js';
import { dateTime, t } from '../texts.js';
import { Change } from './changing.js';
import { Filter, Pages, useOutcome, usePages } from './pages.js';
import { Assign, Invite, ROLES } from './staff-forms.js';

const STATES = ['ACTIVE', 'WITHOUT_SECOND_FACTOR', 'DEACTIVATED'];
const nameOf = (/** @type {string} */ code) => counter.value.offices.find((each) => each.code === code)?.name ?? code;

export default function StaffPage() {
  const role = useSignal(''), state = useSignal('');
  const pages = usePages(Staff, 'staff', { role: role.value || null, state: state.value || null });
  const invited = useLoaded(Invitations, {});
  const asked = useSignal(/** @type {any} */ (null));
  const { say, outcome } = useOutcome();
  useEffect(() => arrive(t('staff.title')), []);
  const manages = person.value.role === 'ADMINISTRATOR';
  const ask = (/** @type {string} */ what, /** @type {any} */ whom = null) => { asked.value = { what, whom }; };
  const close = () => { asked.value = null; };
  const done = (/** @type {string} */ key) => async () => { close(); await Promise.all([pages.again(), invited.again()]); say(t(key)); };
  return html`<h1>${t('staff.title')}</h1><p class="lead">${t('staff.lead')}</p>${outcome}
    ${manages && html`<div class="buttons"><button type="button" class="primary" onClick=${() => ask('invite')}>${t('staff.invite')}</button>
      <button type="button" onClick=${() => ask('reset')}>${t('staff.reset')}</button></div>`}
    <h2>${t('staff.invitations')}</h2>
    <${Loaded} loaded=${invited}>${({ invitations }) => html`<${Invited} invitations=${invitations} onAsk=${manages && ask} />`}</${Loaded}>
    <h2>${t('staff.people')}</h2>
    <form class="search" onSubmit=${(event) => event.preventDefault()}>
      <${Filter} label=${t('staff.role')} value=${role.value} choices=${[['', t('staff.any')], ...ROLES.map((each) => [each, t(`staff.role.${each}`)])]}
        onChange=${(value) => { role.value = value; }} />
      <${Filter} label=${t('staff.state')} value=${state.value} choices=${[['', t('staff.any')], ...STATES.map((each) => [each, t(`staff.state.${each}`)])]}
        onChange=${(value) => { state.value = value; }} /></form>
    <${Pages} pages=${pages} none=${t('staff.none')}>${(nodes) => html`<ul class="rows">
      ${nodes.map((each) => html`<li key=${each.userId}><${Member} member=${each} onAsk=${manages && ask} /></li>`)}</ul>`}</${Pages}>
    ${asked.value && html`<${Asked} ...${asked.value} done=${done} onClose=${close} />`}`;
}

/** Whom a button is about, for those who do not see where it stands. */
const Of = ({ whom }) => html`<span class="unseen">: ${whom}</span>`;

function Invited({ invitations, onAsk }) {
  if (!invitations.length) return html`<p>${t('staff.invitations.none')}</p>`;
  return html`<ul class="rows">${invitations.map((each) => html`<li key=${each.id}>
    <div><strong>${each.email}</strong>
      <p>${t(`staff.role.${each.role}`)}${each.officeCodes.length > 0 && ` · ${each.officeCodes.map(nameOf).join(', ')}`}</p>
      <p class="hint">${t('staff.invited', { at: dateTime(each.invitedAt), until: dateTime(each.expiresAt) })}</p></div>
    ${onAsk && html`<button type="button" onClick=${() => onAsk('withdraw', each)}>${t('staff.withdraw')}<${Of} whom=${each.email} /></button>`}
  </li>`)}</ul>`;
}

function Member({ member, onAsk }) {
  const { fullName, state } = member;
  const isGone = state === 'DEACTIVATED';
  const isMe = member.userId === person.value.id;
  return html`<div><strong>${fullName}</strong> <span class=${`tag staff-${state}`}>${t(`staff.state.${state}`)}</span>
      <p>${t(`staff.role.${member.role}`)}${member.offices.length > 0 && ` · ${member.offices.map((each) => each.name).join(', ')}`}</p>
      <p class="hint">${member.email} · ${isGone ? t('staff.gone', { at: dateTime(member.deactivatedAt) }) : member.signedInAt
        ? t('staff.seen', { at: dateTime(member.signedInAt) }) : t('staff.unseen')}</p>
      ${isMe && html`<p class="hint">${t('staff.me')}</p>`}</div>
    ${onAsk && !isMe && html`<div class="row-deeds">
      <button type="button" onClick=${() => onAsk('assign', member)}>${t(isGone ? 'staff.again' : 'staff.assign')}<${Of} whom=${fullName} /></button>
      ${!isGone && html`<button type="button" class="danger"
        onClick=${() => onAsk('deactivate', member)}>${t('staff.deactivate')}<${Of} whom=${fullName} /></button>`}
    </div>`}`;
}

const Reason = ({ form, hint }) => html`<${TextField} form=${form} name="reason" label=${t('reason')} hint=${hint} rows="3" maxlength="1000" />`;

function Asked({ what, whom, done, onClose }) {
  if (what === 'invite') return html`<${Invite} onDone=${done('staff.invite.done')} onClose=${onClose} />`;
  if (what === 'assign') return html`<${Assign} member=${whom} onDone=${done('staff.assign.done')} onClose=${onClose} />`;
  if (what === 'withdraw') {
    return html`<${Change} name=${`staff.withdraw.${whom.id}`} title=${t('staff.withdraw.title', whom)} what=${t('staff.withdraw.what')} initial=${{}}
      operation=${WithdrawInvitation}
      input=${() => ({ id: whom.id })} button=${t('staff.withdraw')} isDanger onDone=${done('staff.withdraw.done')} onClose=${onClose} />`;
  }
  if (what === 'deactivate') {
    return html`<${Change} name=${`staff.deactivate.${whom.userId}`} title=${t('staff.deactivate.title', whom)} what=${t('staff.deactivate.what')}
      initial=${{ reason: '' }} operation=${DeactivateStaff}
      input=${({ reason }) => ({ userId: whom.userId, reason })} button=${t('staff.deactivate')} isDanger onDone=${done('staff.deactivate.done')}
        onClose=${onClose}>
      ${(form) => html`<${Reason} form=${form} hint=${t('reason.kept')} />`}</${Change}>`;
  }
  return html`<${Change} name="staff.reset" title=${t('staff.reset')} what=${t('staff.reset.what')}
    initial=${{ identityKind: 'DNI', identityNumber: '', reason: '' }} operation=${ResetSecondFactor}
    input=${({ identityKind, identityNumber, reason }) => ({ identityKind, identityNumber, reason })} button=${t('staff.reset.button')} isDanger
      onDone=${done('staff.reset.done')} onClose=${onClose}>
    ${(form) => html`<${IdentityFields} form=${form} /><${Reason} form=${form} hint=${t('reason.kept')} />`}</${Change}>`;
}
