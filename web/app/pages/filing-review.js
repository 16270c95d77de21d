// Last step of a filing: all answers, what is doubtful, the legal date; and the sending, once.
// @ts-check
import { html, useEffect, useRef, useSignal } from '../base.js';
import { ask, problemsOf, SignedOut } from '../api.js';
import { PolicyInForce, ReviewFiling } from '../api.gen.js';
import { file } from '../filing.js';
import { ErrorSummary, Facts, sentenceOf } from '../parts/basics.js';
import { CheckField } from '../parts/choices.js';
import { Dialog } from '../parts/dialog.js';
import { addressOf, Foot, Step, stepOf } from '../parts/filing.js';
import { Loaded, useLoaded } from '../parts/loaded.js';
import { go } from '../router.js';
import { counter, person } from '../session.js';
import { day, mobile, shortDay, size, t } from '../texts.js';

export default function FilingReviewPage({ id }) {
  return html`<${Step} id=${id} step="revisar">${(draft) => html`<${Page} draft=${draft} />`}</${Step}>`;
}

function Page({ draft }) {
  const policy = useLoaded(PolicyInForce, {});
  return html`<${Loaded} loaded=${policy}>${(data) => html`<${Policed} draft=${draft} policy=${data.privacyPolicy} />`}</${Loaded}>`;
}

function Policed({ draft, policy }) {
  // As if it were accepted: what is asked for only below is no problem yet.
  const review = useLoaded(ReviewFiling, { form: { ...draft.input(), acceptedPrivacyPolicy: policy.version } });
  const renew = (/** @type {any} */ reviewFiling) => review.set({ reviewFiling });
  return html`<${Loaded} loaded=${review}>${({ reviewFiling }) => html`
    <${Reviewed} draft=${draft} policy=${policy} review=${reviewFiling} onReview=${renew} />`}</${Loaded}>`;
}

function Reviewed({ draft, policy, review, onReview }) {
  const { form } = draft;
  const isOpen = useSignal(false);
  const isBusy = useSignal(false);
  useEffect(() => { form.problems.value = linked(draft, review.problems); }, []);
  /** The date and the problems of this moment are shown before one confirms. */
  const confirm = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      const [{ reviewFiling }] = await Promise.all([ask(ReviewFiling, { form: draft.input() }), draft.save()]);
      form.problems.value = linked(draft, reviewFiling.problems);
      onReview(reviewFiling);
      isOpen.value = reviewFiling.isReady && draft.status.value !== 'changed';
    } catch (error) { form.tell([{ field: '', message: sentenceOf(error) }], error instanceof SignedOut); }
    isBusy.value = false;
  };
  return html`<${ErrorSummary} problems=${form.problems.value} title=${t('filing.revisar.title')} />
    <h1>${t('filing.revisar.title')}</h1>
    <${Answers} draft=${draft} />
    <${Doubts} draft=${draft} doubts=${review.doubts} />
    <${LegalDate} review=${review} />
    <${Policy} form=${form} policy=${policy} />
    <${Foot} draft=${draft} back="archivos">
      <button type="button" class="primary" aria-disabled=${isBusy.value} onClick=${confirm}>${t('filing.send')}</button></${Foot}>
    <${Confirmation} draft=${draft} review=${review} isOpen=${isOpen} />`;
}

/** What one agrees to, in the version that one read. */
function Policy({ form, policy: { version, text } }) {
  const accepted = form.values.value.acceptedPrivacyPolicy;
  if (accepted && accepted !== version) form.set('acceptedPrivacyPolicy', null);
  const accept = (/** @type {boolean} */ isAccepted) => form.set('acceptedPrivacyPolicy', isAccepted ? version : null);
  return html`<h2>${t('filing.policy')}</h2>
    <details class="policy"><summary>${t('filing.policy.read', { version })}</summary><div class="policy-text">${text}</div></details>
    <${CheckField} form=${form} name="acceptedPrivacyPolicy" label=${t('filing.policy.accept')} onChange=${accept} />`;
}

/** Problems with the way to their fields. @param {import('../draft.js').Draft} draft @param {any[]} problems */
function linked(draft, problems) {
  return problems.map(({ code, message, path }) => {
    const field = draft.files.fieldOf(path[0] === 'input' ? path.slice(1) : path);
    const step = stepOf(field);
    return { code, message, field, href: step === 'revisar' || !field ? undefined : addressAt(draft, field) };
  });
}

const addressAt = (draft, field) => `${addressOf(draft.id, stepOf(field))}?campo=${field}`;

function Answers({ draft }) {
  const { main, annexes } = draft.files;
  const values = draft.form.values.value;
  const files = annexes.value.filter((each) => each.id);
  const row = (/** @type {string} */ words, /** @type {any} */ value, /** @type {string} */ field) =>
    [words, value || t('filing.missing'), html`<${ToChange} address=${addressAt(draft, field)} words=${words} />`];
  return html`<${Facts} rows=${[
    row(t('filing.applicant.short'), applicantOf(values), 'applicant'),
    row(t('filing.office.short'), officeOf(draft)?.name, 'officeCode'),
    row(t('filing.kind'), values.documentKind && t(`kind.${values.documentKind}`), 'documentKind'),
    row(t('filing.number'), values.documentNumber.trim() || t('filing.number.none'), 'documentNumber'),
    row(t('filing.folios'), values.folios, 'folios'),
    row(t('filing.subject'), values.subject, 'subject'),
    row(t('files.main'), main.value?.id && named(main.value), 'mainUpload'),
    row(t('files.annexes'), files.length ? html`<${Annexes} files=${files} />` : t('files.none'), 'annexUploads.0'),
    row(t('filing.email'), values.contactEmail.trim() || person.value.email, 'contactEmail'),
    row(t('filing.mobile'), mobile(values.contactMobile.trim() || person.value.mobile), 'contactMobile'),
  ]} />`;
}

const ToChange = ({ address, words }) => html`<a href=${address}>${t('filing.change')}<span class="unseen"> ${words.toLowerCase()}</span></a>`;

/** @param {Record<string, string>} values */
function applicantOf({ applicant, organizationName, organizationRuc }) {
  const { fullName } = person.value;
  const company = `${organizationName}, RUC ${organizationRuc}`;
  return applicant === 'company' ? html`${company}<br />${t('filing.by', { name: fullName })}` : fullName;
}

/** @param {import('../draft.js').Draft} draft */
const officeOf = (draft) => counter.value.offices.find((each) => each.code === draft.form.values.value.officeCode);

const named = ({ name, sizeBytes }) => html`${name}${' '}<span class="hint">${size(sizeBytes)}</span>`;
const Annexes = ({ files }) => html`<ul class="plain">${files.map((each) => html`<li key=${each.key}>${named(each)}</li>`)}</ul>`;

/** An empty number is no slip: the field asks to leave it so, and the review shows it. */
const isDoubt = ({ code }) => code !== 'WITHOUT_NUMBER';

/** What should be looked at again, and keeps nothing from being sent. */
function Doubts({ draft, doubts: all }) {
  const doubts = all.filter(isDoubt);
  if (!doubts.length) return null;
  return html`<section class="notice" aria-labelledby="doubts"><h2 id="doubts">${t('filing.doubts', { count: doubts.length })}</h2>
    <ul>${doubts.map(({ message, path }) => html`<li>${message}${' '}
      <a href=${addressAt(draft, draft.files.fieldOf(path.slice(1)))}>${t('filing.look')}<span class="unseen">: ${message}</span></a></li>`)}</ul>
    <p>${t('filing.doubts.what')}</p></section>`;
}

/** The date that the law gives it, and why. */
function LegalDate({ review }) {
  if (!review.filedOnIfSentNow) return null;
  return html`<section class="card legal-date" aria-labelledby="legal-date"><h2 id="legal-date">${t('filing.date')}</h2>
    <p class="when">${day(review.filedOnIfSentNow)}</p>
    ${review.message && html`<p>${review.message}</p>`}
    <p class="hint">${review.rule.text} (${review.rule.source})</p>
    ${review.skipped.length > 0 && html`<p class="hint">${t('filing.skipped')}</p>
      <ul class="hint">${review.skipped.map((each) => html`<li key=${each.day}>${shortDay(each.day)}: ${each.reason}</li>`)}</ul>`}</section>`;
}

/** Asks once more, then sends. */
function Confirmation({ draft, review, isOpen }) {
  const { state, send, close } = useSending(draft, isOpen);
  if (!review.filedOnIfSentNow) return null;  // Without an office there is nothing to confirm.
  return html`<${Dialog} isOpen=${isOpen.value} title=${t(state === 'sends' ? 'filing.sending' : 'filing.confirm')} onClose=${close}>
    ${state === 'sends'
      ? html`<p role="status">${t('filing.sending.what')}</p><progress aria-label=${t('filing.sending')}></progress>`
      : html`<${Asking} office=${officeOf(draft)?.name} review=${review} isLost=${state === 'lost'} onSend=${send} onClose=${close} />`}
  </${Dialog}>`;
}

/** The sending, once, also for whoever presses twice. lost: it had no answer. */
function useSending(draft, isOpen) {
  const state = useSignal(/** @type {'asks' | 'sends' | 'lost'} */ ('asks'));
  const isSending = useRef(false);
  const close = () => {
    isOpen.value = false;
    if (isSending.current) return;
    draft.isFiling = false;
    state.value = 'asks';
  };
  const send = async () => {
    if (isSending.current) return;
    isSending.current = true;
    state.value = 'sends';
    try {
      const payload = await file(draft);
      isSending.current = false;
      if (payload.tramite) go(`/tramites/${payload.tramite.number}?presentado`, { replace: true });
      else { tellRefusal(draft, payload); close(); }
    } catch {
      isSending.current = false;
      state.value = 'lost';
      isOpen.value = true;
    }
  };
  return { state: state.value, send, close };
}

/** @param {import('../draft.js').Draft} draft @param {any} payload */
function tellRefusal(draft, payload) {
  const problems = problemsOf(payload).map((each) => ({ ...each, path: each.field.split('.') }));
  draft.form.tell(linked(draft, problems), payload.__typename === 'NotSignedIn');
}

function Asking({ office, review, isLost, onSend, onClose }) {
  return html`${isLost && html`<p class="notice" role="alert">${t('filing.lost')}</p>`}
    <p>${t('filing.confirm.what', { office, day: day(review.filedOnIfSentNow) })}</p>
    ${review.message && html`<p class="notice">${review.message}</p>`}
    <div class="buttons">
      <button type="button" class="primary" onClick=${onSend}>${t(isLost ? 'filing.send-again' : 'filing.confirm.yes')}</button>
      <button type="button" onClick=${onClose}>${t('filing.confirm.no')}</button>
    </div>`;
}
