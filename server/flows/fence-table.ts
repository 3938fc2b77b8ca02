/**
 * Which capability each node type takes, with the reason in a few words. What is not listed takes `flows.code`: a
 * module that nobody has reviewed may do anything in the runtime's process.
 *
 * Safe means: no code, no files, no sockets, no processes, no addresses on this server, and nothing that runs in the
 * browsers of others. Several safe types can be configured into code (JSONata that does more than reckon, property
 * paths into the JavaScript engine); fence-content.ts looks at their settings. What can only be slow or fill memory is safe here: any loop of
 * safe nodes can do that, and the runtime is a process of its own for that reason.
 *
 * Read from @node-red/nodes 5.0.7, @flowfuse/node-red-dashboard 1.31.0 and node-red-node-email 5.2.5. A test fails when an installed type is
 * missing here, so that every upgrade is a decision.
 */
import type { Capability, CodeReason } from '../api/index.ts'

/** The two capabilities that a node type can take. */
export type DeployCapability = Extract<Capability, 'flows.deploy' | 'flows.code'>

export type TypeRule =
  /** `why` is for whoever reads this table. */
  | { needs: 'flows.deploy'; why: string }
  /** `why` is told to whoever is refused (findings.ts). */
  | { needs: 'flows.code'; why: CodeReason }

const safe = (why: string): TypeRule => ({ needs: 'flows.deploy', why })
const code = (why: CodeReason): TypeRule => ({ needs: 'flows.code', why })

/** Parts of the flow format: they hold nodes, names and values. What is in them is judged node by node. */
const FORMAT = {
  tab: safe('holds nodes'),
  group: safe('is a frame around nodes'),
  subflow: safe('defines a subflow, whose contents are judged one by one'),
} satisfies Record<string, TypeRule>

const CORE = {
  junction: safe('is a knee in a wire'),
  comment: safe('is text'),
  // its `modules` list is for the editor's import dialog; only function nodes make the runtime install modules
  'global-config': safe('gives values to flows; under code nodes they may not be changed'),
  inject: safe('sends a value, by hand or by time'),
  debug: safe('shows messages'),
  complete: safe('tells that another node is done'),
  catch: safe('tells of the error of another node'),
  status: safe('tells of the status of another node'),
  'link in': safe('is the far end of a wire'),
  'link out': safe('is the near end of a wire'),
  // msg.target may name any link in: those are entrances that somebody put there
  'link call': safe('is a wire there and back'),
  switch: safe('routes messages by their values'),
  change: safe('sets, moves and deletes properties'),
  range: safe('scales a number'),
  // mustache renders without partials; functions that a path reaches only ever get the template text
  template: safe('fills a text from the message'),
  delay: safe('holds messages back'),
  trigger: safe('sends now and once more later'),
  rbe: safe('lets only changes pass'),
  csv: safe('converts text'),
  html: safe('picks elements out of HTML text'),
  json: safe('converts text and checks it against a schema'),
  // xml2js reads no external entities, js-yaml 4 makes plain values only
  xml: safe('converts text'),
  yaml: safe('converts text'),
  split: safe('splits a message'),
  join: safe('joins messages'),
  sort: safe('sorts messages'),
  batch: safe('groups messages'),

  function: code('javascript'),
  exec: code('programs'),
  file: code('files-write'),
  'file in': code('files-read'),
  watch: code('files-watch'),
  'tcp in': code('network'),
  'tcp out': code('network'),
  'tcp request': code('network'),
  'udp in': code('network'),
  'udp out': code('network'),
  'http request': code('any-address'),
  'http in': code('address-here'),
  'http response': code('answers-here'),
  'http proxy': code('traffic'),
  'websocket in': code('network'),
  'websocket out': code('network'),
  'websocket-listener': code('address-here'),
  'websocket-client': code('network'),
  'mqtt in': code('network'),
  'mqtt out': code('network'),
  'mqtt-broker': code('network'),
  'tls-config': code('keys'),
  unknown: code('not-installed'),
} satisfies Record<string, TypeRule>

/** The widgets clean the HTML they show with DOMPurify, except those that are code here. */
const DASHBOARD = {
  'ui-base': safe('is the dashboard; the deploy check keeps it at its one path'),
  'ui-page': safe('is a page'),
  'ui-group': safe('is a frame on a page'),
  'ui-theme': safe('holds colours and sizes'),
  'ui-form': safe('is a form'),
  'ui-text-input': safe('is an entry field'),
  'ui-number-input': safe('is an entry field'),
  'ui-file-input': safe('is an entry field; the bytes go into a message, not into a file'),
  'ui-button': safe('is a button'),
  'ui-button-group': safe('is a row of buttons'),
  'ui-dropdown': safe('is a choice'),
  'ui-radio-group': safe('is a choice'),
  'ui-slider': safe('is a number to set'),
  'ui-switch': safe('is a choice of two'),
  'ui-spacer': safe('is empty space'),
  'ui-text': safe('shows cleaned text'),
  'ui-notification': safe('shows cleaned text'),
  'ui-chart': safe('draws numbers'),
  'ui-gauge': safe('draws a number'),
  'ui-progress': safe('draws a number'),
  'ui-audio': safe('plays a sound'),
  'ui-event': safe('tells what happens on a page'),

  'ui-template': code('browser-code'),
  // the cleaned HTML becomes a Vue template, so {{ }} in it is JavaScript
  'ui-markdown': code('browser-expressions'),
  'ui-table': code('browser-html'),
  'ui-link': code('browser-address'),
  // payload.url goes to location.href as it is
  'ui-control': code('browser-address'),
} satisfies Record<string, TypeRule>

/**
 * Sending takes `flows.code` too: server, account and who gets it are settings, and what is in any message goes out of the shop. A
 * flow that somebody deployed with it may be fed by safe nodes (fence.ts); runtime/mail-fence.ts keeps files of this server out of it.
 */
const EMAIL = {
  'e-mail': code('network'),
  'e-mail in': code('network'),
  'e-mail mta': code('network'),
} satisfies Record<string, TypeRule>

/** Our own nodes that speak for a person, or vouch for the safety of one. */
const OWN_WITH_CARE = {
  'cw-interlock': code('says-safe'),
  'cw-tool-change': code('answers-for-person'),
} satisfies Record<string, TypeRule>

const UNREVIEWED = code('unreviewed')
const OWN = safe('is one of the product’s own nodes; what it asks for is checked where it is done')

const TABLE: ReadonlyMap<string, TypeRule> = new Map(Object.entries({ ...FORMAT, ...CORE, ...DASHBOARD, ...EMAIL, ...OWN_WITH_CARE }))
const CORE_TYPES: ReadonlySet<string> = new Set(Object.keys(CORE))

/** Every type with a line of its own. */
export const LISTED_TYPES: ReadonlySet<string> = new Set(TABLE.keys())

/** Does the type come with Node-RED itself (the parts of the flow format aside)? */
export const isCoreType = (type: string): boolean => CORE_TYPES.has(type)

/**
 * The rule of a type. Instances of subflows (`subflow:<id>`) are judged by their contents in fence.ts.
 * @param ownTypes the types that this product declares; a name that only begins like them is a stranger's
 */
export function ruleOf(type: string, ownTypes: ReadonlySet<string>): TypeRule {
  return TABLE.get(type) ?? (ownTypes.has(type) ? OWN : UNREVIEWED)
}
