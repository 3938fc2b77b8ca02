/** Reports as files: PDF for people, CSV for spreadsheets and programs. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'
import { PointsOfStudy } from './charts.ts'

/** How a report is wanted. */
export const ReportForm = {
  format: Type.Enum(['pdf', 'csv'], { default: 'pdf' }),
  /** Of the PDF; names of columns in a CSV are always English, and its numbers have a point. */
  language: Type.Enum(['en', 'de'], { default: 'en' }),
  paper: Type.Enum(['a4', 'letter'], { default: 'a4' }),
}

export const CHARACTERISTIC_REPORTS = ['chart', 'capability', 'measurements'] as const
const Query = Type.Object({ ...PointsOfStudy.properties, ...ReportForm })
export type CharacteristicReportQuery = Static<typeof Query>

export const getCharacteristicReport = route({
  id: 'getCharacteristicReport',
  method: 'get',
  path: '/api/quality/characteristics/:id/reports/:report',
  access: 'quality.view',
  tag: 'quality',
  summary: 'The control chart, the capability or the measurements of a characteristic, as PDF or CSV.',
  params: Type.Object({ id: Type.String({ maxLength: 64 }), report: Type.Enum([...CHARACTERISTIC_REPORTS]) }),
  query: Query,
  response: Type.Unknown({ description: 'application/pdf or text/csv' }),
  rawResponse: true,
  errors: ['characteristic-not-found', 'report-too-long', 'reports-busy'],
})
