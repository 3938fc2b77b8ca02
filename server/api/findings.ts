/**
 * What the checks of flows find and refuse: a stable code each, with what stands in its sentence. The API tells code and
 * blanks, so that a page says it in its own language; the English sentence goes along for everything else. Browser-safe.
 *
 * A sentence goes on where the name of a node has been said: `"Mill" (cw-jog)` + `is new, …`.
 */
import { type Static, Type } from 'typebox'
import type { QualityPick } from './quality/picks.ts'

/** Values that stand in a sentence. */
export const FindingParams = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Array(Type.String())]))
export type FindingParams = Static<typeof FindingParams>

/** Why something takes `flows.code`. `text` is what was found, where something stands in the settings. */
export interface Why {
  why: CodeReason
  text?: string
}
/** What in the flow format is not what it has to be. */
export type WantedShape = 'tab' | 'group' | 'number' | 'variables' | 'text' | 'yes-or-no' | 'nodes' | 'ports'
/** What sends a message without a press of a person. */
export type Trigger =
  | 'clock'
  | 'clock-every'
  | 'start'
  | 'outside'
  | 'machine-event'
  | 'machine-value'
  | 'work-order'
  | 'queued-job'
  | 'error-of-node'
  | 'status-of-node'

/** The blanks of each finding; `node`, `target`, `used` are names of nodes with their types. */
export interface FindingBlanks {
  // the flow file
  'id-twice': { id: string }
  'id-unusable': object
  'shape-wrong': { property: string; wanted: WantedShape }
  'type-missing': object
  'subflow-missing': object
  'place-missing': object
  'wires-shape': object
  'wire-to-nothing': { target: string }
  'wire-to-other-tab': { target: string }
  'group-elsewhere': object
  'group-in-itself': object
  'subflow-in-itself': object
  'refers-to-itself': object
  // settings
  'reference-wrong': { target: string; type: string }
  'reference-missing': { type: string }
  /** `detail`: the words of the schema, in English. */
  'setting-wrong': { property: string; detail: string }
  'setting-missing': { detail: string }
  /** `detail`: the sentence of the node type, in English. */
  'setting-refused': { detail: string }
  'dashboard-path': object
  'credentials-of-nobody': object
  // the fence
  'id-unclear': { id: string }
  'code-new': Why
  'code-changed': Why
  'code-uses-removed': Why & { used: string }
  'code-new-wire': Why
  'code-credentials': object
  expression: Why
  'inject-wire': object
  'container-new': object
  'container-changed': object
  'subflow-changed': object
  'container-removed': object
  'values-changed': object
  'values-removed': object
  // advice
  'moves-unattended': { by: Trigger; every?: string; trigger: string }
  'machine-unknown': { machine: string }
  /** `starts`: it starts runs itself, and takes no message. */
  'quality-unknown': { of: QualityPicked; id: string; does: 'takes' | 'starts' }
  'quality-retired': { of: QualityPicked; name: string }
  'no-inspection-plan': { of: 'first-article' | 'plain'; part: string; revision?: string }
  'password-missing': { auth: string }
  'secret-missing': { name: string }
  'credentials-missing': { name: string }
  loop: { count: number; gates?: string[] }
  'branch-without-return': { output: string; number: number }
  'return-outside': object
  'no-flow-begin': { name: string }
  'flow-without-return': { name: string }
  'flow-name-taken': { name: string }
  unreachable: { behind: number }
  'link-unreachable': { behind: number }
  'interlock-unfed': object
}
/** What nodes pick of quality by its id. */
export type QualityPicked = Exclude<QualityPick, 'inspection-plan'>
export type FindingCode = keyof FindingBlanks
export type FindingSentences = { readonly [C in FindingCode]: (blanks: FindingBlanks[C]) => string }

export type CodeReason =
  | 'javascript'
  | 'programs'
  | 'files-write'
  | 'files-read'
  | 'files-watch'
  | 'network'
  | 'any-address'
  | 'address-here'
  | 'answers-here'
  | 'traffic'
  | 'keys'
  | 'not-installed'
  | 'browser-code'
  | 'browser-expressions'
  | 'browser-html'
  | 'browser-address'
  | 'says-safe'
  | 'answers-for-person'
  | 'unreviewed'
  | 'subflow-with-code'
  | 'hidden-subflow'
  | 'runtime-property'
  | 'hidden-nodes'
  | 'engine-id'
  | 'jsonata'
  | 'join-by-message'
  | 'too-deep'
  | 'proto'
  | 'into-engine'
  | 'named-by-message'
  | 'from-environment'

/** Each ends a sentence that begins "it …". */
export const CODE_REASONS: { readonly [R in CodeReason]: (text: string) => string } = {
  javascript: () => 'runs JavaScript inside the runtime',
  programs: () => 'starts programs on the server',
  'files-write': () => 'writes files on the server',
  'files-read': () => 'reads files on the server',
  'files-watch': () => 'watches files on the server',
  network: () => 'opens a network connection',
  'any-address': () => 'calls any address that the server can reach',
  'address-here': () => 'puts an address on this server',
  'answers-here': () => 'answers an address of this server with a page of its own',
  traffic: () => 'sends network traffic elsewhere',
  keys: () => 'reads keys and certificates from files on the server',
  'not-installed': () => 'stands for a type that is not installed',
  'browser-code': () => 'runs HTML and JavaScript in every browser that opens the page',
  'browser-expressions': () => 'runs {{ }} expressions in every browser that opens the page',
  'browser-html': () => 'shows HTML and links in its cells that are not cleaned',
  'browser-address': () => 'opens any address in the browser, script addresses too',
  'says-safe': () => 'tells a machine that it is safe to move: what leads there is to be looked at by an engineer',
  'answers-for-person': () => 'answers for a person who stands at the machine',
  unreviewed: () => 'comes from a module that nobody has reviewed for this product',
  'subflow-with-code': () => 'is a subflow with code nodes in it',
  'hidden-subflow': () => 'carries a hidden reference to a subflow',
  'runtime-property': (text) => `carries the property "${text}", which belongs to the runtime`,
  'hidden-nodes': (text) => `carries nodes of its own in the property "${text}"`,
  'engine-id': (text) => `has the id "${text}", which JavaScript uses itself`,
  jsonata: () => 'uses a JSONata expression that does more than reckon, which can run code',
  'join-by-message': () => 'joins what the message names (choose the manual mode instead)',
  'too-deep': () => 'has settings that are nested too deep to be checked',
  proto: () => 'has a property named "__proto__", which changes what an object is',
  'into-engine': (text) => `reaches into the JavaScript engine with "${text}"`,
  'named-by-message': (text) => `lets the message name a property in "${text}"`,
  'from-environment': (text) => `takes a setting from the environment as "${text}"`,
}

const QUALITY: Readonly<Record<QualityPicked, string>> = {
  'quality-characteristic': 'characteristic',
  'sampling-plan': 'sampling plan',
  'gage-study': 'gauge study',
}

const it = ({ why, text = '' }: Why) => CODE_REASONS[why](text)

const SHAPES: Record<WantedShape, string> = {
  tab: 'something else than the id of a tab',
  group: 'something else than the id of a group',
  number: 'no number',
  variables: 'no list of variables',
  text: 'no text',
  'yes-or-no': 'neither true nor false',
  nodes: 'no list of node ids',
  ports: 'no list of ports',
}

const triggerWords = ({ by, every = '' }: { by: Trigger; every?: string }): string =>
  ({
    clock: 'the clock',
    'clock-every': `the clock, every ${every} s`,
    start: 'the start of the flows',
    outside: 'something outside',
    'machine-event': 'an event of a machine',
    'machine-value': 'a value of a machine',
    'work-order': 'a work order that comes in',
    'queued-job': 'a queued job',
    'error-of-node': 'an error of another node',
    'status-of-node': 'the status of another node',
  })[by]

const enter = 'Open its settings and enter it; flows are shared without passwords, so a copy has none.'
const behindWords = (behind: number) =>
  behind === 0 ? '' : `, so ${behind === 1 ? 'one node behind it never gets' : `${behind} nodes behind it never get`} one either`

/** The sentences in English. */
export const FINDINGS: FindingSentences = {
  'id-twice': ({ id }) => `has the id ${id}, which another node has too. Every node needs an id of its own.`,
  'id-unusable': () => 'has an id that cannot be used. Give it a generated id.',
  'shape-wrong': ({ property, wanted }) => `has ${SHAPES[wanted]} in "${property}".`,
  'type-missing': () => 'is of a type that is not installed. Remove the node, or install the module that brings it.',
  'subflow-missing': () => 'is an instance of a subflow that is not part of these flows.',
  'place-missing': () => 'belongs to a tab or subflow that is not part of these flows.',
  'wires-shape': () => 'has wires that are not a list of lists of node ids.',
  'wire-to-nothing': ({ target }) => `is wired to ${target}, which is not part of these flows.`,
  'wire-to-other-tab': ({ target }) => `is wired to ${target} on another tab. Wires stay on their tab; use link nodes.`,
  'group-elsewhere': () => 'belongs to a group that is not on its tab.',
  'group-in-itself': () => 'is a group that lies in itself.',
  'subflow-in-itself': () => 'is a subflow that contains itself, directly or by way of another one.',
  'refers-to-itself': () => 'refers to itself, because a value of it is also the id of a config node. Give that config node a generated id.',
  'reference-wrong': ({ target, type }) => `refers to ${target} where a ${type} is needed.`,
  'reference-missing': ({ type }) => `refers to a ${type} that is not part of these flows.`,
  'setting-wrong': ({ property, detail }) => `has a wrong value in "${property}": ${detail}.`,
  'setting-missing': ({ detail }) => `is not configured: ${detail}.`,
  'setting-refused': ({ detail }) => `cannot be used yet: ${detail}`,
  'dashboard-path': () => 'has another path than /dashboard, the only one under which this server serves dashboards.',
  'credentials-of-nobody': () => 'is not part of these flows, and credentials were given for it.',

  'id-unclear': ({ id }) => `has the id ${id}, which another node has too, so it cannot be told which one is meant.`,
  'code-new': (why) => `is new, and it ${it(why)}.`,
  'code-changed': (why) => `was changed, and it ${it(why)}. Only its place on the page may change.`,
  'code-uses-removed': ({ used, ...why }) => `uses ${used}, which was removed, and it ${it(why)}.`,
  'code-new-wire': (why) => `gets a new wire, and it ${it(why)}. Until now no safe node could send to it, so its author did not decide to take what one sends.`,
  'code-credentials': () => 'gets new credentials here, and code nodes use them.',
  expression: (why) => `is new or was changed, and it ${it(why)}.`,
  'inject-wire': () => 'gets a wire leading in. An inject node does what such a message says, which can run code.',
  'container-new': () => 'is new, and code nodes are in it.',
  'container-changed': () => 'was switched on, moved or given other values (env), and code nodes are in it.',
  'subflow-changed': () => 'was changed, and code nodes are in it.',
  'container-removed': () => 'stays although the tab, group or subflow that it is in was removed, and it is or holds a code node.',
  'values-changed': () => 'was changed, and its values reach the code nodes of all flows.',
  'values-removed': () => 'was removed, and its values reach the code nodes of all flows.',

  'moves-unattended': ({ trigger, ...by }) =>
    `moves a machine without a press of a person: ${triggerWords(by)} ("${trigger}") leads to it, and no operator button on the way waits for somebody to look.`,
  'machine-unknown': ({ machine }) => `names the machine "${machine}", which is not set up here. What its nodes ask for will fail.`,
  'quality-unknown': ({ of, id, does }) =>
    `names the ${QUALITY[of]} "${id}", which is not here. ${does === 'starts' ? 'It will never start a run' : 'Every message that comes to it will fail'}: choose one of this installation in its settings.`,
  'quality-retired': ({ of, name }) =>
    `names the ${QUALITY[of]} "${name}", which is not used any more: nothing new is taken for it. Choose another, or take it into use again.`,
  'no-inspection-plan': ({ of, part, revision }) =>
    `inspects the part "${part}"${revision ? ` in revision ${revision}` : ''}, for which there is no ${of === 'first-article' ? 'first-article plan' : 'inspection plan'} here. Every message that comes to it will fail: make one under Quality, Inspection.`,
  'password-missing': ({ auth }) => `signs in (${auth}), and no password for it is stored. ${enter}`,
  'secret-missing': ({ name }) => `has no value for its secret "${name}". ${enter}`,
  'credentials-missing': ({ name }) => `is new and has no "${name}", which the other nodes of its type have. ${enter}`,
  loop: ({ count, gates = [] }) =>
    `is in a circle of ${count === 1 ? 'its own' : `${count} nodes`} in which nothing waits. ${
      gates.length
        ? `Make sure that ${gates.join(' or ')} ends it, or put a delay in.`
        : 'The first message that comes in keeps it busy for ever: put a delay in, or a way out.'
    }`,
  'branch-without-return': ({ output }) =>
    `waits for ever for what leaves it at "${output}": the branch leads to no "return" and not back to its input. End it with a "return" node, or set a time limit.`,
  'return-outside': () => 'is in no branch of a step: a message that comes to it has nothing to go back to and fails.',
  'no-flow-begin': ({ name }) => `calls "${name}", and no "flow begin" has that name: every call fails.`,
  'flow-without-return': ({ name }) => `never answers: the flow "${name}" leads to no "return", so whoever calls it waits for ever.`,
  'flow-name-taken': ({ name }) => `has the name "${name}", which another "flow begin" has too: only one of them is called.`,
  unreachable: ({ behind }) => `never gets a message: nothing is wired to it${behindWords(behind)}.`,
  'link-unreachable': ({ behind }) => `never gets a message: nothing is wired or linked to it${behindWords(behind)}.`,
  'interlock-unfed': () => 'has nothing wired to it, so it tells its machine nothing, and that counts as unsafe: the machine will not move.',
}

/** A finding with its sentence, without the name of its node. */
export interface Finding {
  code: FindingCode
  params: FindingParams
  sentence: string
}

export function finding<C extends FindingCode>(code: C, blanks: FindingBlanks[C]): Finding {
  const params = Object.fromEntries(Object.entries(blanks).filter(([, value]) => value !== undefined)) as FindingParams
  return { code, params, sentence: FINDINGS[code](blanks) }
}

/**
 * The sentence of a code that came over the API.
 * @param sentences a catalogue
 * @returns undefined for a code that this page does not know: the server is newer
 */
export function sentenceOf(
  sentences: FindingSentences,
  { code, params = {} }: { code?: string | undefined; params?: FindingParams | undefined },
): string | undefined {
  if (code === undefined || !Object.hasOwn(sentences, code)) return undefined
  return (sentences[code as FindingCode] as (blanks: FindingParams) => string)(params)
}
