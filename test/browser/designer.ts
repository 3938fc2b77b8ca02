/** A designer for one test file: a borrowed product that runs its flows, a browser, and somebody who is signed in. */
import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { inject } from 'vitest'
import { UserError } from '../../base/errors.ts'
import {
  addAccount,
  deployFlows,
  type FlowNode,
  getFlows,
  getMachine,
  listConnections,
  type Role,
  removeConnection,
  removeMachine,
  startDemo,
} from '../../server/api/index.ts'
import { type Client, createClient, findAccess } from '../../server/cli/client.ts'
import { until } from '../product.ts'
import { complaintsOf, launchBrowser, SIZES } from './chromium.ts'
import { PASSWORD, signInTo } from './hands.ts'
import type { Borrowed } from './products.ts'

/** One person's browser window. */
interface Window {
  context: BrowserContext
  page: Page
  /** What the window complained about, see {@link complaintsOf}. */
  complaints: string[]
  /** Unlike any other of this run. */
  userName: string
}

export interface Designer extends Window {
  browser: Browser
  client: Client
  dataDir: string
  /** Makes these the flows that run, and the only ones. */
  deploy(flows: readonly FlowNode[], comment?: string): Promise<void>
  /** What runs. */
  running(): Promise<FlowNode[]>
  /** One object of what runs. */
  nodeOf(id: string): Promise<FlowNode | undefined>
  /** Sets up the demo shop with its virtual machine and deploys its flow, if this product has not got it yet. */
  setUpDemo(): Promise<void>
  /** Signs another person in, in a window of their own that shows the designer. */
  signIn(person: Person): Promise<Window>
  close(): Promise<void>
}

interface Person {
  name: string
  /** @defaultValue admin */
  role?: Role
  context?: BrowserContextOptions
  /** A quiet moment comes, in which the page loads the stock dialogs ahead; otherwise they are loaded when one is opened. */
  hasQuietMoments?: boolean
  /** Before anything of the product is loaded. */
  prepare?: (context: BrowserContext) => Promise<void>
}

/** A browser that has just started loads and compiles everything for the first time. */
const FIRST_PAGE_MS = 60_000

/** What runs at the beginning, or what makes it of what the product has. */
type Flows = readonly FlowNode[] | ((client: Client) => Promise<readonly FlowNode[]>)

/**
 * Call `close` at the end, when this failed halfway, too: nothing is left then.
 * @param options.flows which run at the beginning @defaultValue none
 */
export async function openDesigner({ flows = [], ...person }: Partial<Person> & { flows?: Flows } = {}): Promise<Designer> {
  const product = await borrowProduct()
  let browser: Browser | undefined
  const close = async () => {
    try {
      await browser?.close()
    } finally {
      await product.giveBack()
    }
  }
  try {
    const { client, turn } = product
    const deploy = async (wanted: readonly FlowNode[], comment?: string) => {
      await client.call(deployFlows, { body: { flows: [...wanted], kind: 'full', ...(comment === undefined ? {} : { comment }) } })
    }
    const running = async () => (await client.call(getFlows, {})).flows as FlowNode[]
    await deploy(typeof flows === 'function' ? await flows(client) : flows)
    const opened = await launchBrowser()
    browser = opened
    let people = 0
    const signIn = async ({ name, role = 'admin', context: options, hasQuietMoments = false, prepare }: Person): Promise<Window> => {
      people += 1
      const userName = `${(name.split(' ')[0] as string).toLowerCase()}-${turn}-${people}`
      await client.call(addAccount, { body: { userName, name, role, password: PASSWORD } })
      const context = await opened.newContext({ viewport: SIZES.desktop, locale: 'en-GB', ...options })
      const complaints = complaintsOf(context)
      if (!hasQuietMoments) await context.addInitScript(neverIdle)
      await prepare?.(context)
      await signInTo(context, client.access.url, userName)
      const page = await context.newPage()
      await page.goto(client.access.url, { timeout: FIRST_PAGE_MS })
      await page.getByTestId('canvas').waitFor({ timeout: FIRST_PAGE_MS })
      return { context, page, complaints, userName }
    }
    const window = await signIn({ name: 'Anna Arens', ...person })
    return {
      ...window,
      browser: opened,
      client,
      dataDir: product.dataDir,
      deploy,
      running,
      nodeOf: async (id) => (await running()).find((node) => node.id === id),
      setUpDemo: async () => {
        const start = () => client.call(startDemo, { body: { timeScale: 60 } })
        await start().catch(async (error: unknown) => {
          if (!(error instanceof UserError && error.code === 'demo-exists')) throw error
          // who had this product before left the shop, and took its flow
          for (const { id, name } of await client.call(listConnections, {}))
            if (name === 'Demo shop') await client.call(removeConnection, { params: { connectionId: id }, query: { evenIfUsed: true } })
          await client.call(removeMachine, { params: { machineId: 'demo-mill' } })
          await start()
        })
        // what is asked of a machine before its guard knows the controller is refused
        await until('the demo machine to be ready', 60_000, async () => {
          const { state } = await client.call(getMachine, { params: { machineId: 'demo-mill' } })
          if (state?.link === 'connected' && state.isStanding && state.modal) return true
          // said when it never comes
          throw new Error(`it is ${JSON.stringify(state)?.slice(0, 2000)}`)
        })
      },
      signIn,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** In the page: loading what may be wanted later takes seconds of a processor, on every page of every test. */
function neverIdle(): void {
  if (window === window.top) window.requestIdleCallback = () => 0
}

/** A product that nobody else uses until it is given back (`products.ts`). */
async function borrowProduct(): Promise<{ client: Client; dataDir: string; turn: number; giveBack: () => Promise<void> }> {
  const socket = createConnection(inject('productsPort'), '127.0.0.1')
  const giveBack = () =>
    new Promise<void>((resolve) => {
      if (socket.closed) return resolve()
      socket.once('close', () => resolve())
      socket.destroy()
    })
  try {
    for await (const line of createInterface(socket)) {
      const borrowed = JSON.parse(line) as Borrowed
      if ('failure' in borrowed) throw new Error(`No product could be started: ${borrowed.failure}`)
      const { dataDir, turn } = borrowed
      return { client: createClient(() => findAccess({ CELLWRIGHT_DATA: dataDir })), dataDir, turn, giveBack }
    }
    throw new Error('No product could be borrowed.')
  } catch (error) {
    await giveBack()
    throw error
  }
}

/** An object of a flow, on the flow `tab` if nothing else is said, named like its id. */
export function node(id: string, type: string, x: number, y: number, wires: string[] = [], more: Record<string, unknown> = {}): FlowNode {
  return { id, type, z: 'tab', name: id, x, y, wires: [wires], ...more }
}
