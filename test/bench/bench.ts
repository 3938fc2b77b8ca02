/** What a bench is, and the sums they share. */
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'

export interface BenchResult {
  /** For people. */
  rows: Record<string, string | number>[]
  /** Named figures for `--json`, with `n`, `conditions` and the path of the raw samples. */
  figures: Record<string, unknown>
}

export type Bench = (options: { tell: (text: string) => void }) => Promise<BenchResult>

/** The value below which `percent` of the samples lie (nearest rank). */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => percentile(samples, 50)

export const round = (value: number, digits = 3): number => Number(value.toFixed(digits))

/** Keeps the raw samples; the path goes into the figures. */
export async function keepSamples(name: string, samples: unknown): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'cellwright-bench-')), `${name}.json`)
  await writeFile(file, JSON.stringify(samples))
  return file
}

/** The machine a figure was taken on. */
export function conditions(extra: Record<string, unknown> = {}): Record<string, unknown> {
  return { node: process.version, platform: `${process.platform}-${process.arch}`, cpus: cpus().length, cpu: cpus()[0]?.model ?? 'unknown', ...extra }
}

/** Every process below `pid`, with it. Linux only: it reads /proc. */
export async function familyOf(pid: number): Promise<number[]> {
  const parents = new Map<number, number>()
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (parent) parents.set(Number(entry), parent)
  }
  const family = [pid]
  for (let i = 0; i < family.length; i += 1) for (const [child, parent] of parents) if (parent === family[i]) family.push(child)
  return family
}

/** Proportional set size in MB: shared pages are divided among those who share them. */
export async function pssMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024
}
