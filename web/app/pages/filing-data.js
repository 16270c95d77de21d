// First step of a filing: who presents what, to whom.
// @ts-check
import { html, useEffect, useSignal } from '../base.js';
import { ask, SignedOut } from '../api.js';
import { CheckRuc, ReviewFiling } from '../api.gen.js';
import { FormBox, SelectField, sentenceOf, Submit, TextField } from '../parts/basics.js';
import { RadioField } from '../parts/choices.js';
import { addressOf, Foot, Step, stepOf } from '../parts/filing.js';
import { go, parameter } from '../router.js';
import { counter, person } from '../session.js';
import { day, hour, t } from '../texts.js';

const KINDS = ['APPLICATION', 'LETTER', 'OFFICIAL_LETTER', 'OTHER'];
const LONGEST_SUBJECT = 300, RUC_DIGITS = 11;
/** As they follow each other on the page: so their problems do, too. */
const FIELDS = ['organizationRuc', 'organizationName', 'officeCode', 'documentKind', 'documentNumber', 'folios', 'subject', 'contactEmail', 'contactMobile'];

export default function FilingDataPage({ id }) {
  return html`<${Step} id=${id} step="datos">${(draft) => html`<${Data} draft=${draft} />`}</${Step}>`;
}

function Data({ draft }) {
  const { form } = draft;
  const wanted = parameter('campo');
  useEffect(() => {
    if (wanted) document.getElementById(wanted)?.focus();
    else form.problems.value = [];
  }, []);
  const next = () => check(draft).then((isRight) => { if (isRight) go(addressOf(draft.id, wanted ? 'revisar' : 'archivos')); });
  return html`<h1>${t('filing.datos.title')}</h1>
    <p class="lead">${t('filing.datos.lead')}</p>
    <div onFocusOut=${() => draft.save()}>
    <${FormBox} form=${form} title=${t('filing.datos.title')} narrow=${false} onSubmit=${next}>
      <${Applicant} form=${form} />
      <${Destination} form=${form} />
      <${DocumentFields} form=${form} />
      <${ContactFields} form=${form} />
      <${Foot} draft=${draft}><${Submit} form=${form}>${t(wanted ? 'filing.to-review' : 'filing.next')}</${Submit}></${Foot}>
    </${FormBox}></div>`;
}

/** Ask the counter what is wrong with this step. @param {import('../draft.js').Draft} draft @returns {Promise<boolean>} */
async function check(draft) {
  const { form } = draft;
  if (form.isBusy.value) return false;
  form.isBusy.value = true;
  try {
    const [{ reviewFiling: review }] = await Promise.all([ask(ReviewFiling, { form: draft.input() }), draft.save()]);
    const all = review.problems.map(({ message, path }) => ({ message, field: path.slice(1).join('.') }));
    const problems = all.filter((each) => stepOf(each.field) === 'datos');
    const folios = problems.find((each) => each.field === 'folios');
    if (folios && form.values.value.folios.trim() && draft.input().folios === null) folios.message = t('filing.folios.digits');
    form.problems.value = problems.sort((one, other) => FIELDS.indexOf(one.field) - FIELDS.indexOf(other.field));
  } catch (error) {
    form.tell([{ field: '', message: sentenceOf(error) }], error instanceof SignedOut);
  } finally {
    form.isBusy.value = false;
  }
  return !form.problems.value.length && draft.status.value !== 'changed';
}

/** In whose name it is filed. */
function Applicant({ form }) {
  const choices = [['self', t('filing.self', { name: person.value.fullName })], ['company', t('filing.company')]];
  return html`<${RadioField} form=${form} name="applicant" label=${t('filing.applicant')} choices=${choices} />
    ${form.values.value.applicant === 'company' && html`<${Company} form=${form} />`}`;
}

function DocumentFields({ form }) {
  const most = LONGEST_SUBJECT;
  return html`<${RadioField} form=${form} name="documentKind" label=${t('filing.kind')} choices=${KINDS.map((kind) => [kind, t(`kind.${kind}`)])} />
    <div class="pair">
      <${TextField} form=${form} name="documentNumber" label=${t('filing.number')} hint=${t('filing.number.hint')}
        class="short" isOptional=${true} autocomplete="off" />
      <${TextField} form=${form} name="folios" label=${t('filing.folios')} hint=${t('filing.folios.hint')}
        class="short" inputmode="numeric" autocomplete="off" />
    </div>
    <${TextField} form=${form} name="subject" label=${t('filing.subject')} hint=${t('filing.subject.hint', { most })} rows="3" autocomplete="off" />
    <${Left} text=${form.values.value.subject} />`;
}

function ContactFields({ form }) {
  return html`<h2>${t('filing.contact')}</h2><p class="hint">${t('filing.contact.hint')}</p>
    <div class="pair">
      <${TextField} form=${form} name="contactEmail" label=${t('filing.email')} type="email" autocomplete="email" />
      <${TextField} form=${form} name="contactMobile" label=${t('filing.mobile')} type="tel" autocomplete="tel" />
    </div>`;
}

function Destination({ form }) {
  const offices = counter.value.offices.filter((each) => each.isOpenForFiling || each.code === form.values.value.officeCode);
  const chosen = offices.find((each) => each.code === form.values.value.officeCode);
  const hint = chosen ? t('filing.office.hours', { from: hour(chosen.hours.opensAt), to: hour(chosen.hours.closesAt) }) : t('filing.office.hint');
  return html`<${SelectField} form=${form} name="officeCode" label=${t('filing.office')} hint=${hint} empty=${t('filing.choose')}
    choices=${offices.map((each) => [each.code, each.name])} />`;
}

/** How many characters are left, once that is of interest. */
function Left({ text }) {
  const left = LONGEST_SUBJECT - [...text].length;
  return html`<p class="hint left" role="status">${left > 50 ? '' : left >= 0 ? t('filing.left', { count: left }) : t('filing.over', { count: -left })}</p>`;
}

/** In the name of a company: its RUC, as far as it can be checked here. */
function Company({ form }) {
  const checked = useSignal(/** @type {any} */ (null));
  const isBusy = useSignal(false);
  const ruc = form.values.value.organizationRuc.trim();
  const look = async () => {
    if (isBusy.value || checked.value?.ruc === ruc) return;
    isBusy.value = true;
    try {
      const { validateRuc } = await ask(CheckRuc, { ruc });
      checked.value = { ...validateRuc, ruc };
      if (validateRuc.name && !form.values.value.organizationName.trim()) form.set('organizationName', validateRuc.name);
    } catch (error) { checked.value = { trouble: sentenceOf(error) }; }
    isBusy.value = false;
  };
  const found = checked.value?.ruc === ruc || checked.value?.trouble ? checked.value : null;
  return html`<div class="inset">
    <${TextField} form=${form} name="organizationRuc" label=${t('filing.ruc')} hint=${t('filing.ruc.hint')}
      class="short" inputmode="numeric" autocomplete="off" onLeave=${() => { if (ruc.length === RUC_DIGITS) look(); }} />
    <p><button type="button" aria-disabled=${isBusy.value} onClick=${look}>${t('filing.ruc.check')}</button></p>
    <div role="status">${isBusy.value ? html`<p class="hint">${t('wait')}</p>` : found && html`<${Taxpayer} found=${found} />`}</div>
    <${TextField} form=${form} name="organizationName" label=${t('filing.company-name')} hint=${t('filing.company-name.hint')} autocomplete="organization" />
    <p class="hint">${t('filing.company.proof')}</p>
  </div>`;
}

/** What is known of a RUC, and what is not. */
function Taxpayer({ found }) {
  if (found.trouble || !found.isWellFormed) return html`<p class="problem">${found.trouble ?? found.problem}</p>`;
  return html`<div class=${`notice${found.name && !found.problem ? ' good' : ''}`}>
    ${found.name && html`<p><strong>${found.name}</strong></p><p>${t('filing.ruc.state', { state: found.state, condition: found.condition })}</p>`}
    ${found.problem && html`<p>${found.problem}</p>`}
    ${found.isRegisterLoaded
      ? html`<p class="hint">${t('filing.ruc.register', { day: day(found.registerDate) })}</p>`
      : html`<p>${t('filing.ruc.unknown')}</p>`}
  </div>`;
}
