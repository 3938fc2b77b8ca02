/** Makes a promotion of a version: all of its flows or some, their tests, and what they name of this shop. */
import { UserError } from '../../../base/errors.ts'
import type { FlowNode, FlowTest, FlowVersion, FoundSecret, NodeType, PromotedProgram, PromotionManifest, PromotionReference } from '../../api/index.ts'
import type { ProgramLibrary } from '../../machines/index.ts'
import type { Files } from '../../templates/archive/limits.ts'
import { connectorsOf, modulesOf } from '../../templates/export.ts'
import { nodeTypesOf } from '../../templates/needs.ts'
import { secretsInFiles, secretsInFlow } from '../../templates/secrets.ts'
import { selectNodes } from '../../templates/select.ts'
import type { PromotedPanel } from './panels.ts'
import { programName, programsFor } from './programs.ts'
import { referencesIn, type ShopThings } from './references.ts'

export interface MakeSources {
  version: { version: FlowVersion; number: number; flows: FlowNode[] }
  /** What the version is called, where somebody has labelled it. */
  label?: string | undefined
  flowIds?: readonly string[] | undefined
  types: readonly NodeType[]
  things: ShopThings
  tests: readonly FlowTest[]
  panelsOf(flow: readonly FlowNode[], scope: 'all' | 'some'): Promise<PromotedPanel[]>
  /** Whether what tests have recorded may leave: contents of messages. */
  mayTakeMessages: boolean
  kept: readonly string[]
  moduleVersion(name: string): Promise<string | undefined>
  /** Absent: whoever makes it may not read programs. */
  library: Pick<ProgramLibrary, 'all' | 'path'> | undefined
}

export interface Made {
  flow: FlowNode[]
  tests: FlowTest[]
  panels: PromotedPanel[]
  programs: PromotedProgram[]
  programFiles: Files
  version: PromotionManifest['version']
  references: PromotionReference[]
  needs: NonNullable<PromotionManifest['needs']>
  secrets: FoundSecret[]
}

/** @throws UserError promotion-empty, version-failed */
export async function collect(sources: MakeSources): Promise<Made> {
  const { version: of, label, flowIds, types, things, kept, moduleVersion } = sources
  if (of.version.state === 'failed')
    throw new UserError({ code: 'version-failed', status: 409, message: 'This version never ran: its deploy failed. Choose another one.' })
  // a version never holds credentials; should one, it is not for others
  const flows = of.flows
  const flow = flowIds ? selectNodes(flows, flowIds) : flows
  if (!flow.some(({ type }) => type === 'tab' || type === 'subflow'))
    throw new UserError({ code: 'promotion-empty', status: 422, message: 'There is no flow in it that could be promoted. Choose flows of this version.' })
  const ids = new Set(flow.map(({ id }) => id))
  const tests = sources.tests.filter((test) => ids.has(test.flowId) && (sources.mayTakeMessages || !hasRecorded(test)))
  const written = new Map([['tests.json', Buffer.from(JSON.stringify(tests))]])
  const references = referencesIn(flow, types, things).map(tidied)
  const { files: programFiles, programs } = sources.library ? await programsFor(references, sources.library) : { files: new Map(), programs: [] }
  const { author, at, rev, comment } = of.version
  return {
    flow,
    tests,
    panels: await sources.panelsOf(flow, flowIds ? 'some' : 'all'),
    version: {
      number: of.number,
      rev,
      author: oneLine(author, 200),
      at,
      ...(comment ? { reason: comment.slice(0, 500) } : {}),
      ...(label ? { label: oneLine(label, 200) } : {}),
    },
    programs,
    programFiles,
    references,
    needs: { ...(await modulesOf(nodeTypesOf(flow), { types, moduleVersion })), ...connectorsOf(flow, { connections: things.connections }) },
    secrets: [
      ...(await secretsInFlow(flow, kept)),
      ...secretsInFiles(new Map([...written, ...programFiles]), () => true, kept).map((found) => named(found, references)),
    ],
  }
}

/** A program by what people call it. */
function named(found: FoundSecret, references: readonly PromotionReference[]): FoundSecret {
  const program = references.find(({ sha256 }) => sha256 !== undefined && found.where === `programs/${sha256}.nc`)
  return program ? { ...found, where: programName(program) } : found
}

const hasRecorded = ({ steps, answers }: FlowTest) => /"from":"recorded"/.test(JSON.stringify([steps, answers]))
const oneLine = (text: string, longest: number) => text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, longest)
/** What people called a thing may be anything; the file takes one line. */
const tidied = ({ name, part, revision, ...reference }: PromotionReference): PromotionReference => ({
  ...reference,
  ...(name === undefined ? {} : { name: oneLine(name, 300) }),
  ...(part === undefined ? {} : { part: oneLine(part, 120) }),
  ...(revision === undefined ? {} : { revision: oneLine(revision, 40) }),
})

/** @throws UserError export-secret */
export function refuseSecrets(secrets: readonly FoundSecret[]): void {
  const [first] = secrets
  if (!first) return
  throw new UserError({
    code: 'export-secret',
    status: 422,
    message: `A promotion must not hold secrets, and there is one in it: ${first.where} (${first.text})${secrets.length > 1 ? `, and ${secrets.length - 1} more` : ''}. Make it a credential, a connection's secret or an environment variable, deploy, and promote that version. Nothing was written.`,
    details: { secrets },
  })
}
