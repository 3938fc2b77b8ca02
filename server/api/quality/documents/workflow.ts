/**
 * In which states documents are, which moves lead from one to another, who may make them, and what may still be written meanwhile: the
 * one table that server and pages ask. Pure, browser-safe.
 */
import type { Capability } from '../../access.ts'
import type { ContentOf, DocumentKind } from './content.ts'

/** How a move counts: `ask` puts it before a second person, who says `yes` or `no`. */
type MoveSense = 'on' | 'ask' | 'yes' | 'no' | 'back' | 'end'

export interface Move<State extends string = string> {
  from: readonly State[]
  to: State
  sense: MoveSense
  needs: Capability
  /** Whoever makes it has to say why. */
  reason?: true
}
export interface StateRule<Field extends string = string> {
  /** What may be written in it; nothing where it is left out. */
  writes?: 'all' | readonly Field[]
  /** Over: it is due no more. */
  isFinal?: true
}
export interface Workflow<State extends string = string, Field extends string = string> {
  begins: State
  states: Readonly<Record<State, StateRule<Field>>>
  moves: Readonly<Record<string, Move<State>>>
}

const workflow =
  <Kind extends DocumentKind>() =>
  <const State extends string, const Name extends string>(flow: {
    begins: NoInfer<State>
    states: Record<State, StateRule<keyof ContentOf[Kind] & string>>
    moves: Record<Name, Move<NoInfer<State>>>
  }) =>
    flow

const all = { writes: 'all' } as const

const WORKFLOWS = {
  ncr: workflow<'ncr'>()({
    begins: 'open',
    states: {
      open: all,
      contained: all,
      /** What is proposed stays as it is until somebody has decided. */
      proposed: { writes: ['owner', 'dueOn', 'links'] },
      disposed: { writes: ['owner', 'dueOn', 'links', 'carriedOut'] },
      closed: { isFinal: true },
      withdrawn: { isFinal: true },
    },
    moves: {
      contain: { from: ['open'], to: 'contained', sense: 'on', needs: 'quality.enter' },
      propose: { from: ['open', 'contained'], to: 'proposed', sense: 'ask', needs: 'quality.edit' },
      approve: { from: ['proposed'], to: 'disposed', sense: 'yes', needs: 'quality.approve' },
      refuse: { from: ['proposed'], to: 'contained', sense: 'no', needs: 'quality.approve', reason: true },
      'take-back': { from: ['proposed'], to: 'contained', sense: 'back', needs: 'quality.edit', reason: true },
      close: { from: ['disposed'], to: 'closed', sense: 'on', needs: 'quality.edit' },
      reopen: { from: ['disposed', 'closed'], to: 'contained', sense: 'back', needs: 'quality.edit', reason: true },
      withdraw: { from: ['open', 'contained'], to: 'withdrawn', sense: 'end', needs: 'quality.edit', reason: true },
    },
  }),
  capa: workflow<'capa'>()({
    begins: 'open',
    states: {
      /** The cause is looked for. */
      open: all,
      acting: { writes: ['owner', 'dueOn', 'links', 'actions', 'criterion', 'checkOn'] },
      /** Everything is done; whether it helped shows later. */
      checking: { writes: ['owner', 'dueOn', 'links', 'checkOn', 'checked'] },
      review: { writes: ['owner', 'links'] },
      closed: { isFinal: true },
      withdrawn: { isFinal: true },
    },
    moves: {
      plan: { from: ['open'], to: 'acting', sense: 'on', needs: 'quality.edit' },
      finish: { from: ['acting'], to: 'checking', sense: 'on', needs: 'quality.edit' },
      effective: { from: ['checking'], to: 'review', sense: 'ask', needs: 'quality.edit' },
      'not-effective': { from: ['checking'], to: 'open', sense: 'back', needs: 'quality.edit', reason: true },
      approve: { from: ['review'], to: 'closed', sense: 'yes', needs: 'quality.approve' },
      refuse: { from: ['review'], to: 'checking', sense: 'no', needs: 'quality.approve', reason: true },
      'take-back': { from: ['review'], to: 'checking', sense: 'back', needs: 'quality.edit', reason: true },
      back: { from: ['acting'], to: 'open', sense: 'back', needs: 'quality.edit', reason: true },
      reopen: { from: ['closed'], to: 'open', sense: 'back', needs: 'quality.edit', reason: true },
      withdraw: { from: ['open', 'acting', 'checking'], to: 'withdrawn', sense: 'end', needs: 'quality.edit', reason: true },
    },
  }),
  '8d': workflow<'8d'>()({
    begins: 'd0',
    states: {
      d0: all,
      d1: all,
      d2: all,
      d3: all,
      d4: all,
      d5: all,
      d6: all,
      d7: all,
      d8: all,
      review: {},
      closed: { isFinal: true },
      withdrawn: { isFinal: true },
    },
    moves: {
      'to-d1': { from: ['d0'], to: 'd1', sense: 'on', needs: 'quality.edit' },
      'to-d2': { from: ['d1'], to: 'd2', sense: 'on', needs: 'quality.edit' },
      'to-d3': { from: ['d2'], to: 'd3', sense: 'on', needs: 'quality.edit' },
      'to-d4': { from: ['d3'], to: 'd4', sense: 'on', needs: 'quality.edit' },
      'to-d5': { from: ['d4'], to: 'd5', sense: 'on', needs: 'quality.edit' },
      'to-d6': { from: ['d5'], to: 'd6', sense: 'on', needs: 'quality.edit' },
      'to-d7': { from: ['d6'], to: 'd7', sense: 'on', needs: 'quality.edit' },
      'to-d8': { from: ['d7'], to: 'd8', sense: 'on', needs: 'quality.edit' },
      submit: { from: ['d8'], to: 'review', sense: 'ask', needs: 'quality.edit' },
      approve: { from: ['review'], to: 'closed', sense: 'yes', needs: 'quality.approve' },
      refuse: { from: ['review'], to: 'd8', sense: 'no', needs: 'quality.approve', reason: true },
      'take-back': { from: ['review'], to: 'd8', sense: 'back', needs: 'quality.edit', reason: true },
      'back-to-d4': { from: ['d5', 'd6', 'd7', 'd8'], to: 'd4', sense: 'back', needs: 'quality.edit', reason: true },
      reopen: { from: ['closed'], to: 'd4', sense: 'back', needs: 'quality.edit', reason: true },
      withdraw: { from: ['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8'], to: 'withdrawn', sense: 'end', needs: 'quality.edit', reason: true },
    },
  }),
  'control-plan': workflow<'control-plan'>()({
    begins: 'draft',
    states: { draft: all, review: {}, released: {}, obsolete: { isFinal: true } },
    moves: {
      submit: { from: ['draft'], to: 'review', sense: 'ask', needs: 'quality.edit' },
      approve: { from: ['review'], to: 'released', sense: 'yes', needs: 'quality.approve' },
      refuse: { from: ['review'], to: 'draft', sense: 'no', needs: 'quality.approve', reason: true },
      'take-back': { from: ['review'], to: 'draft', sense: 'back', needs: 'quality.edit', reason: true },
      revise: { from: ['released'], to: 'draft', sense: 'back', needs: 'quality.edit', reason: true },
      retire: { from: ['draft', 'released'], to: 'obsolete', sense: 'end', needs: 'quality.edit', reason: true },
    },
  }),
} as const satisfies Record<DocumentKind, Workflow>

type Flows = typeof WORKFLOWS
type StateOf<Kind extends DocumentKind> = keyof Flows[Kind]['states'] & string
export type DocumentState = { [K in DocumentKind]: StateOf<K> }[DocumentKind]
export type MoveName = { [K in DocumentKind]: keyof Flows[K]['moves'] & string }[DocumentKind]

export const workflowOf = (kind: DocumentKind): Workflow => WORKFLOWS[kind]
/** The moves that lead out of a state, as the table has them. */
export const movesFrom = (kind: DocumentKind, state: string): [MoveName, Move][] =>
  Object.entries(workflowOf(kind).moves).filter(([, { from }]) => from.includes(state)) as [MoveName, Move][]
export const isFinal = (kind: DocumentKind, state: string): boolean => workflowOf(kind).states[state]?.isFinal === true
/** Whether a field may be written in that state. */
export const mayWrite = (kind: DocumentKind, state: string, field: string): boolean => {
  const writes = workflowOf(kind).states[state]?.writes
  return writes === 'all' || (writes?.includes(field) ?? false)
}
export const maySave = (kind: DocumentKind, state: string): boolean => workflowOf(kind).states[state]?.writes !== undefined
/** Every state of any document, for schemas. */
export const DOCUMENT_STATES = [...new Set(Object.values(WORKFLOWS).flatMap(({ states }) => Object.keys(states)))] as DocumentState[]
export const MOVE_NAMES = [...new Set(Object.values(WORKFLOWS).flatMap(({ moves }) => Object.keys(moves)))] as MoveName[]
