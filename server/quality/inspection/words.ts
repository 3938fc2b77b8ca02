/** What stands on the paper of an inspection besides the names of its fields. */
import type { ReportLanguage } from '../reports/index.ts'

const en = {
  firstArticle: 'First-article inspection report (AS9102 Rev C)',
  inspection: 'Inspection report',
  formOne: 'Form 1: Part Number Accountability',
  formTwo: 'Form 2: Product Accountability (materials, special processes, functional tests)',
  formThree: 'Form 3: Characteristic Accountability, Verification and Compatibility Evaluation',
  results: 'Results',
  noProduct: 'No materials, special processes or functional tests are listed.',
  piece: 'Part',
  name: 'Name',
  drawing: 'Drawing',
  workOrder: 'Work order',
  quantity: 'Parts inspected',
  verified: 'Verified by',
  decided: 'Decided by',
  states: { open: 'Open: not signed', verified: 'Verified, not decided', accepted: 'Accepted', rejected: 'Rejected', withdrawn: 'Withdrawn' },
  scopes: { detail: 'Detail FAI', assembly: 'Assembly FAI' },
  extents: { full: 'Full FAI', partial: 'Partial FAI' },
  approvals: { yes: 'yes', no: 'no', 'not-required': 'not required' },
  verdicts: { yes: 'conforms', no: 'does not conform' },
}
const de: typeof en = {
  firstArticle: 'Erstmusterprüfbericht (AS9102 Rev. C)',
  inspection: 'Prüfbericht',
  formOne: 'Formblatt 1: Nachweis der Teilenummern',
  formTwo: 'Formblatt 2: Nachweis des Produkts (Werkstoffe, besondere Prozesse, Funktionsprüfungen)',
  formThree: 'Formblatt 3: Nachweis der Merkmale, Prüfung und Bewertung',
  results: 'Ergebnisse',
  noProduct: 'Keine Werkstoffe, besonderen Prozesse oder Funktionsprüfungen angegeben.',
  piece: 'Teil',
  name: 'Benennung',
  drawing: 'Zeichnung',
  workOrder: 'Auftrag',
  quantity: 'Geprüfte Teile',
  verified: 'Geprüft von',
  decided: 'Entschieden von',
  states: {
    open: 'Offen: nicht unterschrieben',
    verified: 'Geprüft, nicht entschieden',
    accepted: 'Angenommen',
    rejected: 'Zurückgewiesen',
    withdrawn: 'Zurückgezogen',
  },
  scopes: { detail: 'Einzelteil', assembly: 'Baugruppe' },
  extents: { full: 'Vollständige FAI', partial: 'Teil-FAI' },
  approvals: { yes: 'ja', no: 'nein', 'not-required': 'nicht nötig' },
  verdicts: { yes: 'entspricht', no: 'entspricht nicht' },
}
const WORDS: Record<ReportLanguage, typeof en> = { en, de }
export const faiWords = (language: ReportLanguage): typeof en => WORDS[language]
