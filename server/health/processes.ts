/**
 * Every process: those that the launcher keeps, as they tell of themselves, and those that this gateway started. What cannot tell
 * (PostgreSQL, helpers, a guard that was taken over) is read from the operating system, where it shows it (Linux).
 */
import { readFile } from 'node:fs/promises'
import type { HealthProcess, ProcessView } from '../api/index.ts'
import { ownChildren } from '../system/own-children.ts'

/** Jiffies a second: 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const TICKS = 100

interface SystemFigures {
  rssBytes: number
  cpuTicks: number
}

/** Undefined where the system does not show it. */
async function figuresOf(pid: number): Promise<SystemFigures | undefined> {
  try {
    const [status, stat] = await Promise.all([readFile(`/proc/${pid}/status`, 'utf8'), readFile(`/proc/${pid}/stat`, 'utf8')])
    // proc(5): fields after the name, which may hold blanks; utime and stime are the 14th and 15th
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { rssBytes: 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0), cpuTicks: Number(fields[11] ?? 0) + Number(fields[12] ?? 0) }
  } catch {
    return undefined
  }
}

/** Of PostgreSQL each connection is a process of its own; what they share counts once. */
async function withChildren(pid: number): Promise<SystemFigures | undefined> {
  const own = await figuresOf(pid)
  if (!own) return undefined
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  for (const child of children.trim().split(' ').filter(Boolean)) {
    const [status, figures] = await Promise.all([readFile(`/proc/${child}/status`, 'utf8').catch(() => ''), figuresOf(Number(child))])
    own.rssBytes += 1024 * Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0)
    own.cpuTicks += figures?.cpuTicks ?? 0
  }
  return own
}

/** Looks at processes again and again: their use of processors is from one look to the next. */
export function watchProcesses(launched: () => readonly ProcessView[]): () => Promise<HealthProcess[]> {
  const before = new Map<number, { ticks: number; at: number }>()
  const bySystem = async (process: ProcessView): Promise<HealthProcess> => {
    if (process.pid === undefined) return { ...process, from: 'system' }
    const figures = await withChildren(process.pid)
    if (!figures) return { ...process, from: 'system' }
    const at = performance.now()
    const last = before.get(process.pid)
    before.set(process.pid, { ticks: figures.cpuTicks, at })
    const cpuPercent = last && at > last.at ? Math.max(0, Math.round(((figures.cpuTicks - last.ticks) / TICKS / ((at - last.at) / 1000)) * 100)) : undefined
    return { ...process, rssBytes: figures.rssBytes, ...(cpuPercent === undefined ? {} : { cpuPercent }), from: 'system' }
  }
  return async () => {
    const helpers: ProcessView[] = ownChildren().map(({ name, pid, since }) => ({ name, pid, since, state: 'running', restarts: 0 }))
    const all = await Promise.all(
      [...launched(), ...helpers].map((process) =>
        process.rssBytes === undefined ? bySystem(process) : Promise.resolve({ ...process, from: 'itself' as const }),
      ),
    )
    for (const pid of before.keys()) if (!all.some((process) => process.pid === pid)) before.delete(pid)
    return all
  }
}
