/** The real command, `dist/cli.js`, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../product.ts'

export interface CliResult {
  /** 0 done, 1 failed, 2 to be put right first; -1 when a signal ended it. */
  code: number
  out: string
  err: string
  /** Standard output as JSON: one value and nothing else. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly json: any
}

export interface CliOptions {
  env?: Record<string, string>
  /** Standard input. */
  input?: string
}

export interface RunningCli {
  child: ChildProcess
  /** What it has said so far on standard error. */
  readonly err: string
  ended: Promise<CliResult>
}

const living = new Set<RunningCli>()

/** Ends what a failed test left: a `start`, or somebody who follows a program. */
export async function endAll(): Promise<void> {
  for (const { child } of living) child.kill('SIGTERM')
  await Promise.all([...living].map(({ ended }) => ended))
}

/** Starts the command without any setting of this shell. */
export function startCli(args: readonly string[], { env = {}, input }: CliOptions = {}): RunningCli {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^CELLWRIGHT_|^(DATABASE|REDIS)_URL$/.test(name)))
  const child = spawn(process.execPath, [join(root, 'dist', 'cli.js'), ...args], { env: { ...clean, ...env }, stdio: 'pipe' })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk
  })
  child.stdin.end(input ?? '')
  const ended = new Promise<CliResult>((resolve) => {
    child.once('close', (code) =>
      resolve({
        code: code ?? -1,
        out,
        err,
        get json() {
          return JSON.parse(out) as unknown
        },
      }),
    )
  })
  const running: RunningCli = {
    child,
    get err() {
      return err
    },
    ended,
  }
  living.add(running)
  child.once('close', () => living.delete(running))
  return running
}

export const runCli = (args: readonly string[], options?: CliOptions): Promise<CliResult> => startCli(args, options).ended
