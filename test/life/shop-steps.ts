/**
 * What a shop does with an installation, step by step, wherever it stands: on this computer (`shop.test.ts`), in a clean Debian
 * (`test/system/shop.ts`), before and after an upgrade (`test/system/upgrade.ts`).
 */
import { mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { addSignInProvider, deployFlows, type FlowNode, getDraft, getFlows, getRun } from '../../server/api/index.ts'
import { type Company, newSurfer, startCompany } from '../../server/auth/providers/company.testing.ts'
import type { Client } from '../../server/cli/client.ts'
import { openAuthority } from '../../server/tls/authority.ts'
import { cutPart, measurePart, setUpShop } from '../browser/demo-shop.ts'
import { writeUserDirectory } from '../old-node-red.ts'
import { until } from '../product.ts'

export const PASSPHRASE = 'six words that nobody else knows'

const PEOPLE = {
  'sub-bert': { preferred_username: 'bert', name: 'Bert Brand', groups: ['engineers'] },
  'sub-cora': { preferred_username: 'cora', name: 'Cora Carr', groups: ['shop floor'] },
  'sub-dora': { preferred_username: 'dora', name: 'Dora Dahl', groups: ['shop floor'] },
}

const ORDER = 'order 4711'
const WITHIN_MS = 60_000

/** An installation on the network. */
export interface Installation {
  /** Asked anew for each call: another start has another one. */
  client(): Client
  /** By HTTPS, as browsers reach it from here. */
  readonly base: string
  /** A command on its own computer. @throws Error with what it said, when it fails */
  cli(args: readonly string[], env?: Record<string, string>): Promise<string>
  /** Brings a folder of this computer to its own. @returns where it is there */
  bring(folder: string): Promise<string>
  /** How long one thing may take. @defaultValue a minute */
  readonly withinMs?: number
}

/** What else a shop has: who signs people in, and an ERP that knows one password and what was ordered with it. */
export interface Neighbours {
  readonly company: Company
  /** Of the company, where it speaks HTTPS. */
  readonly ca: string | undefined
  /** Where the installation finds the ERP. */
  readonly erpUrl: string
  /** Orders so far; emptied by whoever waits for the next. */
  readonly orders: string[]
  /** The name by which the installation finds this computer. */
  readonly host: string
  close(): Promise<void>
}

/**
 * @param options.dir for keys
 * @param options.host the name by which the installation finds this computer: the company then speaks HTTPS, by an authority of its own
 * @defaultValue both on the same computer
 */
export async function startNeighbours({ dir, host = '127.0.0.1' }: { dir: string; host?: string }): Promise<Neighbours> {
  const orders: string[] = []
  const erp: Server = createServer((request, response) => {
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
  const names = { dns: [host], ip: [] }
  const authority = host === '127.0.0.1' ? undefined : await openAuthority({ dir: join(dir, 'company'), computer: 'company', names })
  const tls = await authority?.certificateFor(names)
  const company = await startCompany({ people: PEOPLE, host, ...(tls ? { tls } : {}) })
  return {
    company,
    ca: authority?.authority.cert,
    erpUrl: `http://${host}:${(erp.address() as AddressInfo).port}/`,
    orders,
    host,
    async close() {
      await company.close()
      erp.closeAllConnections()
      await new Promise((resolve) => erp.close(resolve))
    },
  }
}

/** The authority of the installation, as a tablet takes it before it trusts. */
export async function authorityOf({ base }: Installation): Promise<string> {
  const answer = await fetch(`${base.replace('https:', 'http:')}/api/trust/authority?as=pem`)
  if (!answer.ok) throw new Error(`the authority is not given: ${answer.status} ${await answer.text()}`)
  return await answer.text()
}

/** Somebody signs in through the company, with a browser that has the installation's authority installed. */
export function signInAs(shop: Installation, neighbours: Neighbours, login: string): Promise<{ userName: string; role: string }> {
  // a server that is too busy to answer is asked again
  return until(`the sign-in of ${login}`, shop.withinMs ?? WITHIN_MS, () => tryToSignIn(shop, neighbours, login))
}

async function tryToSignIn(shop: Installation, { ca, host }: Neighbours, login: string): Promise<{ userName: string; role: string }> {
  const browser = newSurfer({ ca: [await authorityOf(shop), ...(ca ? [ca] : [])], here: host })
  const [{ id }] = JSON.parse((await browser.open(`${shop.base}/api/auth/ways`)).text).providers
  const begun = await browser.open(`${shop.base}/api/auth/providers/${id}/begin`, { json: {} })
  const back = await browser.passCompany((JSON.parse(begun.text) as { url: string }).url, login)
  await browser.open(back)
  const me = await browser.open(`${shop.base}/api/me`)
  if (me.status !== 200) throw new Error(`${login} is not in: ${me.status} ${me.text}`)
  return JSON.parse(me.text) as { userName: string; role: string }
}

/** Three people of the company come in, each as what their groups make them. @returns who they are, and as what */
export async function letPeopleIn(shop: Installation, neighbours: Neighbours): Promise<string[]> {
  const { company, ca } = neighbours
  const provider = await shop.client().call(addSignInProvider, {
    body: {
      kind: 'oidc',
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
        ...(ca ? { ca } : {}),
      },
    },
  })
  company.register({ redirectUri: `${shop.base}/api/auth/providers/${provider.id}/callback`, signedOutUri: `${shop.base}/sign-in` })
  const people: string[] = []
  for (const login of Object.keys(PEOPLE)) {
    const { userName, role } = await signInAs(shop, neighbours, login)
    people.push(`${userName}: ${role}`)
  }
  return people
}
/** What {@link letPeopleIn} comes to. */
export const PEOPLE_WITHIN = ['bert: engineer', 'cora: operator', 'dora: operator']

/** Sets the shop up; its machine is virtual and this much faster than a real one. @returns where its orders come in */
export async function openShop(shop: Installation, timeScale?: number): Promise<{ inbox: string }> {
  return await setUpShop(shop.client(), timeScale)
}

/** Cuts the next part and measures it. @returns its run, and how that ended */
export async function makePart(shop: Installation): Promise<{ runId: string; state: string }> {
  const runId = await cutPart(shop.client(), shop.withinMs)
  await measurePart(shop.client(), runId, 12, shop.withinMs)
  return { runId, state: (await shop.client().call(getRun, { params: { runId } })).state }
}

/** Takes the flows of an old Node-RED over, with the password they need, and waits for what they order. @param dir for its user directory */
export async function moveIn(shop: Installation, neighbours: Neighbours, dir: string): Promise<void> {
  const at = (id: string, type: string, x: number, wires: string[][], more: object = {}) => ({ id, type, z: 'old', x, y: 100, wires, ...more })
  const old = join(dir, 'node-red')
  await mkdir(dir, { recursive: true })
  await writeUserDirectory(old, {
    flows: [
      { id: 'old', type: 'tab', label: 'Orders' },
      at('old-go', 'inject', 100, [['old-send']], {
        props: [{ p: 'payload' }],
        payload: ORDER,
        payloadType: 'str',
        once: true,
        onceDelay: 0.1,
        repeat: '',
        crontab: '',
      }),
      at('old-send', 'http request', 300, [[]], {
        method: 'POST',
        ret: 'txt',
        url: neighbours.erpUrl,
        authType: 'basic',
        credentials: { user: 'shop', password: 'old secret' },
      }),
    ],
    globalKeys: [],
    contextPaths: [],
  })
  neighbours.orders.length = 0
  await shop.cli(['move-in', 'node-red', await shop.bring(old), '--import'])
  const client = shop.client()
  const { draft } = await client.call(getDraft, {})
  const current = await client.call(getFlows, {})
  const flows = [...(current.flows as FlowNode[]), ...((draft?.changes.put ?? []) as FlowNode[])]
  await client.call(deployFlows, { body: { flows, rev: current.rev, kind: 'full' } })
  await hasOrdered(shop, neighbours)
}

/** The flows of the old Node-RED have ordered, with their password. */
export async function hasOrdered(shop: Installation, { orders }: Neighbours): Promise<void> {
  await until('the order, with its password', shop.withinMs ?? WITHIN_MS, () => orders.includes(ORDER))
}

/** After a start. */
export async function flowsRun(shop: Installation): Promise<void> {
  await until('the flows to run', Math.max(120_000, shop.withinMs ?? 0), async () => (await shop.client().call(getFlows, {})).runtime.flows === 'running')
}
