import { describe, expect, it } from 'vitest'
import { comparable, compareRuns, type Hop, lengthOf, stepsOf } from './steps.ts'

const hop = (seq: number, nodeId: string, facts: Partial<Hop> = {}): Hop => ({
  seq,
  nodeId,
  nodeType: 'function',
  atMs: seq * 10,
  doneMs: seq * 10 + 5,
  outcome: 'completed',
  ...facts,
})

describe('steps of a run', () => {
  it('sent what the next steps were given, counted for the visit that came before', () => {
    const steps = stepsOf([hop(0, 'a'), hop(1, 'b', { from: 'a' }), hop(2, 'a', { from: 'b' }), hop(3, 'b', { from: 'a' }), hop(4, 'c', { from: 'a' })])
    expect(steps.map(({ outputs }) => outputs.map(({ seq }) => seq))).toEqual([[1], [2], [3, 4], [], []])
    expect(steps[0]?.tookMs).toBe(5)
  })

  it('reach as far as the last sign of life', () => {
    expect(lengthOf({ startedAt: '2026-11-22T10:00:00.000Z', detail: [hop(0, 'a'), hop(9, 'b', { doneMs: 200 })] })).toBe(200)
    expect(lengthOf({ startedAt: '2026-11-22T10:00:00.000Z', endedAt: '2026-11-22T10:00:01.000Z', detail: [hop(0, 'a')] })).toBe(1000)
  })
})

describe('two runs', () => {
  const none = () => undefined
  it('are the same when way and outcomes are', () => {
    const steps = stepsOf([hop(0, 'a'), hop(1, 'b', { from: 'a' })])
    expect(compareRuns(steps, steps, none).flatMap(({ differences }) => differences)).toEqual([])
  })

  it('differ where one went another way, failed, was given something else or took much longer', () => {
    const first = stepsOf([hop(0, 'a'), hop(1, 'b'), hop(2, 'c')])
    const second = stepsOf([hop(0, 'a', { doneMs: 500 }), hop(1, 'd'), hop(2, 'c', { outcome: 'failed', error: 'broken' })])
    const pairs = compareRuns(first, second, (side, seq) => (seq === 2 ? `input ${side}` : undefined))
    expect(pairs.map((pair) => [pair.first?.hop.nodeId, pair.second?.hop.nodeId, pair.differences])).toEqual([
      ['a', 'a', ['slower']],
      [undefined, 'd', ['missing']],
      ['b', undefined, ['missing']],
      ['c', 'c', ['outcome', 'input']],
    ])
  })

  it('are not told apart by the id of a message', () => {
    expect(comparable({ _msgid: 'x', payload: 1 })).toBe(comparable({ payload: 1, _msgid: 'y' }))
  })
})
