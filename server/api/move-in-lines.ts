/**
 * What the report of a move in says: a code for each thing that is found, with what stands in its sentence, how grave it is,
 * and what to do next. As with `findings.ts`, a page says it in its own language and everything else in English. Browser-safe.
 */
import { CODE_REASONS, type CodeReason } from './findings.ts'

/** `good`: it comes along as it is. `note`: something is different here. `todo`: a person has work with it. `danger`: a machine could move by two hands. */
export type LineLevel = 'good' | 'note' | 'todo' | 'danger'

export interface LineBlanks {
  // a Node-RED user directory
  'credentials-found': { count: number }
  'credentials-none': object
  'credentials-plain': object
  'secret-needed': object
  'secret-in-environment': { name: string }
  'secret-wrong': object
  'flow-file-chosen': { file: string; others: string[] }
  'flow-file-open': { setting: string }
  'project-active': { project: string; others: string[] }
  'settings-unread': { names: string[] }
  'setting-logins': object
  'setting-http-auth': object
  'setting-http-root': { root: string }
  'setting-static': object
  'setting-globals': { names: string[] }
  'setting-stores': { names: string[] }
  'module-allowed': { module: string; version: string; types: string[] }
  'module-to-allow': { module: string; version: string; types: string[] }
  'module-unknown': { types: string[] }
  'module-dashboard-1': { types: string[] }
  'needs-code': { types: string[]; why: CodeReason }
  'gives-code': { why: CodeReason; text: string; nodes: string[] }
  'same-here': { count: number }
  'collides-here': { count: number }
  'same-port': { port: string; machine: string }
  'serial-port': { port: string }
  'same-address': { address: string; machine: string }
  'motion-module': { types: string[] }
  'gcode-in-node': { nodes: string[] }
  'http-address': { addresses: string[] }
  'http-collides': { addresses: string[] }
  'env-missing': { names: string[] }
  'env-other-here': { names: string[] }
  'function-modules': { modules: string[] }
  'function-globals': { names: string[] }
  'paths-elsewhere': { paths: string[] }
  'commands-here': { commands: string[] }
  'dashboard-one': object
  'links-elsewhere': { flows: string[] }
  'flow-made': { count: number }
  'shape-broken': { nodes: string[] }
  'secrets-come': { nodes: string[] }
  'secrets-missing': { nodes: string[] }
  'secrets-locked': object
  'context-comes': { keys: number }
  'context-unread': { files: string[] }
  // CNCjs, gSender, UGS
  'macro-as-it-is': object
  'macro-rewritten': { what: string[] }
  'macro-parts': { count: number }
  'macro-not': { lines: string[] }
  'macro-left-out': { lines: string[] }
  'macro-gcode': { problems: string[] }
  'macro-inches': object
  'command-of-server': { command: string }
  'event-of-server': { event: string }
  'event-gcode': { event: string; trigger: string }
  'users-stay': { count: number }
  'machine-size': object
  'machine-size-guess': object
  'machine-no-size': object
  'machine-port': { port: string }
  'machine-no-port': object
  'machine-port-taken': { port: string; machine: string }
  'controller-unknown': { controller: string }
  'firmware-here': { count: number }
}
export type LineCode = keyof LineBlanks

/** How grave each is, wherever it stands. */
export const LINE_LEVELS: { readonly [C in LineCode]: LineLevel } = {
  'credentials-found': 'good',
  'credentials-none': 'note',
  'credentials-plain': 'note',
  'secret-needed': 'todo',
  'secret-in-environment': 'todo',
  'secret-wrong': 'todo',
  'flow-file-chosen': 'note',
  'flow-file-open': 'todo',
  'project-active': 'note',
  'settings-unread': 'note',
  'setting-logins': 'note',
  'setting-http-auth': 'todo',
  'setting-http-root': 'note',
  'setting-static': 'todo',
  'setting-globals': 'todo',
  'setting-stores': 'note',
  'module-allowed': 'todo',
  'module-to-allow': 'todo',
  'module-unknown': 'todo',
  'module-dashboard-1': 'todo',
  'needs-code': 'note',
  'gives-code': 'note',
  'same-here': 'note',
  'collides-here': 'todo',
  'same-port': 'danger',
  'serial-port': 'danger',
  'same-address': 'danger',
  'motion-module': 'danger',
  'gcode-in-node': 'danger',
  'http-address': 'note',
  'http-collides': 'todo',
  'env-missing': 'todo',
  'env-other-here': 'note',
  'function-modules': 'todo',
  'function-globals': 'todo',
  'paths-elsewhere': 'todo',
  'commands-here': 'todo',
  'dashboard-one': 'note',
  'links-elsewhere': 'note',
  'flow-made': 'note',
  'shape-broken': 'todo',
  'secrets-come': 'good',
  'secrets-missing': 'todo',
  'secrets-locked': 'todo',
  'context-comes': 'good',
  'context-unread': 'note',
  'macro-as-it-is': 'good',
  'macro-rewritten': 'note',
  'macro-parts': 'note',
  'macro-not': 'todo',
  'macro-left-out': 'note',
  'macro-gcode': 'todo',
  'macro-inches': 'todo',
  'command-of-server': 'todo',
  'event-of-server': 'todo',
  'event-gcode': 'todo',
  'users-stay': 'note',
  'machine-size': 'good',
  'machine-size-guess': 'todo',
  'machine-no-size': 'todo',
  'machine-port': 'note',
  'machine-no-port': 'todo',
  'machine-port-taken': 'danger',
  'controller-unknown': 'todo',
  'firmware-here': 'note',
}

/** What was found, and what to do; without `next` there is nothing to do. */
export interface LineWords {
  says: string
  next?: string
}
export type LineSentences = { readonly [C in LineCode]: (blanks: LineBlanks[C]) => LineWords }

const nodes = (count: number) => (count === 1 ? 'one node' : `${count} nodes`)
const list = (names: readonly string[]) => names.join(', ')
const withVersion = (module: string, version: string) => `${module} ${version}`.trim()
/** Names that people gave. */
const named = (names: readonly string[]) => names.map((name) => `“${name}”`).join(', ')

/** The sentences in English. */
export const LINES: LineSentences = {
  'credentials-found': ({ count }) => ({ says: `The passwords and keys of ${nodes(count)} could be read.` }),
  'credentials-none': () => ({ says: 'There is no file with passwords and keys.', next: 'Enter them in the nodes after the import, where they need some.' }),
  'credentials-plain': () => ({ says: 'The passwords and keys are not encrypted in this directory. Here they are.' }),
  'secret-needed': () => ({
    says: 'The passwords and keys are encrypted, and their secret is not in the directory.',
    next: 'Give it here (`credentialSecret` in settings.js), or import without them and enter them anew.',
  }),
  'secret-in-environment': ({ name }) => ({
    says: `The secret of the passwords and keys comes from the environment variable ${name}.`,
    next: 'Give it here: it stands where Node-RED was started (a service file, a compose file).',
  }),
  'secret-wrong': () => ({
    says: 'The secret does not open the passwords and keys.',
    next: 'Give the right one, or import without them and enter them anew.',
  }),
  'flow-file-chosen': ({ file, others }) => ({
    says: `The flows are read from ${file}.${others.length ? ` There is also ${list(others)}.` : ''}`,
    ...(others.length ? { next: 'Choose another one above if this is not what ran.' } : {}),
  }),
  'flow-file-open': ({ setting }) => ({
    says: `settings.js works out the name of the flow file (${setting}); it is never run here.`,
    next: 'Choose the file above.',
  }),
  'project-active': ({ project, others }) => ({
    says: `Projects are switched on: the flows of “${project}” are read.${others.length ? ` There is also ${list(others)}.` : ''}`,
    ...(others.length ? { next: 'Choose another file above to bring the flows of another project.' } : {}),
  }),
  'settings-unread': ({ names }) => ({ says: `settings.js works out ${list(names)}; it is read and never run, so that is not known here.` }),
  'setting-logins': () => ({ says: 'The sign-in of the old editor is not taken over: people have accounts here.' }),
  'setting-http-auth': () => ({
    says: 'The addresses of flows asked for one password (httpNodeAuth). Here whoever calls them needs an API token, or is signed in.',
    next: 'Make a token and give it to whatever calls them.',
  }),
  'setting-http-root': ({ root }) => ({
    says: `Flows answered below ${root}. Here they answer below /hooks.`,
    next: 'Change the address in whatever calls them.',
  }),
  'setting-static': () => ({ says: 'Node-RED also served files of a folder (httpStatic). That is not taken over.', next: 'Serve them from somewhere else.' }),
  'setting-globals': ({ names }) => ({
    says: `settings.js gives functions these globals: ${list(names)}. They are not here.`,
    next: 'Rewrite the function nodes that use them.',
  }),
  'setting-stores': ({ names }) => ({
    says: `Context was kept in stores called ${list(names)}. Here there are “default”, on disk, and “memory”.`,
    next: 'What names another store uses “default”.',
  }),
  'module-allowed': ({ module, version, types }) => ({
    says: `${withVersion(module, version)} brings ${list(types)}. It may be installed here and is not.`,
    next: 'Install it under Palette, or remove the nodes: until then a deploy is refused.',
  }),
  'module-to-allow': ({ module, version, types }) => ({
    says: `${withVersion(module, version)} brings ${list(types)}. It is not on the list of modules that may be installed.`,
    next: 'Let somebody review it, allow it under Palette and install it; or replace the nodes. Until then a deploy is refused.',
  }),
  'module-unknown': ({ types }) => ({
    says: `Nothing here brings ${list(types)}, and the directory does not say which module did.`,
    next: 'Replace or remove the nodes: until then a deploy is refused.',
  }),
  'module-dashboard-1': ({ types }) => ({
    says: `This is node-red-dashboard 1 (${list(types)}), which is not made any more and not here.`,
    next: 'Rebuild the page with Dashboard 2 or with operator nodes and panels, and remove the old nodes.',
  }),
  'needs-code': ({ types, why }) => ({ says: `Takes the right flows.code: ${list(types)} ${CODE_REASONS[why]('')}.` }),
  'gives-code': ({ why, text, nodes: names }) => ({ says: `Takes the right flows.code: ${named(names)} ${CODE_REASONS[why](text)}.` }),
  'same-here': ({ count }) => ({ says: `${count === 1 ? 'One of its nodes is' : `${count} of its nodes are`} here already, just the same.` }),
  'collides-here': ({ count }) => ({
    says: `${count === 1 ? 'One id' : `${count} ids`} of it ${count === 1 ? 'is' : 'are'} taken here by something else.`,
    next: 'Choose: new ids beside it, in its place, or leave it out.',
  }),
  'same-port': ({ port, machine }) => ({
    says: `A node opens ${port}, the port of the machine “${machine}”. Two senders on one port mix their lines: the machine does what neither meant.`,
    next: 'Remove these nodes and use machine nodes (run program, jog, machine command); they go through the guard.',
  }),
  'serial-port': ({ port }) => ({
    says: `A node opens the serial port ${port}.`,
    next: 'If a machine hangs there, set it up under Machines and use machine nodes instead; a second sender on its port is dangerous.',
  }),
  'same-address': ({ address, machine }) => ({
    says: `A node connects to ${address}, where the machine “${machine}” is. Two senders on one link mix their lines.`,
    next: 'Remove these nodes and use machine nodes; they go through the guard.',
  }),
  'motion-module': ({ types }) => ({
    says: `${list(types)} ${types.length === 1 ? 'sounds' : 'sound'} like a sender for machines of its own, past the guard: no limits, no stop that is confirmed.`,
    next: 'Set the machine up under Machines and use machine nodes instead.',
  }),
  'gcode-in-node': ({ nodes: names }) => ({
    says: `There is G-code in ${named(names)}.`,
    next: 'Find out where it goes. To a machine it must go by machine nodes, where it is checked before it is sent.',
  }),
  'http-address': ({ addresses }) => ({
    says: `Answers at ${list(addresses)}. Here the same addresses are below /hooks, and who calls them needs an API token.`,
    next: 'Change the address in whatever calls them, and give it a token.',
  }),
  'http-collides': ({ addresses }) => ({
    says: `${list(addresses)} is answered here already: only one of the two would be asked.`,
    next: 'Change the address in one of them.',
  }),
  'env-missing': ({ names }) => ({
    says: `Reads ${list(names)} from the environment. Nothing of the old computer’s environment comes along.`,
    next: 'Give them a value in the flow’s settings, in the global environment, or enter what they stood for.',
  }),
  'env-other-here': ({ names }) => ({ says: `The global environment has another value here for ${list(names)}. The value here stays.` }),
  'function-modules': ({ modules }) => ({
    says: `Function nodes load npm modules (${list(modules)}), which they may not here.`,
    next: 'Rewrite them without these modules.',
  }),
  'function-globals': ({ names }) => ({ says: `Functions read the globals ${list(names)} of settings.js, which are not here.`, next: 'Rewrite them.' }),
  'paths-elsewhere': ({ paths }) => ({ says: `Uses files of the old computer: ${list(paths)}.`, next: 'Bring them here, or change the paths.' }),
  'commands-here': ({ commands }) => ({ says: `Starts programs: ${list(commands)}.`, next: 'See that they are installed here, and wanted.' }),
  'dashboard-one': () => ({ says: 'There is one dashboard here, at /dashboard. The pages that come along become part of it.' }),
  'links-elsewhere': ({ flows }) => ({ says: `Link nodes lead to ${named(flows)}.`, next: 'Import those as well, or the links lead nowhere.' }),
  'flow-made': ({ count }) => ({ says: `${nodes(count)} stood on no flow; they get one of their own.` }),
  'shape-broken': ({ nodes: names }) => ({ says: `Cannot be read as nodes and are left out: ${list(names)}.` }),
  'secrets-come': ({ nodes: names }) => ({ says: `Passwords and keys come along for ${named(names)}.` }),
  'secrets-missing': ({ nodes: names }) => ({ says: `No passwords or keys were found for ${named(names)}.`, next: 'Enter them after the import.' }),
  'secrets-locked': () => ({
    says: 'Whether its nodes have passwords or keys is not known: they could not be read.',
    next: 'Give the secret above, or enter them after the import.',
  }),
  'context-comes': ({ keys }) => ({
    says: `${keys === 1 ? 'One value' : `${keys} values`} of its context ${keys === 1 ? 'was' : 'were'} kept on disk and can come along.`,
  }),
  'context-unread': ({ files }) => ({ says: `Not read as context: ${list(files)}.` }),

  'macro-as-it-is': () => ({ says: 'Its G-code comes as it is.' }),
  'macro-rewritten': ({ what }) => ({ says: `Written in the words of this product: ${list(what)}.`, next: 'Read the new program before its first run.' }),
  'macro-parts': ({ count }) => ({ says: `It becomes ${count} steps one after the other: what is no G-code (homing, unlocking, hold) has nodes of its own.` }),
  'macro-not': ({ lines }) => ({
    says: `There is no equal here for: ${list(lines)}.`,
    next: 'It is not imported. Write it as a flow, or change it in the old program and import again.',
  }),
  'macro-left-out': ({ lines }) => ({ says: `Left out, since it only asked the controller something: ${list(lines)}.` }),
  'macro-gcode': ({ problems }) => ({
    says: `The check of its G-code says: ${list(problems)}`,
    next: 'Change the program in the library before it runs; the guard would refuse it.',
  }),
  'macro-inches': () => ({
    says: 'It works in inches and with positions: the old program gave those in millimetres.',
    next: 'It is not imported. Write it in millimetres (G21).',
  }),
  'command-of-server': ({ command }) => ({
    says: `A command of the old computer’s shell: ${command}. Such commands are not taken over.`,
    next: 'Write it as a flow with an exec node, if it is still wanted.',
  }),
  'event-of-server': ({ event }) => ({
    says: `On “${event}” the old program started a shell command. That is not taken over.`,
    next: 'Write it as a flow with an event trigger.',
  }),
  'event-gcode': ({ event, trigger }) => ({
    says: `On “${event}” the old program sent G-code by itself (${trigger}). Nothing moves by itself here.`,
    next: 'Write it as a flow with an event trigger and an operator button.',
  }),
  'users-stay': ({ count }) => ({ says: `${count === 1 ? 'One account is' : `${count} accounts are`} not taken over: people have accounts here.` }),
  'machine-size': () => ({ says: 'Its travel was given in machine coordinates.', next: 'Compare it with the machine before it is added.' }),
  'machine-size-guess': () => ({
    says: 'Its size is known, not where its zero is. The proposal takes zero at the homing corner, right, back and top, as GRBL does.',
    next: 'Compare it with the soft limits of the controller before it is added.',
  }),
  'machine-no-size': () => ({ says: 'It says nothing about the size of the machine.', next: 'Enter the travel in the form, or let the controller tell it.' }),
  'machine-port': ({ port }) => ({ says: `Its port was ${port}.`, next: 'On this computer it may be another one: the form lists what is there.' }),
  'machine-no-port': () => ({ says: 'It does not say on which port the machine was.', next: 'Choose it in the form.' }),
  'machine-port-taken': ({ port, machine }) => ({
    says: `${port} is the port of the machine “${machine}” here.`,
    next: 'That is probably the same machine: look at its settings instead of adding it twice.',
  }),
  'controller-unknown': ({ controller }) => ({
    says: `The controller was “${controller}”, which this product does not speak (GRBL, grblHAL, FluidNC, LinuxCNC).`,
    next: 'The macros are for that controller: read them before you import them.',
  }),
  'firmware-here': ({ count }) => ({ says: `${count} settings of the controller are in the file. They stay in the controller and are not touched.` }),
}

/** The words of a line that came over the API; undefined for a code that this reader does not know. */
export function lineWords(sentences: LineSentences, { code, params }: { code: string; params: Readonly<Record<string, unknown>> }): LineWords | undefined {
  if (!Object.hasOwn(sentences, code)) return undefined
  return (sentences[code as LineCode] as (blanks: Readonly<Record<string, unknown>>) => LineWords)(params)
}
