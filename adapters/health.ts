/** How a connection is, of several parts that may each be in trouble: the line to the other side, the way to the gateway. */
import type { ConnectorContext, Told } from './contract.ts'

export interface Health<Part extends string> {
  /** This part is in trouble, or (without words) well again. */
  set(part: Part, trouble?: Told): void
}

/**
 * Tells `failing` with the first part in trouble, `running` when all are well; each only once.
 * @param parts the most important first
 */
export function createHealth<const Part extends string>(context: Pick<ConnectorContext, 'state' | 'signal'>, parts: readonly Part[]): Health<Part> {
  const troubles = new Map<Part, Told>()
  let said = ''
  return {
    set(part, trouble) {
      if (trouble) troubles.set(part, trouble)
      else troubles.delete(part)
      if (context.signal.aborted) return
      const worst = parts.map((name) => troubles.get(name)).find(Boolean)
      const now = worst ? `failing ${worst.text}` : 'running'
      if (now === said) return
      said = now
      if (worst) context.state('failing', worst)
      else context.state('running')
    },
  }
}
