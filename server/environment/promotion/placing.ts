/**
 * What is put in place after the deploy of a promotion, since it names what came with it: panels, and programs and tests of one that a
 * second person has let through. What is still to be placed stands in the version, so that a gateway that died on the way goes on.
 */
import { messageOf } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import { sameJson } from '../../api/same-json.ts'
import type { Audit } from '../../audit/contract.ts'
import type { ProgramLibrary } from '../../machines/index.ts'
import type { LayoutShelf } from '../../panel/layouts/index.ts'
import type { FlowTests } from '../../rehearsal/index.ts'
import type { Folders } from './folders.ts'
import { panelKey } from './panels.ts'
import { storePrograms } from './programs.ts'
import type { PromotionRows, Unplaced } from './rows.ts'

type By = Parameters<LayoutShelf['save']>[0]['by']

export interface PlacingDeps {
  rows: Pick<PromotionRows, 'unplaced' | 'placed'>
  shelf: Pick<LayoutShelf, 'of' | 'save'>
  programs: Pick<ProgramLibrary, 'find' | 'upload' | 'remove'>
  tests: Pick<FlowTests, 'get' | 'put'>
  folders: Pick<Folders, 'take'>
  audit: Audit
  log: Logger
}

/**
 * Of a version, or of the one that runs if it was promoted (and a second person approved it): then for whoever asked for it.
 * The result is what could not be placed, in words.
 */
export function createPlacing(deps: PlacingDeps): (which: 'approved' | 'any' | { versionId: string; by: By }) => Promise<string[]> {
  const { rows, audit, log } = deps
  const place = async (found: Unplaced, by: By): Promise<string[]> => {
    const { versionId, promoted, reason } = found
    const problems = [...(await placePrograms(deps, found, by)), ...(await placePanels(deps, found, by, reason))]
    for (const test of promoted.tests) if (!(await deps.tests.get(test.id))) await deps.tests.put(test, by.name)
    await rows.placed(versionId)
    if (problems.length) {
      audit.record({ ...who(by), action: 'promotion.place-failed', target: versionId, detail: { problems } })
      log.warn({ versionId, problems }, 'something of a promotion could not be placed')
    }
    return problems
  }
  let queue: Promise<unknown> = Promise.resolve()
  return (which) => {
    // two at once would each find the other's panel in the way
    const result = queue.then(async () => {
      const found = await rows.unplaced(typeof which === 'object' ? which.versionId : undefined)
      if (!found || (which === 'approved' && !found.isApproved)) return []
      return place(found, typeof which === 'object' ? which.by : { name: found.author })
    })
    queue = result.catch(() => {})
    return result
  }
}

const who = (by: By) => ('capabilities' in by ? { caller: by } : { who: by.name, via: 'approval' as const })

async function placePanels({ shelf }: PlacingDeps, { promoted }: Unplaced, by: By, reason: string | undefined): Promise<string[]> {
  const problems: string[] = []
  for (const { key, basedOn } of promoted.placing?.panels ?? []) {
    const panel = promoted.panels.find(({ scope }) => panelKey(scope) === key)
    if (!panel) continue
    const { scope, layout } = panel
    try {
      const now = await shelf.of(scope)
      if (now.revision !== 0 && sameJson(now.layout, layout)) continue
      await shelf.save({ scope, layout, basedOn, reason: reason?.slice(0, 400), by })
    } catch (error) {
      problems.push(`${key}: ${messageOf(error)}`)
    }
  }
  return problems
}

async function placePrograms({ programs, folders, audit }: PlacingDeps, { promoted }: Unplaced, by: By): Promise<string[]> {
  const wanted = promoted.placing?.programs ?? []
  if (!wanted.length) return []
  try {
    const { content } = await folders.take(promoted.promotionId)
    const problems: string[] = []
    for (const one of wanted)
      await storePrograms(programs, [one], {
        contents: content.programs,
        by: by.name,
        tell: ({ id, name, sha256 }) =>
          audit.record({ ...who(by), action: 'uploaded a program', target: id, detail: { name, sha256, promotion: promoted.promotionId } }),
      }).catch((error: unknown) => void problems.push(messageOf(error)))
    return problems
  } catch (error) {
    return wanted.map(({ name }) => `${name}: ${messageOf(error)}`)
  }
}
