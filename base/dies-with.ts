/**
 * Makes a program end when its parent is gone, however the parent ended (`kill -9` too) and whatever
 * the program itself does (a blocked event loop, a foreign program such as PostgreSQL). Only Node's own modules.
 */
import type { Writable } from 'node:stream'

/** How a program ends when the pipe to its parent does. */
export interface LastSignal {
  /** INT goes to the program; KILL to its whole process group, which is also what it may have started itself. */
  signal: 'INT' | 'KILL'
  /** Seconds the program has to end by itself before that. @defaultValue 0 */
  graceS?: number
}

/**
 * The command that runs `command` under a watcher: spawn it detached, with a pipe at file descriptor `fd`.
 * Detached makes the program the leader of a process group that the watcher is in too: as long as the
 * watcher lives, no other process can get the number it signals.
 *
 * The shell leaves a watcher behind that waits for the pipe to end, then becomes the program itself: the
 * spawned pid is the program's. `$$` in the watcher is still that pid (POSIX: a subshell keeps it). The
 * watcher is forked twice, so that the program does not inherit a child it knows nothing of (PostgreSQL
 * restarts all its processes when an unknown child ends badly). On Windows the command stays as it is.
 */
export function commandThatDiesWith(options: { command: string; args: readonly string[]; fd: number; last: LastSignal }): { command: string; args: string[] } {
  const { command, args, fd, last } = options
  if (process.platform === 'win32') return { command, args: [...args] }
  const wait = `n=${last.graceS ?? 0}; while [ $n -gt 0 ] && kill -0 $$ 2>/dev/null; do sleep 1; n=$((n-1)); done`
  const signal = last.signal === 'KILL' ? 'kill -s KILL -- -$$' : 'kill -s INT $$'
  const watcher = `read -r word <&${fd}; [ "$word" = end ] && exit 0; ${wait}; ${signal} 2>/dev/null`
  return { command: '/bin/sh', args: ['-c', `( ( ${watcher} ) & ); exec "$@" ${fd}<&-`, 'sh', command, ...args] }
}

/** Tells the watcher that the program has ended, and ends it. */
export function dismissWatcher(pipe: Writable | null | undefined): void {
  if (pipe?.writable) pipe.end('end\n')
}
