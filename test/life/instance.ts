/** A launcher on a temporary data directory, with small test programs or the product's own, in this process or in one of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beginningOf } from '../../bootstrap/claims.mjs'
import { readConfig } from '../../server/config.ts'
import type { LauncherOptions, LauncherTimings } from '../../server/launcher/launcher.ts'
import type { ProgramName } from '../../server/launcher/programs.ts'

export const root = join(import.meta.dirname, '..', '..')

/** The launcher passes on very little: what the sources compile to is kept for its processes, too. */
const compiled = { NODE_COMPILE_CACHE: join(root, '.cache', 'compile') }

interface LifeEvent {
  name: string
  what: string
  pid: number
  data?: unknown
}

/** The product's own entry points, from the sources. */
const ENTRIES: Record<ProgramName, string> = {
  gateway: 'server/main.ts',
  runtime: 'server/runtime/main.ts',
  'connector-host': 'adapters/host/main.ts',
  guard: 'nodes/motion/guard/main.ts',
  virtual: 'nodes/motion/virtual/main.ts',
}

export interface Place {
  dir: string
  dataDir: string
  options(extra?: { real?: ProgramName[]; timings?: Partial<LauncherTimings>; env?: Record<string, string> }): LauncherOptions
  complaints: string[]
  events(): LifeEvent[]
  /** Tells a test program what to do (test/life/program.ts). */
  tell(name: string, what: 'crash' | 'refuse' | 'hang' | 'slow'): void
  untell(name: string, what: 'crash' | 'refuse' | 'hang' | 'slow'): void
  /** Lets a test program send a note to the launcher. */
  note(name: string, note: unknown): void
  remove(): void
}

/** A directory of its own for one test. The database is nobody's: the test programs do not use it. */
export function makePlace(): Place {
  const dir = mkdtempSync(join(tmpdir(), 'cw-life-'))
  const file = (name: string, what: string) => join(dir, `${name}.${what}`)
  const complaints: string[] = []
  return {
    dir,
    dataDir: join(dir, 'data'),
    complaints,
    options({ real = [], timings = {}, env = {} } = {}) {
      const program = (name: ProgramName) => ({
        command: process.execPath,
        args: real.includes(name) ? [join(root, ENTRIES[name])] : [join(import.meta.dirname, 'program.ts'), name, dir],
        env: compiled,
      })
      return {
        config: readConfig({ CELLWRIGHT_DATA: join(dir, 'data'), CELLWRIGHT_PORT: '0', DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none', ...env }),
        root,
        programs: {
          gateway: program('gateway'),
          runtime: program('runtime'),
          'connector-host': program('connector-host'),
          guard: program('guard'),
          virtual: program('virtual'),
        },
        timings,
        complain: (who, text) => complaints.push(`${who}: ${text}`),
      }
    },
    events() {
      if (!existsSync(join(dir, 'events'))) return []
      const lines = readFileSync(join(dir, 'events'), 'utf8').split('\n').slice(0, -1)
      return lines.map((line) => JSON.parse(line) as LifeEvent)
    },
    tell: (name, what) => writeFileSync(file(name, what), ''),
    untell: (name, what) => rmSync(file(name, what), { force: true }),
    note: (name, note) => appendFileSync(file(name, 'notes'), `${JSON.stringify(note)}\n`),
    // a process that ends just now may still write a last event
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 20 }),
  }
}

/** A launcher in a process of its own, as `npm start` is: for what happens when it is killed. */
export async function launcherProcess(options: LauncherOptions): Promise<{ child: ChildProcess; url: string }> {
  const { complain: _, ...rest } = options
  const script = `
    import { createLauncher } from ${JSON.stringify(join(root, 'server/launcher/launcher.ts'))}
    const launcher = createLauncher({ ...${JSON.stringify(rest)}, complain: (who, text) => console.error(who + ': ' + text) })
    process.on('SIGINT', () => launcher.stop())
    const { url } = await launcher.start()
    console.log(url)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
    child.once('exit', () => reject(new Error(`the launcher ended: ${said}`)))
  })
  return { child, url }
}

export const isAlive = (pid: number) => beginningOf(pid) !== undefined

/** @param timeoutMs several processes start from their sources while others work @defaultValue 60 s */
export async function waitFor<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
