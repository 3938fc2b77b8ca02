/** What was started and must be closed again, the last one first. */
import type { Logger } from '../base/log.ts'

/** Remembers how a part is closed. */
export type OnClose = (name: string, close: () => void | Promise<void>) => void

/** Collects what has to be closed; `closeAll` closes it in reverse, each once, whatever the others do. */
export function createClosing(log: Logger): { onClose: OnClose; closeAll(): Promise<void> } {
  const closers: { name: string; close: () => void | Promise<void> }[] = []
  return {
    onClose: (name, close) => void closers.push({ name, close }),
    async closeAll() {
      for (const { name, close } of closers.splice(0).reverse()) {
        try {
          await close()
        } catch (error) {
          // the others must still be closed
          log.error({ err: error, part: name }, 'could not be closed cleanly')
        }
      }
    },
  }
}
