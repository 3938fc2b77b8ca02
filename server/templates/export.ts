/** Makes a template of flows: the choice, its parameters, its tests and programs; refuses what must not leave the shop. */
import { readFile } from 'node:fs/promises'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import {
  type BodyOf,
  type ExportParameter,
  type exportTemplate,
  type FlowNode,
  type FlowTest,
  type FoundSecret,
  type NodeType,
  type previewExport,
  type QualityPick,
  type ResponseOf,
  TemplateManifest,
  type TemplateTest,
} from '../api/index.ts'
import { isOfQuality, picksOf } from '../flows/picks.ts'
import type { ProgramLibrary } from '../machines/index.ts'
import type { QualityThing } from '../quality/pickable.ts'
import type { Files } from './archive/limits.ts'
import { namesIn } from './fill.ts'
import { nodeTypesOf, takesOf } from './needs.ts'
import { type ArrangedPanel, panelFiles, panelsFor } from './panels/export-panels.ts'
import { secretsInFiles, secretsInFlow } from './secrets.ts'
import { selectNodes, valueAt, withValueAt } from './select.ts'

type Selection = Pick<BodyOf<typeof previewExport>, 'nodeIds' | 'parameters'>
type ExportRequest = BodyOf<typeof exportTemplate>

/** Modules that come with the product, and are not named as needed. */
const OWN_MODULES = new Set(['node-red', 'cellwright', '@flowfuse/node-red-dashboard', 'node-red-node-email'])
const manifestSchema = checker(TemplateManifest)

export interface ExportSources {
  flows: readonly FlowNode[]
  types: readonly NodeType[]
  tests: readonly FlowTest[]
  /** Of connections, for which connectors suit. */
  connections: readonly { id: string; connector: string }[]
  /** For what people call it. */
  quality: readonly QualityThing[]
  /** Secrets that the gateway keeps sealed. */
  kept: readonly string[]
  programs: Pick<ProgramLibrary, 'find' | 'path' | 'list'>
  /** Those that may go along. */
  panels: readonly ArrangedPanel[]
  moduleVersion(name: string): Promise<string | undefined>
}

/** @throws UserError export-empty, export-parameter */
export async function lookAtExport(
  selection: Selection,
  sources: ExportSources,
): Promise<Omit<ResponseOf<typeof previewExport>, 'earlier' | 'signer' | 'sharedFolder'>> {
  const nodes = chosen(selection, sources)
  const flow = withParameters(nodes, selection.parameters)
  const tests = testsOf(nodes, sources.tests)
  return {
    nodes: flow,
    suggestions: suggest(nodes, sources, selection.parameters),
    secrets: await secretsInFlow(flow, sources.kept),
    tests: tests.map(({ id, name }) => ({ id, name })),
    programs: await programsIn(nodes, sources),
    panels: panelsFor(nodes, selection.parameters, sources),
    nodeTypes: nodeTypesOf(flow),
    needs: { modules: {}, connectors: [], ...(await modulesOf(nodeTypesOf(flow), sources)), ...connectorsOf(nodes, sources) },
    takes: takesOf(flow),
  }
}

/**
 * The files of the template, not sealed yet.
 * @throws UserError export-empty, export-parameter, export-secret, program-not-found
 */
export async function makeFiles(request: ExportRequest, sources: ExportSources, author: string): Promise<Files> {
  const nodes = chosen(request, sources)
  const flow = withParameters(nodes, request.parameters)
  const tests = testsOf(nodes, sources.tests)
    .filter(({ id }) => request.tests?.includes(id) ?? true)
    .map((test) => templateTest(test, nodes, request.parameters))
  const programs = await Promise.all(
    [...new Set(request.programs ?? [])].map(async (name) => {
      const { sha256 } = await sources.programs.find(name)
      return [name, await readFile(sources.programs.path(sha256))] as const
    }),
  )
  const pictures = (request.pictures ?? []).map(({ name, base64 }) => [`pictures/${name}`, Buffer.from(base64, 'base64')] as const)
  const nodeTypes = nodeTypesOf(flow)
  const needs = { ...(await modulesOf(nodeTypes, sources)), ...connectorsOf(nodes, sources), ...(request.machine?.length ? { machine: request.machine } : {}) }
  const required = request.parameters.filter(({ isRequired, schema }) => isRequired ?? schema.default === undefined).map(({ key }) => key)
  const manifest = manifestSchema.parse(
    {
      format: 1,
      id: request.id,
      version: request.version,
      name: request.name,
      summary: request.summary,
      author: request.author ?? author,
      licence: request.licence ?? 'Apache-2.0',
      categories: request.categories,
      ...(pictures.length ? { pictures: pictures.map(([path]) => path) } : {}),
      parameters: {
        type: 'object',
        properties: Object.fromEntries(request.parameters.map(({ key, schema }) => [key, schema])),
        ...(required.length ? { required } : {}),
      },
      ...(Object.keys(needs).length ? { needs } : {}),
      ...(request.german ? { german: request.german } : {}),
    },
    'The template',
  )
  const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
  const files: [string, Buffer][] = [
    ['template.json', json(manifest)],
    ['flow.json', json(flow)],
    ['README.md', Buffer.from(request.readme)],
    ...(request.readmeGerman === undefined ? [] : ([['README.de.md', Buffer.from(request.readmeGerman)]] as [string, Buffer][])),
    ...(tests.length ? ([['tests.json', json(tests)]] as [string, Buffer][]) : []),
    ...panelFiles(panelsFor(nodes, request.parameters, sources), request.panels, nodes, request.parameters).map(([path, panel]): [string, Buffer] => [
      path,
      json(panel),
    ]),
    ...programs.map(([name, content]): [string, Buffer] => [`programs/${name}`, content]),
    ...pictures.map(([path, content]): [string, Buffer] => [path, content]),
  ]
  const made = new Map(files)
  refuseSecrets([...(await secretsInFlow(flow, sources.kept)), ...secretsInFiles(made, (path) => path !== 'flow.json', sources.kept)])
  return made
}

function refuseSecrets(secrets: readonly FoundSecret[]): void {
  const [first] = secrets
  if (!first) return
  throw new UserError({
    code: 'export-secret',
    status: 422,
    message: `A template must not hold secrets, and there is one in it: ${first.where} (${first.text})${secrets.length > 1 ? `, and ${secrets.length - 1} more` : ''}. Make it a parameter or a credential, or take it out. Nothing was exported.`,
    details: { secrets },
  })
}

function chosen({ nodeIds }: Selection, { flows }: ExportSources): FlowNode[] {
  const nodes = selectNodes(flows, nodeIds)
  if (!nodes.some(({ x, type }) => x !== undefined && type !== 'group'))
    throw new UserError({
      code: 'export-empty',
      status: 422,
      message: 'Nothing was chosen that a template could be made of: choose nodes, a flow or a subflow.',
    })
  return nodes
}

/** @throws UserError export-parameter for a place that is not there, and for a name that stands in the flow already */
function withParameters(nodes: readonly FlowNode[], parameters: readonly ExportParameter[]): FlowNode[] {
  const bad = (key: string, reason: string) =>
    new UserError({ code: 'export-parameter', status: 422, message: `The parameter "${key}" ${reason}. Nothing was exported.`, details: { key } })
  const used = namesIn(nodes)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const seen = new Set<string>()
  for (const { key, places, schema } of parameters) {
    if (seen.has(key)) throw bad(key, 'is there twice')
    seen.add(key)
    if (used.has(key)) throw bad(key, `stands in the flow as {{${key}}} already: give it another name`)
    for (const { nodeId, path } of places) {
      const node = byId.get(nodeId)
      const value = node && valueAt(node, path)
      const [first] = path.split('.')
      if (!node || (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean'))
        throw bad(key, `stands for a property that is not there: ${path} of ${nodeId}`)
      if (first === 'id' || first === 'type' || first === 'z' || first === 'g' || first === 'wires')
        throw bad(key, `stands for "${first}", which a template needs itself`)
      if (schema.type === 'boolean' && typeof value === 'string') throw bad(key, `is a yes or no, and ${path} of ${nodeId} is a text`)
      // a text stays one: core nodes keep numbers as texts
      byId.set(nodeId, withValueAt(node, path, typeof value === 'string' && schema.type !== 'string' ? `{{text ${key}}}` : `{{${key}}}`))
    }
  }
  return nodes.map(({ id }) => byId.get(id) as FlowNode)
}

/** Those of the tabs in it that name nothing beyond it, and hold nothing that was recorded. */
function testsOf(nodes: readonly FlowNode[], tests: readonly FlowTest[]): FlowTest[] {
  const ids = new Set(nodes.map(({ id }) => id))
  return tests.filter(
    ({ flowId, steps, answers, expect }) =>
      ids.has(flowId) &&
      steps.every((step) => !('nodeId' in step) || ids.has(step.nodeId)) &&
      Object.keys(answers).every((id) => ids.has(id)) &&
      expect.every((each) => (!('nodeId' in each) || ids.has(each.nodeId)) && (!('from' in each) || ids.has(each.from))) &&
      !/"from":"recorded"/.test(JSON.stringify([steps, answers])),
  )
}

/** Machines and connections in it become the parameters that stand for them. */
function templateTest({ id: _, ...test }: FlowTest, nodes: readonly FlowNode[], parameters: readonly ExportParameter[]): TemplateTest {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const keys = new Map<string, string>()
  for (const { key, schema, places } of parameters) {
    if (schema.widget !== 'machine' && schema.widget !== 'connection' && schema.widget !== 'program') continue
    for (const { nodeId, path } of places) {
      const node = byId.get(nodeId)
      const value = node && valueAt(node, path)
      if (typeof value === 'string' && value) keys.set(value, `{{${key}}}`)
    }
  }
  return {
    ...test,
    steps: test.steps.map((step) =>
      step.do === 'order' || step.do === 'tag' ? { ...step, connectionId: keys.get(step.connectionId) ?? step.connectionId } : step,
    ),
    expect: test.expect.map((each) =>
      each.kind === 'motion'
        ? { ...each, machineId: keys.get(each.machineId) ?? each.machineId, ...(each.what === undefined ? {} : { what: keys.get(each.what) ?? each.what }) }
        : each,
    ),
  }
}

interface Field {
  picks?: string
}

/** Of parameters that stand for what quality keeps. */
const QUALITY_KEYS: Readonly<Record<QualityPick, string>> = {
  'quality-characteristic': 'characteristic',
  'sampling-plan': 'samplingPlan',
  'gage-study': 'gaugeStudy',
  'inspection-plan': 'part',
}

/** What is another thing in every shop: machines, connections, programs, what is measured, and by which plan. */
function suggest(nodes: readonly FlowNode[], { types, connections, quality }: ExportSources, already: readonly ExportParameter[]): ExportParameter[] {
  const taken = new Set(already.flatMap(({ places }) => places.map(({ nodeId, path }) => `${nodeId} ${path}`)))
  const keys = new Set(already.map(({ key }) => key))
  const found = new Map<string, ExportParameter>()
  const add = (
    node: FlowNode,
    path: string,
    { widget, title = path, ...more }: Pick<ExportParameter['schema'], 'widget'> & { title?: string; suggests?: 'characteristic' },
  ) => {
    const value = node[path]
    if (typeof value !== 'string' || !value || taken.has(`${node.id} ${path}`)) return
    const known = found.get(`${widget} ${value}`)
    if (known) return void known.places.push({ nodeId: node.id, path })
    const first: string = more.suggests ?? (Object.hasOwn(QUALITY_KEYS, widget) ? QUALITY_KEYS[widget as QualityPick] : widget)
    let key = first
    for (let n = 2; keys.has(key); n += 1) key = `${first}${n}`
    keys.add(key)
    const connector = widget === 'connection' ? connections.find(({ id }) => id === value)?.connector : undefined
    found.set(`${widget} ${value}`, {
      key,
      schema: {
        title,
        type: 'string',
        widget,
        ...more,
        ...(connector === undefined ? {} : { connectors: [connector] }),
        ...(more.suggests ? { default: value } : {}),
      },
      isRequired: true,
      places: [{ nodeId: node.id, path }],
    })
  }
  const byType = new Map(types.map((type) => [type.type, type]))
  for (const node of nodes) {
    for (const { path, kind, value, title } of picksOf(node, byType.get(node.type)))
      if (kind === 'characteristic') add(node, path, { widget: 'text', title, suggests: kind })
      else add(node, path, { widget: kind, title: isOfQuality(kind) ? titleOf(quality, { kind, value, title }) : title })
  }
  return [...found.values()]
}

/** A flow measures several: each question says which one it was, for there is nothing else to tell them by. */
function titleOf(quality: ExportSources['quality'], { kind, value, title }: { kind: QualityPick; value: string; title: string }): string {
  const thing = quality.find((each) => each.kind === kind && each.id === value)
  return thing ? `${title}: ${thing.name}`.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 80) : title
}

async function programsIn(nodes: readonly FlowNode[], { types, programs }: ExportSources): Promise<string[]> {
  const byType = new Map(types.map((type) => [type.type, type]))
  const named = nodes.flatMap((node) => {
    const schema = byType.get(node.type)?.configSchema as { properties?: Record<string, Field> } | undefined
    return Object.entries(schema?.properties ?? {}).flatMap(([path, { picks }]) =>
      picks === 'program' && node[`${path}Type`] === 'str' ? [String(node[path])] : [],
    )
  })
  const all = await programs.list()
  return [...new Set(named.flatMap((name) => all.find((program) => program.id === name || program.name === name)?.name ?? []))]
}

/** Node packages that come with none of ours, as they are installed here. */
export async function modulesOf(
  nodeTypes: readonly string[],
  { types, moduleVersion }: Pick<ExportSources, 'types' | 'moduleVersion'>,
): Promise<{ modules?: Record<string, string> }> {
  const names = new Set(nodeTypes.flatMap((type) => types.find((each) => each.type === type)?.module ?? []))
  const modules: Record<string, string> = {}
  for (const name of names) {
    if (OWN_MODULES.has(name)) continue
    const version = (await moduleVersion(name))?.split('-')[0]
    if (version !== undefined) modules[name] = version
  }
  return Object.keys(modules).length ? { modules } : {}
}

export function connectorsOf(nodes: readonly FlowNode[], { connections }: Pick<ExportSources, 'connections'>): { connectors?: string[] } {
  const values = new Set(nodes.flatMap((node) => Object.values(node).filter((value): value is string => typeof value === 'string')))
  const connectors = [...new Set(connections.filter(({ id }) => values.has(id)).map(({ connector }) => connector))]
  return connectors.length ? { connectors } : {}
}
