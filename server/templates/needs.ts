/** What a template needs, against what is there: said in words, with the way to it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Capability, FlowNode, MachineView, TemplateManifest, TemplateNeed } from '../api/index.ts'
import { checkFence, neededCapability } from '../flows/fence.ts'
import { isAllowedModule } from '../flows/palette.ts'

export interface Surroundings {
  /** Installed node types. */
  types: readonly { type: string }[]
  connectors: readonly string[]
  machines: readonly MachineView[]
  /** Node packages that flows may use. */
  allowedModules: readonly string[]
  /** Installed version of a node package; undefined when it is not there. */
  moduleVersion(name: string): Promise<string | undefined>
}

/** Reads versions of node packages: installed ones, then those that come with the product. */
export function moduleVersions(paletteDir: string, productDir: string): Surroundings['moduleVersion'] {
  return async (name) => {
    for (const dir of [paletteDir, productDir]) {
      try {
        const { version } = JSON.parse(await readFile(join(dir, 'node_modules', name, 'package.json'), 'utf8')) as { version?: string }
        if (version !== undefined) return version
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && (error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error
      }
    }
    return undefined
  }
}

/** 1.10.0 is after 1.9.3; what follows a dash is not looked at. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => (version.split(/[-+]/)[0] ?? '').split('.').map(Number)
  const [left, right] = [numbers(a), numbers(b)]
  for (let i = 0; i < 3; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference) return difference
  }
  return 0
}

/** The parts of the flow format are no types that must be installed. */
const FORMAT = new Set(['tab', 'group', 'subflow'])
export const nodeTypesOf = (flow: readonly FlowNode[]): string[] =>
  [...new Set(flow.map(({ type }) => type))].filter((type) => !FORMAT.has(type) && !type.startsWith('subflow:')).toSorted()

/** What deploying these nodes takes where nothing of them is there yet, and parameters are filled in as they are meant. */
export function takesOf(template: readonly FlowNode[]): 'flows.deploy' | 'flows.code' {
  const flow = template.map((node) => filled(node) as FlowNode)
  if (flow.some(({ type }) => neededCapability(type) === 'flows.code')) return 'flows.code'
  return checkFence({ flows: flow, deployed: [], capabilities: new Set<Capability>(['flows.deploy']) }).length ? 'flows.code' : 'flows.deploy'
}

/** Expressions must be whole to be judged: any value will do. The import judges them again as they are. */
function filled(value: unknown): unknown {
  if (typeof value === 'string')
    return value
      .replaceAll(/\{\{json [^{}]*\}\}/g, '"x"')
      .replaceAll('{{$n}}', '')
      .replaceAll(/\{\{[^{}]*\}\}/g, 'x')
  if (Array.isArray(value)) return value.map(filled)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]))
  return value
}

export async function needsOf(
  { manifest, nodeTypes, takes }: { manifest: Pick<TemplateManifest, 'needs'>; nodeTypes: readonly string[]; takes: 'flows.deploy' | 'flows.code' },
  there: Surroundings,
  /** Whose rights count, and for which machines it is asked. */
  asked: { capabilities?: ReadonlySet<Capability>; machineIds?: readonly string[] } = {},
): Promise<TemplateNeed[]> {
  const { modules = {}, connectors = [], machine = [] } = manifest.needs ?? {}
  const installed = new Set(there.types.map(({ type }) => type))
  const needs: TemplateNeed[] = []
  for (const [name, version] of Object.entries(modules)) {
    const found = await there.moduleVersion(name)
    const isEnough = found !== undefined && compareVersions(found, version) >= 0 && found.split('.')[0] === version.split('.')[0]
    const isAllowed = isAllowedModule(name, there.allowedModules)
    const how = isAllowed
      ? 'Install it in the palette manager of the stock editor (/red).'
      : 'It is not on the list of packages that may be installed: whoever runs this server adds it to CELLWRIGHT_PALETTE, then it can be installed in the palette manager.'
    needs.push({
      kind: 'module',
      name,
      version,
      ...(found === undefined ? {} : { installed: found }),
      isThere: isEnough ? 'yes' : 'no',
      text: isEnough
        ? `The node package ${name} ${found} is installed.`
        : `${found === undefined ? `The node package ${name} ${version} is not installed.` : `The node package ${name} is installed as ${found}; it must be ${version} or a later one of the same main version.`} ${how}`,
    })
  }
  for (const type of nodeTypes)
    if (!installed.has(type))
      needs.push({
        kind: 'node-type',
        name: type,
        isThere: 'no',
        text: `The node type "${type}" is not installed. It comes with a node package, or with a newer Cellwright.`,
      })
  for (const name of connectors) {
    const isThere = there.connectors.includes(name)
    needs.push({
      kind: 'connector',
      name,
      isThere: isThere ? 'yes' : 'no',
      text: isThere ? `The connector "${name}" is there.` : `There is no connector "${name}" in this Cellwright. It comes with another version of it.`,
    })
  }
  const asks = asked.machineIds ? there.machines.filter(({ id }) => asked.machineIds?.includes(id)) : there.machines
  for (const need of machine) needs.push(...machineNeed(need, asks, asked.machineIds !== undefined))
  if (asked.capabilities && !asked.capabilities.has(takes))
    needs.push({
      kind: 'capability',
      name: takes,
      isThere: 'no',
      text: `Deploying it takes the right "${takes}": it holds nodes or expressions that are code. Ask somebody who has it to import it.`,
    })
  return needs
}

const ABILITY: Record<NonNullable<NonNullable<TemplateManifest['needs']>['machine']>[number], string> = {
  homing: 'home itself',
  spindle: 'set the speed of its spindle',
  'tool-change': 'have a way to change tools in its settings',
  'tool-setter': 'have a tool setter in its settings',
  interlocks: 'have interlocks in its settings',
  probe: 'have a touch probe',
  coolant: 'switch coolant',
}

function machineNeed(need: keyof typeof ABILITY, machines: readonly MachineView[], isOfEach: boolean): TemplateNeed[] {
  const verdicts = machines.map((machine) => ({ machine, isThere: can(need, machine) }))
  if (isOfEach)
    return verdicts.map(({ machine: { id, name }, isThere }) => ({
      kind: 'machine',
      name: need,
      machineId: id,
      isThere,
      text: `${name}: ${sentence(need, isThere)}`,
    }))
  const best = verdicts.find(({ isThere }) => isThere === 'yes') ?? verdicts.find(({ isThere }) => isThere === 'unknown') ?? verdicts[0]
  return [
    {
      kind: 'machine',
      name: need,
      isThere: best?.isThere ?? 'no',
      text: best ? `A machine must ${ABILITY[need]}.` : `A machine must ${ABILITY[need]}; none is set up yet.`,
    },
  ]
}

const sentence = (need: keyof typeof ABILITY, isThere: TemplateNeed['isThere']): string => {
  switch (isThere) {
    case 'yes':
      return `it can: ${ABILITY[need]}.`
    case 'no':
      return `it must ${ABILITY[need]}, and as far as it is known it does not. Look at its page under "machines".`
    case 'unknown':
      return `it must ${ABILITY[need]}. That cannot be told from here: look at the machine.`
  }
}

function can(need: keyof typeof ABILITY, { state, guarding }: MachineView): TemplateNeed['isThere'] {
  const abilities = state?.abilities
  switch (need) {
    case 'homing':
      return abilities ? (abilities.hasHoming ? 'yes' : 'no') : 'unknown'
    case 'spindle':
      return abilities?.spindleRpm || guarding?.spindleRpm ? 'yes' : 'unknown'
    case 'tool-change':
      return guarding?.toolChange ? 'yes' : 'no'
    case 'tool-setter':
      return guarding?.toolChange?.kind === 'probe-length' ? 'yes' : 'no'
    case 'interlocks':
      return guarding?.interlocks?.length ? 'yes' : 'no'
    // every GRBL controller has the pins; whether something is wired to them, it cannot know
    case 'probe':
    case 'coolant':
      return 'unknown'
    default:
      return need satisfies never
  }
}
