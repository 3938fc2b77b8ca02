/** What a document has to say before a move, and what of it is due when. Pure, browser-safe. */
import type { CapaContent, ContentOf, ControlPlanContent, DocumentAction, DocumentKind, EightDContent, KindAndContent, NcrContent } from './content.ts'
import type { MoveName } from './workflow.ts'

/** Fields that lack something, by their names; `dispositions-sum` when the parts disposed of are not as many as were found. */
export type Lack = string

const blank = (text: string | undefined) => !text?.trim()
const lacking = (facts: Readonly<Record<string, boolean>>): Lack[] => Object.keys(facts).filter((name) => facts[name])

const ncr: Partial<Record<MoveName, (content: NcrContent) => Lack[]>> = {
  contain: ({ found, quantity, containment }) => lacking({ found: blank(found), quantity: quantity === undefined, containment: blank(containment) }),
  propose: ({ found, requirement, quantity, containment, dispositions, justification }) => [
    ...lacking({
      found: blank(found),
      requirement: blank(requirement),
      quantity: quantity === undefined,
      containment: blank(containment),
      dispositions: dispositions.length === 0 || dispositions.some((row) => row.quantity < 1),
      // who lets parts pass, or works on them, says on what ground
      justification: dispositions.some(({ what }) => what === 'use-as-is' || what === 'repair') && blank(justification),
    }),
    ...(quantity !== undefined && dispositions.length > 0 && dispositions.reduce((sum, row) => sum + row.quantity, 0) !== quantity ? ['dispositions-sum'] : []),
  ],
  close: ({ carriedOut }) => lacking({ carriedOut: blank(carriedOut) }),
}

const isPlanned = ({ what, owner, dueOn }: DocumentAction) => !blank(what) && !blank(owner) && dueOn !== undefined
const isDone = ({ doneOn }: DocumentAction) => doneOn !== undefined

const capa: Partial<Record<MoveName, (content: CapaContent) => Lack[]>> = {
  plan: ({ problem, rootCause, actions, criterion, checkOn }) =>
    lacking({
      problem: blank(problem),
      rootCause: blank(rootCause),
      actions: actions.length === 0 || !actions.every(isPlanned),
      criterion: blank(criterion),
      checkOn: checkOn === undefined,
    }),
  finish: ({ actions }) => lacking({ actions: actions.length === 0 || !actions.every((one) => isPlanned(one) && isDone(one)) }),
  effective: ({ checked }) => lacking({ checked: blank(checked) }),
}

const team = ({ team: people }: EightDContent) => people.filter(({ name }) => !blank(name)).length < 2
const eightD: Partial<Record<MoveName, (content: EightDContent) => Lack[]>> = {
  'to-d1': ({ emergency }) => lacking({ emergency: blank(emergency) }),
  'to-d2': (content) => lacking({ team: team(content) }),
  'to-d3': ({ what, where, quantity }) => lacking({ what: blank(what), where: blank(where), quantity: quantity === undefined }),
  'to-d4': ({ containment }) => lacking({ containment: containment.length === 0 || !containment.every(isPlanned) }),
  'to-d5': ({ rootCause, escapeCause }) => lacking({ rootCause: blank(rootCause), escapeCause: blank(escapeCause) }),
  'to-d6': ({ corrective, verification }) =>
    lacking({ corrective: corrective.length === 0 || !corrective.every(isPlanned), verification: blank(verification) }),
  'to-d7': ({ corrective, validation }) => lacking({ corrective: !corrective.every(isDone), validation: blank(validation) }),
  'to-d8': ({ prevention }) => lacking({ prevention: prevention.length === 0 || !prevention.every(isPlanned) }),
  submit: ({ closing, containment, prevention }) =>
    lacking({ closing: blank(closing), containment: !containment.every(isDone), prevention: !prevention.every(isDone) }),
}

const plan: Partial<Record<MoveName, (content: ControlPlanContent) => Lack[]>> = {
  submit: ({ part, rows }) =>
    lacking({
      part: blank(part),
      rows: rows.length === 0 || rows.some((row) => blank(row.characteristic) || blank(row.specification) || blank(row.control)),
      reaction: rows.some(({ reaction }) => blank(reaction)),
    }),
}

const NEEDS: { [K in DocumentKind]: Partial<Record<MoveName, (content: ContentOf[K]) => Lack[]>> } = { ncr, capa, '8d': eightD, 'control-plan': plan }

/** What a document lacks for a move; empty when it may be made. */
export function lacks<K extends DocumentKind>(kind: K, move: MoveName, content: ContentOf[K]): Lack[] {
  return NEEDS[kind][move]?.(content) ?? []
}

/** Something of a document that somebody has to do until a day. */
export interface DueItem {
  /** `document`: the whole; `action`: a row of it; `check`: whether what was done has helped. */
  of: 'document' | 'action' | 'check'
  text: string
  owner?: string
  dueOn: string
}

/** What of a document that is not over is still to be done, the nearest first. */
export function dueItems(state: string, { kind, content }: KindAndContent): DueItem[] {
  const { title, owner, dueOn } = content
  const items: DueItem[] = dueOn === undefined ? [] : [{ of: 'document', text: title, dueOn, ...(owner ? { owner } : {}) }]
  const actions = (list: readonly DocumentAction[]) => {
    for (const one of list)
      if (one.doneOn === undefined && one.dueOn !== undefined)
        items.push({ of: 'action', text: one.what, dueOn: one.dueOn, ...(one.owner ? { owner: one.owner } : {}) })
  }
  if (kind === 'capa') {
    actions(content.actions)
    if (content.checkOn !== undefined && state === 'checking')
      items.push({ of: 'check', text: content.criterion ?? title, dueOn: content.checkOn, ...(owner ? { owner } : {}) })
  }
  if (kind === '8d') for (const list of [content.containment, content.corrective, content.prevention]) actions(list)
  return items.sort((a, b) => (a.dueOn < b.dueOn ? -1 : a.dueOn > b.dueOn ? 1 : 0))
}

/** Whether it is a day of the calendar: not the 31st of February. */
export function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
