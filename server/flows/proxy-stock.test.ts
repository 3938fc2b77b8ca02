/** The way of the designer's dialogs into a real Node-RED: forms for everybody who sees flows, and nothing that a person may not do elsewhere. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FlowNode, Role } from '../api/index.ts'
import { askExactly, openSocket, upgradeExactly } from './proxy-testing.ts'
import { type FlowsFixture, ROLE_HEADER, startFlowsFixture } from './testing.ts'

const FLOWS = [
  { id: 'tab', type: 'tab', label: 'Shop', disabled: true, info: '' },
  { id: 'broker1', type: 'mqtt-broker', name: '', broker: 'localhost', port: '1883' },
  { id: 'debug1', type: 'debug', z: 'tab', name: '', active: true, x: 100, y: 100, wires: [] },
] as FlowNode[]

let shop: FlowsFixture
beforeAll(async () => {
  shop = await startFlowsFixture()
  await shop.deploy(FLOWS, { role: 'engineer', credentials: { broker1: { user: 'milling', password: 's3cret' } } })
})
afterAll(() => shop?.close())

const ask = (role: Role | undefined, path: string, options: Parameters<typeof askExactly>[2] = {}) =>
  askExactly(shop.url, path, { ...options, headers: { ...(role ? { [ROLE_HEADER]: role } : {}), ...options.headers } })
const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
const flowsBefore = () => shop.flows.current().then(({ flows }) => JSON.stringify(flows))

describe('the page of the dialogs', () => {
  test('is for those who may see flows', async () => {
    expect((await ask(undefined, '/stock/')).status).toBe(401)
    expect((await ask('operator', '/stock/')).status).toBe(403)
    const page = await ask('integrator', '/stock/')
    expect(page.status).toBe(200)
    expect(page.text).toContain('red/red.min.js')
    // nothing that starts the editor before the designer has prepared it
    expect(page.text).not.toContain('main.min.js')
    expect(page.headers['content-security-policy']).toContain('connect-src')
    expect(page.headers['content-security-policy']).not.toContain('/api')
  })

  test.each(['/stock/red/red.min.js', '/stock/settings', '/stock/locales/nodes', '/stock/theme', '/stock/icons', '/stock/plugins', '/stock/vendor/vendor.js'])(
    'gets %s',
    async (path) => {
      expect((await ask('integrator', path, { headers: { accept: 'application/json' } })).status).toBe(200)
    },
  )

  test('gets every form, and no flows', async () => {
    const forms = await ask('integrator', '/stock/nodes', { headers: { accept: 'text/html' } })
    expect(forms.text).toContain('data-template-name="mqtt-broker"')
    const flows = await ask('engineer', '/stock/flows', { headers: { 'node-red-api-version': 'v2' } })
    expect(JSON.parse(flows.text)).toEqual({ flows: [], rev: '' })
  })

  test('has no line to the server', async () => {
    for (const path of ['/stock/comms', '/stock/']) expect((await openSocket(shop.url, path, { headers: { [ROLE_HEADER]: 'engineer' } })).status).toBe(404)
    expect(await upgradeExactly(shop.url, '/stock/comms', { [ROLE_HEADER]: 'admin' })).toBe(404)
  })
})

describe('a dialog never changes anything on the server, whoever opened it', () => {
  test.each([
    ['POST', '/stock/flows'],
    ['POST', '/stock/Flows/'],
    ['POST', '/stock/%66lows'],
    ['POST', '/stock/flow'],
    ['PUT', '/stock/flow/tab'],
    ['DELETE', '/stock/flow/tab'],
    ['POST', '/stock/flows/state'],
    ['POST', '/stock/nodes'],
    ['PUT', '/stock/nodes/node-red'],
    ['DELETE', '/stock/nodes/node-red'],
    ['DELETE', '/stock/context/global/x'],
    ['POST', '/stock/settings/user'],
    ['POST', '/stock/inject/debug1'],
    ['POST', '/stock/debug/debug1/disable'],
    ['POST', '/stock/auth/revoke'],
  ])('%s %s', async (method, path) => {
    const before = await flowsBefore()
    for (const role of ['admin', 'engineer', 'integrator'] as const) {
      const answer = await ask(role, path, {
        method,
        headers: { ...json, 'node-red-api-version': 'v2' },
        ...(method === 'DELETE' ? {} : { body: '{"flows":[]}' }),
      })
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([403, 'stock-read-only'])
    }
    expect(await flowsBefore()).toBe(before)
  })

  test.each(['/stock/flow/tab', '/stock/context/global', '/stock/Context/global', '/stock/diagnostics', '/stock/auth/login', '/stock/projects'])(
    'nor reads %s',
    async (path) => {
      expect((await ask('engineer', path)).status).toBe(403)
    },
  )

  test.each(['/stock/%2566lows', '/stock//flows', '/stock/../red/flows', '/stock/x/%2e%2e/flows', '/stock/nodes%2f..%2fflows'])(
    'and %s means nothing else to anybody',
    async (path) => {
      expect((await ask('engineer', path, { headers: { 'node-red-api-version': 'v2' } })).status).toBe(400)
    },
  )
})

describe('what is stored with a secret', () => {
  test('is shown to those who may deploy the node, the secret to nobody', async () => {
    const shown = await ask('engineer', '/stock/credentials/mqtt-broker/broker1')
    expect(JSON.parse(shown.text)).toEqual({ user: 'milling', has_password: true })
    expect((await ask('integrator', '/stock/credentials/mqtt-broker/broker1')).status).toBe(403)
  })

  test('is not had by the name of another type', async () => {
    expect((await ask('integrator', '/stock/credentials/debug/broker1')).status).toBe(403)
    expect((await ask('integrator', '/stock/credentials/mqtt-broker/debug1')).status).toBe(403)
    expect((await ask('engineer', '/stock/credentials/http-request/broker1')).status).toBe(403)
  })

  test('is nothing for a node that was never deployed', async () => {
    expect((await ask('integrator', '/stock/credentials/mqtt-broker/new1')).text).toBe('{}')
  })
})

describe('what else modules answer to their dialogs', () => {
  test('is for those who may use the stock editor', async () => {
    expect((await ask('integrator', '/stock/library/local/functions/')).status).toBe(403)
    expect((await ask('engineer', '/stock/library/local/functions/')).status).toBe(200)
  })

  test('the stock editor itself stays closed to those who may not run code', async () => {
    expect((await ask('integrator', '/red/')).status).toBe(403)
    expect((await ask('integrator', '/red/flows')).status).toBe(403)
  })
})
