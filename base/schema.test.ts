import { Type } from 'typebox'
import { Default } from 'typebox/value'
import { expect, test } from 'vitest'
import fc from '../test/property.ts'
import { checker } from './schema.ts'

const Settings = Type.Object(
  {
    name: Type.String(),
    mode: Type.Enum(['a', 'b'], { default: 'a' }),
    nested: Type.Object({ count: Type.Integer({ default: 3 }), rest: Type.Array(Type.Unknown()) }),
    links: Type.Array(Type.Union([Type.Object({ kind: Type.Literal('x'), baud: Type.Integer({ default: 9600 }) }), Type.String()]), { default: [] }),
    maybe: Type.Optional(Type.Object({ deep: Type.Boolean({ default: true }) })),
  },
  { additionalProperties: false },
)
const settings = checker(Settings)

test('defaults are filled in at every depth, and what was passed stays as it is', () => {
  const rest = [{ big: 'part' }]
  const given = { name: 'n', nested: { rest } }
  const parsed = settings.parse(given, 'It')
  expect(parsed).toEqual({ name: 'n', mode: 'a', nested: { count: 3, rest: [{ big: 'part' }] }, links: [] })
  expect(given).toEqual({ name: 'n', nested: { rest: [{ big: 'part' }] } })
  expect(parsed.nested.rest).toBe(rest)
  expect(settings.parse({ ...given, links: [{ kind: 'x' }] }, 'It').links).toEqual([{ kind: 'x', baud: 9600 }])
})

test('a default is never shared between two values', () => {
  const first = settings.parse({ name: 'n', nested: { rest: [] } }, 'It')
  first.links.push('mine')
  expect(settings.parse({ name: 'n', nested: { rest: [] } }, 'It').links).toEqual([])
})

test('a wrong value names every field', () => {
  expect(() => settings.parse({ nested: { rest: 1 }, extra: 1 }, 'The body')).toThrow(
    expect.objectContaining({ code: 'invalid-input', message: expect.stringMatching(/^The body is not valid: .*extra/) }),
  )
})

test('defaults come out as the schema library itself fills them in', () => {
  const anything = fc.record(
    {
      name: fc.anything(),
      mode: fc.constantFrom('a', 'b', undefined, 1),
      nested: fc.oneof(fc.record({ count: fc.integer(), rest: fc.array(fc.integer()) }, { requiredKeys: [] }), fc.anything()),
      links: fc.oneof(
        fc.array(fc.oneof(fc.string(), fc.record({ kind: fc.constant('x'), baud: fc.integer() }, { requiredKeys: ['kind'] }))),
        fc.constant(null),
      ),
      maybe: fc.constantFrom({}, { deep: false }, undefined, null),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(anything, (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as unknown
      const filled = Default(Settings, structuredClone(plain))
      const isRight = settings.is(filled)
      let parsed: unknown
      try {
        parsed = settings.parse(plain, 'It')
      } catch {
        expect(isRight).toBe(false)
        return
      }
      expect(parsed).toEqual(filled)
    }),
  )
})

const Link = Type.Union([
  Type.Object({ kind: Type.Literal('virtual'), timeScale: Type.Number({ minimum: 1 }) }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('serial'), path: Type.String(), baudRate: Type.Integer() }, { additionalProperties: false }),
])
const machine = checker(
  Type.Object({ id: Type.String({ pattern: '^[a-z]+$', description: 'lower case letters' }), links: Type.Array(Link), size: Type.Number() }),
)

test('of a union only the branch that was meant is complained about', () => {
  const value = {
    id: 'a',
    links: [
      { kind: 'virtual', timeScale: 0 },
      { kind: 'serial', path: 1, baudRate: 9600 },
    ],
    size: 'x',
  }
  expect(machine.errors(value)).toEqual([
    { path: '/links/0/timeScale', message: 'must be >= 1' },
    { path: '/links/1/path', message: 'must be string' },
    { path: '/size', message: 'must be number' },
  ])
})

test('a member of no branch is told which there are', () => {
  expect(machine.errors({ id: 'a', links: [{ kind: 'usb' }], size: 1 })).toEqual([{ path: '/links/0/kind', message: 'must be one of "virtual", "serial"' }])
})

test('a pattern is explained by its description', () => {
  expect(machine.errors({ id: 'A 1', links: [], size: 1 })[0]?.message).toContain('lower case letters')
})
