// A second factor is set up: password, picture and seed for the telephone, its first code, and the codes that stand in for it.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { BeginSecondFactor, ConfirmSecondFactor } from '../api.gen.js';
import { person, welcome } from '../session.js';
import { t, time } from '../texts.js';
import { FormBox, PasswordField, Submit, TextField, useForm } from './basics.js';

/** @param {{title?: string, onDone: () => void, onCancel?: () => void}} props */
export function Enrolment({ title, onDone, onCancel }) {
  const offer = useSignal(/** @type {any} */ (null));
  const codes = useSignal(/** @type {string[] | null} */ (null));
  if (codes.value) return html`<${RecoveryCodes} codes=${codes.value} onDone=${onDone} />`;
  if (offer.value) return html`<${Confirm} title=${title} offer=${offer.value} onDone=${(found) => { codes.value = found; }}
    onAgain=${() => { offer.value = null; }} />`;
  return html`<${Begin} title=${title} onOffer=${(found) => { offer.value = found; }} onCancel=${onCancel} />`;
}

function Begin({ title, onOffer, onCancel }) {
  const form = useForm({ currentPassword: '', code: '' });
  const isAnother = person.value.secondFactor.isEnrolled;
  const send = () => {
    const { currentPassword, code } = form.values.value;
    form.send(BeginSecondFactor, { input: { currentPassword, code: isAnother ? code : null } }, onOffer);
  };
  return html`<${FormBox} form=${form} title=${title} onSubmit=${send}>
    <ol class="instructions"><li>${t('enrol.app')}</li><li>${t('enrol.password')}</li></ol>
    <${PasswordField} form=${form} name="currentPassword" label=${t('password.current')} autocomplete="current-password" maxlength="256" />
    ${isAnother && html`<${TextField} form=${form} name="code" label=${t('enrol.present')} hint=${t('code.hint')} autocomplete="one-time-code"
      autocapitalize="characters" maxlength="40" />`}
    <div class="buttons">
      <${Submit} form=${form}>${t('enrol.begin')}</${Submit}>
      ${onCancel && html`<button type="button" class="link" onClick=${onCancel}>${t('account.cancel')}</button>`}
    </div>
  </${FormBox}>`;
}

function Confirm({ title, offer, onDone, onAgain }) {
  const form = useForm({ code: '' });
  const heading = useHeading();
  const send = () => form.send(ConfirmSecondFactor, { input: { code: form.values.value.code } }, (payload) => {
    onDone(payload.recoveryCodes);
    welcome(payload.user);
  });
  return html`<h2 ref=${heading} tabindex="-1">${t('enrol.scan')}</h2>
    <p>${t('enrol.scan.what')}</p>
    <div class="offer"><img class="qr" src=${offer.qr} alt=${t('enrol.qr')} width="220" height="220" />
      <div><p>${t('enrol.seed')}</p>
        <p class="code seed"><strong>${offer.seed.replace(/(.{4})(?=.)/g, '$1 ')}</strong></p>
        <p class="hint">${t('enrol.until', { time: time(offer.expiresAt) })}</p></div></div>
    <${FormBox} form=${form} title=${title} onSubmit=${send}>
      <${TextField} form=${form} name="code" label=${t('enrol.first')} hint=${t('enrol.first.hint')} class="short" inputmode="numeric"
        autocomplete="one-time-code" maxlength="10" />
      <div class="buttons">
        <${Submit} form=${form}>${t('enrol.confirm')}</${Submit}>
        <button type="button" class="link" onClick=${onAgain}>${t('enrol.again')}</button>
      </div>
    </${FormBox}>`;
}

/** The codes that stand in for the telephone: shown this once, to be kept on paper. @param {{codes: string[], onDone: () => void}} props */
export function RecoveryCodes({ codes, onDone }) {
  const heading = useHeading();
  const copied = useSignal('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(codes.join('\n'));
      copied.value = t('codes.copied');
    } catch { copied.value = t('codes.not-copied'); }
  };
  return html`<h2 ref=${heading} tabindex="-1">${t('codes.title')}</h2>
    <p>${t('codes.what')}</p><p><strong>${t('codes.once')}</strong></p>
    <ul class="codes" aria-label=${t('codes.title')}>${codes.map((each) => html`<li class="code" key=${each}>${each}</li>`)}</ul>
    <div class="buttons">
      <button type="button" onClick=${() => print()}>${t('codes.print')}</button>
      <button type="button" onClick=${copy}>${t('codes.copy')}</button>
      <button type="button" class="primary" onClick=${onDone}>${t('codes.kept')}</button>
    </div>
    <p role="status">${copied.value}</p>`;
}

/** The heading of a step that came in place of another: reading goes on there. */
export function useHeading() {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => { heading.current?.focus(); }, []);
  return heading;
}
