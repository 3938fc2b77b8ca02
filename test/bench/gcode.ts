/**
 * `npm run bench gcode`: parse, interpret and check a program of 1,000,000 short moves, read from the disk. The peers, in the
 * same run: `gcode-toolpath` and `gcode-parser` (parseLine), which check nothing. Every reading has a process of its own.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Bench, conditions, keepSamples, median, round } from './bench.ts'
import { writeFinishingProgram } from './gcode-program.ts'

const LINES = 1_000_000
const ROUNDS = 3
const READER = join(import.meta.dirname, 'gcode-reader.ts')
const PEERS = ['gcode-parser', 'gcode-toolpath']
const OURS = ['engine', 'engine with keep-out boxes', 'engine with every move told', 'engine with every line written out']

interface Sample {
  ms: number
  firstMs?: number
  rssGrowthMb?: number
  errors?: number
}

const execute = promisify(execFile)

async function read(tool: string, file: string, times = 1): Promise<Sample> {
  const { stdout } = await execute(process.execPath, ['--max-old-space-size=8192', READER, tool, file, String(times)])
  return JSON.parse(stdout) as Sample
}

export const bench: Bench = async ({ tell }) => {
  const dir = await mkdtemp(join(tmpdir(), 'cellwright-bench-gcode-'))
  try {
    const file = join(dir, 'finishing.nc')
    await writeFinishingProgram(file, LINES)
    const { size } = await stat(file)
    const samples: Record<string, Sample[]> = {}
    // taken in turns, so that a slow minute of the machine hits all of them
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      tell(`Round ${turn + 1} of ${ROUNDS}`)
      for (const tool of [...OURS, ...PEERS]) {
        samples[tool] ??= []
        samples[tool].push(await read(tool, file))
      }
    }
    tell('The program four times over, for its memory')
    const long = await read('engine', file, 4)
    const all = (tool: string, what: 'ms' | 'firstMs' | 'rssGrowthMb' = 'ms') => (samples[tool] ?? []).map((sample) => sample[what] ?? Number.NaN)
    if (samples.engine?.some(({ errors }) => errors !== 0)) throw new Error('The engine found errors in a good program')
    // the best of the rounds of each: what is left when the machine does nothing else
    const best = (tool: string) => Math.min(...all(tool))
    const over = (tool: string) => round(best(tool) / best('engine'), 1)
    return {
      rows: [...OURS, ...PEERS].map((tool) => ({
        what: tool,
        n: ROUNDS,
        'median ms': round(median(all(tool)), 0),
        'best ms': round(best(tool), 0),
        'M lines/s': round(LINES / best(tool) / 1000, 2),
        'MB/s': round(size / best(tool) / 1000, 0),
        'engine is faster': tool === 'engine' ? '' : `${over(tool)}x`,
      })),
      figures: {
        overToolpath: over('gcode-toolpath'),
        overParser: over('gcode-parser'),
        linesPerSecond: Math.round((LINES / best('engine')) * 1000),
        firstResultMs: round(Math.max(...all('engine', 'firstMs')), 1),
        rssGrowthMb: round(Math.max(...all('engine', 'rssGrowthMb')), 1),
        rssGrowthFourfoldMb: round(long.rssGrowthMb ?? Number.NaN, 1),
        n: ROUNDS,
        conditions: conditions({
          lines: LINES,
          bytes: size,
          pieceBytes: 64 * 1024,
          peers: 'own work only: text and lines were read before',
          ratios: 'best of n',
        }),
        samples: await keepSamples('gcode', { ...samples, fourfold: [long] }),
      },
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
