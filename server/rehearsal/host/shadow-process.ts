/**
 * Starts the shadow runtime behind its fences: no network of its own where the system can take it away, else Node's network
 * modules shut (they are shut in both cases); by Node's permission model no file read but the code it runs, none written outside its directory, and no program started.
 */
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { readJsonLines } from '../../../base/child.ts'
import { OperationalError } from '../../../base/errors.ts'
import { packageRoot } from '../../cli/package-root.ts'

export interface ShadowProcess {
  pid: number | undefined
  network: 'namespace' | 'modules'
  /** Resolves with how it ended. */
  ended: Promise<string>
  /** The end of what it wrote to its log. */
  log(): string
  close(): Promise<void>
}

const GRACE_MS = 3000
/** Of the product's own folder: its code and nothing that an installation keeps (keys, programs, journals). */
const READABLE = ['package.json', 'node_modules', 'dist', 'base', 'server', 'nodes', 'adapters']
const UNSHARE = ['--user', '--map-root-user', '--net']
/** Has the system end it together with this process: a flow in an endless loop hears of nothing (util-linux, prctl(2) PR_SET_PDEATHSIG). */
const DIES_WITH_US = ['--pdeathsig', 'KILL']
const known = new Map<string, boolean>()

/** Whether this system has the command and lets us use it. */
function canUse(command: string, args: readonly string[]): boolean {
  let can = known.get(command)
  if (can === undefined) {
    can = process.platform === 'linux' && spawnSync(command, [...args, '--', 'true'], { timeout: 5000 }).status === 0
    known.set(command, can)
  }
  return can
}

/** @param options.init what the launcher would pass to a runtime */
export function startShadow(options: { dir: string; paletteDir?: string | undefined; init: object; network?: 'namespace' | 'modules' }): ShadowProcess {
  const { dir, init } = options
  const isSource = import.meta.filename.endsWith('.ts')
  const file = (source: string, built: string) => join(packageRoot(), isSource ? source : join('dist', `${built}.js`))
  const node = [
    '--permission',
    // a folder that is not there yet (`dist` before a build) is one only with the star
    ...READABLE.flatMap((name) => [name, join(name, '*')]).map((name) => `--allow-fs-read=${join(packageRoot(), name)}`),
    ...[dir, ...(options.paletteDir === undefined ? [] : [options.paletteDir])].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${dir}`,
    '--no-warnings',
    '--import',
    file('server/rehearsal/shadow/preload.ts', 'shadow-preload'),
    file('server/runtime/main.ts', 'runtime'),
  ]
  const network = options.network ?? (canUse('unshare', UNSHARE) ? 'namespace' : 'modules')
  const whole = [
    ...(network === 'namespace' ? ['unshare', ...UNSHARE, '--'] : []),
    // behind the namespace: entering one takes the wish back
    ...(canUse('setpriv', DIES_WITH_US) ? ['setpriv', ...DIES_WITH_US, '--'] : []),
    process.execPath,
    ...node,
  ]
  const [command = process.execPath, ...args] = whole
  const logFile = join(dir, 'shadow.log')
  const log = openSync(logFile, 'a')
  const { PATH, LANG, TZ } = process.env
  const child = spawn(command, args, {
    cwd: dir,
    env: { ...(PATH ? { PATH } : {}), ...(LANG ? { LANG } : {}), ...(TZ ? { TZ } : {}), HOME: dir, TMPDIR: dir, NODE_ENV: 'production' },
    stdio: ['ignore', log, log, 'pipe'],
    windowsHide: true,
  })
  closeSync(log)
  const pipe = child.stdio[3] as unknown as Duplex
  pipe.on('error', () => {})
  pipe.on(
    'data',
    readJsonLines(
      () => {},
      () => {},
    ),
  )
  pipe.write(`${JSON.stringify({ type: 'init', data: init })}\n`)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`))
    child.once('exit', (code, signal) => resolve(signal ? `it was ended by ${signal}` : `it ended with code ${code}`))
  })
  return {
    pid: child.pid,
    network,
    ended,
    log: () => readFileSync(logFile, 'utf8').slice(-4000),
    async close() {
      pipe.write(`${JSON.stringify({ type: 'shutdown' })}\n`)
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      await ended
      clearTimeout(timer)
      pipe.destroy()
    },
  }
}

/** What a person is told when the shadow ended by itself. */
export const shadowGone = (how: string, log: string) =>
  new OperationalError({ code: 'shadow-gone', message: `The shadow runtime ended in the middle of the rehearsal: ${how}. ${lastWords(log)}`.trim() })

function lastWords(log: string): string {
  for (const line of log.trim().split('\n').reverse()) {
    try {
      const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } }
      if (err?.message) return `${msg}: ${err.message}`
    } catch {
      if (/error/i.test(line)) return line.slice(0, 300)
    }
  }
  return ''
}
