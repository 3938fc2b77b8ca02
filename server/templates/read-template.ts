/** From files to a template: what stands in them is looked at as a whole, before anything is done with it. */
import { type Static, Type } from 'typebox'
import { checker } from '../../base/schema.ts'
import { type FlowNode, Flows, TemplateManifest, TemplateTest } from '../api/index.ts'
import { jsonOf, textOf } from './archive/json.ts'
import { type Files, refused } from './archive/limits.ts'
import { namesIn } from './fill.ts'
import { type PanelOfTemplate, readPanels } from './panels/panel-files.ts'
import { parameterProblems } from './parameters.ts'
import { firstErrors, SEAL_FILE } from './seal.ts'
import { secretsInFiles, secretsInFlow } from './secrets.ts'

export interface TemplateContent {
  manifest: TemplateManifest
  /** With its placeholders. */
  flow: FlowNode[]
  tests: TemplateTest[]
  panels: PanelOfTemplate[]
  readme: string
  readmeGerman?: string
  /** G-code that its flow runs, by name. */
  programs: ReadonlyMap<string, Buffer>
  /** As the manifest orders them. */
  pictures: { path: string; content: Buffer }[]
  files: Files
}

const manifestFile = checker(TemplateManifest)
const flowFile = checker(Flows)
const testsFile = checker(Type.Array(TemplateTest, { maxItems: 100 }))

async function parsed<T extends ReturnType<typeof checker>>(files: Files, file: string, check: T): Promise<Static<T['schema']>> {
  const bytes = files.get(file)
  if (!bytes) throw refused(`${file} is missing.`, { file, why: 'file-missing' })
  const value = await jsonOf(file, bytes)
  // unknown keys are errors here as well: the schemas are closed
  if (!check.is(value)) throw refused(`${file} is not as it should be: ${firstErrors(check.errors(value))}.`, { file, why: 'invalid' })
  return value as Static<T['schema']>
}

/**
 * @throws UserError template-refused with the file and the reason
 */
export async function readTemplate(files: Files): Promise<TemplateContent> {
  const manifest = await parsed(files, 'template.json', manifestFile)
  const flow = (await parsed(files, 'flow.json', flowFile)) as FlowNode[]
  const tests = files.has('tests.json') ? await parsed(files, 'tests.json', testsFile) : []
  const readme = files.get('README.md')
  if (!readme) throw refused('README.md is missing.', { file: 'README.md', why: 'file-missing' })
  const german = files.get('README.de.md')
  const pictures = (manifest.pictures ?? []).map((path) => {
    const content = files.get(path)
    if (!content || !path.startsWith('pictures/')) throw refused(`the picture ${path} is missing.`, { file: path, why: 'file-missing' })
    checkPicture(path, content)
    return { path, content }
  })
  for (const [path, content] of files) {
    if (path.startsWith('pictures/') && !manifest.pictures?.includes(path))
      throw refused(`${path} is not named in template.json.`, { file: path, why: 'not-named' })
    if (/\.(md|txt)$/.test(path)) textOf(path, content)
  }
  checkParameters(manifest)
  checkFlow(flow, manifest)
  checkTests(tests, flow)
  const panels = await readPanels(files, flow, manifest)
  const [secret] = [...(await secretsInFlow(flow)), ...secretsInFiles(files, (path) => path !== SEAL_FILE && path !== 'flow.json')]
  if (secret) throw refused(`there is a secret in it (${secret.where}: ${secret.text}).`, { file: secret.where, why: 'secret' })
  return {
    manifest,
    flow,
    tests,
    panels,
    readme: textOf('README.md', readme),
    ...(german ? { readmeGerman: textOf('README.de.md', german) } : {}),
    programs: new Map([...files].filter(([path]) => path.startsWith('programs/')).map(([path, content]) => [path.slice('programs/'.length), content])),
    pictures,
    files,
  }
}

const MAGIC: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  png: (bytes) => bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])),
  jpg: (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])),
  webp: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  // shown sandboxed and without scripts; here only that it is no other thing
  svg: (bytes) => /^(<\?xml|<!--|<svg[\s>])/.test(bytes.toString('utf8', 0, 200).trimStart()) && bytes.includes('<svg'),
}
function checkPicture(path: string, content: Buffer): void {
  const kind = path.split('.').at(-1) ?? ''
  if (!MAGIC[kind]?.(content)) throw refused(`${path} is no picture of that kind.`, { file: path, why: 'picture' })
}

function checkParameters({ parameters, german }: TemplateManifest): void {
  const known = new Set(Object.keys(parameters.properties))
  const [first] = [
    ...(parameters.required ?? []).filter((key) => !known.has(key)).map((key) => `"${key}" is required and not declared`),
    ...Object.keys(german?.parameters ?? {})
      .filter((key) => !known.has(key))
      .map((key) => `"${key}" is translated and not declared`),
    ...Object.entries(parameters.properties).flatMap(([key, schema]) =>
      schema.default === undefined
        ? []
        : parameterProblems({ type: 'object', properties: { [key]: schema } }, { [key]: schema.default }).map(({ message }) => message),
    ),
  ]
  if (first !== undefined) throw refused(`the parameters do not fit together: ${first}.`, { file: 'template.json', why: 'parameters' })
}

function checkFlow(flow: readonly FlowNode[], { parameters }: TemplateManifest): void {
  const bad = (reason: string) => refused(`flow.json ${reason}.`, { file: 'flow.json', why: 'flow' })
  if (!flow.some(({ type }) => type === 'tab' || type === 'subflow')) throw bad('holds no flow (a tab) and no subflow')
  const ids = new Set<string>()
  for (const { id, type, z } of flow) {
    if (ids.has(id)) throw bad(`has the node ${id} twice`)
    if (id in Object.prototype) throw bad(`has a node with the id "${id}"`)
    ids.add(id)
    if (type === 'tab' && z !== undefined) throw bad(`has a tab (${id}) inside of something`)
  }
  for (const { id, z, credentials } of flow) {
    if (z !== undefined && z !== '' && !(typeof z === 'string' && ids.has(z))) throw bad(`has the node ${id} on a tab that is not in it`)
    if (credentials !== undefined) throw refused(`the node ${id} has credentials in it.`, { file: 'flow.json', why: 'secret' })
  }
  const used = namesIn(flow)
  const unused = Object.keys(parameters.properties).find((key) => !used.has(key))
  if (unused !== undefined) throw bad(`nowhere uses the parameter "${unused}"`)
}

function checkTests(tests: readonly TemplateTest[], flow: readonly FlowNode[]): void {
  const ids = new Set(flow.map(({ id }) => id))
  const names = new Set<string>()
  for (const { name, flowId, steps, answers, expect } of tests) {
    const named = [
      flowId,
      ...Object.keys(answers),
      ...steps.flatMap((step) => ('nodeId' in step ? [step.nodeId] : [])),
      ...expect.flatMap((each) => ('nodeId' in each ? [each.nodeId] : 'from' in each ? [each.from] : [])),
    ]
    // what really passed in another shop is neither to be had here nor ours to look at
    if (
      [...steps, ...Object.values(answers).flat()].some(
        (each) => ('origin' in each && each.origin?.from === 'recorded') || ('from' in each && each.from === 'recorded'),
      )
    )
      throw refused(`the test "${name}" holds a message that was recorded in a shop.`, { file: 'tests.json', why: 'tests' })
    const unknown = named.find((id) => !ids.has(id))
    if (unknown !== undefined) throw refused(`the test "${name}" names the node ${unknown}, which is not in the flow.`, { file: 'tests.json', why: 'tests' })
    if (names.has(name)) throw refused(`two tests are called "${name}".`, { file: 'tests.json', why: 'tests' })
    names.add(name)
  }
}
