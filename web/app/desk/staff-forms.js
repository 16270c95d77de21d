// Role and offices of somebody: invited, or here already.
// @ts-check
import { html } from '../base.js';
import { AssignStaff, InviteStaff } from '../api.gen.js';
import { TextField } from '../parts/basics.js';
import { ChecksField, RadioField } from '../parts/choices.js';
import { counter } from '../session.js';
import { t } from '../texts.js';
import { Change } from './changing.js';

export const ROLES = ['CLERK', 'SUPERVISOR', 'ADMINISTRATOR', 'AUDITOR'];
/** Who attends to trámites; others have no post. */
const WITH_OFFICES = ['CLERK', 'SUPERVISOR'];

function Post({ form }) {
  const offices = counter.value.offices.map((each) => [each.code, each.name]);
  return html`<${RadioField} form=${form} name="role" label=${t('staff.role')}
    choices=${ROLES.map((each) => [each, t(`staff.role.${each}`), t(`staff.role.${each}.hint`)])} />
    ${WITH_OFFICES.includes(form.values.value.role) && html`<${ChecksField} form=${form} name="officeCodes" label=${t('staff.offices')}
      hint=${t('staff.offices.hint')} choices=${offices} />`}`;
}

const post = ({ role, officeCodes }) => ({ role, officeCodes: WITH_OFFICES.includes(role) ? officeCodes : [] });

export function Invite({ onDone, onClose }) {
  return html`<${Change} name="staff.invite" title=${t('staff.invite.title')} what=${t('staff.invite.what')}
    initial=${{ email: '', role: 'CLERK', officeCodes: [] }} operation=${InviteStaff}
    input=${(values) => ({ email: values.email, ...post(values) })} hasKey button=${t('staff.invite.button')} onDone=${onDone} onClose=${onClose}>
    ${(form) => html`<${TextField} form=${form} name="email" label=${t('staff.email')} hint=${t('staff.email.hint')} type="email" autocomplete="off"
      spellcheck=${false} /><${Post} form=${form} />`}</${Change}>`;
}

export function Assign({ member, onDone, onClose }) {
  return html`<${Change} name=${`staff.assign.${member.userId}`} title=${t('staff.assign.title', member)} what=${t('staff.assign.what')}
    initial=${{ role: member.role, officeCodes: member.offices.map((each) => each.code) }} operation=${AssignStaff}
      input=${(values) => ({ userId: member.userId, ...post(values) })}
    button=${t('change.save')} onDone=${onDone} onClose=${onClose}>${(form) => html`<${Post} form=${form} />`}</${Change}>`;
}
