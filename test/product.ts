/** The whole product on its own temporary data directory, for tests that cross processes. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runDirFor } from '../base/run-dir.ts'
import { beginningOf } from '../bootstrap/claims.mjs'
import type { Client } from '../server/cli/client.ts'
import { startProduct } from '../server/cli/demo.ts'
import { killSame, type Remembered } from '../server/launcher/instance.ts'

export const root = join(import.meta.dirname, '..')

export interface Product {
  client: Client
  dataDir: string
  launcherPid: number
  /** The pid of a living process by its name (`runtime`, `guard:demo-mill`), as the launcher has written it down: needs no gateway. */
  pidOf(name: string): Promise<number>
  /** Ends everything; nothing of it lives on, whatever was killed before. */
  close(): Promise<void>
}

/** The processes of a product that live, without its launcher. */
export function livingProcesses(dataDir: string): Remembered[] {
  const file = join(dataDir, 'processes.json')
  const all = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Remembered[]) : []
  return all.filter(({ pid, beginning }) => beginningOf(pid) === beginning)
}

/** @param options.dataDir of an earlier start; otherwise a new one */
export async function startTestProduct(env: Record<string, string> = {}, options: { dataDir?: string } = {}): Promise<Product> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'cellwright-test-')))
  const { child, client, close } = await startProduct({ root, dataDir, env: { CELLWRIGHT_ORPHAN_TIMEOUT_S: '5', ...env } })
  return {
    client,
    dataDir,
    launcherPid: child.pid as number,
    pidOf: (name) => until(`a pid of ${name}`, 20_000, () => livingProcesses(dataDir).find((process) => process.name === name)?.pid),
    async close() {
      await close()
      for (const process of livingProcesses(dataDir)) killSame(process)
      await rm(dataDir, { recursive: true, force: true })
      // a launcher that was killed left it
      await rm(runDirFor(dataDir), { recursive: true, force: true })
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

/** Files that confirm something, without temporary ones. */
export async function confirmations(outbox: string): Promise<string[]> {
  return (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.json'))
}
