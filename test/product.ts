/** The whole product on its own temporary data directory, for tests that cross processes. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { getSystem, type Job, listJobs, listPanel, type PanelButton, pressButton, startDemo } from '../server/api/index.ts'
import type { Client } from '../server/cli/client.ts'
import { startProduct } from '../server/cli/demo.ts'

export const root = join(import.meta.dirname, '..')

export interface Product {
  client: Client
  dataDir: string
  launcherPid: number
  /** The pid of a process by its name (`runtime`, `guard:demo-mill`), as the launcher tells. */
  pidOf(name: string): Promise<number>
  close(): Promise<void>
}

export async function startTestProduct(env: Record<string, string> = {}): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-test-'))
  const { child, client, close } = await startProduct({ root, dataDir, env: { CELLWRIGHT_ORPHAN_TIMEOUT_S: '5', ...env } })
  return {
    client,
    dataDir,
    launcherPid: child.pid as number,
    async pidOf(name) {
      return until(`a pid of ${name}`, 20_000, async () => (await client.call(getSystem, {})).processes.find((process) => process.name === name)?.pid)
    },
    async close() {
      await close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Asks again until there is an answer; errors on the way count as "not yet". */
export async function until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`, { cause: last })
    await wait(50)
  }
}

export interface Shop {
  machineId: string
  inbox: string
  outbox: string
}

/** The demo shop, with a work order waiting at the first button. */
export async function setUpShop(product: Product, timeScale: number): Promise<Shop & { cut: PanelButton }> {
  const shop = await product.client.call(startDemo, { body: { timeScale } })
  return { ...shop, cut: await buttonWaiting(product.client, (button) => button.asks.length === 0) }
}

export function buttonWaiting(client: Client, matches: (button: PanelButton) => boolean): Promise<PanelButton> {
  return until('a button with something waiting', 60_000, async () =>
    (await client.call(listPanel, {})).find((button) => matches(button) && button.isEnabled && button.waiting.length > 0),
  )
}

/** Presses a button for the first thing that waits at it. */
export async function press(client: Client, button: PanelButton, values: Record<string, number> = {}): Promise<string> {
  const { runId } = await client.call(pressButton, {
    params: { nodeId: button.nodeId },
    body: { pressId: crypto.randomUUID(), waitingId: button.waiting[0]!.id, values },
  })
  return runId
}

/** The machine job of a run, once it has sent some lines. */
export function programUnderWay(client: Client, machineId: string): Promise<Job> {
  return until('a program under way', 60_000, async () =>
    (await client.call(listJobs, { query: { machineId } })).find((job) => job.kind === 'program' && job.state === 'active' && (job.progress?.done ?? 0) > 5),
  )
}

/** Files that confirm something, without temporary ones. */
export async function confirmations(outbox: string): Promise<string[]> {
  return (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.json'))
}
