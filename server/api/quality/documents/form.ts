/** What stands in each kind of document, in which order: for its form and its report. Browser-safe. */
import { CAUSE_GROUPS, type DocumentKind, FOUND_IN, PLAN_PHASES, SEVERITIES } from './content.ts'
import type { DocumentWords } from './words/en.ts'

export type FieldName = keyof DocumentWords['fields']

export type Spec = { field: FieldName } & (
  | { as: 'text' | 'area' | 'day' | 'number' | 'machine' | 'lines' | 'actions' | 'dispositions' | 'team' | 'rows' }
  | { as: 'choice'; values: readonly (keyof DocumentWords['choices'])[]; isOptional?: true }
)
export interface Part {
  id: keyof DocumentWords['sections']
  /** Each row stands side by side where there is room. */
  rows: readonly (readonly Spec[])[]
}

const text = (field: FieldName): Spec => ({ field, as: 'text' })
const area = (field: FieldName): Spec => ({ field, as: 'area' })
const day = (field: FieldName): Spec => ({ field, as: 'day' })
const number = (field: FieldName): Spec => ({ field, as: 'number' })
const actions = (field: FieldName): Spec => ({ field, as: 'actions' })
const machine: Spec = { field: 'machineId', as: 'machine' }
const part = [text('part'), text('partRevision')]
const who = [text('owner'), day('dueOn')]

export const FORMS: Record<DocumentKind, readonly Part[]> = {
  ncr: [
    {
      id: 'what',
      rows: [
        [text('title')],
        [
          { field: 'foundIn', as: 'choice', values: FOUND_IN },
          { field: 'severity', as: 'choice', values: SEVERITIES },
        ],
        [area('requirement'), area('found')],
        [text('where')],
        who,
      ],
    },
    {
      id: 'parts',
      rows: [
        part,
        [number('quantity'), number('suspect')],
        [text('lot'), text('workOrder')],
        [machine, text('operation')],
        [{ field: 'serials', as: 'lines' }],
      ],
    },
    { id: 'containment', rows: [[area('containment')]] },
    { id: 'disposition', rows: [[{ field: 'dispositions', as: 'dispositions' }], [area('justification')]] },
    { id: 'carriedOut', rows: [[area('carriedOut')]] },
  ],
  capa: [
    { id: 'problem', rows: [[text('title')], [{ field: 'type', as: 'choice', values: ['corrective', 'preventive'] }, machine], part, [area('problem')], who] },
    {
      id: 'cause',
      rows: [[{ field: 'whys', as: 'lines' }], [{ field: 'causeGroup', as: 'choice', values: CAUSE_GROUPS, isOptional: true }], [area('rootCause')]],
    },
    { id: 'actions', rows: [[actions('actions')]] },
    { id: 'effect', rows: [[area('criterion')], [day('checkOn')], [area('checked')]] },
  ],
  '8d': [
    { id: 'd0', rows: [[text('title')], [text('customer'), machine], part, [area('emergency')], who] },
    { id: 'd1', rows: [[{ field: 'team', as: 'team' }]] },
    { id: 'd2', rows: [[area('what')], [text('where')], [day('since'), number('quantity')]] },
    { id: 'd3', rows: [[actions('containment')]] },
    { id: 'd4', rows: [[{ field: 'whys', as: 'lines' }], [area('rootCause'), area('escapeCause')]] },
    { id: 'd5', rows: [[actions('corrective')], [area('verification')]] },
    { id: 'd6', rows: [[area('validation')]] },
    { id: 'd7', rows: [[actions('prevention')]] },
    { id: 'd8', rows: [[area('closing')]] },
  ],
  'control-plan': [
    { id: 'plan', rows: [[text('title')], part, [{ field: 'phase', as: 'choice', values: PLAN_PHASES }, text('team')], who] },
    { id: 'rows', rows: [[{ field: 'rows', as: 'rows' }]] },
  ],
}
