import { expect, test } from 'vitest'
import { CONNECTORS } from '../../../adapters/index.ts'
import { connections } from '../text/en/connections.ts'
import { initialValues, isShown, settingsFields, settingsOf, wrongSettings } from './fields.ts'

/** As it comes over the wire. */
const schemaOf = (id: string): unknown => JSON.parse(JSON.stringify(CONNECTORS.find((connector) => connector.id === id)?.settings))
const words = { ...connections.wrong, required: connections.required }
const wrongIn = (schema: unknown, values: Record<string, unknown>) => wrongSettings(schema, settingsFields(schema), values, words, String)

test.each(CONNECTORS.map(({ id }) => id))('the form of %s has a control for every setting, and begins with its defaults', (id) => {
  const schema = schemaOf(id) as { properties: Record<string, { default?: unknown; isOwn?: boolean }> }
  const fields = settingsFields(schema)
  expect(fields.map(({ key }) => key)).toEqual(Object.keys(schema.properties))
  const values = initialValues(fields)
  for (const [key, { default: initial, isOwn }] of Object.entries(schema.properties))
    if (isOwn) expect(values[key]).toMatch(/^cellwright-[0-9a-f]{6}$/)
    else if (initial !== undefined) expect(values[key]).toEqual(initial)
})

test('says of each field in words what is wrong, with its limit and unit', () => {
  const schema = schemaOf('folder-events')
  const values = { ...initialValues(settingsFields(schema)), settleSeconds: 0 }
  expect(Object.fromEntries(wrongIn(schema, values))).toEqual({ folder: 'Fill this in.', settleSeconds: 'At least 0.1 s.' })
  expect(wrongIn(schema, { ...values, folder: '/srv/a', settleSeconds: 2 }).size).toBe(0)
})

test('names the one of a list that is wrong', () => {
  const schema = schemaOf('postgres-events')
  const values = { ...initialValues(settingsFields(schema)), database: 'erp', user: 'cw', channels: ['orders', 'no good'] }
  expect(wrongIn(schema, values).get('channels')).toContain('“no good”')
})

test('what is not shown, or empty, is not sent', () => {
  const schema = schemaOf('mqtt-events')
  const fields = settingsFields(schema)
  const ca = fields.find(({ key }) => key === 'ca')
  const values: Record<string, unknown> = { ...initialValues(fields), url: 'mqtt://broker', topics: ['a'], ca: 'typed before' }
  expect(ca && isShown(ca, values)).toBe(false)
  expect(settingsOf(fields, values)).toEqual({ url: 'mqtt://broker', topics: ['a'], qos: 1, clientId: values.clientId, retained: false })
  expect(settingsOf(fields, { ...values, url: 'mqtts://broker' })).toMatchObject({ ca: 'typed before' })
})
