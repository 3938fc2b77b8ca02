/** What stands in the report of a study, in both languages. */
import type { Study, StudyResult } from '../../api/index.ts'
import type { ReportLanguage } from '../reports/index.ts'

type Source = Extract<StudyResult, { kind: 'crossed' }>['lines'][number]['source']
type AnovaSource = NonNullable<Extract<StudyResult, { kind: 'crossed' }>['table']>[number]['source']

export interface StudyWords {
  title: string
  facts: Record<'gauge' | 'characteristic' | 'tolerance' | 'parts' | 'appraisers' | 'trials' | 'method' | 'limits' | 'plan' | 'readings', string>
  methods: { 'average-and-range': string; anova: (errorTerm: 'interaction' | 'equipment') => string; bias: string }
  limitsOf: (acceptable: string, unacceptable: string, ndc: string, of: 'study' | 'tolerance', source: string) => string
  verdicts: Record<NonNullable<Study['closing']>['verdict'], string>
  byLimits: string
  decided: string
  open: string
  headings: Record<'variation' | 'anova' | 'pooled' | 'byPart' | 'byAppraiser' | 'bias' | 'linearity' | 'readings', string>
  columns: Record<'source' | 'sd' | 'variance' | 'contribution' | 'study' | 'tolerance', string>
  sources: Record<Source, string>
  anovaSources: Record<AnovaSource, string>
  grr: string
  ndc: string
  biasColumns: readonly string[]
  line: (intercept: string, slope: string, rSquared: string) => string
  readingColumns: readonly string[]
  corrected: string
  yes: string
  no: string
}

const en: StudyWords = {
  title: 'Gauge study',
  facts: {
    gauge: 'Gauge',
    characteristic: 'Characteristic',
    tolerance: 'Tolerance width',
    parts: 'Parts',
    appraisers: 'Appraisers',
    trials: 'Trials',
    method: 'Method',
    limits: 'Limits',
    plan: 'Plan, revision',
    readings: 'Readings',
  },
  methods: { 'average-and-range': 'Average and range', anova: (errorTerm) => `Analysis of variance, F against the ${errorTerm}`, bias: 'Bias and linearity' },
  limitsOf: (acceptable, unacceptable, ndc, of, source) =>
    `acceptable below ${acceptable} %, not above ${unacceptable} % of the ${of === 'study' ? 'study variation' : 'tolerance'}; ${ndc} categories or more (${source})`,
  verdicts: { accepted: 'Accepted', conditional: 'Conditionally accepted', rejected: 'Rejected' },
  byLimits: 'By the limits',
  decided: 'Decided',
  open: 'Not closed: nobody has given a verdict yet.',
  headings: {
    variation: 'Components of variation',
    anova: 'Analysis of variance',
    pooled: 'Analysis of variance, interaction pooled',
    byPart: 'Readings by part',
    byAppraiser: 'Readings by appraiser',
    bias: 'Bias',
    linearity: 'Linearity',
    readings: 'Readings',
  },
  columns: { source: 'Source', sd: 'Std. deviation', variance: 'Variance', contribution: '% contribution', study: '% study var.', tolerance: '% tolerance' },
  sources: {
    'gage-rr': 'Gage R&R',
    repeatability: 'Repeatability',
    reproducibility: 'Reproducibility',
    appraiser: 'Appraiser',
    interaction: 'Appraiser × part',
    part: 'Part to part',
    total: 'Total',
  },
  anovaSources: { part: 'Part', appraiser: 'Appraiser', interaction: 'Appraiser × part', equipment: 'Repeatability', total: 'Total' },
  grr: '%GRR',
  ndc: 'Distinct categories',
  biasColumns: ['Part', 'Reference', 'n', 'Mean', 'Bias', 'Interval', 't', 'p', '0 in it'],
  line: (intercept, slope, rSquared) => `Bias = ${intercept} + ${slope} × reference, R² ${rSquared} %`,
  readingColumns: ['Part', 'Appraiser', 'Trial', 'Reading', 'By', 'At'],
  corrected: 'was',
  yes: 'yes',
  no: 'no',
}
const de: StudyWords = {
  title: 'Messsystemanalyse',
  facts: {
    gauge: 'Messgerät',
    characteristic: 'Merkmal',
    tolerance: 'Toleranzbreite',
    parts: 'Teile',
    appraisers: 'Prüfer',
    trials: 'Wiederholungen',
    method: 'Verfahren',
    limits: 'Grenzen',
    plan: 'Plan, Revision',
    readings: 'Messwerte',
  },
  methods: {
    'average-and-range': 'Mittelwert und Spannweite',
    anova: (errorTerm) => `Varianzanalyse, F gegen ${errorTerm === 'interaction' ? 'die Wechselwirkung' : 'das Messgerät'}`,
    bias: 'Systematische Abweichung und Linearität',
  },
  limitsOf: (acceptable, unacceptable, ndc, of, source) =>
    `geeignet unter ${acceptable} %, nicht über ${unacceptable} % der ${of === 'study' ? 'Gesamtstreuung' : 'Toleranz'}; ${ndc} Klassen oder mehr (${source})`,
  verdicts: { accepted: 'Geeignet', conditional: 'Bedingt geeignet', rejected: 'Nicht geeignet' },
  byLimits: 'Nach den Grenzen',
  decided: 'Entschieden',
  open: 'Nicht abgeschlossen: Noch niemand hat ein Urteil abgegeben.',
  headings: {
    variation: 'Anteile der Streuung',
    anova: 'Varianzanalyse',
    pooled: 'Varianzanalyse, Wechselwirkung zusammengefasst',
    byPart: 'Messwerte je Teil',
    byAppraiser: 'Messwerte je Prüfer',
    bias: 'Systematische Abweichung',
    linearity: 'Linearität',
    readings: 'Messwerte',
  },
  columns: { source: 'Quelle', sd: 'Standardabw.', variance: 'Varianz', contribution: '% Varianzanteil', study: '% Gesamtstr.', tolerance: '% Toleranz' },
  sources: {
    'gage-rr': 'Messsystem (GRR)',
    repeatability: 'Wiederholpräzision',
    reproducibility: 'Vergleichspräzision',
    appraiser: 'Prüfer',
    interaction: 'Prüfer × Teil',
    part: 'Teile',
    total: 'Gesamt',
  },
  anovaSources: { part: 'Teil', appraiser: 'Prüfer', interaction: 'Prüfer × Teil', equipment: 'Wiederholung', total: 'Gesamt' },
  grr: '%GRR',
  ndc: 'Unterscheidbare Klassen (ndc)',
  biasColumns: ['Teil', 'Referenz', 'n', 'Mittelwert', 'Abweichung', 'Intervall', 't', 'p', '0 darin'],
  line: (intercept, slope, rSquared) => `Abweichung = ${intercept} + ${slope} × Referenz, R² ${rSquared} %`,
  readingColumns: ['Teil', 'Prüfer', 'Wiederholung', 'Messwert', 'Von', 'Am'],
  corrected: 'war',
  yes: 'ja',
  no: 'nein',
}

export const studyWords = (language: ReportLanguage): StudyWords => (language === 'de' ? de : en)
