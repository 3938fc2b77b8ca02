/** The processes that this one has started for a while: helpers and rehearsals. Told on the health page. */
import type { ChildProcess } from 'node:child_process'

export interface OwnChild {
  name: string
  pid: number
  since: string
}

const living = new Map<number, OwnChild>()

/** Counts a child until it ends. @param name `helper:<what>`, `rehearsal` */
export function followChild(child: ChildProcess, name: string): void {
  const { pid } = child
  if (pid === undefined) return
  living.set(pid, { name, pid, since: new Date().toISOString() })
  child.once('exit', () => living.delete(pid))
}

export const ownChildren = (): readonly OwnChild[] => [...living.values()]
