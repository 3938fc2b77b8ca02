/** `npm run bench start`: time to ready of a second start, and the idle memory of all our processes. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startProduct } from '../../server/cli/demo.ts'
import { type Bench, conditions, familyOf, keepSamples, median, pssMb, round } from './bench.ts'

const root = join(import.meta.dirname, '..', '..')

async function nameOf(pid: number): Promise<string> {
  const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').filter(Boolean)
  const script = command.find((part) => /\.m?js$/.test(part)) ?? command[0] ?? String(pid)
  return script.split('/').pop() ?? script
}

export const bench: Bench = async ({ tell }) => {
  if (process.platform !== 'linux') throw new Error('This bench reads /proc and runs on Linux only.')
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-start-'))
  const rounds = 3
  const readyMs: number[] = []
  const memory: { name: string; pssMb: number }[][] = []
  try {
    for (let round = 0; round <= rounds; round += 1) {
      tell(round === 0 ? 'First start (not counted): database and keys are made, the demo shop is set up' : `Start ${round} of ${rounds}`)
      const begun = performance.now()
      const product = await startProduct({ root, dataDir })
      const took = performance.now() - begun
      try {
        if (round === 0) await product.client.call((await import('../../server/api/index.ts')).startDemo, { body: { timeScale: 10 } })
        else {
          readyMs.push(took)
          // idle: caches filled at start are given back only after a while
          await wait(20_000)
          const pids = await familyOf(product.child.pid as number)
          memory.push(await Promise.all(pids.map(async (pid) => ({ name: await nameOf(pid), pssMb: await pssMb(pid) }))))
        }
      } finally {
        await product.close()
      }
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
  const totals = memory.map((processes) => processes.reduce((sum, p) => sum + p.pssMb, 0))
  const last = memory.at(-1) ?? []
  return {
    rows: [
      ...last.map((p) => ({ what: p.name, value: round(p.pssMb, 1), unit: 'MB PSS' })),
      { what: 'all processes', value: round(median(totals), 1), unit: 'MB PSS' },
      { what: 'ready, second start', value: round(median(readyMs), 0), unit: 'ms' },
    ],
    figures: {
      pssMb: round(median(totals), 1),
      readyMs: round(median(readyMs), 0),
      n: rounds,
      conditions: conditions({ idleSeconds: 20, machines: 1 }),
      samples: await keepSamples('start', { readyMs, memory }),
    },
  }
}
