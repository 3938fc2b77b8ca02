/** What the CLI prints: tables for people, one JSON value with `--json`. */

export interface Output {
  readonly isJson: boolean
  /** The command's result: `text` for people. */
  result(value: unknown, text: string): void
  /** Rows as a table with these columns. */
  table<T>(rows: readonly T[], columns: Record<string, (row: T) => string | number | undefined>, empty: string): void
  /** Progress for people, on standard error; silent with `--json`. */
  progress(text: string): void
}

export function createOutput(isJson: boolean): Output {
  const print = (text: string) => process.stdout.write(`${text}\n`)
  const result = (value: unknown, text: string) => print(isJson ? JSON.stringify(value) : text)
  return {
    isJson,
    result,
    table(rows, columns, empty) {
      if (isJson) return print(JSON.stringify(rows))
      if (!rows.length) return print(empty)
      const names = Object.keys(columns)
      const cells = rows.map((row) => Object.values(columns).map((read) => String(read(row) ?? '')))
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
      if (!isJson) process.stderr.write(`${text}\n`)
    },
  }
}
