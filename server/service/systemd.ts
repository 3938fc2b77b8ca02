/** Speaks with systemd by its own programs: systemctl, journalctl. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { OperationalError, UserError } from '../../base/errors.ts'

/** What belongs to a unit of the system, and what to one of a user. */
export interface Scope {
  isUser: boolean
}

/**
 * @throws UserError no-systemd
 */
export function mustHaveSystemd(): void {
  // sd_booted(3)
  if (process.platform === 'linux' && existsSync('/run/systemd/system')) return
  throw new UserError({
    code: 'no-systemd',
    message:
      'This computer was not started by systemd, so there is no service to install. docs/service.md says how it is done in a container, on Windows and on macOS; --dry-run prints the unit.',
  })
}

interface Answer {
  code: number
  out: string
  err: string
}

/** Runs a program of the system; its failure is an answer. @throws UserError no-program when it is not there */
export function ask(program: string, args: readonly string[]): Answer {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 })
  if (error) throw new UserError({ code: 'no-program', message: `${program} could not be run: ${error.message}.` })
  return { code: status ?? 1, out: stdout, err: stderr }
}

/** The same for what must work. @throws OperationalError service-command-failed */
export function must(program: string, args: readonly string[]): string {
  const { code, out, err } = ask(program, args)
  if (code === 0) return out
  throw new OperationalError({ code: 'service-command-failed', message: `"${[program, ...args].join(' ')}" failed: ${(err || out).trim() || `code ${code}`}` })
}

export const systemctl = ({ isUser }: Scope, ...args: string[]) => must('systemctl', [...(isUser ? ['--user'] : []), ...args])
export const journalOf = ({ isUser }: Scope, service: string) => [isUser ? '--user-unit' : '--unit', service]

/** What `systemctl show` tells of a unit. */
export function showUnit({ isUser }: Scope, unit: string, names: readonly string[]): Record<string, string> {
  const { out } = ask('systemctl', [...(isUser ? ['--user'] : []), 'show', unit, `--property=${names.join(',')}`])
  return Object.fromEntries(
    out
      .trim()
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

/** Runs a program in the foreground, on this terminal; resolves with its exit code. */
export function inForeground(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    // Ctrl-C ends it through the terminal
    const ignore = () => {}
    process.on('SIGINT', ignore)
    child.once('error', (error) => reject(new UserError({ code: 'no-program', message: `${program} could not be run: ${error.message}.` })))
    child.once('exit', (code) => {
      process.off('SIGINT', ignore)
      resolve(code ?? 1)
    })
  })
}
