/**
 * Takes secrets out of what leaves the installation: those whose value is known, and whatever looks like one by its name or its form.
 * Rather too much than too little: nobody needs a password to help.
 */
import { inSteps, type Steps } from '../../base/steps.ts'
import { SECRET } from '../runtime/tap/copy.ts'

const HIDDEN = '••••'
/** Shorter ones would be found in everything; what stands under a name that tells is taken out whatever its length. */
const SHORTEST = 5

/** Names beyond those of messages: people's PINs and badges, connection strings. */
const MORE = /(^|[^a-z])(pin|badge|token|secret|credentials?|passphrase|passwd|private_?key|access_?key|community|dsn|connection_?string)$/i
const TELLS = (name: string) => SECRET.test(name) || MORE.test(name)

// Every repetition is bounded, or begins at what is rare: a word of a megabyte in a flow or a log must not take the time of its square.

/** Of a line of text: name, what stands between, value. */
const NAMED =
  /((?:pass(?:word|wd|phrase|code)|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|\bpin|badge|cookie|authorization)[\w-]{0,80}["'\\]*\s*(?:[:=]|=>)\s*["'\\]*(?:(?:Bearer|Basic|Token)\s+)?)([^\s"'\\,;&<>{}[\]()]+)/gi

/** Has lines. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g

const FORMS: readonly (readonly [RegExp, string])[] = [
  // user and password of an address
  [/:\/\/[^\s/@"'\\:]{0,2000}:[^\s/"'\\]{0,2000}@/g, `://${HIDDEN}:${HIDDEN}@`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  // whole lines of headers: several cookies stand in one
  [/((?:set-)?cookie["'\\]*\s*[:=]\s*["'\\]*)[^\r\n"'\\]+/gi, `$1${HIDDEN}`],
  // ours, JSON web tokens, and those of well-known services
  [/\bcw_[\w-]{20,}/g, HIDDEN],
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
  [/\b(?:gh[pousr]_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{16,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,})/g, HIDDEN],
  // codes of one use stand in addresses: set-up, links for a password
  [/([?&#](?:code|token|key|setup|link|secret)=)[^\s&#"'\\]+/gi, `$1${HIDDEN}`],
]

/** The gateway's loop carries every stop: it goes on between slices of about this many characters. */
const SLICE = 4096

export interface Scrubber {
  text(text: string): Promise<string>
  /** A value as JSON: what stands under a name that tells goes whole. */
  json(value: unknown): Promise<string>
}

/** @param known values of secrets */
export function createScrubber(known: readonly string[]): Scrubber {
  // as they stand in JSON, in addresses and by themselves; longest first, since one may be part of another
  const values = [
    ...new Set(known.filter((value) => value.length >= SHORTEST).flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])),
  ]
  values.sort((a, b) => b.length - a.length)
  const ofLines = values.filter((value) => value.includes('\n'))
  const ofOneLine = values.filter((value) => !value.includes('\n'))
  const without = (given: string, taken: readonly string[]) => {
    let left = given
    for (const value of taken) if (left.includes(value)) left = left.replaceAll(value, HIDDEN)
    return left
  }
  const slice = (given: string): string => {
    let found = without(given, ofOneLine)
    for (const [form, instead] of FORMS) found = found.replace(form, instead)
    return found.replace(NAMED, (whole, head: string, value: string) => (isPlain(value) ? whole : `${head}${HIDDEN}`))
  }
  function* text(given: string): Steps<string> {
    if (given.length <= SLICE) return slice(without(given.replace(PRIVATE_KEY, HIDDEN), ofLines))
    const whole = without(given.replace(PRIVATE_KEY, HIDDEN), ofLines)
    let found = ''
    for (let from = 0, to = 0; from < whole.length; from = to) {
      to = endOfSlice(whole, from)
      found += slice(whole.slice(from, to))
      yield
    }
    return found
  }
  function* clean(value: unknown, name?: string): Steps<unknown> {
    yield
    if (name !== undefined && TELLS(name) && !isHarmless(value)) return HIDDEN
    if (typeof value === 'string') return yield* text(value)
    if (Array.isArray(value)) {
      const all: unknown[] = []
      for (const each of value) all.push(yield* clean(each))
      return all
    }
    if (typeof value !== 'object' || value === null) return value
    const record = value as Record<string, unknown>
    // an environment variable of a flow that is marked as secret: name and value stand beside each other
    const isNamed = typeof record.name === 'string' && 'value' in record && (record.type === 'cred' || TELLS(record.name))
    const all: [string, unknown][] = []
    for (const [key, each] of Object.entries(record)) all.push([yield* text(key), isNamed && key === 'value' ? HIDDEN : yield* clean(each, key)])
    return Object.fromEntries(all)
  }
  return { text: (given) => inSteps(text(given)), json: async (value) => JSON.stringify(await inSteps(clean(value)), null, 2) }
}

/** After a line behind which nothing goes on that one form could hold: a name and its value, `Bearer` and what follows. */
function endOfSlice(text: string, from: number): number {
  for (let at = text.indexOf('\n', from + SLICE); at >= 0; at = text.indexOf('\n', at + 1)) {
    const before = text.slice(Math.max(from, at - 100), at).trimEnd()
    const after = text.slice(at, at + 100).trimStart()
    if (before !== '' && after !== '' && !/(?:[:=>"'\\]|bearer|basic|token)$/i.test(before) && !/^[:=]/.test(after)) return at + 1
  }
  return text.length
}

/** Whether there is one, and how much: no secret. */
const isHarmless = (value: unknown): boolean => typeof value === 'boolean' || value === null || value === '' || value === undefined
/** What programs write instead of a value. */
const isPlain = (value: string): boolean => value.includes(HIDDEN) || /^(true|false|null|undefined|none|\d{1,3})$/i.test(value)
