/** What the CLI prints: tables and sentences for people, one JSON value with `--json`. Results go to standard output, all else to standard error. */

export interface Output {
  readonly isJson: boolean
  /** The command's result: `text` for people. */
  result(value: unknown, text: string): void
  /** Rows as a table with these columns. */
  table<T>(rows: readonly T[], columns: Record<string, (row: T) => string | number | undefined>, empty: string): void
  /** How far something is, for people: overwritten on a terminal, now and then a line elsewhere. */
  progress(text: string): void
  /** Something that people should know besides the result. */
  note(text: string): void
}

/** On a terminal that is none, progress is not told more often. */
const PROGRESS_EVERY_MS = 2000

/** Names and notices come from others: a control character in them must not steer the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const printable = (text: string) => text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '·')

/** @param streams where to print; a reader that went away (`| head`) is no error */
export function createOutput(
  isJson: boolean,
  streams: { out: NodeJS.WriteStream; err: NodeJS.WriteStream } = { out: process.stdout, err: process.stderr },
): Output {
  const { out, err } = streams
  let isLineOpen = false
  let toldAt = Number.NEGATIVE_INFINITY
  const endLine = () => {
    if (isLineOpen) err.write('\n')
    isLineOpen = false
  }
  const print = (text: string) => {
    endLine()
    out.write(`${text}\n`)
  }
  return {
    isJson,
    result: (value, text) => print(isJson ? JSON.stringify(value) : printable(text)),
    table(rows, columns, empty) {
      if (isJson) return print(JSON.stringify(rows))
      if (!rows.length) return print(empty)
      const names = Object.keys(columns)
      const cells = rows.map((row) => Object.values(columns).map((read) => printable(String(read(row) ?? '')).replaceAll('\n', ' ')))
      const widths = names.map((name, i) => Math.max(name.length, ...cells.map((line) => line[i]?.length ?? 0)))
      for (const line of [names, ...cells])
        print(
          line
            .map((cell, i) => cell.padEnd(widths[i] ?? 0))
            .join('  ')
            .trimEnd(),
        )
    },
    progress(text) {
      if (isJson) return
      if (err.isTTY) {
        err.write(`\r\u001b[K${printable(text)}`)
        isLineOpen = true
        return
      }
      const now = performance.now()
      if (now - toldAt < PROGRESS_EVERY_MS) return
      toldAt = now
      err.write(`${printable(text)}\n`)
    },
    note(text) {
      if (isJson) return
      endLine()
      err.write(`${printable(text)}\n`)
    },
  }
}
