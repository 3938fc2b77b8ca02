/**
 * The file of a promotion (`.cwp`): a gzipped tar as templates are, with `promotion.json`, `flow.json`, `tests.json`, `panels.json`,
 * `programs/<SHA-256>.nc` and a seal. It is always signed, and its installation is its key: nobody else can speak for it.
 */
import { Readable } from 'node:stream'
import { type Static, Type } from 'typebox'
import { UserError } from '../../../base/errors.ts'
import { checker } from '../../../base/schema.ts'
import { type FlowNode, Flows, FlowTest, PromotionManifest } from '../../api/index.ts'
import { jsonOf, textOf } from '../../templates/archive/json.ts'
import { type Files, LIMITS, refused } from '../../templates/archive/limits.ts'
import { readArchive } from '../../templates/archive/read-archive.ts'
import { writeArchive } from '../../templates/archive/write-archive.ts'
import { checkSeal, firstErrors, hashOf, type SigningKey, seal } from '../../templates/seal.ts'
import { secretsInFiles, secretsInFlow } from '../../templates/secrets.ts'
import { PromotedPanel } from './panels.ts'
import { readPrograms } from './programs.ts'
import { falsePlace } from './references.ts'

export const LARGEST_FILE = LIMITS.packedBytes
/** What a promotion holds, and nothing else. */
const NAMES = [/^(promotion|flow|tests|panels|signature)\.json$/, /^README\.md$/, /^programs\/[0-9a-f]{64}\.nc$/]
const PURPOSE = 'promotion'

export interface PromotionContent {
  /** First half of the SHA-256 of the file. */
  id: string
  bytes: number
  manifest: PromotionManifest
  flow: FlowNode[]
  tests: FlowTest[]
  panels: PromotedPanel[]
  /** G-code by its hash. */
  programs: ReadonlyMap<string, Buffer>
  /** Who signed it, by which key. */
  signer: { name: string; fingerprint: string }
}

const manifestFile = checker(PromotionManifest)
const flowFile = checker(Flows)
const panelsFile = checker(Type.Array(PromotedPanel, { maxItems: 200 }))
const testsFile = checker(Type.Array(FlowTest, { maxItems: 1000 }))

/** A fingerprint without its spaces: what an installation is called in files. */
export const installationOf = (fingerprint: string): string => fingerprint.replaceAll(' ', '')

async function idOf(archive: Buffer): Promise<string> {
  return (await hashOf(archive)).slice(0, 32)
}

const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

/** @throws UserError promotion-refused when what would be written could not be read */
export async function writePromotion(
  { manifest, flow, tests, panels, programs }: Pick<PromotionContent, 'manifest' | 'flow' | 'tests' | 'panels'> & { programs?: Files },
  key: SigningKey,
): Promise<{ archive: Buffer; content: PromotionContent }> {
  const files: [string, Buffer][] = [
    ['promotion.json', json(manifest)],
    ['flow.json', json(flow)],
    ['README.md', Buffer.from(readme(manifest, flow))],
    ...(tests.length ? ([['tests.json', json(tests)]] as [string, Buffer][]) : []),
    ...(panels.length ? ([['panels.json', json(panels)]] as [string, Buffer][]) : []),
    ...(programs ?? []),
  ]
  const archive = await writeArchive(await seal(new Map(files), key, PURPOSE))
  // read back as a stranger's: what could not be taken elsewhere is not given out
  return { archive, content: await readPromotion(archive) }
}

function readme({ from, version, note }: PromotionManifest, flow: readonly FlowNode[]): string {
  const tabs = flow.filter(({ type }) => type === 'tab').map(({ label, id }) => `- ${String(label ?? id)}`)
  return [
    `# Flows of ${from.name}, version ${version.number}`,
    '',
    `Deployed there by ${version.author} at ${version.at}${version.reason === undefined ? '' : `: ${version.reason}`}`,
    ...(note === undefined ? [] : ['', note]),
    '',
    ...tabs,
    '',
    'Import it with `cellwright promote import <this file>`, or on the page "Environment" of another Cellwright. It holds no credentials.',
    '',
  ].join('\n')
}

/**
 * Checks a file from anywhere, whole.
 * @throws UserError promotion-refused with the reason
 */
export async function readPromotion(archive: Buffer): Promise<PromotionContent> {
  try {
    return await read(archive)
  } catch (error) {
    throw asPromotionRefusal(error)
  }
}

/** The words of a template's refusal fit, but for what it is. */
function asPromotionRefusal(error: unknown): unknown {
  if (!(error instanceof UserError) || error.code !== 'template-refused') return error
  return new UserError({
    code: 'promotion-refused',
    status: 422,
    message: error.message.replace('This is no template that can be taken', 'This is no promotion that can be taken').replaceAll('.cwt', '.cwp'),
    details: error.details,
    cause: error,
  })
}

async function read(archive: Buffer): Promise<PromotionContent> {
  const files = await readArchive(Readable.from(pieces(archive)), NAMES)
  const { signedBy } = await checkSeal(files, PURPOSE)
  if (!signedBy) throw refused('it is not signed.', { file: 'signature.json', why: 'signature-missing' })
  const manifest = await parsed(files, 'promotion.json', manifestFile)
  const flow = (await parsed(files, 'flow.json', flowFile)) as FlowNode[]
  const tests = files.has('tests.json') ? await parsed(files, 'tests.json', testsFile) : []
  const panels = files.has('panels.json') ? await parsed(files, 'panels.json', panelsFile) : []
  textOf('README.md', files.get('README.md') ?? Buffer.alloc(0))
  if (manifest.from.id !== installationOf(signedBy.fingerprint))
    throw refused('it says that it comes from another installation than the one that signed it.', { file: 'promotion.json', why: 'from' })
  checkFlow(flow)
  checkTests(tests, flow)
  const programs = await readPrograms(files, manifest.references)
  const lie = falsePlace(flow, manifest.references)
  if (lie !== undefined) throw refused(`what it says of its flows is not so: ${lie}.`, { file: 'promotion.json', why: 'references' })
  const [secret] = [...(await secretsInFlow(flow)), ...secretsInFiles(files, (path) => path !== 'signature.json' && path !== 'flow.json')]
  if (secret) throw refused(`there is a secret in it (${secret.where}: ${secret.text}).`, { file: secret.where, why: 'secret' })
  return { id: await idOf(archive), bytes: archive.length, manifest, flow, tests, panels, programs, signer: signedBy }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

async function parsed<T extends ReturnType<typeof checker>>(files: Files, file: string, check: T): Promise<Static<T['schema']>> {
  const bytes = files.get(file)
  if (!bytes) throw refused(`${file} is missing.`, { file, why: 'file-missing' })
  const value = await jsonOf(file, bytes)
  if (!check.is(value)) throw refused(`${file} is not as it should be: ${firstErrors(check.errors(value))}.`, { file, why: 'invalid' })
  return value as Static<T['schema']>
}

function checkFlow(flow: readonly FlowNode[]): void {
  const bad = (reason: string) => refused(`flow.json ${reason}.`, { file: 'flow.json', why: 'flow' })
  if (!flow.some(({ type }) => type === 'tab' || type === 'subflow')) throw bad('holds no flow (a tab) and no subflow')
  const ids = new Set<string>()
  for (const { id, type, z } of flow) {
    if (ids.has(id)) throw bad(`has the node ${id} twice`)
    if (id in Object.prototype) throw bad(`has a node with the id "${id}"`)
    if (type === 'tab' && z !== undefined) throw bad(`has a tab (${id}) inside of something`)
    ids.add(id)
  }
  for (const { id, z, credentials } of flow) {
    if (z !== undefined && z !== '' && !(typeof z === 'string' && ids.has(z))) throw bad(`has the node ${id} on a tab that is not in it`)
    if (credentials !== undefined) throw refused(`the node ${id} has credentials in it.`, { file: 'flow.json', why: 'secret' })
  }
}

function checkTests(tests: readonly FlowTest[], flow: readonly FlowNode[]): void {
  const ids = new Set(flow.map(({ id }) => id))
  const seen = new Set<string>()
  for (const { id, name, flowId } of tests) {
    if (!ids.has(flowId)) throw refused(`the test "${name}" is of a flow that is not in it.`, { file: 'tests.json', why: 'tests' })
    if (seen.has(id)) throw refused(`two tests have the id ${id}.`, { file: 'tests.json', why: 'tests' })
    seen.add(id)
  }
}
