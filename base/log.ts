/** One JSON line per log record on standard error; the launcher gathers them into the log file. */
import pino, { type Logger } from 'pino'

export type { Logger }

/** What waits in memory while the log takes nothing (a full disk); what comes beyond is counted and lost. */
const MOST_WAITING_BYTES = 256 * 1024

/** A logger for one process. Secrets never go in: pass names and ids, not settings objects. */
export function createLog(processName: string, level = process.env.CELLWRIGHT_LOG_LEVEL ?? 'info'): Logger {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: MOST_WAITING_BYTES })
  let lost = 0
  // a log that cannot be written ends nothing and nobody: without a listener the error would come out of `log.info()`
  destination.on('error', () => {})
  destination.on('drop', () => {
    lost += 1
  })
  const log = pino(
    {
      level,
      base: { process: processName },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['password', 'token', 'secret', '*.password', '*.token', '*.secret'], censor: '[removed]' },
    },
    destination,
  )
  destination.on('write', () => {
    if (lost === 0) return
    const lines = lost
    lost = 0
    // not from inside of a write
    setImmediate(() => log.warn({ lines }, 'log lines were lost: the disk took nothing'))
  })
  return log
}
