import { expect, test } from 'vitest'
import type { FlowAdvice, FlowProblem } from '../../../server/api/flows.ts'
import { diffLines } from './line-diff.ts'
import { type ReviewFacts, reviewRows } from './review-rows.ts'

const rows = ({ problems = [], advice = [], ...more }: { problems?: FlowProblem[]; advice?: FlowAdvice[] } & Partial<ReviewFacts>) =>
  new Map(
    reviewRows({
      check: { flows: [], problems, advice, tests: [], needsReason: false, at: new Date() },
      say: ({ message }) => message,
      here: new Map(),
      people: [],
      hasNewer: false,
      running: [],
      dropped: [],
      tests: [],
      ...more,
    }).map((row) => [row.id, row]),
  )

test('every check is on the list, also where all is well', () => {
  expect([...rows({})].map(([id, { state }]) => `${id} ${state}`)).toEqual(
    ['type', 'settings', 'rights', 'motion', 'quality', 'credentials', 'loop', 'steps', 'unreachable', 'tests', 'people', 'running', 'waiting'].map(
      (id) => `${id} good`,
    ),
  )
})

test('problems keep a deploy back, by who can solve them; what the page says of a node takes the place of the server’s words', () => {
  const found = rows({
    problems: [
      { nodeId: 'a', message: '"a" is not configured', about: 'settings' },
      { nodeId: 'a', message: '"a" has a wrong value', about: 'settings' },
      { nodeId: 'b', message: 'not yours', about: 'rights' },
    ],
    here: new Map([['a', [{ nodeId: 'a', message: 'Programm fehlt.' }]]]),
  })
  expect(found.get('settings')).toEqual({ id: 'settings', state: 'blocks', findings: [{ nodeId: 'a', message: 'Programm fehlt.' }], known: 0 })
  expect(found.get('rights')).toMatchObject({ state: 'blocks', findings: [{ message: 'not yours' }] })
  expect(found.get('type')?.state).toBe('good')
})

test('a machine that newly moves by itself is to be confirmed; what was so before is counted, and one that is not set up is a hint', () => {
  const moves: FlowAdvice = { about: 'motion', nodeId: 'm', message: 'moves' }
  const missing: FlowAdvice = { about: 'machine', nodeId: 'c', message: 'is not set up' }
  expect(rows({ advice: [moves, missing] }).get('motion')).toMatchObject({ state: 'confirm', findings: [{ nodeId: 'm' }, { nodeId: 'c' }] })
  expect(rows({ advice: [{ ...moves, isKnown: true }] }).get('motion')).toMatchObject({ state: 'hint', findings: [], known: 1 })
  expect(rows({ advice: [missing] }).get('motion')).toMatchObject({ state: 'hint' })
})

test('a newer version has to be put together first', () => {
  expect(rows({ hasNewer: true, people: [{ nodeId: undefined, message: 'Bo deployed' }] }).get('people')?.state).toBe('blocks')
})

test('of code the lines that went and came are told', () => {
  const said = diffLines('a\nb\nc\nd', 'a\nx\nc\nd\ne').map(({ kind, text }) => `${kind === 'added' ? '+' : kind === 'removed' ? '-' : ' '}${text}`)
  expect(said).toEqual([' a', '-b', '+x', ' c', ' d', '+e'])
})
