// Who is alive in this directory: one file per living process, named after its pid and when that process
// began, so that a claim left behind by kill -9 or a power cut counts for nothing even when its pid is in use
// again. A file is only ever removed by its owner or after its owner's death: no two processes can hold a lock.
// Plain JavaScript, only Node's own modules: the bootstrap and the launcher share it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** When a process began, as text that tells it from a later one with the same pid; undefined: no such process. */
export function beginningOf(pid) {
  try {
    if (process.platform === 'linux') {
      // proc(5): field 22, counted after the command's name, which may hold spaces and parentheses
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)}${fields[19]}`
    }
    if (process.platform === 'darwin') return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).replaceAll(/\W/g, '') || undefined
    process.kill(pid, 0)
    return 'unknown'
  } catch (error) {
    return error.code === 'EPERM' ? 'unknown' : undefined
  }
}

const nameOf = (pid) => `${pid}.${beginningOf(pid)}`

/** The pids of the living claims in `dir`, without this process; dead ones are cleared away. */
export function claimsIn(dir) {
  const mine = nameOf(process.pid)
  let names
  try {
    names = readdirSync(dir)
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
  return names.flatMap((name) => {
    const [pid, beginning] = name.split('.')
    if (name === mine) return []
    if (beginning && beginningOf(Number(pid)) === beginning) return [Number(pid)]
    rmSync(join(dir, name), { force: true })
    return []
  })
}

/** Puts this process's claim into `dir`; returns how to take it away. */
export function claim(dir) {
  mkdirSync(dir, { recursive: true })
  const file = join(dir, nameOf(process.pid))
  writeFileSync(file, '')
  return () => rmSync(file, { force: true })
}

/**
 * Claims `dir` for this process alone.
 * @param onTaken told the pid of the holder each time somebody else has it; a truthy answer gives up
 * @returns how to release it; undefined when `onTaken` gave up
 */
export async function claimAlone(dir, onTaken) {
  for (;;) {
    // whoever claims later sees the earlier claim, so two can never both find themselves alone
    const release = claim(dir)
    const [other] = claimsIn(dir)
    if (other === undefined) return release
    release()
    if (onTaken(other)) return undefined
    await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 120))
  }
}
