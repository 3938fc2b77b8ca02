/**
 * Finds what must not leave a shop in a template: credentials, and values that look like secrets by their name or their form.
 * It is a net with a mesh: it takes what is told by its looks, and what the gateway keeps sealed. What a person wrote into a text
 * as a word, it cannot see.
 */
import { inSteps, type Steps } from '../../base/steps.ts'
import type { FlowNode, FoundSecret } from '../api/index.ts'
import { SECRET } from '../runtime/tap/copy.ts'
import type { Files } from './archive/limits.ts'

/** Forms that are secrets wherever they stand. Bounded, so that no text of a stranger makes the search long. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/, 'a private key'],
  [/\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10}/, 'a signed token (JWT)'],
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, 'an access key of AWS'],
  [/\bgh[pousr]_[A-Za-z0-9]{30}|\bgithub_pat_[A-Za-z0-9_]{30}/, 'a token of GitHub'],
  [/\bglpat-[A-Za-z0-9_-]{20}/, 'a token of GitLab'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10}/, 'a token of Slack'],
  [/\bsk_(live|test)_[A-Za-z0-9]{16}|\bsk-[A-Za-z0-9_-]{20}/, 'an API key'],
  [/\bcw_[A-Za-z0-9_-]{43}\b/, 'an API token of Cellwright'],
  [/\b(Bearer|Basic)\s{1,5}[A-Za-z0-9+/_=.-]{16}/, 'a header that signs in'],
  [/\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"'<>]{1,100}:[^\s/@"'<>{}]{1,200}@/i, 'an address with a password in it'],
]

/** Names whose literal values are no secret: what says where a value comes from. */
const isPlaceholder = (value: string) => value.trim() === '' || /^\{\{[^}]*\}\}$/.test(value.trim()) || /^\$\{[^}]+\}$|^\$\([^)]+\)$/.test(value.trim())

/** Paths into the message under such names (node-red-node-email: where the access token is found). */
const PATHS: Readonly<Record<string, string>> = { 'e-mail': 'token', 'e-mail in': 'token' }
const isPath = (value: unknown) => typeof value === 'string' && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(value)

/** Node-RED's own words at such names: `token` of a kind of value, a path into the message. */
function isReadFromMessage(holder: Readonly<Record<string, unknown>>, key: string): boolean {
  if (PATHS[String(holder.type)] === key && isPath(holder[key])) return true
  const type = holder[`${key}Type`]
  return typeof type === 'string' && ['msg', 'flow', 'global', 'env', 'jsonata', 'cred'].includes(type)
}

/** Long and without any pattern: 32 characters or more of letters and digits in a mess, no words, no hash-like id of a node. */
function looksRandom(text: string): boolean {
  for (const [word] of text.matchAll(/[A-Za-z0-9+/_-]{32,}={0,2}/g)) {
    if (!(/[a-z]/.test(word) && /[A-Z]/.test(word) && /[0-9]/.test(word))) continue
    const counts = new Map<string, number>()
    for (const letter of word) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    const entropy = -[...counts.values()].reduce((sum, count) => sum + (count / word.length) * Math.log2(count / word.length), 0)
    // English and code stay below 4.2 bits a letter at this length; base64 of random bytes is above 4.5
    if (entropy > 4.5) return true
  }
  return false
}

function formOf(text: string): string | undefined {
  return FORMS.find(([form]) => form.test(text))?.[1] ?? (looksRandom(text) ? 'a long random text, as keys and tokens are' : undefined)
}

const nameOf = (node: FlowNode): string => `${typeof node.name === 'string' && node.name ? `"${node.name}"` : node.id} (${node.type})`

/**
 * @param kept secrets that the gateway keeps sealed; asked for exactly
 */
export const secretsInFlow = (flow: readonly FlowNode[], kept: readonly string[] = []): Promise<FoundSecret[]> => inSteps(flowSteps(flow, kept))

function* flowSteps(flow: readonly FlowNode[], kept: readonly string[]): Steps<FoundSecret[]> {
  const known = ofSomeLength(kept)
  const found: FoundSecret[] = []
  for (const node of flow) {
    yield
    const tell = (path: string, text: string) => void found.push({ where: `${nameOf(node)}, ${path}`, nodeId: node.id, path, text })
    if (node.credentials !== undefined) tell('credentials', 'credentials of the node')
    mapTexts(node, (text, path, isNamed) => {
      const why = known.some((secret) => text.includes(secret))
        ? 'a secret that is kept in this shop'
        : isNamed && !isPlaceholder(text)
          ? 'its name says that it is a secret'
          : formOf(text)
      if (why !== undefined) tell(path, why)
      return text
    })
  }
  return found
}

const ofSomeLength = (kept: readonly string[]) => kept.filter((value) => value.length >= 6)

/** The node with another text for each that stands in it. `isNamed`: its name says that it is a secret. */
function mapTexts(node: FlowNode, make: (text: string, path: string, isNamed: boolean) => string): FlowNode {
  const walk = (value: unknown, path: string, isNamed: boolean): unknown => {
    if (typeof value === 'string') return make(value, path, isNamed)
    if (typeof value !== 'object' || value === null) return value
    // typed values, env rows and props name what they hold in a property beside it
    const beside = value as { name?: unknown; p?: unknown; key?: unknown; value?: unknown; type?: unknown }
    const label = [beside.name, beside.p, beside.key].find((each) => typeof each === 'string') as string | undefined
    const isRow = label !== undefined && SECRET.test(label) && beside.type !== 'env' && beside.type !== 'cred'
    const made = Object.entries(value).map(([key, inner]) => {
      const isHere = SECRET.test(key) && !isReadFromMessage(value as Record<string, unknown>, key)
      return [key, walk(inner, path ? `${path}.${key}` : key, isHere || (isRow && (key === 'value' || key === 'v' || key === 'to')))] as const
    })
    return Array.isArray(value) ? made.map(([, inner]) => inner) : Object.fromEntries(made)
  }
  const entries = Object.entries(node).map(([key, value]) => {
    if (key === 'id' || key === 'z' || key === 'g' || key === 'wires' || key === 'type' || key === 'credentials') return [key, value]
    return [key, walk(value, key, SECRET.test(key) && !isReadFromMessage(node, key) && typeof value === 'string')]
  })
  return Object.fromEntries(entries) as FlowNode
}

const KEY_BLOCK = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g
/** What stands in place of a secret. */
const LEFT_OUT = '\u2022\u2022\u2022\u2022'

/** Without what {@link secretsInFlow} would find, and without credentials. */
export function flowWithoutSecrets(flow: readonly FlowNode[], kept: readonly string[]): FlowNode[] {
  return flow.map(({ credentials: _, ...node }) =>
    mapTexts(node as FlowNode, (text, _path, isNamed) => (isNamed && !isPlaceholder(text) ? LEFT_OUT : textWithoutSecrets(text, kept))),
  )
}

/** What is told by its form or is kept sealed is replaced; the rest of the text stays. */
export function textWithoutSecrets(text: string, kept: readonly string[]): string {
  let next = text
  for (const secret of ofSomeLength(kept)) next = next.replaceAll(secret, LEFT_OUT)
  next = next.replaceAll(KEY_BLOCK, LEFT_OUT)
  // the forms match where a secret begins: the rest of it goes too
  for (const [form] of FORMS) next = next.replaceAll(new RegExp(`(?:${form.source})[A-Za-z0-9+/_=.-]*`, `${form.flags}g`), LEFT_OUT)
  return next.replaceAll(/[A-Za-z0-9+/_-]{32,}={0,2}/g, (word) => (looksRandom(word) ? LEFT_OUT : word))
}

/** In the other files of a template, by their form. */
export function secretsInFiles(files: Files, isLookedAt: (path: string) => boolean, kept: readonly string[] = []): FoundSecret[] {
  const known = ofSomeLength(kept)
  return [...files].flatMap(([path, content]) => {
    if (!isLookedAt(path) || path.startsWith('pictures/')) return []
    const text = content.toString('utf8')
    const form = known.some((secret) => text.includes(secret)) ? 'a secret that is kept in this shop' : FORMS.find(([each]) => each.test(text))?.[1]
    return form === undefined ? [] : [{ where: path, text: form }]
  })
}
