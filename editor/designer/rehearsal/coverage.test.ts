import { expect, test } from 'vitest'
import { branchesOf, together } from './coverage.ts'

const wire = (from: string, port: number, to: string) => ({ from, port, to })
const [GOOD, BAD, NEXT] = [wire('check', 0, 'good'), wire('check', 1, 'bad'), wire('good', 0, 'end')]

test('what one of several rehearsals reached is reached', () => {
  const first = { nodes: ['check', 'good', 'end'], nodesMissed: ['bad'], wires: [GOOD, NEXT], wiresMissed: [BAD] }
  const second = { nodes: ['check', 'bad'], nodesMissed: ['good', 'end'], wires: [BAD], wiresMissed: [GOOD, NEXT] }
  expect(together([])).toBeUndefined()
  expect(together([first])).toBe(first)
  expect(together([first, second])).toEqual({ nodes: ['check', 'good', 'end', 'bad'], nodesMissed: [], wires: [GOOD, NEXT, BAD], wiresMissed: [] })
})

test('branches are the outputs of nodes that have several which lead on', () => {
  expect(branchesOf({ nodes: [], nodesMissed: [], wires: [GOOD, NEXT], wiresMissed: [BAD] })).toEqual({ taken: 1, missed: [{ from: 'check', port: 1 }] })
  // an output with two wires of which one was taken is taken
  expect(branchesOf({ nodes: [], nodesMissed: [], wires: [GOOD, BAD], wiresMissed: [wire('check', 1, 'also')] })).toEqual({ taken: 2, missed: [] })
})
