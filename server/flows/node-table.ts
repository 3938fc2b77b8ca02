/**
 * Which capability a node type takes, with the reason. What is not listed takes `flows.code`: an unreviewed
 * module may do anything in the runtime's process.
 *
 * Safe means: no code, no files, no sockets, no processes, no addresses on this server. JSONata, mustache and
 * regular expressions count as safe: they compute on messages, and the environment they can read is scrubbed; they
 * can be slow, which any loop of safe nodes can be too.
 */

export interface TypeRule {
  needs: 'flows.deploy' | 'flows.code'
  why: string
}

const safe = (why: string): TypeRule => ({ needs: 'flows.deploy', why })
const code = (why: string): TypeRule => ({ needs: 'flows.code', why })

/** Parts of the flow format itself; they hold nodes and names, and do nothing. What they contain is judged by itself. */
const STRUCTURE: Record<string, TypeRule> = {
  tab: safe('a page of the designer'),
  group: safe('a frame around nodes'),
  subflow: safe('a definition; its contents are judged one by one'),
  junction: safe('a knee in a wire'),
  comment: safe('text'),
  'global-config': safe('names and values for flows; changing them under code nodes is refused separately'),
}

const CORE: Record<string, TypeRule> = {
  inject: safe('sends a value or a JSONata result, by hand or by time'),
  debug: safe('shows messages in the sidebar and the log'),
  complete: safe('tells that another node is done'),
  catch: safe('tells of another node’s error'),
  status: safe('tells of another node’s status'),
  'link in': safe('a wire’s end'),
  'link out': safe('a wire’s beginning'),
  'link call': safe('a wire there and back'),
  switch: safe('routes by values, regular expressions and JSONata'),
  change: safe('sets, moves and deletes properties, with JSONata'),
  range: safe('scales a number'),
  template: safe('fills mustache text from the message, flow values and the scrubbed environment'),
  delay: safe('holds messages back'),
  trigger: safe('sends now and once more later'),
  rbe: safe('lets only changes pass'),
  csv: safe('converts text'),
  html: safe('picks elements out of HTML text'),
  json: safe('converts text and checks it against a schema'),
  xml: safe('converts text'),
  yaml: safe('converts text'),
  split: safe('splits messages'),
  join: safe('joins messages, with JSONata'),
  sort: safe('sorts messages, with JSONata'),
  batch: safe('groups messages'),

  function: code('runs JavaScript inside the runtime; its vm context is no boundary'),
  exec: code('starts programs on the server'),
  file: code('writes files'),
  'file in': code('reads files'),
  watch: code('reads directories'),
  'tcp in': code('opens a socket'),
  'tcp out': code('opens a socket'),
  'tcp request': code('opens a socket'),
  'udp in': code('opens a socket'),
  'udp out': code('opens a socket'),
  'http request': code('calls any address that the server reaches, also inside the network'),
  'http in': code('puts an address on this server'),
  'http response': code('answers an address of this server, with headers and HTML of its own'),
  'http proxy': code('sends traffic elsewhere'),
  'websocket in': code('opens a socket'),
  'websocket out': code('opens a socket'),
  'websocket-listener': code('puts an address on this server'),
  'websocket-client': code('opens a socket'),
  'mqtt in': code('opens a socket'),
  'mqtt out': code('opens a socket'),
  'mqtt-broker': code('opens a socket'),
  'tls-config': code('reads key and certificate files from the server'),
  unknown: code('stands for a type that is not installed'),
}

/** Dashboard 2, version 1.31: its own widgets clean HTML with DOMPurify, except where said. */
const DASHBOARD: Record<string, TypeRule> = {
  'ui-base': safe('the dashboard; its path is checked at deploy'),
  'ui-page': safe('a page'),
  'ui-group': safe('a frame on a page'),
  'ui-theme': safe('colours and sizes'),
  'ui-form': safe('entry fields'),
  'ui-text-input': safe('an entry field'),
  'ui-number-input': safe('an entry field'),
  'ui-file-input': safe('an entry field; the bytes go into a message, not to a file'),
  'ui-button': safe('a button'),
  'ui-button-group': safe('buttons'),
  'ui-dropdown': safe('a choice'),
  'ui-radio-group': safe('a choice'),
  'ui-slider': safe('a number'),
  'ui-switch': safe('a choice of two'),
  'ui-spacer': safe('empty space'),
  'ui-text': safe('shows cleaned text'),
  'ui-markdown': safe('shows cleaned Markdown'),
  'ui-notification': safe('shows cleaned text'),
  'ui-chart': safe('draws numbers'),
  'ui-gauge': safe('draws a number'),
  'ui-progress': safe('draws a number'),
  'ui-audio': safe('plays a sound; the page may load only from this server'),
  'ui-control': safe('shows and hides pages and widgets'),
  'ui-event': safe('tells what happens on the page'),

  'ui-template': code('runs HTML and JavaScript in every browser that opens the page'),
  'ui-table': code('cells may be HTML and links that are not cleaned'),
  'ui-link': code('opens any address, script addresses too'),
}

const TABLE: ReadonlyMap<string, TypeRule> = new Map(Object.entries({ ...STRUCTURE, ...CORE, ...DASHBOARD }))

const UNREVIEWED = code('comes from a module that nobody has reviewed for this product')
const OURS = safe('one of the product’s own nodes; what it asks for is checked where it is done')

/** Our own module; only it may provide `cw-*` types, which the runtime's registry sees to (a type is registered once, ours first). */
const OWN_PREFIX = 'cw-'

/** The rule of a type. Subflow instances (`subflow:<id>`) are judged by their contents: server/flows/fence.ts. */
export function ruleOf(type: string): TypeRule {
  const listed = TABLE.get(type)
  if (listed) return listed
  return type.startsWith(OWN_PREFIX) ? OURS : UNREVIEWED
}

/** Every type that has a line of its own, for the test that holds the table against what is installed. */
export const LISTED_TYPES: readonly string[] = [...TABLE.keys()]
