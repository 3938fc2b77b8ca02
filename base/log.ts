/** One JSON line per log record on standard error; the launcher gathers them into the log file. */
import pino, { type Logger } from 'pino'

export type { Logger }

/** A logger for one process. Secrets never go in: pass names and ids, not settings objects. */
export function createLog(processName: string, level = process.env.CELLWRIGHT_LOG_LEVEL ?? 'info'): Logger {
  return pino(
    {
      level,
      base: { process: processName },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['password', 'token', 'secret', '*.password', '*.token', '*.secret'], censor: '[removed]' },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}
