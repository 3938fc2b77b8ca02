import { describe, expect, it } from 'vitest'
import { ROUTES } from '../../server/api/index.ts'
import type { Operation } from './document.ts'
import { addressOf, curlOf, missing, riskOf } from './trying.ts'

const operation: Operation = {
  id: 'changeThing',
  method: 'PATCH',
  path: '/api/things/{thingId}/parts/{partId}',
  tag: 'things',
  summary: 'Changes a part.',
  access: 'system.manage',
  parameters: [
    { name: 'thingId', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'partId', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'dry', in: 'query', required: false, schema: { type: 'boolean' } },
  ],
  body: { isRequired: true, isFile: false, schema: { type: 'object' } },
  responses: [],
}

describe('an address', () => {
  it('has its parameters where they belong, made safe', () => {
    expect(addressOf(operation, { thingId: 'a/b c', partId: '7', dry: 'true' })).toBe('/api/things/a%2Fb%20c/parts/7?dry=true')
  })
  it('still names what is not given', () => {
    expect(addressOf(operation, { thingId: 'a' })).toBe('/api/things/a/parts/{partId}')
    expect(missing(operation, { thingId: 'a' })).toEqual(['partId'])
    expect(missing(operation, { thingId: 'a', partId: 'b' })).toEqual([])
  })
})

describe('the line for a terminal', () => {
  it('keeps an apostrophe of the body whole, and no token in the clear', () => {
    const line = curlOf(operation, { thingId: 'a', partId: 'b' }, `{"name":"Otto's"}`, 'https://shop:8470')
    expect(line).toContain(`-d '{"name":"Otto'\\''s"}'`)
    expect(line).toContain('"Authorization: Bearer $CELLWRIGHT_TOKEN"')
    expect(line).toContain(`curl -X PATCH 'https://shop:8470/api/things/a/parts/b'`)
  })
})

describe('what may be tried', () => {
  const riskById = Object.fromEntries(ROUTES.map(({ id, method, access }) => [id, riskOf({ id, method: method.toUpperCase(), access })]))
  it('never includes what moves a machine or starts a flow', () => {
    for (const { id, method, access } of ROUTES)
      if (method !== 'get' && ['machines.operate', 'panel.press', 'jobs.manage'].includes(access)) expect([id, riskById[id]]).toEqual([id, 'moves'])
    for (const id of Object.keys(riskById).filter((each) => /^(fire|replay|goOn)/.test(each))) expect([id, riskById[id]]).toEqual([id, 'moves'])
  })
  it('asks for a second gesture before every other write', () => {
    expect(riskById.addAccount).toBe('write')
    expect(riskById.listAccounts).toBe('read')
  })
})
