/**
 * Takes secrets out of what leaves the installation: those whose value is known, and whatever looks like one by its name or its form.
 * Rather too much than too little: nobody needs a password to help.
 */
import { SECRET } from '../runtime/tap/copy.ts'

const HIDDEN = '••••'
/** Shorter ones would be found in everything; what stands under a name that tells is taken out whatever its length. */
const SHORTEST = 5

/** Names beyond those of messages: people's PINs and badges, connection strings. */
const MORE = /(^|[^a-z])(pin|badge|token|secret|credentials?|passphrase|passwd|private_?key|access_?key|community|dsn|connection_?string)$/i
const TELLS = (name: string) => SECRET.test(name) || MORE.test(name)

/** Of a line of text: name, what stands between, value. */
const NAMED =
  /((?:[\w-]*(?:pass(?:word|wd|phrase|code)|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|\bpin|badge|cookie|authorization)[\w-]*)["'\\]*\s*(?:[:=]|=>)\s*["'\\]*(?:(?:Bearer|Basic|Token)\s+)?)([^\s"'\\,;&<>{}[\]()]+)/gi

const FORMS: readonly (readonly [RegExp, string])[] = [
  // user and password of an address
  [/\b([a-z][a-z0-9+.-]*:\/\/)([^\s/@"'\\]*):([^\s/"'\\]*)@/gi, `$1${HIDDEN}:${HIDDEN}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  // whole lines of headers: several cookies stand in one
  [/((?:set-)?cookie["'\\]*\s*[:=]\s*["'\\]*)[^\r\n"'\\]+/gi, `$1${HIDDEN}`],
  // ours, JSON web tokens, and those of well-known services
  [/\bcw_[\w-]{20,}/g, HIDDEN],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
  [/\b(?:gh[pousr]_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{16,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,})/g, HIDDEN],
  // codes of one use stand in addresses: set-up, links for a password
  [/([?&#](?:code|token|key|setup|link|secret)=)[^\s&#"'\\]+/gi, `$1${HIDDEN}`],
]

export interface Scrubber {
  text(text: string): string
  /** A value as JSON: what stands under a name that tells goes whole. */
  json(value: unknown): string
}

/** @param known values of secrets */
export function createScrubber(known: readonly string[]): Scrubber {
  // as they stand in JSON, in addresses and by themselves; longest first, since one may be part of another
  const values = [
    ...new Set(known.filter((value) => value.length >= SHORTEST).flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])),
  ]
  values.sort((a, b) => b.length - a.length)
  const text = (given: string): string => {
    let found = given
    for (const value of values) if (found.includes(value)) found = found.replaceAll(value, HIDDEN)
    for (const [form, instead] of FORMS) found = found.replace(form, instead)
    return found.replace(NAMED, (whole, head: string, value: string) => (isPlain(value) ? whole : `${head}${HIDDEN}`))
  }
  const clean = (value: unknown, name?: string): unknown => {
    if (name !== undefined && TELLS(name) && !isHarmless(value)) return HIDDEN
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map((each) => clean(each))
    if (typeof value !== 'object' || value === null) return value
    const record = value as Record<string, unknown>
    // an environment variable of a flow that is marked as secret: name and value stand beside each other
    const isNamed = typeof record.name === 'string' && 'value' in record && (record.type === 'cred' || TELLS(record.name))
    return Object.fromEntries(Object.entries(record).map(([key, each]) => [text(key), isNamed && key === 'value' ? HIDDEN : clean(each, key)]))
  }
  return { text, json: (value) => JSON.stringify(clean(value), null, 2) }
}

/** Whether there is one, and how much: no secret. */
const isHarmless = (value: unknown): boolean => typeof value === 'boolean' || value === null || value === '' || value === undefined
/** What programs write instead of a value. */
const isPlain = (value: string): boolean => value.includes(HIDDEN) || /^(true|false|null|undefined|none|\d{1,3})$/i.test(value)
