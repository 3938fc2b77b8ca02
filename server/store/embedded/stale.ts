/** A server that an earlier life left behind. `postmaster.pid` is never deleted: PostgreSQL does that itself when it is safe. */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { OperationalError } from '../../../base/errors.ts'

/** What `postmaster.pid` says (src/include/utils/pidfile.h): line 1 the pid, line 8 `starting`, `ready`, `stopping`. */
export function readPidFile(clusterDir: string): { pid: number; status: string } | undefined {
  const file = join(clusterDir, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  let lines: string[]
  try {
    lines = readFileSync(file, 'utf8').split('\n')
  } catch (error) {
    // removed by its server between the two calls
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const pid = Math.abs(Number(lines[0]))
  return pid ? { pid, status: lines[7]?.trim() ?? '' } : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether a living process is the server of this cluster. */
function isServerOf(pid: number, clusterDir: string): boolean {
  if (process.platform === 'linux') {
    try {
      // PostgreSQL works inside its data directory; a zombie has no executable to read
      return /\/postgres( \(deleted\))?$/.test(readlinkSync(`/proc/${pid}/exe`)) && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(clusterDir)
    } catch {
      // gone, a zombie, or somebody else's: none of them is our server
      return false
    }
  }
  try {
    if (process.platform === 'win32') return execFileSync('tasklist', ['/FI', `PID eq ${pid}`], { encoding: 'utf8' }).includes('postgres.exe')
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
    return command.includes('postgres') && command.includes(clusterDir)
  } catch {
    // ps and tasklist fail for a pid that has just ended
    return false
  }
}

/**
 * Stops a living server of this cluster, as `pg_ctl stop -m fast` does (SIGINT), harder when it does not listen.
 *
 * @returns the pid in a stale `postmaster.pid` that now belongs to a process of another kind: PostgreSQL
 * would take it for a server and refuse, unless it is told that this pid is none (PG_GRANDPARENT_PID,
 * src/backend/utils/init/miscinit.c, CreateLockFile)
 * @throws OperationalError database-does-not-stop
 */
export async function endStaleServer(clusterDir: string, stopWindows: () => Promise<void>): Promise<number | undefined> {
  const pid = readPidFile(clusterDir)?.pid
  if (pid === undefined || !isAlive(pid)) return undefined
  if (!isServerOf(pid, clusterDir)) return pid
  if (process.platform === 'win32') {
    await stopWindows()
    return undefined
  }
  for (const [signal, patienceMs] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 5000],
  ] as const) {
    for (const each of ['SIGCONT', signal] as const)
      try {
        process.kill(pid, each)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined
        throw error
      }
    const end = performance.now() + patienceMs
    while (performance.now() < end) {
      if (!isAlive(pid)) return undefined
      // ended, and not yet reaped by whoever is its parent now: PostgreSQL would still take it for a server
      if (!isServerOf(pid, clusterDir)) return pid
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new OperationalError({
    code: 'database-does-not-stop',
    message: `An earlier PostgreSQL (process ${pid}) still holds ${clusterDir} and does not end. End that process, then try again.`,
  })
}
