/** Where a person is in the set-up of a machine, and what they have entered so far: kept in the browser tab until it is done. */
import type { Survey } from '../../../server/api/motion.ts'
import { type Draft, linkOf, newDraft, type Part, problemsOf } from '../forms/draft.ts'

const STEPS = ['link', 'controller', 'settings', 'limits', 'rules', 'add', 'test'] as const
export type Step = (typeof STEPS)[number]

/** What a person saw when they pressed. */
export interface TestRecord {
  kind: 'hold' | 'stop'
  at: string
  by: string
  axis: string
  distanceMm: number
  feedMmPerMin: number
  /** From the press to the first report of standing. */
  standsAfterMs: number
  travelledMm: number
  isPositionTrusted: boolean
  didStop: boolean
}

export interface WizardState {
  step: Step
  draft: Draft
  survey: Survey | undefined
  /** The link that was surveyed, as text: another one makes the survey old. */
  surveyedLink: string | undefined
  /** The machine was added under this id. */
  addedId: string | undefined
  /** The draft as it was last saved, as text. */
  savedDraft: string | undefined
  tests: TestRecord[]
}

export function newWizard(): WizardState {
  return { step: 'link', draft: newDraft(), survey: undefined, surveyedLink: undefined, addedId: undefined, savedDraft: undefined, tests: [] }
}

/** A virtual machine gets its controller when it is added: there is nothing to ask before. */
export function stepsFor(draft: Draft): readonly Step[] {
  return draft.link.kind === 'virtual' ? STEPS.filter((step) => step !== 'controller' && step !== 'settings') : STEPS
}

export const PART_OF: Partial<Record<Step, Part>> = { link: 'link', limits: 'limits', rules: 'rules', add: 'name' }

/** The first step before `step` that is not right yet; adding needs them all. */
export function firstUnready(draft: Draft, step: Step): Step | undefined {
  const steps = stepsFor(draft)
  return steps.slice(0, steps.indexOf(step)).find((one) => {
    const part = PART_OF[one]
    return part !== undefined && problemsOf(draft, part).length > 0
  })
}

export const isSurveyCurrent = ({ survey, surveyedLink, draft }: WizardState) => survey !== undefined && surveyedLink === JSON.stringify(linkOf(draft.link))

/** What a survey tells goes into fields that are still empty; nothing typed is overwritten. */
export function withSurvey(state: WizardState, survey: Survey): WizardState {
  const { draft } = state
  const isEmpty = [...draft.envelope.min, ...draft.envelope.max].every((value) => value === '')
  const envelope = survey.envelopeMm && isEmpty ? { min: survey.envelopeMm.min, max: survey.envelopeMm.max } : draft.envelope
  return {
    ...state,
    survey,
    surveyedLink: JSON.stringify(linkOf(draft.link)),
    draft: { ...draft, envelope: { min: [...envelope.min], max: [...envelope.max] } },
  }
}

/** A small mill, for a machine that can be of any size. */
const VIRTUAL_TRAVEL = { min: [-20, -20, -60], max: [380, 280, 40] } as const

/** A virtual machine has no settings to read its travel from: it gets one that programs of every day fit into. */
export function withVirtualTravel(state: WizardState): WizardState {
  const { draft } = state
  if (draft.link.kind !== 'virtual' || [...draft.envelope.min, ...draft.envelope.max].some((value) => value !== '')) return state
  return { ...state, draft: { ...draft, envelope: { min: [...VIRTUAL_TRAVEL.min], max: [...VIRTUAL_TRAVEL.max] } } }
}

const KEY = 'cellwright-machine-wizard'

/** Keeps what was entered for this tab; passwords are not kept. */
export function keep(state: WizardState): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...state, draft: { ...state.draft, linuxcnc: { connectPassword: '', enablePassword: '' } } }))
  } catch {
    // storage may be forbidden or full: the wizard then lasts as long as the page
  }
}

export function kept(): WizardState | undefined {
  try {
    const text = sessionStorage.getItem(KEY)
    const state = text ? (JSON.parse(text) as WizardState) : undefined
    return state && STEPS.includes(state.step) && typeof state.draft?.link?.kind === 'string' ? state : undefined
  } catch {
    // written by an older version: begin anew
    return undefined
  }
}

/** A machine that was added here and removed since has to be added again; what was entered stays. */
export function stillTrue(state: WizardState | undefined, machines: readonly { id: string }[]): WizardState | undefined {
  if (!state?.addedId || machines.some(({ id }) => id === state.addedId)) return state
  return { ...state, step: state.step === 'test' ? 'add' : state.step, addedId: undefined, savedDraft: undefined, tests: [] }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY)
  } catch {
    // storage may be forbidden
  }
}
