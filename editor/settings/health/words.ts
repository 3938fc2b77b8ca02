import type { HealthFinding } from '../../../server/api/system-report.ts'
import { health as de } from '../../shared/text/de/health.ts'
import { health as en } from '../../shared/text/en/health.ts'
import { catalogue, type formats } from '../../shared/text/index.ts'

export const useHealthText = catalogue(en, de)
type Text = ReturnType<typeof useHealthText>
type Format = ReturnType<typeof formats>

/** A time that passed, as short as it can be said: `340 ms`, `2.1 s`, `5 min`. */
export const spanOf = (ms: number, format: Format): string =>
  ms < 1000 ? `${format.number(ms)} ms` : ms < 10_000 ? `${format.number(ms / 1000, 1)} s` : format.span(ms / 1000)

/** `guard:m1` as people call it. */
export function processName(name: string, text: Text, machines: ReadonlyMap<string, string>): string {
  const { names } = text.processes
  const [kind = '', rest = ''] = name.split(':')
  const machine = machines.get(rest) ?? rest
  if (kind === 'guard' || kind === 'virtual') return names[kind](machine)
  if (kind === 'helper') return names.helper(rest)
  if (kind === 'launcher' || kind === 'postgres' || kind === 'gateway' || kind === 'runtime' || kind === 'connector-host' || kind === 'rehearsal')
    return names[kind]
  return name
}

const signed = (ms: number, format: Format) => `${ms < 0 ? '−' : '+'}${spanOf(Math.abs(ms), format)}`

/** What a finding says, with its numbers as people write them. */
export function findingWords(
  { code, facts, subject = '' }: HealthFinding,
  text: Text,
  format: Format,
  machines: ReadonlyMap<string, string>,
): readonly [what: string, means: string, todo: string] {
  const told = Object.entries(facts).map(([name, value]): [string, string] => {
    if (typeof value === 'string') return [name, name === 'at' ? format.dateTime(value) : value.replaceAll('\n', ' ')]
    if (/bytes$/i.test(name)) return [name, format.bytes(value)]
    if (name === 'ms') return [name, code.startsWith('clock') ? signed(value, format) : spanOf(value, format)]
    return [name, format.number(value)]
  })
  const { kinds } = text.space
  const { queueNames } = text.facts
  const who = code.startsWith('process')
    ? processName(subject, text, machines)
    : code === 'space-over'
      ? (kinds[subject as keyof typeof kinds] ?? subject)
      : code.startsWith('queue') || code === 'letters-open'
        ? (queueNames[subject as keyof typeof queueNames] ?? subject)
        : subject
  const [what = '', means = '', todo = ''] = text.says[code](Object.fromEntries(told), who).split('\n')
  return [what, means, todo]
}
