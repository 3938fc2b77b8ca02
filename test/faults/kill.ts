/** Killing processes of the product, and waiting until their next life does its work. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { getSystem } from '../../server/api/index.ts'
import { type Product, until } from '../product.ts'

/** The launcher takes a runtime that is ended three times in a minute for one that crashes, and keeps its flows stopped. It hears of a death a moment later. */
const DEATHS_MS = 65_000
const deaths: number[] = []

/** Waits until the runtime may die once more without being taken for one that crashes again and again. */
export async function mayRuntimeDie(): Promise<void> {
  const before = deaths.at(-2)
  if (before !== undefined) await wait(Math.max(0, before + DEATHS_MS - performance.now()))
  deaths.push(performance.now())
}

/** `kill -9`; resolves when the launcher says that the next life runs, and the gateway answers for it. */
export async function killAndWait(product: Product, name: string): Promise<void> {
  if (name === 'runtime') await mayRuntimeDie()
  const pid = await product.pidOf(name)
  process.kill(pid, 'SIGKILL')
  await backAgain(product, name, pid)
}

/** Resolves when another life than that one runs. */
export async function backAgain(product: Product, name: string, pid: number): Promise<void> {
  await until(`${name} to be started again`, 60_000, async () => {
    const { processes } = await product.client.call(getSystem, {})
    return processes.some((each) => each.name === name && each.state === 'running' && each.pid !== undefined && each.pid !== pid) || undefined
  })
}

export const canFreeze = process.platform === 'linux'

/** Stops every process of the database where it stands (SIGSTOP); the result lets those that still live go on. */
export async function freezeDatabase(product: Pick<Product, 'pidOf'>): Promise<() => void> {
  const postmaster = await product.pidOf('postgres')
  // first, so that it makes no more of them
  signal(postmaster, 'SIGSTOP')
  const own = [postmaster, ...childrenOf(postmaster)]
  for (const pid of own) signal(pid, 'SIGSTOP')
  return () => {
    for (const pid of own) signal(pid, 'SIGCONT')
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    try {
      // the name of a process may hold spaces and brackets
      const [, ppid] = readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      return Number(ppid) === parent ? [Number(entry)] : []
    } catch {
      return [] // ended meanwhile
    }
  })
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
