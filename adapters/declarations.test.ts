/** What every connector declares, so that forms, tests and rehearsals can be made of it. */
import { describe, expect, it } from 'vitest'
import { checker } from '../base/schema.ts'
import { CONNECTORS } from './index.ts'

describe.each(CONNECTORS.map((connector) => ({ id: connector.id, connector })))('connector $id declares', ({ connector }) => {
  const properties = connector.settings.properties as Record<
    string,
    { title?: string; type?: string; enum?: unknown[]; labels?: object; when?: unknown; default?: unknown }
  >

  it('a stable id, what it is for, what it promises, and what it brings', () => {
    expect(connector.id).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(connector.use.length).toBeGreaterThan(40)
    expect(connector.promises.length).toBeGreaterThan(0)
    // one that only brings something out has nothing to make samples of
    expect(Object.keys(connector.shapes ?? {}).length > 0 || connector.notices !== undefined).toBe(true)
  })
  it('a title for each setting, and words for each choice', () => {
    for (const [key, { title, enum: values, labels = {} }] of Object.entries(properties)) {
      expect(title, key).toMatch(/\S/)
      if (values) expect(Object.keys(labels).sort(), key).toEqual(values.map(String).sort())
    }
  })
  it('conditions, places and owners of secrets that name settings', () => {
    const named = [
      ...connector.secretsAreFor,
      ...connector.distinctBy,
      ...connector.secrets.flatMap(({ after, when }) => [after, when?.field]),
      ...Object.values(properties).map(({ when }) => (when as { field?: string } | undefined)?.field),
    ].filter((name) => name !== undefined)
    for (const name of named) expect(Object.keys(properties)).toContain(name)
    if (connector.secrets.length) expect(connector.secretsAreFor.length).toBeGreaterThan(0)
  })
  it('settings that refuse what they do not know', () => {
    expect(() => checker(connector.settings).parse({ surprise: true }, 'settings')).toThrow(/surprise/)
  })
})
