/**
 * A Node-RED user directory: where its flows, passwords, context and modules stand. File names as Node-RED 5.0 has them
 * (@node-red/runtime lib/storage/localfilesystem); `.config.json` is what the `.config.<section>.json` files were before 1.2.
 */
import { inSteps } from '../../../base/steps.ts'
import type { MoveInLine } from '../../api/index.ts'
import { type Files, refused } from '../archive/index.ts'
import { isRecord, jsonIfReadable, jsonOf, own, type Rec, textIn } from '../json.ts'
import { line } from '../lines.ts'
import { type ContextValue, readContext } from './context-files.ts'
import { type CredentialSets, decryptCredentials, isEncrypted, setsOf } from './credentials.ts'
import { readSettingsFile, type Setting, type SettingsFile } from './settings-file.ts'
import { looksLikeFlows, type ReadFlows, readFlows } from './stored-flows.ts'

/** What a person has said beyond the files. */
export interface Answers {
  flowFile?: string
  /** Opened with the secret that they gave. */
  credentials?: CredentialSets
}

export interface Directory extends Omit<ReadFlows, 'inline'> {
  flowFile: { chosen?: string; choices: string[] }
  credentials: 'none' | 'open' | 'locked'
  /** By node id, also those that stood in the nodes. */
  sets: CredentialSets
  context: ContextValue[]
  /** Which module brings a type, with its version. */
  modules: ReadonlyMap<string, { name: string; version: string }>
  /** Keys that settings.js gives functions. */
  globals: string[]
  lines: MoveInLine[]
}

const SETTINGS = 'settings.js'

/** Is it such a directory, or a file of flows? */
export async function isNodeRed(files: Files): Promise<boolean> {
  if (
    [...files.keys()].some((path) => /(^|\/)(flows(_[^/]*)?\.json|settings\.js|\.config(\.(nodes|runtime))?\.json)$/.test(path) && !path.endsWith('_cred.json'))
  )
    return true
  if (files.size !== 1) return false
  for (const [path, bytes] of files) return looksLikeFlows(await jsonIfReadable(path, bytes))
  return false
}

/** The folder that holds all of it, with `/` at its end: people pack the folder or what is in it. */
function rootOf(files: Files): string {
  const marks = [...files.keys()].filter(
    (path) => /(^|\/)(settings\.js|\.config(\.\w+)?\.json)$/.test(path) || (/(^|\/)flows(_[^/]*)?\.json$/.test(path) && !/_cred\.json$/.test(path)),
  )
  const folders = marks.map((path) => path.slice(0, path.lastIndexOf('/') + 1)).filter((folder) => !/(^|\/)projects\//.test(folder))
  return folders.toSorted((a, b) => a.length - b.length)[0] ?? ''
}

/** @throws UserError move-in-refused: flows that are none */
export async function readDirectory(files: Files, answers: Answers): Promise<Directory> {
  const root = rootOf(files)
  const at = (path: string) => files.get(root + path)
  const jsonAt = (path: string) => jsonIfReadable(root + path, at(path))
  const lines: MoveInLine[] = []
  const settingsText = at(SETTINGS)
  const settings = settingsText ? readSettingsFile(settingsText.toString('utf8')) : undefined
  const config = await jsonAt('.config.json')
  const projects = (await jsonAt('.config.projects.json')) ?? own(config, 'projects')
  const globals = settings ? tellSettings(settings, lines) : []

  const flowFile = await chooseFlowFile(files, root, { settings, projects, answer: answers.flowFile, lines })
  const { chosen } = flowFile
  const flowBytes = chosen === undefined ? undefined : files.get(root + chosen)
  const content = flowBytes && chosen !== undefined ? await jsonOf(chosen, flowBytes) : []
  if (chosen !== undefined && !looksLikeFlows(content) && !(Array.isArray(content) && content.length === 0))
    throw refused('flow-file', `${chosen} holds no flows.`, chosen)
  const { inline, ...flows } = await inSteps(readFlows(content, chosen?.replace(/^.*\//, '').replace(/\.json$/, '') ?? ''))
  if (flows.strays) lines.push(line('flow-made', { count: flows.strays }))
  if (flows.broken.length) lines.push(line('shape-broken', { nodes: flows.broken }))

  const runtime = (await jsonAt('.config.runtime.json')) ?? config
  const opened =
    answers.credentials === undefined
      ? await openCredentials(files, root, { chosen, settings, projects, runtime, lines })
      : { state: 'open' as const, sets: answers.credentials }
  const sets = { ...inline, ...opened.sets }
  const count = flows.nodes.filter(({ id }) => Object.hasOwn(sets, id)).length
  if (opened.state === 'open' && count > 0) lines.push(line('credentials-found', { count }))

  const { values, unread } = await readContext(files, contextFolders(root, settings))
  if (unread.length) lines.push(line('context-unread', { files: unread }))
  return {
    ...flows,
    flowFile,
    credentials: opened.state === 'none' && Object.keys(inline).length > 0 ? 'open' : opened.state,
    sets,
    context: values,
    modules: modulesOf((await jsonAt('.config.nodes.json')) ?? own(config, 'nodes')),
    globals,
    lines,
  }
}

/** Tries a secret that a person gives. @returns undefined where it does not open the file, `nothing` where there is none to open */
export async function openWith(files: Files, answers: Answers, secret: string): Promise<CredentialSets | 'nothing' | undefined> {
  const root = rootOf(files)
  const { flowFile } = await readDirectory(files, answers)
  const { file } = await credentialsFile(files, root, flowFile.chosen)
  return isEncrypted(file) ? decryptCredentials(file, secret) : 'nothing'
}

function tellSettings({ settings, computed }: SettingsFile, lines: MoveInLine[]): string[] {
  const has = (key: string) => {
    const setting = settings.get(key)
    return setting !== undefined && !('value' in setting && (setting.value === undefined || setting.value === false || setting.value === null))
  }
  const keysOf = (key: string): string[] => {
    const setting = settings.get(key)
    return setting && 'value' in setting && isRecord(setting.value) ? Object.keys(setting.value) : []
  }
  if (has('adminAuth')) lines.push(line('setting-logins', {}))
  if (has('httpNodeAuth')) lines.push(line('setting-http-auth', {}))
  if (has('httpStatic')) lines.push(line('setting-static', {}))
  const rootSetting = settings.get('httpNodeRoot') ?? settings.get('httpRoot')
  if (rootSetting && 'value' in rootSetting && typeof rootSetting.value === 'string' && rootSetting.value !== '/' && rootSetting.value !== '')
    lines.push(line('setting-http-root', { root: rootSetting.value }))
  const globals = keysOf('functionGlobalContext')
  if (globals.length) lines.push(line('setting-globals', { names: globals }))
  const stores = keysOf('contextStorage').filter((name) => name !== 'default' && name !== 'memory')
  if (stores.length) lines.push(line('setting-stores', { names: stores }))
  const KNOWN = new Set(['adminAuth', 'httpNodeAuth', 'httpStatic', 'credentialSecret', 'flowFile', 'functionGlobalContext'])
  const unread = computed.filter((key) => !KNOWN.has(key) && MATTERS.has(key))
  if (unread.length) lines.push(line('settings-unread', { names: unread }))
  return globals
}
/** Settings that would change what flows do. */
const MATTERS = new Set([
  'contextStorage',
  'httpNodeRoot',
  'httpRoot',
  'httpNodeMiddleware',
  'userDir',
  'nodesDir',
  'editorTheme',
  'externalModules',
  'https',
  'ui',
])

interface Choosing {
  settings: SettingsFile | undefined
  projects: unknown
  answer: string | undefined
  lines: MoveInLine[]
}

async function chooseFlowFile(files: Files, root: string, { settings, projects, answer, lines }: Choosing): Promise<Directory['flowFile']> {
  const below = [...files.keys()].filter((path) => path.startsWith(root)).map((path) => path.slice(root.length))
  const choices = below.filter((path) => mayBeFlows(path, files.get(root + path))).toSorted()
  const others = (chosen: string) => choices.filter((path) => path !== chosen)
  if (answer !== undefined) {
    if (!choices.includes(answer)) throw refused('flow-file', `there is no file of flows called ${JSON.stringify(answer)} in it.`, answer)
    return { chosen: answer, choices }
  }
  const active = textIn(projects, 'activeProject')
  if (active !== undefined) {
    const folder = `projects/${active}/`
    const described = await jsonIfReadable(folder, files.get(`${root}${folder}package.json`))
    const file = folder + (textIn(own(own(described, 'node-red'), 'settings'), 'flowFile') ?? 'flows.json')
    if (choices.includes(file)) {
      lines.push(line('project-active', { project: active, others: others(file) }))
      return { chosen: file, choices }
    }
  }
  const setting = settings?.settings.get('flowFile')
  const named = setting && 'value' in setting && typeof setting.value === 'string' ? (/[^/\\]+$/.exec(setting.value)?.[0] ?? setting.value) : undefined
  const atRoot = choices.filter((path) => !path.includes('/'))
  if (setting && !('value' in setting)) {
    if (atRoot.length === 1 && atRoot[0] !== undefined) return { chosen: atRoot[0], choices }
    lines.push(line('flow-file-open', { setting: 'fromEnvironment' in setting ? `process.env.${setting.fromEnvironment}` : 'flowFile' }))
    return { choices }
  }
  // without a setting it is flows.json, and before 2.0 flows_<computer>.json
  const chosen = [named, 'flows.json'].find((path) => path !== undefined && choices.includes(path)) ?? (choices.length === 1 ? choices[0] : undefined)
  if (chosen === undefined) {
    if (choices.length) lines.push(line('flow-file-open', { setting: 'flows_<computer>.json' }))
    return { choices }
  }
  lines.push(line('flow-file-chosen', { file: chosen, others: others(chosen) }))
  return { chosen, choices }
}

/** By its name and first characters: a large file is not read only to know whether it could be chosen. */
function mayBeFlows(path: string, bytes: Buffer | undefined): boolean {
  if (!bytes || !/^([^/]+|projects\/[^/]+\/[^/]+)\.json$/.test(path)) return false
  if (/(_cred|(^|\/)package)\.json$/.test(path) || /(^|\/)\./.test(path)) return false
  const head = bytes
    .subarray(0, 2000)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
  return /^\[\s*(\{|\]|$)/.test(head) || /^\{[^[]*"(flows|nodes)"\s*:\s*\[/.test(head)
}

async function credentialsFile(files: Files, root: string, flowFile: string | undefined): Promise<{ file: unknown; isThere: boolean }> {
  if (flowFile === undefined) return { file: undefined, isThere: false }
  const folder = flowFile.slice(0, flowFile.lastIndexOf('/') + 1)
  const described = folder ? await jsonIfReadable(folder, files.get(`${root}${folder}package.json`)) : undefined
  const named = textIn(own(own(described, 'node-red'), 'settings'), 'credentialsFile')
  const paths = [...(named === undefined ? [] : [folder + named]), flowFile.replace(/\.json$/, '_cred.json')]
  for (const path of paths) {
    const bytes = files.get(root + path)
    if (bytes) return { file: await jsonIfReadable(path, bytes), isThere: true }
  }
  return { file: undefined, isThere: false }
}

interface Opening {
  chosen: string | undefined
  settings: SettingsFile | undefined
  projects: unknown
  runtime: unknown
  lines: MoveInLine[]
}

async function openCredentials(
  files: Files,
  root: string,
  { chosen, settings, projects, runtime, lines }: Opening,
): Promise<{ state: Directory['credentials']; sets: CredentialSets }> {
  const { file, isThere } = await credentialsFile(files, root, chosen)
  if (!isThere || (isRecord(file) && Object.keys(file).length === 0)) {
    if (chosen !== undefined) lines.push(line('credentials-none', {}))
    return { state: 'none', sets: {} }
  }
  if (!isEncrypted(file)) {
    const sets = setsOf(file)
    if (sets) lines.push(line('credentials-plain', {}))
    return sets ? { state: 'open', sets } : { state: 'none', sets: {} }
  }
  const setting = settings?.settings.get('credentialSecret')
  const project = /^projects\/([^/]+)\//.exec(chosen ?? '')?.[1]
  // in Node-RED's own order; a key of before is tried as well, since it stays behind in the file
  const secrets = [
    project === undefined ? undefined : textIn(own(own(projects, 'projects'), project), 'credentialSecret'),
    setting && 'value' in setting && typeof setting.value === 'string' ? setting.value : undefined,
    textIn(runtime, '_credentialSecret'),
  ].filter((secret) => secret !== undefined)
  for (const secret of secrets) {
    const sets = decryptCredentials(file, secret)
    if (sets) return { state: 'open', sets }
  }
  lines.push(secretLine(setting, secrets.length > 0))
  return { state: 'locked', sets: {} }
}

function secretLine(setting: Setting | undefined, wasTried: boolean): MoveInLine {
  if (setting && 'fromEnvironment' in setting) return line('secret-in-environment', { name: setting.fromEnvironment })
  return wasTried ? line('secret-wrong', {}) : line('secret-needed', {})
}

function contextFolders(root: string, settings: SettingsFile | undefined): string[] {
  const setting = settings?.settings.get('contextStorage')
  const stores = setting && 'value' in setting && isRecord(setting.value) ? Object.values(setting.value) : []
  const bases = stores.map((store) => textIn(own(store, 'config'), 'base')).filter((base): base is string => base !== undefined && /^[\w.-]+$/.test(base))
  return [...new Set(['context', ...bases])].map((base) => `${root}${base}/`)
}

/** `.config.nodes.json`: by module its version and sets of nodes, each with its types. */
function modulesOf(file: unknown): Directory['modules'] {
  const modules = new Map<string, { name: string; version: string }>()
  if (!isRecord(file)) return modules
  for (const [name, module] of Object.entries(file)) {
    const sets = own(module, 'nodes')
    if (name === 'node-red' || !isRecord(sets)) continue
    for (const set of Object.values(sets) as Rec[]) {
      const types = own(set, 'types')
      if (Array.isArray(types)) for (const type of types) if (typeof type === 'string') modules.set(type, { name, version: textIn(module, 'version') ?? '' })
    }
  }
  return modules
}
