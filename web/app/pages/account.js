// One's own account: contact, password, second factor, sessions, notices, personal data, closing.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { Account, SetNoticePreferences } from '../api.gen.js';
import { Facts, useForm } from '../parts/basics.js';
import { Contact } from '../parts/account-contact.js';
import { Closing, Kept } from '../parts/account-data.js';
import { Changed, ChangePassword, SecondFactor, Sessions } from '../parts/account-security.js';
import { CheckField } from '../parts/choices.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { arrive } from '../router.js';
import { counter, person } from '../session.js';
import { addTexts, dateTime, t } from '../texts.js';
import texts from '../../texts/es-PE.account.js';

addTexts(texts);

export default function AccountPage() {
  const loaded = useLoaded(Account, {});
  // One form at a time is open, so the ids of its fields are those of the API.
  const open = useSignal('');
  const changed = useSignal('');
  const change = (/** @type {string} */ key) => {
    changed.value = key;
    open.value = '';
    return loaded.again();
  };
  useEffect(() => arrive(t('account.title')), []);
  const shared = { open, changed, change };
  return html`<h1>${t('account.title')}</h1>
    <${Loaded} loaded=${loaded}>${({ ownRecovery, sessions, accountClosure, passwordPolicy, registrationForm }) => html`
      ${ownRecovery && html`<${Recovery} recovery=${ownRecovery} />`}
      <${Identity} />
      <${Contact} ...${shared} rule=${registrationForm} />
      <${ChangePassword} ...${shared} rule=${passwordPolicy} />
      <${SecondFactor} ...${shared} />
      <${Sessions} ...${shared} sessions=${sessions} />
      <${Notices} ...${shared} />
      <${Kept} />
      <${Closing} ...${shared} closure=${accountClosure} />`}</${Loaded}>`;
}

/** Somebody asked for a new password by personal data: perhaps not the holder. */
function Recovery({ recovery: { askedAt, takesEffectAt, changesEmail, changesMobile } }) {
  const one = changesEmail ? 'account.recovery.email' : changesMobile ? 'account.recovery.mobile' : 'account.recovery.none';
  const changes = changesEmail && changesMobile ? 'account.recovery.both' : one;
  return html`<div class="notice bad" role="alert"><p><strong>${t('account.recovery', { at: dateTime(askedAt) })}</strong>
    ${' '}${t(changes)} ${takesEffectAt ? t('account.recovery.at', { at: dateTime(takesEffectAt) }) : t('account.recovery.desk')}</p>
    <p>${t('account.recovery.stop')}</p></div>`;
}

function Identity() {
  const { fullName, identityKind, identityNumber, appointedRole } = person.value;
  const kind = counter.value.identityKinds.find((each) => each.kind === identityKind);
  return html`<section aria-labelledby="who"><h2 id="who">${t('account.who')}</h2>
    <${Facts} rows=${[[t('account.name'), fullName], [kind?.label ?? identityKind, html`<span class="code">${identityNumber}</span>`]]} />
    <p class="hint">${t('account.who.hint')}</p>
    ${appointedRole === 'APPLICANT' && html`<p>${t('account.invited')}${' '}<a href="/invitacion">${t('account.invited.link')}</a></p>`}</section>`;
}

/** Which notices one gets: kept at once. */
function Notices({ changed }) {
  const form = useForm({ wantsCourtesyNotices: person.value.wantsCourtesyNotices });
  const save = (wantsCourtesyNotices) => form.send(SetNoticePreferences, { input: { wantsCourtesyNotices } }, (payload) => {
    person.value = payload.user;
    changed.value = 'notices';
  });
  return html`<section aria-labelledby="notices"><h2 id="notices">${t('account.notices')}</h2>
    <${Changed} is=${changed.value === 'notices'}>${t('account.notices.changed')}</${Changed}>
    <${CheckField} form=${form} name="wantsCourtesyNotices" label=${t('account.notices.label')} hint=${t('account.notices.hint')}
      onChange=${save} /></section>`;
}
