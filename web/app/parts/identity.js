// What tells people apart besides their identity document: names, date of birth.
// @ts-check
import { html } from '../base.js';
import { month, t } from '../texts.js';
import { Field, TextField } from './basics.js';

/** @param {any} props */
export function NameFields({ form }) {
  return html`<${TextField} form=${form} name="givenNames" label=${t('names.given')} hint=${t('names.hint')} autocomplete="given-name"
    autocapitalize="words" spellcheck=${false} maxlength="100" />
    <${TextField} form=${form} name="firstSurname" label=${t('names.first')} autocomplete="family-name" autocapitalize="words" spellcheck=${false}
      maxlength="100" />
    <${TextField} form=${form} name="secondSurname" label=${t('names.second')} hint=${t('names.second.hint')} isOptional=${true} autocomplete="off"
      autocapitalize="words"
      spellcheck=${false} maxlength="100" />`;
}

const MONTHS = Array.from({ length: 12 }, (_, at) => at + 1);

/** Day, month and year apart: nobody leafs through a calendar back to the year of their birth. @param {any} props */
export function BirthDateField({ form }) {
  const part = (name) => ({ value: form.values.value[name] ?? '', onInput: (event) => form.set(name, event.target.value.trim()) });
  return html`<${Field} form=${form} name="birthDate" label=${t('birth')} hint=${t('birth.hint')}
    isGroup=${true}>${({ id, ...attributes }) => html`<div class="date">
    <label>${t('birth.day')}<input id=${id} ...${attributes} ...${part('birthDay')} name="birthDay" inputmode="numeric" maxlength="2"
      autocomplete="bday-day" /></label>
    <label>${t('birth.month')}<select ...${part('birthMonth')} name="birthMonth" autocomplete="bday-month"><option value=""></option>
      ${MONTHS.map((each) => html`<option value=${each} key=${each}>${month(each)}</option>`)}</select></label>
    <label>${t('birth.year')}<input ...${part('birthYear')} name="birthYear" inputmode="numeric" maxlength="4" autocomplete="bday-year" /></label>
  </div>`}</${Field}>`;
}

/** The date as the API takes it; what is no day, the API says. @param {Record<string, any>} values */
function birthDate({ birthDay = '', birthMonth = '', birthYear = '' }) {
  const digits = (text, length) => text.replace(/\D/g, '').padStart(length, '0').slice(-length);
  return `${digits(birthYear, 4)}-${digits(birthMonth, 2)}-${digits(birthDay, 2)}`;
}

/** @param {Record<string, any>} values */
export const identityOf = ({ identityKind, identityNumber }) => ({ identityKind, identityNumber });
/** @param {Record<string, any>} values */
export const namesOf = ({ givenNames, firstSurname, secondSurname }) =>
  ({ givenNames, firstSurname, secondSurname: secondSurname.trim() ? secondSurname : null });
/** @param {Record<string, any>} values */
export const personalDataOf = (values) => ({ ...identityOf(values), ...namesOf(values), birthDate: birthDate(values) });

/** What a form of personal data begins with. */
export const noPersonalData = () => ({
  identityKind: 'DNI', identityNumber: '', givenNames: '', firstSurname: '', secondSurname: '', birthDay: '', birthMonth: '', birthYear: '',
});
