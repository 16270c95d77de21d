// What keeps an account one's own: password, second factor, sessions.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ChangePassword as ChangePasswordOperation, EndOtherSessions, EndSession, RenewRecoveryCodes } from '../api.gen.js';
import { person } from '../session.js';
import { dateTime, t } from '../texts.js';
import { FormBox, PasswordField, Submit, TextField, useForm } from './basics.js';
import { Enrolment, RecoveryCodes } from './enrolment.js';

/** What was changed just now; reading goes on there. */
export function Changed({ is, children }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => { if (is) box.current?.focus(); }, [is]);
  return is ? html`<div class="notice good" role="status" tabindex="-1" ref=${box}><p>${children}</p></div>` : null;
}

/** The end of a form that is opened and put away again; its first field has the focus. */
export function FormFoot({ form, open, isDanger = false, children }) {
  const foot = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => { /** @type {HTMLElement | null} */ (foot.current?.closest('form')?.querySelector('input') ?? null)?.focus(); }, []);
  return html`<div class="buttons" ref=${foot}>
    <${Submit} form=${form} isDanger=${isDanger}>${children}</${Submit}>
    <button type="button" class="link" onClick=${() => { open.value = ''; }}>${t('account.cancel')}</button></div>`;
}

export function ChangePassword({ open, changed, change, rule }) {
  const begin = () => { changed.value = ''; open.value = 'password'; };
  return html`<section aria-labelledby="password-title"><h2 id="password-title">${t('password')}</h2>
    <${Changed} is=${changed.value === 'password'}>${t('account.password.changed')}</${Changed}>
    ${open.value === 'password' ? html`<${PasswordForm} open=${open} change=${change} rule=${rule} />`
      : html`<div class="buttons"><button type="button" onClick=${begin}>${t('account.password.change')}</button></div>`}</section>`;
}

function PasswordForm({ open, change, rule }) {
  const form = useForm({ currentPassword: '', newPassword: '' });
  const send = () => {
    const { currentPassword, newPassword } = form.values.value;
    form.send(ChangePasswordOperation, { input: { currentPassword, newPassword } }, () => change('password'));
  };
  return html`<p>${t('account.password.what')}</p><${FormBox} form=${form} onSubmit=${send}>
    <${PasswordField} form=${form} name="currentPassword" label=${t('password.current')} autocomplete="current-password" maxlength="256" />
    <${PasswordField} form=${form} name="newPassword" label=${t('password.new')} hint=${rule.helpText} autocomplete="new-password"
      maxlength=${rule.maxLength} />
    <${FormFoot} form=${form} open=${open}>${t('account.password.change')}</${FormFoot}>
  </${FormBox}>`;
}

export function SecondFactor({ open, changed, change }) {
  const { isEnrolled, isRequired, recoveryCodesLeft } = person.value.secondFactor;
  const begin = (event) => { changed.value = ''; open.value = event.currentTarget.value; };
  const close = () => change('');
  return html`<section aria-labelledby="factor"><h2 id="factor">${t('account.factor')}</h2>
    <p>${t(isEnrolled ? 'account.factor.on' : isRequired ? 'account.factor.needed' : 'account.factor.off')}
      ${isEnrolled && html`${' '}${t('account.factor.codes', { count: recoveryCodesLeft })}`}</p>
    ${open.value === 'factor' ? html`<${Enrolment} onDone=${close} onCancel=${() => { open.value = ''; }} />`
      : open.value === 'codes' ? html`<${Renew} open=${open} onDone=${close} />`
        : html`<div class="buttons">
          <button type="button" value="factor" onClick=${begin}>${t(isEnrolled ? 'account.factor.other' : 'account.factor.begin')}</button>
          ${isEnrolled && html`<button type="button" value="codes" onClick=${begin}>${t('account.codes.renew')}</button>`}</div>`}</section>`;
}

function Renew({ open, onDone }) {
  const form = useForm({ code: '' });
  const codes = useSignal(/** @type {string[] | null} */ (null));
  const send = () => form.send(RenewRecoveryCodes, { input: { code: form.values.value.code } }, (payload) => {
    codes.value = payload.recoveryCodes;
    person.value = { ...person.value, secondFactor: { ...person.value.secondFactor, recoveryCodesLeft: payload.recoveryCodes.length } };
  });
  if (codes.value) return html`<${RecoveryCodes} codes=${codes.value} onDone=${onDone} />`;
  return html`<p>${t('account.codes.what')}</p><${FormBox} form=${form} onSubmit=${send}>
    <${TextField} form=${form} name="code" label=${t('enrol.first')} class="short" inputmode="numeric" autocomplete="one-time-code" maxlength="10" />
    <${FormFoot} form=${form} open=${open}>${t('account.codes.renew')}</${FormFoot}>
  </${FormBox}>`;
}

export function Sessions({ sessions, changed, change }) {
  const form = useForm({});
  const end = (id) => form.send(EndSession, { input: { id } }, () => change('session'));
  const endOthers = () => form.send(EndOtherSessions, {}, () => change('sessions'));
  return html`<section aria-labelledby="sessions"><h2 id="sessions">${t('account.sessions')}</h2>
    <${Changed} is=${changed.value === 'session'}>${t('account.session.ended')}</${Changed}>
    <${Changed} is=${changed.value === 'sessions'}>${t('account.sessions.ended')}</${Changed}>
    ${form.problems.value.map((each) => html`<p class="problem" role="alert">${each.message}</p>`)}
    <p>${t('account.sessions.what')}</p>
    <ul class="rows">${sessions.map((each) => html`<${Row} key=${each.id} session=${each} isBusy=${form.isBusy.value} onEnd=${() => end(each.id)} />`)}</ul>
    ${sessions.length > 1 && html`<div class="buttons">
      <button type="button" onClick=${endOthers} aria-disabled=${form.isBusy.value}>${t('account.sessions.end')}</button></div>`}</section>`;
}

function Row({ session: { device, createdAt, lastSeenAt, isCurrent }, isBusy, onEnd }) {
  const seen = lastSeenAt && html`${' · '}${t('account.session.seen', { at: dateTime(lastSeenAt) })}`;
  return html`<li><div><p><strong>${device}</strong>${isCurrent && html`${' '}<span class="tag">${t('account.session.this')}</span>`}</p>
      <p class="hint">${t('account.session.begun', { at: dateTime(createdAt) })}${seen}</p></div>
    ${!isCurrent && html`<button type="button" onClick=${onEnd} aria-disabled=${isBusy}>${t('account.session.end')}
      <span class="unseen">${' '}${device}, ${dateTime(createdAt)}</span></button>`}</li>`;
}
