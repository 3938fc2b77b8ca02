/** The whole product on its own temporary data directory, for tests that cross processes. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runDirFor } from '../base/run-dir.ts'
import { beginningOf } from '../bootstrap/claims.mjs'
import type { Client } from '../server/cli/client.ts'
import { startProduct } from '../server/cli/demo.ts'
import { dataPaths } from '../server/config.ts'
import { killSame, type Remembered } from '../server/launcher/instance.ts'
import { putCluster, quickTmpdir } from '../server/store/testing.ts'

export const root = join(import.meta.dirname, '..')

export interface Product {
  client: Client
  dataDir: string
  launcherPid: number
  /** What it has printed so far. */
  printed(): string
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

/** @param options.dataDir of an earlier start; otherwise a new one @param options.prepare puts into it what is there before the first start */
export async function startTestProduct(
  env: Record<string, string> = {},
  options: { dataDir?: string; prepare?: (paths: ReturnType<typeof dataPaths>) => Promise<void> } = {},
): Promise<Product> {
  const dataDir = options.dataDir ?? (await newDataDir(env.DATABASE_URL === undefined))
  await options.prepare?.(dataPaths({ dataDir, filesDir: undefined }))
  // the launcher runs on the user's own Node, which is older than the one that runs the tests
  const node = process.env.npm_node_execpath ?? process.execPath
  const { child, client, close } = await startProduct({ root, dataDir, node, env: { CELLWRIGHT_ORPHAN_TIMEOUT_S: '5', ...env } })
  let printed = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  return {
    client,
    dataDir,
    launcherPid: child.pid as number,
    printed: () => printed,
    pidOf: (name) => until(`a pid of ${name}`, 20_000, () => livingProcesses(dataDir).find((process) => process.name === name)?.pid),
    async close() {
      await close()
      for (const process of livingProcesses(dataDir)) killSame(process)
      // what was just killed may still write for a moment
      await rm(dataDir, { recursive: true, force: true, maxRetries: 10 })
      // a launcher that was killed left it
      await rm(runDirFor(dataDir), { recursive: true, force: true })
    },
  }
}

async function newDataDir(hasDatabase: boolean): Promise<string> {
  const dataDir = await mkdtemp(join(quickTmpdir(), 'cellwright-test-'))
  const paths = dataPaths({ dataDir, filesDir: undefined })
  if (hasDatabase) await putCluster({ clusterDir: paths.postgres, passwordFile: join(paths.keys, 'postgres') }, true)
  return dataDir
}

/** From look to look: soon at first, and later so that looking is not what keeps the product busy. */
const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 120

/** Asks again until there is an answer; errors on the way count as "not yet". */
export async function until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let last: unknown
  let pauseMs = FIRST_PAUSE_MS
  for (;;) {
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`, { cause: last })
    await wait(pauseMs)
    pauseMs = Math.min(pauseMs * 1.2, LONGEST_PAUSE_MS)
  }
}

/** Files that confirm something, without temporary ones. */
export async function confirmations(outbox: string): Promise<string[]> {
  return (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.json'))
}
