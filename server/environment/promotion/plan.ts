/** What taking a promotion would change here, found without changing anything. Taking does what its plan says. */
import { UserError } from '../../../base/errors.ts'
import {
  checkFlows,
  type FlowNode,
  getFlows,
  listNodeTypes,
  type Promotion,
  type PromotionPreview,
  type PromotionReference,
  type TakeRequest,
  type TemplateNeed,
} from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'
import type { InProcess } from '../../http/in-process.ts'
import { needsOf, nodeTypesOf, type Surroundings, takesOf } from '../../templates/needs.ts'
import { stops } from '../../templates/plan-import.ts'
import { nameOf } from '../../templates/put-together.ts'
import type { PromotionContent } from './file.ts'
import { type PlannedPanels, planPanels } from './panels.ts'
import { type PlannedPrograms, planPrograms } from './programs.ts'
import { putInPlace } from './put-in-place.ts'
import { keyOf, type ShopThings, testWithThings, withThings } from './references.ts'
import { resolveReferences } from './resolve.ts'
import type { PromotedFrom, PromotionRows } from './rows.ts'

export interface Plan {
  preview: PromotionPreview
  flows: FlowNode[]
  /** Its nodes as they are here then. */
  nodeIds: string[]
  /** What was taken from there last. */
  before: PromotedFrom | undefined
  panels: PlannedPanels
  programs: PlannedPrograms
  /** To be remembered. */
  chosen: ReadonlyMap<string, string>
}

export interface PlanDeps {
  call: InProcess
  rows: PromotionRows
  things(caller: Caller): Promise<ShopThings>
  surroundings(caller: Caller): Promise<Surroundings>
  asksReason(): boolean
}

export async function planTaking(
  deps: PlanDeps,
  { content, promotion, request, caller }: { content: PromotionContent; promotion: Promotion; request: TakeRequest; caller: Caller },
): Promise<Plan> {
  const { call, rows } = deps
  const { manifest } = content
  const { flows: current, rev } = await call(getFlows, { caller })
  const now = current as FlowNode[]
  const here = new Map(now.map((node) => [node.id, node]))
  const last = await rows.last(manifest.from.id)
  const choices = new Map(Object.entries(request.choices))
  const things = await deps.things(caller)
  const references = resolveReferences(manifest.references, { choices, remembered: await rows.choices(manifest.from.id), things, here })
  const values = new Map(references.flatMap(({ key, value, how }) => (value === undefined || how === 'gone' ? [] : [[key, value] as const])))
  const chosen = new Map(references.flatMap(({ key, value, how }) => (how === 'chosen' && value !== undefined ? [[key, value] as const] : [])))
  const programs = planPrograms(references, {
    things,
    carried: new Set(content.programs.keys()),
    before: new Map((last?.promoted.programs ?? []).map(({ name, sha256 }) => [name, sha256])),
    decisions: request.programs ?? {},
    mayStore: caller.capabilities.has('programs.manage'),
  })
  for (const [key, name] of programs.values) values.set(key, name)
  const coming = withThings(content.flow, manifest.references, values)
  const placesOfChosen = new Map<string, Record<string, string>>()
  for (const reference of manifest.references) {
    const value = chosen.get(keyOf(reference))
    if (value !== undefined) for (const { nodeId, path } of reference.places) placesOfChosen.set(nodeId, { ...placesOfChosen.get(nodeId), [path]: value })
  }
  const inPlace = putInPlace(now, {
    coming,
    before: last?.nodes,
    scope: manifest.scope,
    decisions: new Map(Object.entries(request.config ?? {})),
    chosen: placesOfChosen,
  })
  const types = await call(listNodeTypes, { caller })
  const needs = await needsHere(content, coming, types, await deps.surroundings(caller), caller)
  const isOpen = references.some(({ how }) => how === 'open')
  const judged = isOpen ? { problems: [], advice: [] } : await call(checkFlows, { caller, body: { flows: inPlace.flows } })
  const panels = await planPanels(call, caller, {
    coming: content.panels,
    machines: values,
    machineIds: new Set(things.machines.map(({ id }) => id)),
    before: last?.promoted.panels ?? [],
    decisions: request.panels ?? {},
  })
  const comingIds = new Set(coming.map(({ id }) => id))
  const named = (node: FlowNode) => ({ id: node.id, name: nameOf(node), type: node.type })
  const { put, removed } = inPlace.changes
  return {
    preview: {
      promotion,
      rev,
      changes: inPlace.changes,
      counts: {
        added: put.filter(({ id }) => !here.has(id)).length,
        changed: put.filter(({ id }) => here.has(id)).length,
        removed: removed.length,
      },
      lostWires: inPlace.lostWires,
      tabs: coming.filter(({ type }) => type === 'tab').map((tab) => ({ id: tab.id, label: nameOf(tab) })),
      references,
      needs,
      problems: judged.problems,
      advice: judged.advice.filter(({ isKnown }) => isKnown !== true),
      tests: content.tests.map((test) => testWithThings(test, values)),
      changedHere: inPlace.changedHere.map(named),
      config: inPlace.config.map(({ id, properties, decision }) => {
        const node = here.get(id)
        return { id, name: nameOf(node), type: node?.type ?? '', properties, decision }
      }),
      panels: panels.choices,
      programs: programs.choices,
      isOlder: last !== undefined && last.promoted.version.number > manifest.version.number,
      needsReason: deps.asksReason(),
      isReady:
        !isOpen &&
        programs.choices.every(({ decision }) => decision !== undefined) &&
        !judged.problems.length &&
        !needs.some(stops) &&
        (inPlace.changedHere.length === 0 || request.overwrites) &&
        (promotion.signer.state !== 'unknown' || request.trusts === promotion.signer.fingerprint),
    },
    flows: inPlace.flows,
    nodeIds: inPlace.flows.filter(({ id }) => comingIds.has(id)).map(({ id }) => id),
    before: last?.promoted,
    panels,
    programs,
    chosen,
  }
}

/** What nodes ask of the machine that they name. */
const ASKS: Readonly<Record<string, 'homing' | 'spindle' | 'tool-change' | 'probe' | 'interlocks'>> = {
  'cw-home': 'homing',
  'cw-spindle': 'spindle',
  'cw-tool-change': 'tool-change',
  'cw-probe': 'probe',
  'cw-interlock': 'interlocks',
}

async function needsHere(
  { manifest }: PromotionContent,
  coming: readonly FlowNode[],
  types: readonly { type: string }[],
  there: Surroundings,
  caller: Caller,
): Promise<TemplateNeed[]> {
  const all = await needsOf(
    { manifest: manifest.needs ? { needs: { ...manifest.needs, machine: [] } } : {}, nodeTypes: nodeTypesOf(coming), takes: takesOf(coming) },
    { ...there, types },
    { capabilities: caller.capabilities },
  )
  const machines = new Map(
    coming.flatMap((node) => (node.type === 'cw-machine' && typeof node.machineId === 'string' ? [[node.id, node.machineId] as const] : [])),
  )
  const asked = new Map<string, Set<(typeof ASKS)[string]>>()
  for (const node of coming) {
    const need = ASKS[node.type]
    if (!need) continue
    for (const value of Object.values(node)) {
      const machineId = typeof value === 'string' ? machines.get(value) : undefined
      if (machineId !== undefined) asked.set(machineId, new Set([...(asked.get(machineId) ?? []), need]))
    }
  }
  for (const [machineId, needs] of asked)
    all.push(...(await needsOf({ manifest: { needs: { machine: [...needs] } }, nodeTypes: [], takes: 'flows.deploy' }, there, { machineIds: [machineId] })))
  return all
}

const KINDS: Readonly<Record<PromotionReference['kind'], string>> = {
  machine: 'the machine',
  connection: 'the connection',
  program: 'the program',
  characteristic: 'the characteristic',
  'quality-characteristic': 'the characteristic',
  'sampling-plan': 'the sampling plan',
  'gage-study': 'the gauge study',
  'inspection-plan': 'the inspection plan of the part',
}

const inWords = ({ kind, value, name, part, revision }: PromotionReference): string =>
  `${KINDS[kind]} "${name ?? value}"${part ? ` of the part "${part}"${revision ? ` in revision ${revision}` : ''}` : ''}`

/** @throws UserError for the first thing that stands against it */
export function requireReady({ preview }: Plan, request: TakeRequest & { reason?: string | undefined }): void {
  const { promotion, references, programs, needs, changedHere, needsReason } = preview
  const { signer, from } = promotion
  if (signer.state === 'unknown' && request.trusts !== signer.fingerprint)
    throw new UserError({
      code: 'promotion-signer',
      status: 409,
      message: `Nothing was ever taken from "${from.name}" with this key (${signer.fingerprint}). Compare it with what that installation shows on its page "Environment", then say that you take it.`,
      details: { signer },
    })
  const open = references.filter(({ how }) => how === 'open')
  if (open.length)
    throw new UserError({
      code: 'promotion-open',
      status: 422,
      message: `Say what stands here for: ${open.map(({ reference }) => inWords(reference)).join(', ')}. What is not here yet has to be set up first. Nothing was changed.`,
      details: { references: open },
    })
  const undecided = programs.filter(({ decision }) => decision === undefined)
  if (undecided.length)
    throw new UserError({
      code: 'promotion-open',
      status: 422,
      message: `${undecided.map(({ name }) => `The program "${name}" has another content here than there`).join('. ')}. Say whether it stays as it is here${undecided.some(({ canTake }) => canTake) ? ' or becomes as it is there' : ', or upload the one of there'}. Nothing was changed.`,
      details: { programs: undecided },
    })
  const missing = needs.filter(stops)
  if (missing.length) {
    const isRight = missing.every(({ kind }) => kind === 'capability')
    throw new UserError({
      code: isRight ? 'node-type-not-allowed' : 'template-needs',
      status: isRight ? 403 : 409,
      message: `${missing.map(({ text }) => text).join(' ')} Nothing was changed.`,
      details: { needs: missing },
    })
  }
  if (changedHere.length && !request.overwrites)
    throw new UserError({
      code: 'promotion-overwrites',
      status: 409,
      message: `${changedHere.length} nodes were changed here and not by a promotion from "${from.name}" (${changedHere
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')}). Bring the changes into "${from.name}" first, or say that they may be overwritten.`,
      details: { changedHere },
    })
  if (needsReason && (request.reason ?? '').trim().length < 3)
    throw new UserError({
      code: 'reason-missing',
      status: 422,
      message: 'This is the production installation: a promotion needs a reason. Nothing was changed.',
    })
}
