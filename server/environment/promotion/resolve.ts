/** Which things of this shop stand for those of the other one. Pure. */
import type { FlowNode, PromotionReference, ResolvedReference } from '../../api/index.ts'
import { valueAt } from '../../templates/select.ts'
import { keyOf, type ShopThings } from './references.ts'

/**
 * A person's choice counts, then what was chosen before, then what stands at these places already; after that the same id, the same name.
 * @param choices, remembered by {@link keyOf}
 */
export function resolveReferences(
  references: readonly PromotionReference[],
  {
    choices,
    remembered,
    things,
    here,
  }: { choices: ReadonlyMap<string, string>; remembered: ReadonlyMap<string, string>; things: ShopThings; here: ReadonlyMap<string, FlowNode> },
): ResolvedReference[] {
  return references.map((reference) => {
    const key = keyOf(reference)
    const isThere = (value: string | undefined): value is string => value !== undefined && exists(reference, value, things)
    const found = (how: ResolvedReference['how'], value?: string): ResolvedReference => ({
      key,
      reference,
      how,
      ...(value === undefined ? {} : { value }),
      ...(reference.sha256 !== undefined && value !== undefined && contentOf(value, things) !== reference.sha256 ? { differs: true } : {}),
    })
    for (const [how, value] of [
      ['chosen', choices.get(key)],
      ['remembered', remembered.get(key)],
      ['here', atItsPlaces(reference, here)],
    ] as const)
      if (isThere(value)) return found(how, value)
    if (reference.kind === 'characteristic') return found('same', reference.value)
    if (isThere(reference.value)) return found('same', reference.value)
    const named = byName(reference, things)
    if (named !== undefined) return found('by-name', named)
    // a program can be brought here later; without a machine nobody knows what would move
    return reference.kind === 'program' ? found('gone', reference.name ?? reference.value) : found('open')
  })
}

function atItsPlaces({ places }: PromotionReference, here: ReadonlyMap<string, FlowNode>): string | undefined {
  const values = new Set(
    places.flatMap(({ nodeId, path }) => {
      const node = here.get(nodeId)
      const value = node && valueAt(node, path)
      return typeof value === 'string' && value ? [value] : []
    }),
  )
  const [only] = values
  return values.size === 1 ? only : undefined
}

function exists({ kind }: PromotionReference, value: string, { machines, connections, programs, quality }: ShopThings): boolean {
  switch (kind) {
    case 'machine':
      return machines.some(({ id }) => id === value)
    case 'connection':
      return connections.some(({ id }) => id === value)
    case 'program':
      return programs.some(({ id, name }) => id === value || name === value)
    case 'characteristic':
      return value.trim() !== ''
    case 'quality-characteristic':
    case 'sampling-plan':
    case 'gage-study':
    case 'inspection-plan':
      return quality.some((each) => each.kind === kind && each.id === value && !each.isRetired)
    default:
      return kind satisfies never
  }
}

const contentOf = (value: string, { programs }: ShopThings) => programs.find(({ id, name }) => id === value || name === value)?.sha256

/** The only one of that name. */
function byName(reference: PromotionReference, { machines, connections, programs, quality }: ShopThings): string | undefined {
  const { kind, name, connector } = reference
  if (name === undefined) return undefined
  const isNamed = (thing: { name: string }) => isSame(thing.name, name)
  switch (kind) {
    case 'machine':
      return onlyOf(machines.filter(isNamed).map(({ id }) => id))
    case 'connection':
      return onlyOf(connections.filter((each) => isNamed(each) && each.connector === connector).map(({ id }) => id))
    case 'program':
      return onlyOf(programs.filter(isNamed).map((each) => each.name))
    case 'characteristic':
      return undefined
    case 'inspection-plan':
      return onlyOf([...new Set(quality.filter((each) => each.kind === kind && !each.isRetired && isNamed(each)).map(({ id }) => id))])
    case 'quality-characteristic':
    case 'sampling-plan':
    case 'gage-study':
      return onlyOf(
        quality
          .filter((each) => each.kind === kind && !each.isRetired && isNamed(each))
          // the same bore of another part, or of the part as it was before, may have another tolerance
          .filter(({ part = '', revision = '' }) => isSame(part, reference.part ?? '') && isSame(revision, reference.revision ?? ''))
          .map(({ id }) => id),
      )
    default:
      return kind satisfies never
  }
}

const isSame = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase()
const onlyOf = (found: readonly string[]): string | undefined => (found.length === 1 ? found[0] : undefined)
