/**
 * The life of a shop's installation in one go: on the network by HTTPS, three people of the company by OpenID Connect, flows of an old
 * Node-RED with their password, a part that is cut; then a back-up, the computer lost, the back-up restored on another one, and all is
 * there as it was and works on. The service in a clean Debian is `test/system/service.ts`; upgrades are `server/upgrade/`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addSignInProvider, deployFlows, type FlowNode, getDraft, getFlows, getRun, verifyAudit } from '../../server/api/index.ts'
import { type Company, newSurfer, type Surfer, startCompany } from '../../server/auth/providers/company.testing.ts'
import type { Client } from '../../server/cli/client.ts'
import { cutPart, measurePart, setUpShop } from '../browser/demo-shop.ts'
import { runCli } from '../cli/run-cli.ts'
import { writeUserDirectory } from '../old-node-red.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { asBefore, type ShopFacts, shopOf } from './shop-facts.ts'

const PASSWORD = 'a long enough password'
const PEOPLE = {
  'sub-bert': { preferred_username: 'bert', name: 'Bert Brand', groups: ['engineers'] },
  'sub-cora': { preferred_username: 'cora', name: 'Cora Carr', groups: ['shop floor'] },
  'sub-dora': { preferred_username: 'dora', name: 'Dora Dahl', groups: ['shop floor'] },
}

/** Nobody listens there now. */
async function freePort(): Promise<number> {
  const server = createTcp()
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('the life of an installation', { timeout: 240_000 }, () => {
  let dir: string
  let port: number
  let product: Product
  let company: Company
  /** The ERP of the shop: it knows one password, and what was ordered with it. */
  let erp: Server
  const orders: string[] = []
  let before: ShopFacts
  let runId: string

  const client = (): Client => product.client
  const env = () => ({
    CELLWRIGHT_HOST: '0.0.0.0',
    CELLWRIGHT_PORT: String(port),
    CELLWRIGHT_MDNS_NAME: 'off',
    CELLWRIGHT_OWNER: `anna:${PASSWORD}`,
  })
  const cli = async (args: string[], more: Record<string, string> = {}) => {
    const result = await runCli(args, { env: { CELLWRIGHT_DATA: product.dataDir, ...more } })
    if (result.code !== 0) throw new Error(`cellwright ${args.join(' ')}: ${result.code} ${result.err}${result.out}`)
    return result
  }
  /** A browser that has the authority installed. */
  const surfer = async (): Promise<Surfer> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/trust/authority?as=pem`)
    return newSurfer({ ca: await answer.text() })
  }
  const signInAs = async (login: string) => {
    const base = `https://127.0.0.1:${port}`
    const browser = await surfer()
    const [{ id }] = JSON.parse((await browser.open(`${base}/api/auth/ways`)).text).providers
    const begun = await browser.open(`${base}/api/auth/providers/${id}/begin`, { json: {} })
    const back = await browser.passCompany((JSON.parse(begun.text) as { url: string }).url, login)
    await browser.open(back)
    return JSON.parse((await browser.open(`${base}/api/me`)).text) as { userName: string; role: string }
  }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cw-life-'))
    erp = createServer((request, response) => {
      const isKnown = request.headers.authorization === `Basic ${Buffer.from('shop:old secret').toString('base64')}`
      let text = ''
      request.on('data', (chunk) => {
        text += chunk
      })
      request.on('end', () => {
        if (isKnown) orders.push(text)
        response.writeHead(isKnown ? 200 : 401).end(isKnown ? 'taken' : 'who are you?')
      })
    })
    await new Promise<void>((resolve) => erp.listen(0, '127.0.0.1', resolve))
    company = await startCompany({ people: PEOPLE })
    port = await freePort()
    product = await startTestProduct(env())
  }, 240_000)
  afterAll(async () => {
    await product?.close()
    await company?.close()
    erp?.close()
    await rm(dir, { recursive: true, force: true })
  }, 60_000)

  it('lets three people of the company in, over HTTPS, each as what their groups make them', async () => {
    const facts = {
      kind: 'oidc' as const,
      name: 'Company',
      isOn: true,
      secret: company.clientSecret,
      settings: {
        issuer: company.issuer,
        clientId: company.clientId,
        scopes: 'openid profile groups',
        roles: [
          { group: 'engineers', role: 'engineer' },
          { group: 'shop floor', role: 'operator' },
        ],
      },
    }
    const provider = await client().call(addSignInProvider, { body: facts })
    const redirectUri = `https://127.0.0.1:${port}/api/auth/providers/${provider.id}/callback`
    company.register({ redirectUri, signedOutUri: `https://127.0.0.1:${port}/sign-in` })
    expect(await signInAs('sub-bert')).toMatchObject({ userName: 'bert', role: 'engineer' })
    expect(await signInAs('sub-cora')).toMatchObject({ userName: 'cora', role: 'operator' })
    expect(await signInAs('sub-dora')).toMatchObject({ userName: 'dora', role: 'operator' })
  })

  it('cuts and measures a part', async () => {
    await setUpShop(client())
    runId = await cutPart(client())
    await measurePart(client(), runId, 12)
    expect((await client().call(getRun, { params: { runId } })).state).toBe('completed')
  })

  it('takes the flows of an old Node-RED over, with the password they need', async () => {
    const at = (id: string, type: string, x: number, wires: string[][], more: object = {}) => ({ id, type, z: 'old', x, y: 100, wires, ...more })
    const old = join(dir, 'node-red')
    await writeUserDirectory(old, {
      flows: [
        { id: 'old', type: 'tab', label: 'Orders' },
        at('old-go', 'inject', 100, [['old-send']], {
          props: [{ p: 'payload' }],
          payload: 'order 4711',
          payloadType: 'str',
          once: true,
          onceDelay: 0.1,
          repeat: '',
          crontab: '',
        }),
        at('old-send', 'http request', 300, [[]], {
          method: 'POST',
          ret: 'txt',
          url: `http://127.0.0.1:${(erp.address() as AddressInfo).port}/`,
          authType: 'basic',
          credentials: { user: 'shop', password: 'old secret' },
        }),
      ],
      globalKeys: [],
      contextPaths: [],
    })
    orders.length = 0
    await cli(['move-in', 'node-red', old, '--import'])
    const { draft } = await client().call(getDraft, {})
    const current = await client().call(getFlows, {})
    const flows = [...(current.flows as FlowNode[]), ...((draft?.changes.put ?? []) as FlowNode[])]
    await client().call(deployFlows, { body: { flows, rev: current.rev, kind: 'full' } })
    await until('the order, with its password', 60_000, () => orders.includes('order 4711'))
  })

  it('is backed up while it works, and lost', async () => {
    before = await shopOf(client(), runId)
    await cli(['backup', join(dir, 'shop.cwb')], { CELLWRIGHT_BACKUP_PASSPHRASE: 'six words that nobody else knows' })
    await product.close()
  })

  it('is restored on another computer: everybody and everything is there, and works on', async () => {
    const dataDir = join(dir, 'restored')
    const restored = await runCli(['restore', join(dir, 'shop.cwb'), '--into', dataDir, '--as', 'replacement'], {
      env: { CELLWRIGHT_BACKUP_PASSPHRASE: 'six words that nobody else knows' },
    })
    expect([restored.code, restored.err]).toEqual([0, expect.any(String)])
    orders.length = 0
    product = await startTestProduct(env(), { dataDir })
    await until('the flows to run', 120_000, async () => ((await client().call(getFlows, {})).runtime.flows === 'running' ? true : undefined))
    expect(asBefore(before, await shopOf(client(), runId))).toEqual(before)
    expect(await client().call(verifyAudit, { body: {} })).toMatchObject({ isWhole: true })
    // the authority that the shop's devices trust is the same, and so are the people of the company
    expect(await signInAs('sub-bert')).toMatchObject({ userName: 'bert', role: 'engineer' })
    await until('the order again: the password of the old Node-RED is there', 60_000, () => orders.includes('order 4711'))
    const next = await cutPart(client())
    expect(next).not.toBe(runId)
  })
})
