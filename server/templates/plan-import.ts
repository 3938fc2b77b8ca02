/** What an import would need and change, found without changing anything. Importing does what its plan says. */
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Decisions } from '../api/flow-merge.ts'
import {
  checkFlows,
  type FlowNode,
  getFlows,
  type ImportPanel,
  type ImportPreview,
  type ImportRequest,
  listConnections,
  listNodeTypes,
  type TemplateSigner,
} from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { InProcess } from '../http/in-process.ts'
import type { Machines } from '../machines/contract.ts'
import type { ProgramLibrary } from '../machines/index.ts'
import type { LayoutShelf } from '../panel/layouts/index.ts'
import type { QualityThing } from '../quality/pickable.ts'
import { numberText } from './fill.ts'
import type { ImportRow, ImportRows, ImportState } from './import-rows.ts'
import { stateOf } from './import-rows.ts'
import type { KnownTemplate, Library } from './library.ts'
import { type Made, make } from './make.ts'
import { needsOf, type Surroundings } from './needs.ts'
import { referencesOf } from './new-ids.ts'
import { makePanels } from './panels/panel-files.ts'
import { planPanels } from './panels/place.ts'
import { parameterProblems, withDefaults } from './parameters.ts'
import { controlName, putTogether } from './put-together.ts'
import type { TemplateContent } from './read-template.ts'
import { hashOf } from './seal.ts'

export interface Plan {
  preview: ImportPreview
  template: KnownTemplate & { content: TemplateContent }
  /** The import that it takes the place of. */
  replaced?: ImportRow
  importId: string
  n: number
  state: Omit<ImportState, 'programs'>
  flows: FlowNode[]
  versionId: string | undefined
  /** Programs to store first. */
  newPrograms: { name: string; content: Buffer; sha256: string }[]
  /** Those of the import that it replaces. */
  programsBefore: ImportState['programs']
}

export interface PlanDeps {
  call: InProcess
  library: Library
  rows: ImportRows
  machines: Pick<Machines, 'list'>
  programs: Pick<ProgramLibrary, 'list' | 'find'>
  /** What parameters may pick of quality. */
  quality: () => Promise<readonly QualityThing[]>
  shelf: LayoutShelf
  surroundings: (caller: Caller) => Promise<Surroundings>
  signer: (template: KnownTemplate) => Promise<TemplateSigner>
}

export async function planImport(deps: PlanDeps, asked: { templateId: string; request: ImportRequest; caller: Caller }): Promise<Plan> {
  const { call, library, rows, machines, programs } = deps
  const { templateId, request, caller } = asked
  const template = await library.find(templateId, request.version)
  const { content } = template
  const { manifest } = content
  const all = await rows.list()
  const replaced = request.replaces === undefined ? undefined : await rows.find(request.replaces)
  if (replaced && replaced.templateId !== templateId)
    throw new UserError({
      code: 'import-not-found',
      status: 409,
      message: `That import is of the template "${replaced.templateId}", not of "${templateId}". Remove it, and import this one beside.`,
    })
  const before = replaced && stateOf(replaced)
  const { flows: current, rev, versionId } = await call(getFlows, { caller })
  const now = current as FlowNode[]
  const types = await call(listNodeTypes, { caller })
  const connections = await call(listConnections, { caller })

  // --- parameters: those of the import that is replaced go on unless others are given
  const known = manifest.parameters.properties
  const earlier = Object.fromEntries(Object.entries(before?.parameters ?? {}).filter(([key]) => Object.hasOwn(known, key)))
  const parameters = withDefaults(manifest.parameters, { ...earlier, ...request.parameters })
  const given = { ...parameters, ...Object.fromEntries(Object.entries(request.parameters).filter(([key]) => !Object.hasOwn(known, key))) }
  const shop = { machines: machines.list(), connections, programs: await programs.list(), quality: await deps.quality() }
  // a program that the template brings is there once it is imported
  const withBrought = { ...shop, programs: [...shop.programs, ...[...content.programs.keys()].map((name) => ({ id: name, name }))] }
  const wrong = parameterProblems(manifest.parameters, given, withBrought)

  // --- what it makes
  const importId = replaced?.id ?? newId('imp')
  const n = replaced?.n ?? firstFree(all.filter((row) => row.templateId === templateId).map((row) => row.n))
  const title = request.name ?? before?.title ?? undefined
  const ids = new Map([...(replaced?.now?.ids ?? []), ...(replaced?.pending?.ids ?? [])])
  const made = make(content, { importId, parameters, n, title, before: ids, references: referencesOf(types) })
  const ownIds = new Set([...ids.values()])
  const decisions: Decisions = new Map(Object.entries(request.decisions ?? {}))
  const together = replaced
    ? putTogether(now, { ids: ownIds, base: request.keepsChanges ? (replaced.now?.base ?? []) : undefined, next: made.nodes, decisions })
    : { flows: [...now, ...made.nodes], changes: { put: made.nodes, removed: [] }, lostWires: 0, conflicts: [], isDecided: true }

  // --- what stands against it
  const machineIds = Object.entries(known).flatMap(([key, { widget }]) =>
    widget === 'machine' && typeof parameters[key] === 'string' ? [parameters[key]] : [],
  )
  const needs = await needsOf({ manifest, nodeTypes: template.facts.nodeTypes, takes: template.facts.takes }, await deps.surroundings(caller), {
    capabilities: caller.capabilities,
    machineIds: machineIds.filter((id) => shop.machines.some((machine) => machine.id === id)),
  })
  const judged = wrong.length ? { problems: [], advice: [] } : await call(checkFlows, { caller, body: { flows: together.flows } })
  const brought = await lookAtPrograms(content, programs, caller)
  const panels = await lookAtPanels(deps, request, { content, made, importId, n, parameters, before: before?.panels ?? [] })
  const { changes } = together
  const there = new Set(now.map(({ id }) => id))
  const signer = await deps.signer(template)
  const preview: ImportPreview = {
    template: { id: templateId, version: manifest.version, name: manifest.name },
    signer,
    rev,
    changes,
    counts: {
      added: changes.put.filter(({ id }) => !there.has(id)).length,
      changed: changes.put.filter(({ id }) => there.has(id)).length,
      removed: changes.removed.length,
    },
    nodeIds: made.nodes.map(({ id }) => id),
    tabs: made.nodes.filter(({ type }) => type === 'tab').map(({ id, label }) => ({ id, label: String(label) })),
    tests: made.tests,
    parameterProblems: wrong,
    needs,
    problems: judged.problems,
    advice: judged.advice.filter(({ isKnown }) => isKnown !== true),
    conflicts: [...together.conflicts, ...panels.conflicts],
    lostWires: together.lostWires,
    programs: brought.map(({ name, state }) => ({ name, state })),
    panels: panels.panels,
    isReady:
      !wrong.length &&
      !judged.problems.length &&
      together.isDecided &&
      panels.conflicts.every(({ key }) => request.decisions?.[key] !== undefined) &&
      !needs.some(stops) &&
      (request.withoutPrograms === true || brought.every(({ state }) => state === 'new' || state === 'there')),
  }
  return {
    preview,
    template,
    ...(replaced ? { replaced } : {}),
    importId,
    n,
    state: {
      version: manifest.version,
      name: title ?? `${manifest.name}${numberText(n)}`,
      title: title ?? null,
      parameters,
      ids: [...made.ids],
      base: made.nodes,
      tests: made.tests,
      ...panels.state,
      signer: signer.state === 'product' ? 'product' : (signer.fingerprint ?? null),
    },
    flows: together.flows,
    versionId,
    newPrograms: request.withoutPrograms === true ? [] : brought.filter(({ state }) => state === 'new'),
    programsBefore: before?.programs ?? [],
  }
}

/** An import puts its own tabs beside others with the right to import: what they show came by the same deploy. */
async function lookAtPanels(
  { shelf, machines }: Pick<PlanDeps, 'shelf' | 'machines'>,
  request: ImportRequest,
  of: { content: TemplateContent; made: Made; importId: string; n: number; parameters: Readonly<Record<string, unknown>>; before: ImportState['panels'] },
): Promise<Pick<ImportPreview, 'panels' | 'conflicts'> & { state: Pick<ImportState, 'panels' | 'panelChoices'> }> {
  const { content, made, importId, n, parameters, before } = of
  const wanted = makePanels(content.panels, { importId, number: numberText(n), parameters, ids: made.ids })
  const open = wanted.open.map((name): ImportPanel => ({ name, state: 'no-machine', tabs: [], hiddenFrom: [] }))
  if (request.withoutPanels === true) {
    const left = wanted.made.map(({ name, scope, tabs }): ImportPanel => ({ name, scope, tabs, state: 'left-out', hiddenFrom: [] }))
    return { panels: [...left, ...open], conflicts: [], state: { panels: before } }
  }
  const choices = { keeps: request.keepsChanges, decisions: request.decisions ?? {} }
  const machineIds = new Set(machines.list().map(({ id }) => id))
  const { panels, conflicts } = await planPanels(shelf, { next: wanted.made, before, choices, nameOf: controlName(made.nodes), machineIds })
  return { panels: [...panels, ...open], conflicts, state: { panels: wanted.made, panelChoices: choices } }
}

/** A machine that cannot do something is a person's matter; without the others the flow could not even be deployed. */
export const stops = ({ kind, isThere }: { kind: string; isThere: string }): boolean => isThere === 'no' && kind !== 'machine' && kind !== 'connector'

function firstFree(taken: readonly number[]): number {
  let n = 1
  while (taken.includes(n)) n += 1
  return n
}

async function lookAtPrograms({ programs: brought }: TemplateContent, programs: Pick<ProgramLibrary, 'find'>, caller: Caller) {
  return Promise.all(
    [...brought].map(async ([name, content]) => {
      const sha256 = await hashOf(content)
      const there = await programs.find(name).catch((error: unknown) => {
        if (error instanceof UserError && error.code === 'program-not-found') return undefined
        throw error
      })
      const state: ImportPreview['programs'][number]['state'] = there
        ? there.sha256 === sha256
          ? 'there'
          : 'other-content'
        : caller.capabilities.has('programs.manage')
          ? 'new'
          : 'not-allowed'
      return { name, content, sha256, state }
    }),
  )
}
