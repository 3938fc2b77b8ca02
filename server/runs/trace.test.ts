import { expect, test } from 'vitest'
import fc from '../../test/property.ts'
import { rounds } from '../../test/rounds.ts'
import { decodeTrace, encodeTrace, type RunRecord } from './trace.ts'

const nodes = Array.from({ length: 5 }, (_, index) => ({ id: `n${index}`, type: 'function', ...(index % 2 ? { name: `Nöde ${index}` } : {}), flowId: 'f' }))
const nodeAt = (index: number) => nodes[index]!
const texts = ['it broke', 'Grüße']
const outcomes = ['received', 'completed', 'failed'] as const

const result = fc.oneof(
  fc.record({ what: fc.constantFrom(0, 1), text: fc.constant(-1) }),
  fc.record({ what: fc.constant(2), text: fc.integer({ min: -1, max: 1 }) }),
)
const record = fc
  .record({
    id: fc.string({ minLength: 1, maxLength: 40 }),
    isNew: fc.boolean(),
    startedAt: fc.integer({ min: 0, max: 4e12 }),
    trigger: fc.nat(4),
    hops: fc.nat(1e9),
    firstSeq: fc.nat(300),
    hopList: fc.array(
      fc.record({
        node: fc.nat(4),
        from: fc.integer({ min: -1, max: 4 }),
        at: fc.nat(2 ** 40),
        done: fc.option(fc.nat(2 ** 30)),
        bytes: fc.integer({ min: -1, max: 1e9 }),
        result,
      }),
    ),
    lateList: fc.array(fc.record({ seq: fc.nat(300), done: fc.option(fc.nat(2 ** 30)), result })),
    messages: fc.array(fc.record({ seq: fc.nat(300), isWhole: fc.boolean(), bytes: fc.nat(1e6), json: fc.string() })),
    end: fc.option(fc.record({ isFailed: fc.boolean(), atTenths: fc.nat(2 ** 40), isBySettling: fc.boolean(), text: fc.integer({ min: -1, max: 1 }) })),
  })
  .map(({ hopList, lateList, ...rest }) => ({ ...rest, hopList, lateList, texts }))

test('what is encoded comes out the same', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (runs) => {
      const records = runs.map(
        ({ hopList, lateList, ...rest }): RunRecord => ({
          ...rest,
          detail: hopList.flatMap(({ node, from, at, done, bytes, result: { what, text } }) => [
            node,
            from,
            at,
            what,
            text,
            done === null ? -1 : at + done,
            bytes,
          ]),
          late: lateList.flatMap(({ seq, done, result: { what, text } }) => [seq, what, text, done ?? -1]),
        }),
      )
      const said = ({ what, text }: { what: number; text: number }) => ({ outcome: outcomes[what], ...(text >= 0 ? { error: texts[text] } : {}) })
      expect(decodeTrace(encodeTrace(records, nodeAt))).toEqual(
        runs.map((run) => ({
          id: run.id,
          isNew: run.isNew,
          startedAt: run.startedAt,
          trigger: nodeAt(run.trigger),
          hops: run.hops,
          firstSeq: run.firstSeq,
          messages: run.messages,
          detail: run.hopList.map(({ node, from, at, done, bytes, result: came }, index) => ({
            seq: run.firstSeq + index,
            node: nodeAt(node),
            ...(from >= 0 ? { from: nodeAt(from).id } : {}),
            atMs: at / 10,
            ...(done === null ? {} : { doneMs: (at + done) / 10 }),
            ...(bytes < 0 ? {} : { bytes }),
            ...said(came),
          })),
          late: run.lateList.map(({ seq, done, result: came }) => ({ seq, ...(done === null ? {} : { doneMs: done / 10 }), ...said(came) })),
          ...(run.end
            ? {
                end: {
                  state: run.end.isFailed ? 'failed' : 'completed',
                  endedAt: run.startedAt + run.end.atTenths / 10,
                  endedBySettling: run.end.isBySettling,
                  ...(run.end.text >= 0 ? { text: texts[run.end.text] } : {}),
                },
              }
            : {}),
        })),
      )
    }),
    { numRuns: rounds(200) },
  )
})

test('bytes of somebody else are refused and never hang', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        decodeTrace(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
    { numRuns: rounds(500) },
  )
  expect(() => decodeTrace(new Uint8Array([9]))).toThrow('version')
})

test('a batch that was cut off is refused', () => {
  const whole = encodeTrace(
    [
      {
        id: 'run_1',
        isNew: true,
        startedAt: 5,
        trigger: 0,
        hops: 1,
        firstSeq: 0,
        detail: [0, -1, 7, 2, 0, 9, 5],
        late: [],
        messages: [{ seq: 0, isWhole: true, bytes: 2, json: '{}' }],
        texts,
        end: null,
      },
    ],
    nodeAt,
  )
  for (let length = 0; length < whole.length; length += 1) expect(() => decodeTrace(whole.subarray(0, length))).toThrow()
})
