/**
 * A person's pattern for the lines of a gauge. A regular expression can take for ever on a line that almost fits; so it is tried on
 * such lines before it is taken, and every line is matched under a watchdog (`vm` stops it), within lines of bounded length.
 */
import { createContext, Script } from 'node:vm'
import { messageOf, UserError } from '../../base/errors.ts'
import { LONGEST_LINE } from './settings.ts'

/** A line of a gauge is matched within microseconds; on a busy computer even that may come late, so it gets a second, longer try. */
const TRIES_MS = [50, 1_000] as const
const MATCH_MS = TRIES_MS[1]
const GROUPS = ['value', 'sign', 'unit', 'channel'] as const

type Groups = Partial<Record<(typeof GROUPS)[number], string>>

/** Stops a match that takes too long. @throws UserError pattern-slow */
export type Match = (line: string) => Groups | undefined

/**
 * @param source for the whole line, with a named group `value`
 * @throws UserError pattern-missing, pattern-wrong, pattern-slow
 */
export function matcherOf(source: string | undefined): Match {
  if (!source)
    throw new UserError({ code: 'pattern-missing', message: 'Enter the pattern of a line of this gauge, with the named group (?<value>…) for its number.' })
  const pattern = compiled(source)
  const sandbox = createContext({ pattern, line: '', found: null as unknown }, { codeGeneration: { strings: false, wasm: false } })
  const script = new Script('found = pattern.exec(line)')
  const match: Match = (line) => {
    sandbox.line = line.slice(0, LONGEST_LINE)
    const run = (timeout: number) => script.runInContext(sandbox, { timeout })
    try {
      try {
        run(TRIES_MS[0])
      } catch {
        run(MATCH_MS)
      }
    } catch (error) {
      throw new UserError({
        code: 'pattern-slow',
        message: `The pattern takes longer than ${MATCH_MS} ms on a line that does not fit it. Avoid a repetition inside a repetition, such as (a+)+.`,
        details: { blanks: { ms: MATCH_MS } },
        cause: error,
      })
    }
    const { groups } = (sandbox.found ?? {}) as { groups?: Groups }
    return groups
  }
  for (const line of hardLines(source)) match(line)
  return match
}

function compiled(source: string): RegExp {
  let pattern: RegExp
  try {
    pattern = new RegExp(`^(?:${source})$`, 'u')
  } catch (error) {
    const reason = messageOf(error).replace(/^Invalid regular expression: /, '')
    throw new UserError({ code: 'pattern-wrong', message: `This is no regular expression: ${reason}`, details: { blanks: { reason } }, cause: error })
  }
  // with an alternative that is empty it always matches, and so names its groups
  const named = Object.keys(new RegExp(`${pattern.source}|`, 'u').exec('')?.groups ?? {})
  const unknown = named.filter((name) => !(GROUPS as readonly string[]).includes(name))
  const wrong = !named.includes('value')
    ? 'the group (?<value>…) is missing'
    : unknown.length
      ? `there is no use for the group ${unknown.join(', ')}`
      : undefined
  if (wrong)
    throw new UserError({
      code: 'pattern-wrong',
      message: `The pattern cannot be used: ${wrong}. It needs (?<value>…) and may have (?<sign>…), (?<unit>…) and (?<channel>…).`,
      details: { blanks: { reason: wrong } },
    })
  return pattern
}

/** Lines of the greatest length that almost fit: each kind of character that the pattern may repeat, and an end that fits nothing. */
function hardLines(source: string): string[] {
  const own = [...new Set(source.replace(/\\./g, ''))].filter((one) => /[\w .,+:;=#%-]/.test(one))
  const repeated = [...new Set(['0', '1', 'a', 'A', ' ', '.', '-', '0.', '0 ', 'a ', ...own, ...own.map((one) => `0${one}`)])].slice(0, 60)
  return repeated.flatMap((piece) => {
    const long = piece.repeat(LONGEST_LINE).slice(0, LONGEST_LINE - 1)
    return [`${long}\u0001`, `1${long.slice(1)}!`]
  })
}
