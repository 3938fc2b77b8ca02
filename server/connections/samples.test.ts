import { type TSchema, Type } from 'typebox'
import { Check } from 'typebox/value'
import { expect, test } from 'vitest'
import { CONNECTORS } from '../../adapters/index.ts'
import { WorkOrder } from '../api/index.ts'
import { sampleOf, samplesOf } from './samples.ts'

/** As schemas come over the wire. */
const sent = (schema: unknown): unknown => JSON.parse(JSON.stringify(schema))

test('the same schema gives the same sample, with its examples, and with what may be left out', () => {
  const schema = sent(
    Type.Object({
      number: Type.String({ examples: ['WO-1'] }),
      quantity: Type.Integer({ minimum: 3 }),
      note: Type.Optional(Type.String({ default: 'x' })),
      state: Type.Enum(['new', 'done']),
      due: Type.String({ format: 'date-time' }),
      lines: Type.Array(Type.Object({ part: Type.String({ examples: ['Flange'] }) })),
      either: Type.Union([Type.String({ pattern: '^[A-Z]{3}$' }), Type.Null()]),
    }),
  )
  const sample = sampleOf(schema)
  expect(sample).toEqual({ number: 'WO-1', quantity: 3, note: 'x', state: 'new', due: '2026-01-15T08:00:00.000Z', lines: [{ part: 'Flange' }], either: null })
  expect(sampleOf(schema)).toEqual(sample)
})

test('what a schema says too little of has no sample; an optional part of that kind is left out', () => {
  expect(sampleOf(sent(Type.String({ pattern: '^[A-Z]{3}$' })))).toBeUndefined()
  expect(sampleOf(sent(Type.Object({ code: Type.String({ pattern: '^[A-Z]{3}$' }) })))).toBeUndefined()
  expect(sampleOf(sent(Type.Object({ code: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })), n: Type.Number() })))).toEqual({ n: 0 })
})

test.each(CONNECTORS.flatMap(({ id, shapes }) => (shapes ? [{ id, shapes }] : [])))('$id: samples fit the shapes that it declares', ({ shapes }) => {
  const samples = samplesOf(sent(shapes) as typeof shapes)
  expect(Object.keys(samples).sort()).toEqual(Object.keys(shapes).sort())
  for (const [name, schema] of Object.entries(shapes)) expect(Check(schema as TSchema, samples[name as keyof typeof samples])).toBe(true)
  if (samples.workOrder !== undefined) expect(Check(WorkOrder, samples.workOrder)).toBe(true)
})
