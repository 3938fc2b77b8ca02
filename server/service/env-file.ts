/** The environment file of the service (systemd.exec(5), EnvironmentFile=): settings as `NAME=value` lines, comments kept. */

const LINE = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/

/** The value of a line: in quotes, or as it stands. */
function unquoted(raw: string): string {
  const text = raw.trim()
  const quote = text[0]
  if (quote === "'" && text.endsWith("'") && text.length > 1) return text.slice(1, -1)
  if (quote === '"' && text.endsWith('"') && text.length > 1) return text.slice(1, -1).replaceAll(/\\([\\"$`])/g, '$1')
  return text.replaceAll(/\\(.)/g, '$1')
}

/** The settings of an environment file. A later line counts. */
export function readEnvText(text: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const [, name, raw] = LINE.exec(line) ?? []
    if (name !== undefined && raw !== undefined) found[name] = unquoted(raw)
  }
  return found
}

/** @throws Error for a line end: a value is one line */
function written(value: string): string {
  if (/[\r\n]/.test(value)) throw new Error('A setting is one line.')
  if (/^[A-Za-z0-9_./:@,+=-]*$/.test(value)) return value
  return value.includes("'") ? `"${value.replaceAll(/[\\"$`]/g, '\\$&')}"` : `'${value}'`
}

/** The text with these settings in it: the line that is there is changed, a new one goes to the end; everything else stays as it is. */
export function withSettings(text: string, settings: Readonly<Record<string, string>>): string {
  const left = new Map(Object.entries(settings))
  const lines = text.split('\n').map((line) => {
    const name = LINE.exec(line)?.[1]
    const value = name === undefined ? undefined : left.get(name)
    if (name === undefined || value === undefined) return line
    left.delete(name)
    return `${name}=${written(value)}`
  })
  if (left.size) {
    if (lines.at(-1) === '') lines.pop()
    for (const [name, value] of left) lines.push(`${name}=${written(value)}`)
    lines.push('')
  }
  return lines.join('\n')
}

/** What a new environment file says. */
export const FIRST_ENV_TEXT = `# Settings of the Cellwright service, one NAME=value a line; "cellwright config" lists them all.
# After a change: systemctl restart cellwright (machines are held first). After a change of a folder: "cellwright service install" again.

# Other computers and panels come in, by HTTPS:
#CELLWRIGHT_HOST=0.0.0.0
#CELLWRIGHT_PORT=8470
# The first account, for a set-up without hands; take the line out afterwards:
#CELLWRIGHT_OWNER=name:password
# A PostgreSQL and a Redis of your own:
#DATABASE_URL=postgresql://cellwright:password@localhost/cellwright
#REDIS_URL=redis://localhost
`
